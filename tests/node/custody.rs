//! An official reports to one person, erases another's key and removes old entries while the gateway runs; then the
//! administrator's keys are destroyed, and nobody else notices.

use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use brama::disclosure::Right;
use chrono::Utc;

use crate::batch::Person;
use crate::office::{ADMINISTRATOR, Engine, Offices, PURPOSE, SET};

/// Runs a verb of the administrator's official about a person or nobody.
fn act(offices: &Offices, verb: &[&str], user: &str, person: Option<u64>) -> Output {
    let mut arguments = verb.to_vec();
    arguments.extend(["--unit", ADMINISTRATOR, "--user", user, "--reason", "wniosek nr 17"]);
    let person = person.map(Person::of);
    if let Some(Person { surname, pesel }) = &person {
        arguments.extend(["--surname", surname, "--pesel", pesel]);
    }
    offices.brama(&arguments)
}

#[track_caller]
fn said(output: &Output, code: i32) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

const REPORT: [&str; 4] = ["ledger", "report", "--tenant", ADMINISTRATOR];
const ERASE: [&str; 4] = ["ledger", "erase", "--tenant", ADMINISTRATOR];

/// The events that a report tells of, without its head and its sum.
fn events(offices: &Offices, person: u64) -> String {
    let text = said(&act(offices, &REPORT, "urzednik", Some(person)), 0);
    let (_, events) = text.split_once("\n\n1. ").unwrap_or(("", ""));
    events.rsplit_once("\n\nLiczba").map_or("", |(events, _)| events).to_owned()
}

/// Whether an extract holds for both verifiers.
fn is_proved(offices: &Offices, more: &[&str]) -> bool {
    let exported = offices.brama(&[&["ledger", "export", "--tenant", ADMINISTRATOR], more].concat());
    let file = offices.folder.path().join("wyciag.xml");
    std::fs::write(&file, &exported.stdout).expect("a file");
    let own = offices.brama(&["ledger", "verify", "--file", file.to_str().expect("a path")]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut foreign = Command::new(root.join(".venv/bin/python"));
    foreign.arg(root.join("examples/verify-ledger/verify.py")).arg(&file);
    let foreign = foreign.arg("--ca").arg(offices.pki().join("ca.pem")).output().expect("Python runs");
    exported.status.success() && own.status.success() && foreign.status.success()
}

fn give(offices: &Offices, right: Right) {
    let stores = offices.stores();
    stores.add_right(ADMINISTRATOR, "urzednicy", right).expect("a right");
    stores.close();
}

#[track_caller]
fn check(engine: Engine) {
    let offices = Offices::new(engine);
    let gateway = offices.start();
    offices.feed_persons(&gateway, 10);
    for person in [1, 2, 1, 9_999] {
        assert_eq!(offices.ask(&gateway, person).status, 200);
    }

    // Without the right: refused, and that is recorded under the person.
    assert!(said(&act(&offices, &REPORT, "urzednik", Some(1)), 1).contains("REJESTR_WGLAD"));
    assert!(said(&act(&offices, &ERASE, "nikt", Some(1)), 1).contains("REJESTR_USUWANIE"));
    assert_eq!(offices.ledger().matches("kod: BRAK_UPRAWNIEN").count(), 2);
    give(&offices, Right::InspectRegister);
    give(&offices, Right::EraseRegister);

    let report = said(&act(&offices, &REPORT, "urzednik", Some(1)), 0);
    for part in [PURPOSE, "Urząd (OPS-BUSKO), pracownik urzednik", SET, "Ustawa (UPS-105)", "1.2    Numer PESEL"] {
        assert!(report.contains(part), "{part}: {report}");
    }
    assert_eq!((report.matches("pytanie o dane").count(), report.matches("kod BRAK_UPRAWNIEN").count()), (2, 2));
    let xml = said(&act(&offices, &[&REPORT[..], &["--xml"]].concat(), "urzednik", Some(1)), 0);
    assert_eq!((xml.matches("<r:zdarzenie>").count(), xml.matches("<r:rodzaj>WGLAD<").count()), (5, 1), "{xml}");
    assert!(said(&act(&offices, &REPORT, "urzednik", Some(9_999)), 0).contains("pytanie o dane"), "nobody's question");
    assert!(said(&act(&offices, &REPORT, "urzednik", Some(8)), 0).contains("nie ma wpisów"));

    let others = events(&offices, 2);
    assert!(others.contains("pytanie o dane"), "{others}");
    assert!(said(&act(&offices, &ERASE, "urzednik", Some(1)), 0).contains("keys destroyed: 1"));
    assert!(said(&act(&offices, &ERASE, "urzednik", Some(1)), 1).contains("BRAK_OSOBY"));
    assert!(events(&offices, 2).starts_with(&others), "the others' entries are read as before");
    assert_eq!(events(&offices, 1), "", "nothing is known of the person");
    assert_eq!(offices.ask(&gateway, 1).element("wynik"), "ZNALEZIONO");
    assert_eq!(events(&offices, 1).matches("pytanie o dane").count(), 1, "a later question has a new key");
    let ledger = offices.ledger();
    assert_eq!(ledger.matches("ZNISZCZENIE_KLUCZA").count(), 2);
    assert!(ledger.contains("powod: wniosek nr 17"), "{ledger}");
    assert!(is_proved(&offices, &[]));

    let today = Utc::now().with_timezone(&chrono_tz::Europe::Warsaw).date_naive();
    let retire = |day: String| {
        act(&offices, &["ledger", "retire", "--tenant", ADMINISTRATOR, "--before", &day], "urzednik", None)
    };
    assert!(said(&retire(today.to_string()), 1).contains("before that day"));
    assert!(said(&retire((today + chrono::Days::new(2)).to_string()), 1).contains("future"));

    let destroy = |id: &str| {
        let verb = ["tenant", "destroy-keys", ADMINISTRATOR, "--yes-destroy", id];
        act(&offices, &verb, "urzednik", None)
    };
    assert!(said(&destroy("OPS-BUSKO"), 2).contains("nothing was done"));
    assert_eq!(offices.ask(&gateway, 3).element("wynik"), "ZNALEZIONO");
    said(&destroy(ADMINISTRATOR), 0);
    let destroyed = Instant::now();
    while offices.ask(&gateway, 3).status == 200 {
        assert!(destroyed.elapsed() < Duration::from_secs(3), "the keys are still used");
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(offices.ask(&gateway, 3).element("kod"), "NIEDOSTEPNY");
    let populations = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/populacja");
    offices.feed(&gateway, "pomoc", &populations.join("ps.xml"));
    assert!(said(&act(&offices, &REPORT, "urzednik", Some(2)), 1).contains("destroyed"));
    assert!(said(&destroy(ADMINISTRATOR), 1).contains("no keys"));
    offices.ledger();
    assert!(is_proved(&offices, &[]), "the register is proved without keys");
    let platform = offices.brama(&["ledger", "show", "--tenant", "platforma"]);
    assert!(said(&platform, 0).contains("kluczeAdministratora: PUP-BUSKO"));
    drop(gateway);
    let gateway = offices.start();
    assert_eq!(offices.ask(&gateway, 3).element("kod"), "NIEDOSTEPNY", "also after a restart");
}

#[test]
fn officials_report_erase_and_destroy_on_sqlite() {
    check(Engine::Sqlite);
}

#[test]
fn officials_report_erase_and_destroy_on_postgres() {
    check(Engine::Postgres);
}
