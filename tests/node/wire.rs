//! HTTP byte by byte, for what no well-behaved client does.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long a test waits for a byte.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// The fields of a well-formed SOAP request beside its length.
pub const XML: &str = "Content-Type: text/xml; charset=utf-8\r\nSOAPAction: \"\"\r\n";

/// An answer over HTTP.
pub struct Answer {
    pub status: u16,
    /// Status line and header fields.
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The text of the first element of this local name, empty when there is none.
    pub fn element(&self, name: &str) -> String {
        let text = self.text();
        let start = text.find(&format!(":{name}>")).map(|at| at + name.len() + 2);
        start.and_then(|start| text[start..].split('<').next()).unwrap_or_default().to_owned()
    }
}

pub fn connect(to: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(to)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The head of a POST to a service that says how many bytes follow.
pub fn head(service: &str, fields: &str, length: usize) -> String {
    format!("POST /ws/{service} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{fields}\r\n")
}

/// Sends a SOAP message on a connection of its own; returns with the answer's last byte.
pub fn post(to: SocketAddr, service: &str, message: &[u8]) -> io::Result<Answer> {
    let mut stream = connect(to)?;
    stream.write_all(head(service, XML, message.len()).as_bytes())?;
    stream.write_all(message)?;
    answer(&mut stream)
}

pub fn get(to: SocketAddr, path: &str) -> io::Result<Answer> {
    let mut stream = connect(to)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    answer(&mut stream)
}

/// Reads one answer and not a byte more: the connection may live on.
pub fn answer(stream: &mut impl Read) -> io::Result<Answer> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body)?;
    Ok(Answer { status: status.ok_or_else(|| io::Error::other("no status"))?, head, body })
}
