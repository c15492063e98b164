//! The demo as its user starts it: `brama demo` in a folder, on free ports of the loopback; it ends with the process that started it.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;

pub const BRAMA: &str = env!("CARGO_BIN_EXE_brama");

/// A running demo.
pub struct Demo {
    /// Holds the folder `demo`.
    pub home: PathBuf,
    pub address: String,
    /// The command line that the demo printed last.
    pub question: String,
    /// Its open input keeps the demo alive.
    keeper: Child,
}

impl Demo {
    /// The demo of this test process, started on first use.
    pub fn shared(variables: &[(&str, &str)]) -> &'static Self {
        static DEMO: OnceLock<Demo> = OnceLock::new();
        DEMO.get_or_init(|| {
            let home = tempfile::tempdir().expect("a folder").keep();
            Self::begin(&home, &free_ports(), variables, "remove")
        })
    }

    /// Starts the demo in a folder; one that was there before keeps its data.
    pub fn start(home: &Path, ports: &[u16; 3]) -> Self {
        Self::start_with(home, ports, &[])
    }

    /// The same with more in its environment.
    pub fn start_with(home: &Path, ports: &[u16; 3], variables: &[(&str, &str)]) -> Self {
        Self::begin(home, ports, variables, "keep")
    }

    fn begin(home: &Path, ports: &[u16; 3], variables: &[(&str, &str)], afterwards: &str) -> Self {
        let [http, https, operator] = ports.map(|port| format!("127.0.0.1:{port}"));
        let mut keeper = Command::new("sh")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/demo.sh"))
            .args([BRAMA.as_ref(), home.as_os_str(), afterwards.as_ref()])
            .env("BRAMA_LISTEN_HTTP", &http)
            .env("BRAMA_LISTEN_HTTPS", https)
            .env("BRAMA_LISTEN_OPERATOR", operator)
            .env("RUST_LOG", "off")
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let output = BufReader::new(keeper.stdout.take().expect("its output"));
        let question = output
            .lines()
            .map(|line| line.expect("text"))
            .find(|line| line.contains(" | curl "))
            .expect("the demo ends its start with a question");
        Self { home: home.to_owned(), address: format!("http://{http}"), question, keeper }
    }

    /// Stops the demo, as Ctrl-C would.
    pub fn stop(mut self) -> ExitStatus {
        self.keeper.wait().expect("it ends")
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Waiting closes the input; after `stop` there is nothing to wait for.
        let _ = self.keeper.wait();
    }
}

/// Ports that nobody listens on.
pub fn free_ports() -> [u16; 3] {
    let taken = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    taken.map(|listener| listener.local_addr().expect("its address").port())
}
