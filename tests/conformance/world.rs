//! The world of the checks: made with the command line as an operator would, callers' keys by the foreign partner, two gateways.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};
use tempfile::TempDir;
use toml::Table;

use crate::check::{Soap, Which};
use crate::gateway::{Gateway, Settings};
use crate::partner::{Built, Partner};
use crate::wire::{Answer, Connection};

/// Systems of OPS-BUSKO and their certificates; RSA and elliptic curves of every size that is accepted.
const OF_POMOC: [&str; 5] = ["rsa-2048", "rsa-3072", "rsa-4096", "p-256", "p-384"];

/// Limits of the tight gateway.
const TIGHT: &str = "
[limits]
request_seconds = 2
request_bytes = 65536
inflated_bytes = 131072
header_bytes = 16384
parts = 2
attachment_bytes = 262144
";

pub struct World {
    pub partner: Partner,
    pub https: SocketAddr,
    usual: Gateway,
    tight: OnceLock<Gateway>,
    folder: TempDir,
}

impl World {
    pub fn prepare() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let partner = Partner::start();
        partner.issue(&folder.path().join("klienci"));
        let base = folder.path().join("usual");
        register(&Settings { overrides: trusting(folder.path()), ..Settings::new(&base) }, folder.path());
        copy_files(&base, &folder.path().join("tight"));
        let https = free_address();
        let mut overrides = trusting(folder.path());
        overrides.extend(serving_tls(folder.path(), https));
        let usual = Gateway::start(&Settings { overrides, ..Settings::new(&base) });
        let world = Self { partner, https, usual, tight: OnceLock::new(), folder };
        world.feed();
        world
    }

    pub fn gateway(&self, which: Which) -> &Gateway {
        match which {
            Which::Usual => &self.usual,
            Which::Tight => self.tight.get_or_init(|| {
                let mut overrides = trusting(self.folder.path());
                overrides.extend(TIGHT.parse::<Table>().expect("TOML"));
                Gateway::start(&Settings { overrides, ..Settings::new(self.folder.path().join("tight")) })
            }),
        }
    }

    /// Where the gateway's certificates are.
    pub fn pki(&self, which: Which) -> PathBuf {
        self.gateway(which).dir.join("pki")
    }

    /// A key or certificate of a caller.
    pub fn caller(&self, file: &str) -> PathBuf {
        self.folder.path().join("klienci").join(file)
    }

    /// A good question in the ordinary form.
    pub fn question(&self, soap: Soap) -> Built {
        self.partner.build(json!({"soap": soap.version(), "values": {"host": self.usual.http.to_string()}}))
    }

    /// Sends a question on a connection of its own.
    pub fn ask(&self, question: &Built) -> Answer {
        let mut connection = self.connect();
        connection.send(&question.over_http(&self.usual.http.to_string(), ""));
        connection.read()
    }

    /// Whether an answer is the good answer to a question.
    ///
    /// # Panics
    /// When it is not.
    pub fn assert_answered(&self, answer: &Answer, question: &Built) {
        assert_eq!(answer.status, 200, "{}", answer.text());
        let read = self.partner.read(answer, question, &[], &self.pki(Which::Usual));
        assert_eq!(read.problems, Vec::<String>::new());
        assert_eq!(read.root.as_deref(), Some("PobierzZbioryOdpowiedz"), "{}", read.text);
    }

    /// A connection to the usual gateway.
    pub fn connect(&self) -> Connection {
        Connection::open(self.usual.http)
    }

    fn feed(&self) {
        let batch = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/populacja/pup.xml");
        let fed = Command::new(env!("CARGO_BIN_EXE_brama"))
            .arg("feed")
            .arg(batch)
            .args(["--quiet", "--url", &format!("http://{}", self.usual.http), "--key"])
            .arg(self.caller("zasila.key"))
            .arg("--certificate")
            .arg(self.caller("zasila.pem"))
            .arg("--trust")
            .arg(self.pki(Which::Usual).join("ca.pem"))
            .output()
            .expect("the program starts");
        let said = String::from_utf8_lossy(&fed.stderr);
        assert!(fed.status.success(), "{said}\n{}", self.usual.log());
    }
}

/// Registers everybody on the command line.
fn register(settings: &Settings, folder: &Path) {
    fs::create_dir(&settings.dir).expect("a folder");
    let config = settings.write();
    let brama = |line: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_brama"))
            .arg("--config")
            .arg(&config)
            .args(line.split_whitespace())
            .output()
            .expect("the program starts");
        assert!(output.status.success(), "brama {line}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let pem = |names: &[&str]| {
        names
            .iter()
            .map(|name| format!(" --certificate {}", folder.join("klienci").join(name).with_extension("pem").display()))
            .collect::<String>()
    };
    brama(&format!("pki init {}", settings.dir.join("pki").display()));
    brama("tenant add PUP-BUSKO --name PUP");
    brama("unit add PUP-BUSKO --name PUP --terc 2601013 --tenant PUP-BUSKO");
    brama("unit add OPS-BUSKO --name OPS --terc 2601013");
    brama("set add PUP-BUSKO/ewidencja --tenant PUP-BUSKO --kind PUP");
    brama("set add PUP-BUSKO/archiwum --tenant PUP-BUSKO --kind PUP");
    brama(&format!("system add pomoc --unit OPS-BUSKO{}", pem(&OF_POMOC)));
    brama(&format!("system add bez-czasu --unit OPS-BUSKO --timestamp optional{}", pem(&["bez-czasu"])));
    brama(&format!("system add zasila --unit PUP-BUSKO{}", pem(&["zasila"])));
    brama("user add ops1 --unit OPS-BUSKO --group urzednicy");
    brama("basis add UPS-105 --title Ustawa --from 2004-05-01");
    brama("grant add --unit OPS-BUSKO --group urzednicy --set PUP-BUSKO/ewidencja --items 1.1,2 --basis UPS-105");
}

/// Believes the callers' authority; limits by the second do not disturb checks that run at once.
fn trusting(folder: &Path) -> Table {
    let client_ca = folder.join("klienci/ca.pem");
    let text = format!(
        "[trust]\nanchors = ['pki/ca.pem', '{}']\n[limits]\nrequests_per_second = 100000\n",
        client_ca.display()
    );
    text.parse().expect("TOML")
}

fn serving_tls(folder: &Path, https: SocketAddr) -> Table {
    let text = format!(
        "[listen]\nhttps = '{https}'\n[tls]\ncertificate = 'pki/brama-rsa.pem'\nkey = 'pki/brama-rsa.key'\nclient = 'optional'\nclient_ca = '{}'\n",
        folder.join("klienci/ca.pem").display()
    );
    text.parse().expect("TOML")
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}

fn copy_files(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let target = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy_files(&entry, &target);
        } else {
            fs::copy(&entry, &target).expect("a copy");
        }
    }
}

/// The table of a check as the partner wants it.
pub fn as_json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).expect("TOML fits into JSON")
}
