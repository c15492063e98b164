//! Somebody between a client and the gateway, who first only watches, then changes what the gateway answers.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// Listens on a port of its own until the process ends.
pub struct Meddler {
    pub address: String,
    begun: Arc<AtomicBool>,
    posts: Arc<Mutex<Vec<String>>>,
}

impl Meddler {
    /// `meddle` gets the last answer that was let through, and a new one, heads included; it returns what the client gets.
    pub fn start(gateway: &str, meddle: fn(&[u8], Vec<u8>) -> Vec<u8>) -> Self {
        let gateway = gateway.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("its address"));
        let (begun, posts) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (meddling, heads) = (begun.clone(), posts.clone());
        let seen = Mutex::new(Vec::new());
        let handle = move |head: String, answer: Vec<u8>| {
            if !head.starts_with("POST ") {
                return answer;
            }
            heads.lock().expect("one client at a time").push(head);
            let mut seen = seen.lock().expect("one client at a time");
            if meddling.load(Ordering::Relaxed) {
                return meddle(&seen, answer);
            }
            seen.clone_from(&answer);
            answer
        };
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A client that goes away in the middle harms only itself.
                let _ = pass_on(&client, &gateway, &handle);
                let _ = client.shutdown(Shutdown::Both);
            }
        });
        Self { address, begun, posts }
    }

    /// From here on answers are changed.
    pub fn begin(&self) {
        self.begun.store(true, Ordering::Relaxed);
    }

    /// The heads of the requests until now.
    pub fn posts(&self) -> Vec<String> {
        self.posts.lock().expect("one client at a time").clone()
    }
}

/// One request, given on by its head, and its answer.
fn pass_on(mut client: &TcpStream, gateway: &str, handle: &impl Fn(String, Vec<u8>) -> Vec<u8>) -> std::io::Result<()> {
    let head = read_head(client)?;
    let mut server = TcpStream::connect(gateway)?;
    server.write_all(for_one_plain_answer(&head).as_bytes())?;
    let (mut rest, mut onwards) = (client.try_clone()?, server.try_clone()?);
    // Ends when the client's connection is shut down.
    thread::spawn(move || std::io::copy(&mut rest, &mut onwards));
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    client.write_all(&handle(head, answer))
}

fn read_head(mut client: &TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// The request's head, asking for an answer that is not compressed and ends with the connection.
fn for_one_plain_answer(head: &str) -> String {
    let dropped = ["accept-encoding:", "connection:", "expect:"];
    let kept = head.trim_end().lines().filter(|line| !dropped.iter().any(|name| line.to_lowercase().starts_with(name)));
    kept.map(|line| format!("{line}\r\n")).collect::<String>() + "Connection: close\r\n\r\n"
}
