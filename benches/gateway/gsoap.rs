//! A server by gSOAP, which does the like of each level with less around it, under the same load (`benches/gsoap/`).

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::load::{self, Manner, Measured};
use crate::world::World;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/gsoap");

/// The built server.
pub struct Gsoap {
    program: PathBuf,
}

impl Gsoap {
    /// Generates and compiles the server; `None` without gSOAP, which nothing else of the gateway needs.
    pub fn build() -> Option<Self> {
        if Command::new("soapcpp2").arg("-V").output().is_err() {
            println!("gSOAP is not installed (.ci/setup bench does it): its rows are left out.");
            return None;
        }
        let done = Command::new("make").args(["--silent", "--directory", FOLDER]).output().expect("make");
        assert!(done.status.success(), "the server by gSOAP is not built: {}", String::from_utf8_lossy(&done.stderr));
        Some(Self { program: Path::new(FOLDER).join("build/server") })
    }

    /// Measures one level on a server started for it, with a database of its own beside those of the gateway.
    pub fn run(&self, world: &World, level: &str, manner: Manner, messages: &[Vec<u8>]) -> Measured {
        let database = tempfile::tempdir_in(&world.folder).expect("a folder");
        let server = Server::start(
            Command::new(&self.program).arg(level).args([&world.folder, &database.path().join("gsoap.sqlite")]),
        );
        load::run(server.address, server.child.id(), manner, messages)
    }
}

/// A running server, ended when dropped.
struct Server {
    address: SocketAddr,
    child: Child,
}

impl Server {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the built server");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port(child.stdout.take().expect("its output"))));
        Self { address, child }
    }
}

/// The port it says that it listens on.
fn port(output: ChildStdout) -> u16 {
    let line = BufReader::new(output).lines().next().expect("a line").expect("text");
    line.parse().expect("a port")
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that has ended by itself is reported by whoever lost the connection.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
