//! Nobody's data can be read on the gateway's disks or in its logs (rules 4.1 to 4.3), however they might be written.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::batch::{Batch, Person};
use crate::feeding;
use crate::office::{Engine, MATTER, OFFICIAL, Offices, PURPOSE, SET, postgres_folder};
use crate::orders;
use crate::postgres::Postgres;
use crate::wire;

/// Bytes below which a value may stand anywhere by chance.
const HEAD: usize = 6;
/// Signs of base64 or hexadecimal text below which the same is true.
const CODED: usize = 8;

/// Values that must not be found, in every form in which they might be.
struct Secrets {
    /// Each form by its first bytes, with the value it is a form of.
    forms: HashMap<[u8; HEAD], Vec<(Vec<u8>, String)>>,
    /// Whether some form begins with these two bytes: most places are ruled out by this.
    beginnings: Vec<bool>,
}

impl Secrets {
    fn new(values: &BTreeSet<String>) -> Self {
        let mut secrets = Self { forms: HashMap::new(), beginnings: vec![false; 1 << 16] };
        for value in values.iter().filter(|value| value.len() >= HEAD) {
            for form in forms(value) {
                let head = form[..HEAD].try_into().expect("long enough");
                secrets.beginnings[usize::from(u16::from_be_bytes([form[0], form[1]]))] = true;
                secrets.forms.entry(head).or_default().push((form, value.clone()));
            }
        }
        secrets
    }

    /// The values that stand in `bytes`.
    fn found(&self, bytes: &[u8]) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        for (at, head) in bytes.windows(HEAD).enumerate() {
            if self.beginnings[usize::from(u16::from_be_bytes([head[0], head[1]]))]
                && let Some(candidates) = self.forms.get(head)
            {
                let here = candidates.iter().filter(|(form, _)| bytes[at..].starts_with(form));
                found.extend(here.map(|(_, value)| value.as_str()));
            }
        }
        found
    }

    /// The values that stand in any of the files, with the files they stand in.
    fn found_in(&self, files: &[PathBuf]) -> BTreeMap<String, PathBuf> {
        let mut found = BTreeMap::new();
        for path in files {
            // A database may remove a log of its own while we look.
            let bytes = fs::read(path).unwrap_or_default();
            found.extend(self.found(&bytes).into_iter().map(|value| (value.to_owned(), path.clone())));
        }
        found
    }
}

/// How a value might be written: as it is, normalised, in UTF-16, in base64 at any offset, in hexadecimal.
fn forms(value: &str) -> BTreeSet<Vec<u8>> {
    let joined = value.replace([' ', '-'], "");
    let mut forms = BTreeSet::new();
    for text in [value.to_owned(), value.to_uppercase(), value.to_lowercase(), joined.to_uppercase(), joined] {
        let digits = text.bytes().flat_map(|byte| [byte >> 4, byte & 15]);
        let hex: String = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
        forms.extend([hex.to_uppercase().into_bytes(), hex.into_bytes()]);
        forms.insert(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        forms.insert(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
        for offset in 0..3 {
            // Only the signs that do not depend on what stands around the value.
            let coded = STANDARD_NO_PAD.encode([&vec![0; offset], text.as_bytes()].concat());
            let sure = (offset * 8).div_ceil(6)..(offset + text.len()) * 8 / 6;
            if sure.len() >= CODED {
                forms.insert(coded.as_bytes()[sure].to_vec());
            }
        }
        forms.insert(text.into_bytes());
    }
    forms
}

/// What a batch file says of persons: surnames, numbers, and the names the sender has for them.
fn values_in(batch: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(batch).expect("a batch");
    let after = |mark: &'static str, end: &'static str| {
        text.split(mark).skip(1).filter_map(move |rest| rest.split(end).next()).map(str::to_owned)
    };
    ["<b:nazwisko>", "<b:pesel>", "<b:numer>"]
        .into_iter()
        .flat_map(|mark| after(mark, "<"))
        .chain(after("idZrodlowe=\"", "\"").filter(|name| name.starts_with("SYRIUSZ-")))
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() { found.extend(files(&entry)) } else { found.push(entry) }
    }
    found
}

#[track_caller]
fn check(engine: Engine) {
    let mut offices = Offices::new(engine);
    offices.settings.variables.push(("RUST_LOG".into(), "debug".into()));
    let populations = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/populacja");
    let first = Batch { mark: "ZASILENIE-1", as_of: "2025-11-20", persons: 300 }.write(offices.folder.path());
    let second = Batch { mark: "ZASILENIE-2", as_of: "2025-11-21", persons: 400 }.write(offices.folder.path());
    let batches = [first.clone(), second.clone(), populations.join("ps.xml"), populations.join("sr.xml")];
    let mut values: BTreeSet<_> = batches.iter().flat_map(|batch| values_in(batch)).collect();
    prove(&Secrets::new(&values), &values, &batches);
    values.extend([PURPOSE, MATTER, OFFICIAL].map(str::to_owned));
    let secrets = Secrets::new(&values);

    let gateway = offices.start();
    for (system, batch) in ["syriusz", "syriusz", "pomoc", "rodzinne"].into_iter().zip(&batches) {
        offices.feed(&gateway, system, batch);
    }
    // A part that lies there and is not loaded.
    let client = offices.client("syriusz", &gateway);
    let begun = feeding::begin(&client, "NIEZAMKNIETA");
    feeding::first_part(&client, &begun["idPaczki"], &second);
    for (number, outcome) in [(0, "ZNALEZIONO"), (399, "ZNALEZIONO"), (9_999, "BRAK_OSOBY")] {
        let answer = offices.ask(&gateway, number);
        assert_eq!(answer.element("wynik"), outcome, "{}", answer.text());
    }
    let key = offices.key("pomoc");
    for (message, code) in refused(&offices.question(&key, &Person::of(1)), &Person::of(1)) {
        let answer = wire::post(gateway.http, "udostepnianie", &message).expect("an answer");
        assert_eq!(answer.element("kod"), code, "{}", answer.text());
        assert_eq!(secrets.found(&answer.body), BTreeSet::new(), "{}", answer.text());
    }
    let order = orders::place(&gateway, &offices, &Person::of(1), &[SET]);
    let answered = orders::await_states(&gateway, &offices, &order, &["GOTOWA"]);
    assert!(answered[0].contains(&Person::of(1).surname), "{answered:?}");
    let wrong = Person { pesel: format!("{}X", Person::of(1).pesel), surname: Person::of(1).surname };
    let answer = wire::post(gateway.http, "udostepnianie", &offices.question(&key, &wrong)).expect("an answer");
    assert_eq!(answer.element("kod"), "NIEZGODNY_ZE_SCHEMATEM", "{}", answer.text());

    let asked = if engine == Engine::Postgres { settle_postgres() } else { files(&offices.data()) };
    let largest = asked.iter().filter_map(|path| path.metadata().ok()).map(|metadata| metadata.len()).max();
    assert!(largest > Some(100_000), "{engine:?}: the databases are among {asked:?}");
    assert_eq!(secrets.found_in(&asked), BTreeMap::new(), "{engine:?}, while the gateway runs");
    let log = gateway.log();
    assert!(log.contains("\"level\":\"DEBUG\"") && log.contains("batch loaded"), "{log}");
    assert_eq!(secrets.found(log.as_bytes()), BTreeSet::new(), "{engine:?}, in the log");

    assert!(gateway.stop().success());
    let left = if engine == Engine::Postgres { settle_postgres() } else { files(&offices.data()) };
    assert_eq!(secrets.found_in(&left), BTreeMap::new(), "{engine:?}, after the gateway ended");
}

/// The question broken in ways whose explanations might quote what stands beside the fault.
fn refused(question: &[u8], person: &Person) -> Vec<(Vec<u8>, &'static str)> {
    let text = String::from_utf8_lossy(question);
    let Person { surname, pesel } = person;
    let value = format!(">{surname}<");
    let altered = |by: String| text.replacen(&value, &by, 1).into_bytes();
    vec![
        (altered(format!(">{surname}x<")), "PODPIS_NIEPOPRAWNY"),
        (altered(format!(">&{surname};<")), "NIEPOPRAWNY_XML"),
        (altered(format!("><{surname}><")), "NIEPOPRAWNY_XML"),
        (altered(format!("><{surname}:a/><")), "NIEPOPRAWNY_XML"),
        (altered(format!("><a b='{surname}' b='{pesel}'/><")), "NIEPOPRAWNY_XML"),
        (altered(format!("><?xml {surname}?><")), "NIEPOPRAWNY_XML"),
        (text.split_inclusive(&value).next().unwrap_or_default().into(), "NIEPOPRAWNY_XML"),
    ]
}

/// Everything of the server, once all it knows is in its files: tables, write-ahead log and its own log.
fn settle_postgres() -> Vec<PathBuf> {
    Postgres::shared().run("CHECKPOINT");
    files(&postgres_folder())
}

/// The search does find: every value in the batches, and planted ones in every coding.
fn prove(secrets: &Secrets, values: &BTreeSet<String>, batches: &[PathBuf]) {
    let known: BTreeSet<_> = values.iter().filter(|value| value.len() >= HEAD).cloned().collect();
    let found: BTreeSet<_> = secrets.found_in(batches).into_keys().collect();
    assert_eq!(found, known);
    assert!(known.len() > 1_000 && known.contains(&Person::of(7).surname) && known.contains(&Person::of(7).pesel));

    let Person { surname, pesel, .. } = Person::of(7);
    let coded = STANDARD_NO_PAD.encode(format!("<b>{pesel}</b>"));
    let utf16: Vec<u8> =
        "zł ".encode_utf16().chain(surname.to_uppercase().encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for (planted, value) in [(coded.as_bytes(), &pesel), (&utf16, &surname), (format!("x{pesel}").as_bytes(), &pesel)] {
        assert_eq!(secrets.found(planted), BTreeSet::from([value.as_str()]));
    }
    assert_eq!(secrets.found(b"85831541741 Lipowa-Testow"), BTreeSet::new());
}

#[test]
fn nothing_about_a_person_is_readable_at_rest_on_sqlite() {
    check(Engine::Sqlite);
}

#[test]
fn nothing_about_a_person_is_readable_at_rest_on_postgres() {
    check(Engine::Postgres);
}
