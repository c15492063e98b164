//! The demo as its user meets it: one command starts it, the printed line asks, a restart keeps the data.

#[path = "../support/demo.rs"]
#[allow(dead_code, reason = "other test programs use the rest")]
mod process;

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use process::{BRAMA, Demo, free_ports};

const OPERATIONS: [(&str, &[&str]); 2] = [
    (
        "udostepnianie",
        &[
            "UdostepnijDaneOsoby",
            "WeryfikujWystepowanieOsoby",
            "WeryfikujDaneOsoby",
            "PobierzZbiory",
            "ZlecUdostepnienie",
            "PobierzOdpowiedz",
        ],
    ),
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

fn shell(demo: &Demo, line: &str) -> String {
    let output =
        Command::new("bash").args(["-o", "pipefail", "-c", line]).current_dir(&demo.home).output().expect("bash");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{line}\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
    text
}

fn ask(demo: &Demo, service: &str, operation: &str) -> String {
    let line = format!(
        "{BRAMA} sign demo/zapytania/{operation}.xml --new-task-id | curl -sS --data-binary @- \
         -H 'Content-Type: text/xml; charset=utf-8' \
         -H 'SOAPAction: \"urn:brama:{service}:1/{operation}\"' {}/ws/{service}",
        demo.address
    );
    shell(demo, &line)
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
    check_answer(&shell(&demo, &demo.question));
    check_answer(&shell(&demo, &demo.question));
    for (service, operations) in OPERATIONS {
        for operation in operations {
            let answer = ask(&demo, service, operation);
            assert!(answer.contains(&format!("{operation}Odpowiedz>")), "{operation}: {answer}");
        }
    }
    let fetched = ask(&demo, "udostepnianie", "PobierzOdpowiedz");
    assert_eq!(fetched.matches("<u:stan>GOTOWA</u:stan>").count(), 2, "the demo's order is ready: {fetched}");
    check_nothing_readable(&home.path().join("demo/data"));
    assert!(demo.stop().success());

    let before = Instant::now();
    let demo = Demo::start(home.path(), &ports);
    assert!(before.elapsed() < Duration::from_secs(30), "a second start takes seconds");
    check_answer(&shell(&demo, &demo.question));
    assert!(demo.stop().success());
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
