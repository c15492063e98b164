//! One address before several nodes: each connection goes to the next node that accepts it.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;

/// Listens until the process ends, and says where.
pub fn before(nodes: Vec<SocketAddr>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for (turn, caller) in listener.incoming().enumerate() {
            let mut turns = nodes.iter().cycle().skip(turn).take(nodes.len());
            // Without a node the caller's connection just ends.
            if let (Ok(caller), Some(node)) = (caller, turns.find_map(|node| TcpStream::connect(node).ok())) {
                thread::spawn(move || relay(&caller, &node));
            }
        }
    });
    address
}

fn relay(caller: &TcpStream, node: &TcpStream) {
    thread::scope(|scope| {
        scope.spawn(|| pour(node, caller));
        pour(caller, node);
    });
}

/// Copies until either side is gone; then neither is of any use.
fn pour(mut from: &TcpStream, mut to: &TcpStream) {
    // However it ends, the other side hears of it.
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
