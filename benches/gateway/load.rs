//! Sixteen clients on keep-alive connections, each sending its share of ready messages one after the other.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use memchr::memmem;

use crate::process;

pub const CLIENTS: usize = 16;

/// What one level took.
pub struct Measured {
    /// User and system time of the server for one request.
    pub cpu: Duration,
    pub requests_per_second: f64,
    pub median: Duration,
    /// 99 of 100 were answered within it.
    pub p99: Duration,
    pub resident_kib: u64,
    /// One of the replies.
    pub sample: Vec<u8>,
}

/// How messages are sent, and what every answer must be.
#[derive(Clone, Copy)]
pub struct Manner {
    /// Fields of the HTTP head beside Host and Content-Length, each with its end of line.
    pub fields: &'static str,
    pub status: &'static str,
    pub content: &'static str,
}

/// Sends all messages to a server; the first tenth warms it up and does not count.
pub fn run(address: SocketAddr, pid: u32, manner: Manner, messages: &[Vec<u8>]) -> Measured {
    let (first, rest) = messages.split_at(messages.len() / 10);
    let mut clients: Vec<Client> = (0..CLIENTS).map(|_| Client::new(address, manner)).collect();
    send(&mut clients, first);
    let (begun, before) = (Instant::now(), process::cpu(pid));
    let mut latencies = send(&mut clients, rest);
    let (elapsed, cpu) = (begun.elapsed(), process::cpu(pid).saturating_sub(before));
    latencies.sort_unstable();
    let count = u32::try_from(rest.len()).expect("not that many");
    Measured {
        cpu: cpu / count,
        requests_per_second: f64::from(count) / elapsed.as_secs_f64(),
        median: latencies[latencies.len() / 2],
        p99: latencies[latencies.len() * 99 / 100],
        resident_kib: process::resident_kib(pid),
        sample: clients.swap_remove(0).body().to_vec(),
    }
}

/// Divides the messages among the clients and gives the time of each.
fn send(clients: &mut [Client], messages: &[Vec<u8>]) -> Vec<Duration> {
    let shares = messages.chunks(messages.len().div_ceil(clients.len()));
    thread::scope(|scope| {
        let at_work: Vec<_> = clients
            .iter_mut()
            .zip(shares)
            .map(|(client, share)| scope.spawn(|| share.iter().map(|message| client.ask(message)).collect::<Vec<_>>()))
            .collect();
        at_work.into_iter().flat_map(|client| client.join().expect("every answer is as expected")).collect()
    })
}

/// One connection that sends a message and waits for its answer.
pub struct Client {
    stream: TcpStream,
    address: SocketAddr,
    manner: Manner,
    sent: Vec<u8>,
    /// The last answer; a larger one makes room for itself.
    received: Vec<u8>,
    body: std::ops::Range<usize>,
}

impl Client {
    pub fn new(address: SocketAddr, manner: Manner) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("an option of TCP");
        stream.set_read_timeout(Some(Duration::from_mins(1))).expect("an option of sockets");
        Self { stream, address, manner, sent: Vec::new(), received: vec![0; 64 << 10], body: 0..0 }
    }

    /// Sends a message, waits for the whole answer and says how long that took.
    pub fn ask(&mut self, message: &[u8]) -> Duration {
        self.sent.clear();
        let (address, fields, length) = (self.address, self.manner.fields, message.len());
        write!(
            self.sent,
            "POST /ws/udostepnianie HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\n{fields}\r\n"
        )
        .expect("memory");
        self.sent.extend_from_slice(message);
        let begun = Instant::now();
        self.stream.write_all(&self.sent).expect("the server takes it");
        self.receive();
        let took = begun.elapsed();
        let answer = &self.received[..self.body.end];
        let good = answer[b"HTTP/1.1 ".len()..].starts_with(self.manner.status.as_bytes())
            && memmem::find(self.body(), self.manner.content.as_bytes()).is_some();
        assert!(good, "{}", String::from_utf8_lossy(answer));
        took
    }

    fn receive(&mut self) {
        let (mut filled, mut end) = (0, None);
        while end.is_none_or(|end| filled < end) {
            if filled == self.received.len() {
                self.received.resize(filled * 2, 0);
            }
            let count = self.stream.read(&mut self.received[filled..]).expect("an answer");
            assert_ne!(count, 0, "the server closed the connection");
            filled += count;
            if end.is_none() {
                end = self.find_body(filled);
            }
        }
    }

    /// Where the answer ends, once its head is there.
    fn find_body(&mut self, filled: usize) -> Option<usize> {
        let start = memmem::find(&self.received[..filled], b"\r\n\r\n")? + 4;
        let head = std::str::from_utf8(&self.received[..start]).expect("a head in ASCII").to_ascii_lowercase();
        let (_, length) = head.split_once("content-length: ").expect("a length");
        let (length, _) = length.split_once("\r\n").expect("an end of line");
        self.body = start..start + length.parse::<usize>().expect("a number");
        Some(self.body.end)
    }

    fn body(&self) -> &[u8] {
        &self.received[self.body.clone()]
    }
}
