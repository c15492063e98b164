//! A person's key is gone for good, also from the files and for kept answers; all that is left can be read and proved.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use brama::ledger::{EXTRACT_END, KeptAnswer, Span, begin_extract, write_proof};
use brama::store::{Address, Database, Erased, Error, KeyUse, Label, OrderAnswer};
use brama::xml::Writer;
use chrono::{TimeDelta, Utc};
use diesel::sql_types::Binary;

use super::proofs::Judges;
use super::*;
use crate::support::postgres::{Postgres, name_in};
use crate::support::stores::files;

on_both_databases! {
    an_erased_person_leaves_all_others_readable_and_every_proof_valid
    a_destroyed_key_is_gone_from_the_files
    an_erased_persons_answers_do_not_open_from_any_copy
    answers_from_before_they_had_keys_open
    what_comes_while_a_person_is_erased_is_erased_too
}

/// Entries about both in turns, each with an answer kept for retries and one kept for an order.
pub(super) fn told(place: &Place, count: usize) -> Desk {
    let desk = Desk::new(place, RecorderSettings::default());
    for turn in 0..count {
        let draft = Draft { event: brama::call::new_event(), ..disclosure(["anna", "jan"][turn % 2]) };
        let answer = Some(b"<odpowiedz/>".to_vec());
        let order_answer =
            Some(OrderAnswer { payload: b"<odpowiedz/>".to_vec(), ends_at: Utc::now() + TimeDelta::days(1) });
        let claim = Some(claim(Uuid::new_v4(), 1));
        desk.submit(Submission { claim, draft: Some(draft), answer, order_answer, ..Submission::default() })
            .expect("recorded");
    }
    desk
}

/// What the register tells about a person: numbers of entries and what is said in them.
pub(super) fn about(desk: &Desk, person: &str) -> Vec<(u64, Option<Vec<u8>>)> {
    let told = desk.tenant.concerning(&[person.as_bytes().to_vec()]).expect("read");
    told.into_iter().map(|(entry, content)| (entry.number, content.map(|content| content.to_xml()))).collect()
}

pub(super) fn numbers(told: &[(u64, Option<Vec<u8>>)]) -> Vec<u64> {
    assert!(told.iter().all(|(_, content)| content.is_some()), "every part opens");
    told.iter().map(|(number, _)| *number).collect()
}

/// An entry that says that a key was destroyed.
fn says_erased() -> Draft {
    Draft {
        reason: Some("wniosek osoby".to_owned()),
        ..Draft::new(brama::call::new_event(), EventKind::KeyDestroyed, OPS)
    }
}

fn erase(desk: &Desk, person: &str) -> Erased {
    let erased = desk.recorder.erase(&[person.as_bytes().to_vec()], |_| says_erased());
    desk.recorder.settle().expect("settled");
    erased.expect("erased")
}

/// The kept entries from `first` on, for both verifiers.
pub(super) fn extract(desk: &Desk, first: u64) -> Vec<u8> {
    let head = desk.reader().signed_head().expect("read").expect("a head");
    let last = head.read().expect("a head").size;
    let mut bytes = begin_extract(Span { first, last }, &head, None);
    for proof in desk.reader().proofs(first, 1000, last).expect("proofs") {
        let mut entry = Writer::new();
        write_proof(&proof, &mut entry);
        bytes.extend(entry.into_bytes());
    }
    bytes.extend_from_slice(EXTRACT_END);
    bytes
}

pub(super) fn count(desk: &Desk, table: &str) -> i64 {
    let sql = format!("SELECT count(*) AS n FROM {table}");
    desk.tenant.ledger.read(|db| Ok(sql_query(sql).get_result::<Number>(db)?.n)).expect("a number")
}

fn an_erased_person_leaves_all_others_readable_and_every_proof_valid(engine: Engine) {
    let place = Place::new(engine);
    let desk = told(&place, 8);
    let judges = Judges::new();
    let others = about(&desk, "jan");
    assert_eq!((numbers(&about(&desk, "anna")), numbers(&others)), (vec![1, 3, 5, 7], vec![2, 4, 6, 8]));

    assert_eq!(erase(&desk, "anna"), Erased { keys: 1, entries: 4 });
    assert_eq!(about(&desk, "anna"), []);
    assert_eq!(about(&desk, "jan"), others);
    let kept = ["ledger_answers", "ledger_order_answers"].map(|table| count(&desk, table));
    assert_eq!(kept, [4, 4], "those of the other person");
    desk.holds(9);
    assert!(judges.hold(&extract(&desk, 1)), "also the entries whose parts nobody can read");

    assert_eq!(erase(&desk, "anna"), Erased { keys: 0, entries: 0 });
    desk.draft(disclosure("anna"));
    assert_eq!(numbers(&about(&desk, "anna")), [11], "a later question has a key of its own");
    desk.holds(11);
}

#[derive(QueryableByName)]
struct Bytes {
    #[diesel(sql_type = Binary)]
    b: Vec<u8>,
}

/// The files in which a register's database keeps its rows.
pub(super) fn kept_in(place: &Place, database: &Database) -> Vec<PathBuf> {
    let Address::Postgres(url) = database.address() else { return files(&place.settings.data) };
    // Its write-ahead log is the server's own affair, as are its backups.
    Postgres::shared().run("CHECKPOINT");
    let server = url.split("host=").nth(1).and_then(|rest| rest.split('&').next()).expect("a folder");
    let own = sql_query("SELECT oid::bigint AS n FROM pg_database WHERE datname = current_database()");
    let own = database.read(|db| Ok(own.get_result::<Number>(db)?.n)).expect("a number");
    let folder = files(Path::new(server)).into_iter();
    folder.filter(|path| path.to_string_lossy().contains(&format!("/base/{own}/"))).collect()
}

/// How many of the keys stand in the files; keys differ in their first bytes that are random.
pub(super) fn held(files: &[PathBuf], keys: &[Vec<u8>]) -> usize {
    const RANDOM: std::ops::Range<usize> = 5..21;
    let mut wanted: BTreeSet<&[u8]> = keys.iter().map(|key| &key[RANDOM]).collect();
    assert_eq!(wanted.len(), keys.len());
    for file in files.iter().map(|path| fs::read(path).unwrap_or_default()) {
        for window in file.windows(RANDOM.len()) {
            wanted.remove(window);
        }
    }
    keys.len() - wanted.len()
}

fn a_destroyed_key_is_gone_from_the_files(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    // So many that pages are split and rows move.
    let receipts: Vec<_> = (0..300)
        .map(|number| Submission { draft: Some(disclosure(&format!("osoba {number}"))), ..Submission::default() })
        .map(|submission| desk.recorder.submit(submission).expect("queued"))
        .collect();
    for receipt in receipts {
        receipt.wait_blocking().expect("recorded");
    }
    let before = wrapped(&desk);
    assert_eq!(before.len(), 300);
    assert_eq!(held(&kept_in(&place, &desk.tenant.ledger), &before), 300, "the search finds what is there");
    for number in [7, 150, 299] {
        erase(&desk, &format!("osoba {number}"));
    }
    let after = wrapped(&desk);
    let (left, destroyed): (Vec<_>, Vec<_>) = before.into_iter().partition(|key| after.contains(key));
    assert_eq!((left.len(), destroyed.len()), (297, 3));
    let files = kept_in(&place, &desk.tenant.ledger);
    assert_eq!(held(&files, &left), 297, "the others are there");
    assert_eq!(held(&files, &destroyed), 0, "no file holds them");
    assert_eq!(numbers(&about(&desk, "osoba 8")).len(), 1);
    desk.holds(303);
}

#[test]
fn a_key_that_an_older_snapshot_holds_is_not_said_to_be_gone() {
    let place = Place::new(Engine::Postgres);
    let desk = told(&place, 4);
    let Address::Postgres(url) = desk.tenant.ledger.address().clone() else { panic!("a server") };
    let mut reader = Postgres::shared().connect(name_in(&url));
    reader.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1").expect("a snapshot");
    let destroyed = wrapped(&desk);
    let erased = desk.recorder.erase(&[b"anna".to_vec()], |_| says_erased()).expect("erased");
    assert_eq!(erased.keys, 1);
    let held_keys = |desk: &Desk| {
        let left = wrapped(desk);
        let gone: Vec<_> = destroyed.iter().filter(|key| !left.contains(key)).cloned().collect();
        assert_eq!(gone.len(), 1);
        held(&kept_in(&place, &desk.tenant.ledger), &gone)
    };
    assert!(matches!(desk.recorder.settle(), Err(Error::Busy(_))), "the snapshot may want to see the row");
    assert_eq!(held_keys(&desk), 1, "it is there indeed");
    reader.batch_execute("ROLLBACK").expect("over");
    desk.recorder.settle().expect("settled");
    assert_eq!(held_keys(&desk), 0);
}

/// The wrapped keys that the register has.
fn wrapped(desk: &Desk) -> Vec<Vec<u8>> {
    let sql = sql_query("SELECT wrapped AS b FROM ledger_person_keys ORDER BY person");
    let rows: Vec<Bytes> = desk.tenant.ledger.read(|db| Ok(sql.get_results(db)?)).expect("keys");
    rows.into_iter().map(|row| row.b).collect()
}

/// Two questions, an order's and another, about one person; their events.
fn answered(desk: &Desk) -> [Uuid; 2] {
    let [one, other] = [(); 2].map(|()| brama::call::new_event());
    let payload = || b"<odpowiedz/>".to_vec();
    let draft = |event| Some(Draft { event, ..disclosure("anna") });
    let claim = Some(claim(Uuid::new_v4(), 1));
    desk.submit(Submission { claim, draft: draft(one), answer: Some(payload()), ..Submission::default() })
        .expect("kept");
    let order_answer = Some(OrderAnswer { payload: payload(), ends_at: Utc::now() + TimeDelta::days(1) });
    desk.submit(Submission { draft: draft(other), order_answer, ..Submission::default() }).expect("kept");
    [one, other]
}

/// Whether the answer for retries and that of an order open.
fn open(desk: &Desk, [one, other]: [Uuid; 2]) -> [bool; 2] {
    [desk.recorder.answer(one).is_ok(), desk.recorder.order_answer(other).is_ok_and(|answer| answer.is_some())]
}

fn an_erased_persons_answers_do_not_open_from_any_copy(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    let events = answered(&desk);
    assert_eq!(open(&desk, events), [true, true]);
    // As a backup has them, or a page that was given free.
    let tables = ["ledger_answers", "ledger_order_answers"];
    for table in tables {
        desk.sql(&format!("CREATE TABLE copy_of_{table} AS SELECT * FROM {table}")).expect("copied");
    }
    erase(&desk, "anna");
    desk.draft(disclosure("anna")); // With a new key.
    assert_eq!(open(&desk, events), [false, false]);
    for table in tables {
        desk.sql(&format!("INSERT INTO {table} SELECT * FROM copy_of_{table}")).expect("brought back");
    }
    assert_eq!(open(&desk, events), [false, false], "no key that is left opens them");
}

fn answers_from_before_they_had_keys_open(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    let events = answered(&desk);
    let kept = KeptAnswer::new(Some(&disclosure("anna")), b"<dawna/>".to_vec()).to_bytes();
    for ((table, purpose), event) in
        [("ledger_answers", "odpowiedz"), ("ledger_order_answers", "odpowiedz-zlecenia")].into_iter().zip(events)
    {
        let label = Label { purpose, set: "", row: event.as_bytes() };
        let sealed = desk.tenant.keys.seal(KeyUse::Ledger, label, &kept, 256).expect("sealed");
        let hex: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
        let value = if engine == Engine::Sqlite { format!("x'{hex}'") } else { format!("'\\x{hex}'") };
        desk.sql(&format!("UPDATE {table} SET sealed = {value}")).expect("put there");
    }
    assert_eq!(desk.recorder.answer(events[0]).expect("kept").payload, b"<dawna/>");
    assert_eq!(desk.recorder.order_answer(events[1]).expect("read").expect("kept").payload, b"<dawna/>");
}

fn what_comes_while_a_person_is_erased_is_erased_too(engine: Engine) {
    let place = Place::new(engine);
    let desk = told(&place, 4);
    let last = Uuid::new_v4();
    // Whoever erases has read the register by the time that the head is given free.
    let (erased, receipt) = thread::scope(|scope| {
        let (erasing, receipt) = desk.held(|| {
            let draft = Draft { event: last, ..disclosure("anna") };
            let receipt = desk.recorder.submit(Submission { draft: Some(draft), ..Submission::default() });
            thread::sleep(Duration::from_millis(200));
            let erasing = scope.spawn(|| desk.recorder.erase(&[b"anna".to_vec()], |_| says_erased()));
            thread::sleep(Duration::from_millis(200));
            (erasing, receipt.expect("queued"))
        });
        (erasing.join().expect("no panic").expect("erased"), receipt)
    });
    let number = receipt.wait_blocking().expect("recorded").number.expect("a number");
    // One of both came first; the other found what it left.
    let (entries, left) = if number == 5 { (3, vec![]) } else { (2, vec![number]) };
    assert_eq!((erased.entries, numbers(&about(&desk, "anna"))), (entries, left));
    desk.holds(6);
}
