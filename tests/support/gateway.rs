//! One node as its operator runs it: the built `brama serve` on free ports of the loopback, stopped when dropped.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use brama::signatures::pki;
use chrono::Utc;
use toml::{Table, Value};

/// How long a node may take to become ready, also on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often ports are drawn anew when somebody else was faster.
const DRAWS: usize = 5;

/// What a node is started with.
#[derive(Clone)]
pub struct Settings {
    /// Folder of `brama.toml`, `pki/`, `data/` and `master.key`; nodes may share it. What is missing is made.
    pub dir: PathBuf,
    /// Address of the platform database; `None` = `SQLite` in `dir/data`.
    pub platform: Option<String>,
    /// Sections of `brama.toml` that are laid over the ones written here.
    pub overrides: Table,
    /// Environment variables of the process.
    pub variables: Vec<(String, String)>,
    /// Where it listens, for callers and for its operator; `None` = ports that are free at each start.
    pub addresses: Option<(SocketAddr, SocketAddr)>,
    /// Words of a command that runs the program, for what must be so before it begins; none = it runs by itself.
    pub launcher: Vec<String>,
}

impl Settings {
    /// A node on `SQLite` with the defaults of the configuration.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            platform: None,
            overrides: Table::new(),
            variables: Vec::new(),
            addresses: None,
            launcher: Vec::new(),
        }
    }

    /// Writes a `brama.toml` for the verbs of the command line and returns its path.
    pub fn write(&self) -> PathBuf {
        let path = self.dir.join("brama.toml");
        self.write_as(&path, "", "");
        path
    }

    fn write_as(&self, path: &Path, http: &str, operator: &str) {
        let text = format!(
            "[listen]\nhttp = '{http}'\nhttps = ''\noperator = '{operator}'\n[reply]\nrsa_key = 'pki/brama-rsa.key'\n\
             rsa_certificate = 'pki/brama-rsa.pem'\n[trust]\nanchors = ['pki/ca.pem']\n[store]\n"
        );
        let mut table: Table = text.parse().expect("TOML");
        if let Some(url) = &self.platform {
            section(&mut table, "store").insert("platform".into(), url.as_str().into());
        }
        for (name, overrides) in &self.overrides {
            let overrides = overrides.as_table().expect("a section of brama.toml").clone();
            section(&mut table, name).extend(overrides);
        }
        fs::write(path, table.to_string()).expect("a configuration");
    }
}

fn section<'t>(table: &'t mut Table, name: &str) -> &'t mut Table {
    table.entry(name).or_insert_with(|| Value::Table(Table::new())).as_table_mut().expect("a section")
}

/// An answer over HTTP.
pub struct Response {
    pub status: u16,
    /// Status line and header fields.
    pub head: String,
    pub body: Vec<u8>,
}

/// A running node.
pub struct Gateway {
    pub http: SocketAddr,
    pub operator: SocketAddr,
    pub pid: u32,
    pub dir: PathBuf,
    log: PathBuf,
    child: Child,
}

impl Gateway {
    /// Starts a node and waits until it is ready.
    pub fn start(settings: &Settings) -> Self {
        for _ in 1..DRAWS {
            match Self::try_start(settings) {
                Err(log) if log.contains("Address already in use") => {}
                started => return started.unwrap_or_else(|log| panic!("the gateway did not become ready:\n{log}")),
            }
        }
        Self::try_start(settings).unwrap_or_else(|log| panic!("no free port was found:\n{log}"))
    }

    /// # Errors
    /// The log of a process that ended, or was not ready in time.
    fn try_start(settings: &Settings) -> Result<Self, String> {
        let mut gateway = Self::launch(settings);
        if gateway.becomes_ready() { Ok(gateway) } else { Err(gateway.log()) }
    }

    /// Starts the process and waits for nothing.
    pub fn launch(settings: &Settings) -> Self {
        let dir = settings.dir.clone();
        if !dir.join("pki").exists() {
            pki::init(&dir.join("pki"), Utc::now()).expect("a PKI");
        }
        let (http, operator) = settings.addresses.unwrap_or_else(free_addresses);
        let config = dir.join(format!("brama-{}.toml", http.port()));
        let log = config.with_extension("log");
        settings.write_as(&config, &http.to_string(), &operator.to_string());
        let mut words = settings.launcher.iter().map(String::as_str).chain([env!("CARGO_BIN_EXE_brama")]);
        let child = Command::new(words.next().expect("a program"))
            .args(words)
            .arg("--config")
            .arg(&config)
            .arg("serve")
            .envs(settings.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("a log"))
            .spawn()
            .expect("the gateway's program");
        Self { http, operator, pid: child.id(), dir, log, child }
    }

    /// Waits until the node is ready; `false` when it ended before, or takes too long.
    pub fn becomes_ready(&mut self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline && self.child.try_wait().expect("our child").is_none() {
            if self.is_ready() {
                return true;
            }
            thread::sleep(Duration::from_millis(3));
        }
        false
    }

    /// Whether the node says of itself that it can serve.
    pub fn is_ready(&self) -> bool {
        exchange(self.operator, "GET", "/health/ready", "", b"").is_ok_and(|response| response.status == 200)
    }

    /// Sends a SOAP message to a service.
    ///
    /// # Panics
    /// When there is no whole answer; [`Gateway::try_post`] does not.
    pub fn post(&self, service: &str, message: &[u8]) -> Response {
        self.try_post(service, "", message).unwrap_or_else(|error| panic!("no answer: {error}\n{}", self.log()))
    }

    /// Sends a SOAP message with a `SOAPAction`.
    ///
    /// # Errors
    /// When there is no whole answer, as from a node that was killed.
    pub fn try_post(&self, service: &str, action: &str, message: &[u8]) -> std::io::Result<Response> {
        let fields = format!("Content-Type: text/xml; charset=utf-8\r\nSOAPAction: \"{action}\"\r\n");
        exchange(self.http, "POST", &format!("/ws/{service}"), &fields, message)
    }

    /// Reads a page of the gateway, e.g. `/xsd/wspolne.xsd`.
    pub fn get(&self, path: &str) -> Response {
        exchange(self.http, "GET", path, "", b"").unwrap_or_else(|error| panic!("no answer: {error}\n{}", self.log()))
    }

    /// What the node wrote to its log (standard error) until now.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Asks the node to finish (SIGTERM) and waits until it has.
    pub fn stop(mut self) -> ExitStatus {
        self.terminate();
        self.child.wait().expect("our child")
    }

    /// Ends the node at once (SIGKILL), as a crash does.
    pub fn kill(mut self) {
        self.child.kill().expect("our child");
        self.child.wait().expect("our child");
    }

    fn terminate(&mut self) {
        if self.child.try_wait().expect("our child").is_none() {
            let done = Command::new("kill").arg("-TERM").arg(self.pid.to_string()).status().expect("kill runs");
            assert!(done.success(), "the gateway gets its signal");
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.terminate();
            // A child that is gone needs no waiting.
            let _ = self.child.wait();
        }
    }
}

/// Ports that this process has drawn: a node that lost its port to another must not take that one's health for its own.
static DRAWN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// Two addresses that nobody listens on.
fn free_addresses() -> (SocketAddr, SocketAddr) {
    let draw = || TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = |listener: &TcpListener| listener.local_addr().expect("its address");
    loop {
        let (one, other) = (draw(), draw());
        let addresses = (address(&one), address(&other));
        let mut drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner);
        let are_new = [addresses.0.port(), addresses.1.port()].map(|port| drawn.insert(port));
        if are_new == [true, true] {
            return addresses;
        }
    }
}

/// One request on a connection of its own.
fn exchange(to: SocketAddr, method: &str, path: &str, fields: &str, body: &[u8]) -> std::io::Result<Response> {
    let mut stream = TcpStream::connect(to)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\nContent-Length: {}\r\n{fields}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    // A server that refuses a large body answers before it has read it all.
    let sent = stream.write_all(body);
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes)
        && bytes.is_empty()
    {
        return Err(error);
    }
    let broken = |text| sent.err().unwrap_or_else(|| std::io::Error::other(text));
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Err(broken("no whole head"));
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let field = |name: &str| {
        let line = head.lines().find(|line| line.len() > name.len() && line[..name.len()].eq_ignore_ascii_case(name));
        line.map(|line| line[name.len()..].trim().to_owned())
    };
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let length = field("content-length:").and_then(|length| length.parse::<usize>().ok());
    let body = bytes.split_off(end + 4);
    match status {
        Some(status) if length.is_none_or(|length| length == body.len()) => Ok(Response { status, head, body }),
        _ => Err(broken("the answer is cut short")),
    }
}
