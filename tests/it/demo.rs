//! The demo as its user meets it: one command starts it, the printed line asks, a restart keeps the data.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const BRAMA: &str = env!("CARGO_BIN_EXE_brama");
const OPERATIONS: [(&str, &[&str]); 2] = [
    ("udostepnianie", &["UdostepnijDaneOsoby", "WeryfikujWystepowanieOsoby", "WeryfikujDaneOsoby", "PobierzZbiory"]),
    (
        "zasilanie",
        &[
            "PrzekazPaczke",
            "RozpocznijPaczke",
            "PrzekazCzesc",
            "ZamknijPaczke",
            "PobierzStatusPaczki",
            "PobierzProtokol",
        ],
    ),
];

/// A running demo; it is told to stop as Ctrl-C would, and killed when a test fails before.
struct Demo {
    process: Child,
    home: PathBuf,
    address: String,
    /// The command line that the demo printed last.
    question: String,
}

impl Demo {
    fn start(home: &Path, ports: &[u16; 3]) -> Self {
        let [http, https, operator] = ports.map(|port| format!("127.0.0.1:{port}"));
        let mut process = Command::new(BRAMA)
            .arg("demo")
            .current_dir(home)
            .env("BRAMA_LISTEN_HTTP", &http)
            .env("BRAMA_LISTEN_HTTPS", https)
            .env("BRAMA_LISTEN_OPERATOR", operator)
            .env("RUST_LOG", "off")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the demo starts");
        let output = BufReader::new(process.stdout.take().expect("its output"));
        let question = output
            .lines()
            .map(|line| line.expect("text"))
            .find(|line| line.contains(" | curl "))
            .unwrap_or_else(|| panic!("the demo ended without a question: {:?}", process.wait()));
        Self { process, home: home.to_owned(), address: format!("http://{http}"), question }
    }

    fn shell(&self, line: &str) -> String {
        let output =
            Command::new("bash").args(["-o", "pipefail", "-c", line]).current_dir(&self.home).output().expect("bash");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(output.status.success(), "{line}\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
        text
    }

    fn ask(&self, service: &str, operation: &str) -> String {
        self.shell(&format!(
            "{BRAMA} sign demo/zapytania/{operation}.xml --new-task-id | curl -sS --data-binary @- \
             -H 'Content-Type: text/xml; charset=utf-8' \
             -H 'SOAPAction: \"urn:brama:{service}:1/{operation}\"' {}/ws/{service}",
            self.address
        ))
    }

    fn stop(mut self) {
        let told = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status().expect("kill");
        assert!(told.success());
        assert!(self.process.wait().expect("it ends").success());
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_ports() -> [u16; 3] {
    let taken = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    taken.map(|listener| listener.local_addr().expect("its address").port())
}

#[track_caller]
fn check_answer(answer: &str) {
    for part in [
        "<u:wynik>ZNALEZIONO</u:wynik>",
        "<b:daneOsobowe><b:nazwisko>Lipowa-Testowa</b:nazwisko><b:imie>Anna</b:imie></b:daneOsobowe>",
        "<b:dataPoczatkowa>2025-02-03</b:dataPoczatkowa><b:statusNaRynkuPracy>BEZROBOTNY</b:statusNaRynkuPracy>",
        "<u:pominiete><u:pozycja>9.1</u:pozycja><u:pozycja>9.2</u:pozycja></u:pominiete>",
    ] {
        assert!(answer.contains(part), "{part} is not in {answer}");
    }
}

#[test]
fn the_demo_starts_answers_and_keeps_its_data() {
    if std::env::var_os("RUN_SLOW_TESTS").is_none() {
        return;
    }
    let home = tempfile::tempdir().expect("a folder");
    let ports = free_ports();

    let demo = Demo::start(home.path(), &ports);
    check_answer(&demo.shell(&demo.question));
    check_answer(&demo.shell(&demo.question));
    for (service, operations) in OPERATIONS {
        for operation in operations {
            let answer = demo.ask(service, operation);
            assert!(answer.contains(&format!("{operation}Odpowiedz>")), "{operation}: {answer}");
        }
    }
    check_python(&demo);
    check_nothing_readable(&home.path().join("demo/data"));
    demo.stop();

    let before = Instant::now();
    let demo = Demo::start(home.path(), &ports);
    assert!(before.elapsed() < Duration::from_secs(30), "a second start takes seconds");
    check_answer(&demo.shell(&demo.question));
    demo.stop();
}

/// The sample client, where its libraries are installed.
fn check_python(demo: &Demo) {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !repository.join(".venv/bin/python").exists() {
        return;
    }
    let client = format!(
        "{root}/.venv/bin/python {root}/examples/python/zapytaj.py --url {} --pki demo/pki",
        demo.address,
        root = repository.display()
    );
    assert!(demo.shell(&client).contains("\"nazwisko\": \"Lipowa-Testowa\""));
    let refused = demo.shell(&format!("{client} --zakres 9 2>&1 || true"));
    assert!(refused.starts_with("ZAKRES_NIEDOZWOLONY: "), "{refused}");
    assert!(!refused.contains("not signed"), "{refused}");
}

/// Neither a name nor a PESEL of the person who was asked about lies readable in a database (write-ahead logs included).
fn check_nothing_readable(folder: &Path) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            check_nothing_readable(&path);
            continue;
        }
        let mut bytes = Vec::new();
        fs::File::open(&path).and_then(|mut file| file.read_to_end(&mut bytes)).expect("readable");
        for secret in ["85831541742", "Lipowa-Testowa", "LIPOWA-TESTOWA", "ustalenie prawa"] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds {secret}", path.display());
        }
    }
}
