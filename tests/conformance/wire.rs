//! HTTP/1.1 as bytes on a connection: what goes out is not checked, what comes back is read by the rules.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);

/// A stream of bytes, plain or TLS.
pub trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

/// A connection and what was received and not yet read.
pub struct Connection<S = TcpStream> {
    stream: S,
    received: Vec<u8>,
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub fields: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Statuses 1xx that came before.
    pub interim: Vec<u16>,
}

impl Answer {
    /// The values of a field, by its name in lower case; several lines count as one.
    pub fn field(&self, name: &str) -> Option<String> {
        let values: Vec<&str> =
            self.fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Connection {
    pub fn open(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).expect("the gateway listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a bound");
        stream.set_nodelay(true).expect("small pieces leave at once");
        Self::over(stream)
    }

    /// Says that nothing more will be sent.
    pub fn finish(&mut self) {
        self.stream.shutdown(Shutdown::Write).expect("half of a connection closes");
    }
}

impl<S: Stream> Connection<S> {
    pub const fn over(stream: S) -> Self {
        Self { stream, received: Vec::new() }
    }

    /// Sends bytes; a server that refuses early may close while they are still being sent.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).and_then(|()| self.stream.flush());
    }

    /// Reads the next answer.
    ///
    /// # Panics
    /// When there is none, or not a whole one.
    pub fn read(&mut self) -> Answer {
        self.read_answer_to("POST")
    }

    /// Reads the next answer; to HEAD it has no content whatever its fields say.
    pub fn read_answer_to(&mut self, method: &str) -> Answer {
        let mut interim = Vec::new();
        loop {
            let mut answer = self.head();
            if answer.status < 200 {
                interim.push(answer.status);
                continue;
            }
            answer.interim = interim;
            if method != "HEAD" && answer.status != 204 && answer.status != 304 {
                answer.body = self.content(&answer);
            }
            return answer;
        }
    }

    /// Reads a status 1xx.
    pub fn read_interim(&mut self) -> u16 {
        self.head().status
    }

    /// Whether the other side has closed and nothing is left to read.
    pub fn is_closed(&mut self) -> bool {
        self.received.is_empty() && !self.more()
    }

    fn head(&mut self) -> Answer {
        let end = self.until(b"\r\n\r\n");
        let head = String::from_utf8(self.take(end)).expect("a head is ASCII");
        self.take(4);
        let mut lines = head.split("\r\n");
        let mut words = lines.next().expect("a status line").splitn(3, ' ');
        assert!(words.next().is_some_and(|version| version.starts_with("HTTP/1.")), "no answer of HTTP/1: {head}");
        let status = words.next().and_then(|word| word.parse().ok()).expect("a status");
        let fields = lines.map(|line| line.split_once(':').unwrap_or_else(|| panic!("no field: {line}")));
        let fields = fields.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
        Answer { status, fields, body: Vec::new(), interim: Vec::new() }
    }

    /// RFC 9112 §6.3.
    fn content(&mut self, answer: &Answer) -> Vec<u8> {
        if answer.field("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            return self.chunks();
        }
        if let Some(length) = answer.field("content-length") {
            let length = length.parse().expect("a length");
            while self.received.len() < length {
                assert!(self.more(), "the answer is cut short: {} of {length}", self.received.len());
            }
            return self.take(length);
        }
        while self.more() {}
        std::mem::take(&mut self.received)
    }

    /// RFC 9112 §7.1.
    fn chunks(&mut self) -> Vec<u8> {
        let mut content = Vec::new();
        loop {
            let end = self.until(b"\r\n");
            let line = String::from_utf8(self.take(end + 2)).expect("a chunk's size");
            let size =
                usize::from_str_radix(line.trim_end().split(';').next().unwrap_or_default(), 16).expect("a size");
            while self.received.len() < size + 2 {
                assert!(self.more(), "the answer is cut short inside a chunk");
            }
            content.extend(self.take(size));
            assert_eq!(self.take(2), b"\r\n", "a chunk ends where it says");
            if size == 0 {
                return content;
            }
        }
    }

    /// Where `mark` begins in what is received.
    fn until(&mut self, mark: &[u8]) -> usize {
        loop {
            if let Some(at) = self.received.windows(mark.len()).position(|window| window == mark) {
                return at;
            }
            assert!(self.more(), "no answer: {:?}", String::from_utf8_lossy(&self.received));
        }
    }

    fn more(&mut self) -> bool {
        let mut buffer = [0; 16384];
        match self.stream.read(&mut buffer) {
            Ok(0) | Err(_) => false,
            Ok(length) => {
                self.received.extend_from_slice(&buffer[..length]);
                true
            }
        }
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        self.received.drain(..length).collect()
    }
}

/// The body in chunks of these sizes, the last of them again and again.
pub fn chunked(body: &[u8], sizes: &[usize]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = body;
    let mut sizes = sizes.iter().copied();
    let mut size = 1;
    while !rest.is_empty() {
        size = sizes.next().unwrap_or(size);
        let (chunk, left) = rest.split_at(size.min(rest.len()));
        out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
        rest = left;
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}
