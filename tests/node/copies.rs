//! One administrator copied while it is served and brought back: whole, alone, never over what was there, and never quietly
//! older than what was answered.

mod killed;
mod refused;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use brama::contract::XSD;
use brama::store::{Address, LedgerReader, StoreSettings, Stores};
use brama::xml::Schema;
use uuid::Uuid;

use crate::batch::{Batch, Person};
use crate::gateway::{Gateway, Settings};
use crate::office::{ADMINISTRATOR, Engine, Offices, SET, question, signed};
use crate::postgres::Postgres;
use crate::retries::payload;
use crate::wire::{self, Answer};

const PERSONS: u64 = 40;
const MARKS: [&str; 6] = ["FALA-1", "FALA-2", "FALA-3", "FALA-4", "FALA-5", "FALA-6"];

/// What a verb of the program ended with and said.
struct Said {
    code: Option<i32>,
    text: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = [output.stdout, output.stderr].concat();
        Self { code: output.status.code(), text: String::from_utf8(text).expect("text") }
    }
}

fn copy(offices: &Offices) -> PathBuf {
    offices.folder.path().join("kopie/pierwsza")
}

fn back_up(offices: &Offices, to: &Path) -> Said {
    offices.brama(&["tenant", "backup", ADMINISTRATOR, "--to", to.to_str().expect("UTF-8")]).into()
}

fn restore(offices: &Offices, from: &Path) -> Said {
    offices.brama(&["tenant", "restore", ADMINISTRATOR, "--from", from.to_str().expect("UTF-8")]).into()
}

#[track_caller]
fn done(said: &Said) -> &str {
    assert_eq!(said.code, Some(0), "{}", said.text);
    &said.text
}

/// The same question under the same `idZadania`, signed anew.
fn ask_again(offices: &Offices, gateway: &Gateway, task: Uuid) -> Answer {
    let message = signed(&offices.key("pomoc"), &question(task, &Person::of(3)));
    wire::post(gateway.http, "udostepnianie", &message).expect("an answer")
}

/// All that the other administrators have, byte for byte.
fn others(offices: &Offices) -> BTreeMap<String, Vec<u8>> {
    let stores = offices.stores();
    let mut held = BTreeMap::new();
    for id in ["OPS-BUSKO", "SR-BUSKO"] {
        let address = stores.tenant(id).expect("open").sets.address().clone();
        if let Address::Postgres(url) = &address {
            held.insert(id.to_owned(), dump(url));
        }
    }
    stores.close();
    drop(stores);
    for id in ["OPS-BUSKO", "SR-BUSKO"] {
        for (name, bytes) in databases(&offices.data().join(id)) {
            held.insert(name.display().to_string(), bytes);
        }
    }
    held
}

/// The database files of a folder, if there is one. What stands beside them goes with the last session, which closes in its
/// own time.
fn databases(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    let files = entries.filter(|path| path.extension().is_some_and(|kind| kind == "sqlite"));
    files.map(|path| (path.clone(), fs::read(path).expect("a file"))).collect()
}

/// A dump without the word that is another each time.
fn dump(url: &str) -> Vec<u8> {
    let dump = Postgres::shared().dump(url);
    let lines = dump.lines().filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
    lines.collect::<Vec<_>>().join("\n").into_bytes()
}

/// How many entries the register has; it must hold.
fn whole(stores: &Stores) -> u64 {
    let ledger = Arc::clone(&stores.tenant(ADMINISTRATOR).expect("open").ledger);
    let schema = Schema::compile("rejestr.xsd", XSD).expect("the schema");
    let (head, findings) = LedgerReader::new(ADMINISTRATOR, ledger).audit(&schema).expect("read");
    assert_eq!(findings, []);
    head.size
}

#[track_caller]
fn check(engine: Engine) {
    let offices = Offices::new(engine);
    let gateway = offices.start();
    offices.feed_persons(&gateway, PERSONS);
    let task = Uuid::new_v4();
    let first = ask_again(&offices, &gateway, task);
    assert_eq!(first.element("wynik"), "ZNALEZIONO", "{}", first.text());

    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let asker = scope.spawn(|| {
            let mut asked = 0;
            while !over.load(Ordering::Relaxed) {
                asked += 1;
                assert_eq!(offices.ask(&gateway, asked % PERSONS).element("wynik"), "ZNALEZIONO");
            }
            asked
        });
        let feeder = scope.spawn(|| {
            for mark in MARKS.into_iter().take_while(|_| !over.load(Ordering::Relaxed)) {
                let batch = Batch { mark, as_of: "2025-11-21", persons: PERSONS };
                offices.feed(&gateway, "syriusz", &batch.write(offices.folder.path()));
            }
        });
        let said = back_up(&offices, &copy(&offices));
        over.store(true, Ordering::Relaxed);
        assert!(done(&said).contains("whole"), "{}", said.text);
        assert!(asker.join().expect("an asker") > 0, "somebody asked meanwhile");
        feeder.join().expect("a feeder");
    });
    let late = offices.ask(&gateway, 1);
    assert_eq!(late.element("wynik"), "ZNALEZIONO");
    drop(gateway);

    let before = others(&offices);
    let said = restore(&offices, &copy(&offices));
    for words in ["whole", "what was there before is kept", "ends before", "brama ledger open-epoch"] {
        assert!(done(&said).contains(words), "{words}: {}", said.text);
    }
    assert!(others(&offices) == before, "the other administrators have what they had");

    let gateway = offices.start();
    assert_eq!(offices.ask(&gateway, 1).element("kod"), "NIEDOSTEPNY", "older than what was answered");
    drop(gateway);
    let said: Said =
        offices.brama(&["ledger", "open-epoch", "--tenant", ADMINISTRATOR, "--reason", "odtworzono z kopii"]).into();
    assert!(done(&said).contains("epoch 2"), "{}", said.text);
    let gateway = offices.start();
    assert_eq!(payload(&ask_again(&offices, &gateway, task)), payload(&first), "what was kept for retries is there");
    for person in 0..PERSONS {
        assert_eq!(offices.ask(&gateway, person).element("wynik"), "ZNALEZIONO");
    }
    offices.feed(
        &gateway,
        "syriusz",
        &Batch { mark: "PO-KOPII", as_of: "2025-11-22", persons: 2 }.write(offices.folder.path()),
    );
    assert_eq!(offices.ask(&gateway, 30).element("wynik"), "BRAK_OSOBY");
    drop(gateway);
    assert!(!offices.ledger().contains(&late.element("idUdostepnienia")), "it came after the copy");
}

#[test]
fn a_copy_made_under_load_comes_back_on_sqlite() {
    check(Engine::Sqlite);
}

#[test]
fn a_copy_made_under_load_comes_back_on_postgres() {
    check(Engine::Postgres);
}

/// A platform that knows nobody yet, with the master key of the offices.
fn rebuilt(offices: &Offices, engine: Engine) -> Settings {
    let mut settings = Settings::new(offices.folder.path().join("nowa"));
    fs::create_dir(&settings.dir).expect("a folder");
    fs::copy(offices.folder.path().join("master.key"), settings.dir.join("master.key")).expect("the master key");
    settings.platform = (engine == Engine::Postgres).then(|| Postgres::shared().database("rebuilt"));
    settings
}

#[track_caller]
fn check_rebuilt(engine: Engine) {
    let offices = Offices::new(engine);
    let gateway = offices.start();
    offices.feed_persons(&gateway, 5);
    offices.ask(&gateway, 1);
    drop(gateway);
    let folder = copy(&offices);
    done(&back_up(&offices, &folder));
    let entries = whole(&offices.stores());

    let settings = rebuilt(&offices, engine);
    let config = settings.write();
    let run = |more: &[&str]| -> Said {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_brama"));
        command.arg("--config").arg(&config).args(["tenant", "restore", ADMINISTRATOR, "--from"]).arg(&folder);
        command.args(more).output().expect("the program").into()
    };
    let said = match engine {
        Engine::Sqlite => run(&[]),
        Engine::Postgres => {
            let said = run(&[]);
            assert_eq!(said.code, Some(1), "{}", said.text);
            assert!(said.text.contains("--database"), "{}", said.text);
            run(&["--database", &Postgres::shared().address("pup-nowa")])
        }
    };
    assert!(!done(&said).contains("kept in"), "nothing was there before: {}", said.text);
    let mut store = StoreSettings::new(settings.dir.join("data"), settings.dir.join("master.key"));
    store.platform_url.clone_from(&settings.platform);
    let stores = Stores::open(store).expect("the platform opens");
    assert_eq!(whole(&stores), entries);
    let registry = stores.platform().registry().expect("the registers");
    assert_eq!(registry.set(SET).expect("the set").tenant, ADMINISTRATOR);
}

#[test]
fn a_platform_made_anew_with_the_same_master_key_gets_the_administrator_back_on_sqlite() {
    check_rebuilt(Engine::Sqlite);
}

#[test]
fn a_platform_made_anew_with_the_same_master_key_gets_the_administrator_back_on_postgres() {
    check_rebuilt(Engine::Postgres);
}
