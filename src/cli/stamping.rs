//! A time-stamping authority for demonstrations and tests, at a port of its own on this machine: `openssl ts` behind HTTP.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

/// Requests hold a digest and little else.
const REQUEST_BYTES_MAX: u64 = 64 * 1024;
/// Whoever connects has to have asked by then.
const PATIENCE: Duration = Duration::from_secs(5);

/// Begins to answer, one request after another, as long as the process lives. `folder` has the authority's `tsa.key` and
/// `tsa.pem`; the program's configuration, its serial numbers and its questions are put there, too.
///
/// # Errors
/// When no port or no thread is left, or nothing can be written to the folder.
pub fn start(folder: &Path) -> io::Result<SocketAddr> {
    let folder = fs::canonicalize(folder)?;
    let serial = folder.join("tsa.serial");
    let configuration = format!(
        "[tsa]\ndefault_tsa = one\n[one]\nserial = {}\ndigests = sha256, sha384, sha512\ndefault_policy = 1.2.3.4.1\n\
         signer_digest = sha256\ness_cert_id_alg = sha256\n",
        serial.display()
    );
    fs::write(folder.join("tsa.conf"), configuration)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let serve = move || {
        for stream in listener.incoming().flatten() {
            if let Err(error) = answer(stream, &folder) {
                log::warn!("time-stamping authority: {error}");
            }
        }
    };
    thread::Builder::new().name("tsa-demo".into()).spawn(serve)?;
    Ok(address)
}

fn answer(stream: TcpStream, folder: &Path) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream.take(REQUEST_BYTES_MAX));
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    let mut question = Vec::new();
    reader.by_ref().take(length).read_to_end(&mut question)?;
    let stamp = stamp(&question, folder)?;
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        stamp.len()
    );
    let mut stream = reader.into_inner().into_inner();
    stream.write_all(head.as_bytes())?;
    stream.write_all(&stamp)
}

fn stamp(question: &[u8], folder: &Path) -> io::Result<Vec<u8>> {
    let (asked, answered) = (folder.join("tsa.tsq"), folder.join("tsa.tsr"));
    fs::write(&asked, question)?;
    let file = |name: &str| -> PathBuf { folder.join(name) };
    let done = Command::new("openssl")
        .args(["ts", "-reply", "-config"])
        .arg(file("tsa.conf"))
        .arg("-queryfile")
        .arg(&asked)
        .arg("-signer")
        .arg(file("tsa.pem"))
        .arg("-inkey")
        .arg(file("tsa.key"))
        .arg("-out")
        .arg(&answered)
        .output()?;
    if !done.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&done.stderr).into_owned()));
    }
    fs::read(&answered)
}
