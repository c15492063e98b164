//! A person's key or the oldest entries are gone for good, also from the files; all that is left can be read and proved.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use brama::disclosure::Right;
use brama::ledger::{EXTRACT_END, Span, begin_extract, write_proof};
use brama::procedures::custody::{self, Official};
use brama::store::{Address, Erased, Error, NewUser, OrderAnswer, UnitRecord};
use brama::xml::Writer;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::Binary;

use super::proofs::Judges;
use super::*;
use crate::support::postgres::Postgres;
use crate::support::stores::files;

on_both_databases! {
    an_erased_person_leaves_all_others_readable_and_every_proof_valid
    a_destroyed_key_is_gone_from_the_files
    removed_entries_leave_a_register_that_is_whole
    keys_live_as_long_as_an_entry_uses_them
    what_was_removed_can_be_neither_changed_nor_brought_back
    whoever_removes_more_than_is_said_is_found
    an_official_removes_what_is_from_before_a_day
}

/// Registers the administrator's own unit with an official of this right.
fn appoint(desk: &Desk, right: Right) {
    let unit = UnitRecord {
        id: OPS.to_owned(),
        name: "Ośrodek".to_owned(),
        terc: "260101".to_owned(),
        tenant: Some(OPS.to_owned()),
        nip: None,
        regon: None,
        address: None,
    };
    desk.stores.add_unit(&unit).expect("a unit");
    let groups = ["urzednicy".to_owned(), "inspektorzy".to_owned()];
    let user = NewUser { unit: OPS, login: "ops1", groups: &groups, pesel: None, position: None };
    desk.stores.add_user(&user).expect("an official");
    desk.stores.add_right(OPS, "inspektorzy", right).expect("a right");
}

/// Entries about both in turns, each with an answer kept for retries and one kept for an order.
fn told(place: &Place, count: usize) -> Desk {
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
fn about(desk: &Desk, person: &str) -> Vec<(u64, Option<Vec<u8>>)> {
    let told = desk.tenant.concerning(&[person.as_bytes().to_vec()]).expect("read");
    told.into_iter().map(|(entry, content)| (entry.number, content.map(|content| content.to_xml()))).collect()
}

fn numbers(told: &[(u64, Option<Vec<u8>>)]) -> Vec<u64> {
    assert!(told.iter().all(|(_, content)| content.is_some()), "every part opens");
    told.iter().map(|(number, _)| *number).collect()
}

fn erase(desk: &Desk, person: &str) -> Erased {
    let erased = desk.recorder.erase(&[person.as_bytes().to_vec()], |_| Draft {
        reason: Some("wniosek osoby".to_owned()),
        ..Draft::new(brama::call::new_event(), EventKind::KeyDestroyed, OPS)
    });
    desk.recorder.settle().expect("settled");
    erased.expect("erased")
}

fn retire(desk: &Desk, before: DateTime<Utc>) -> Result<Vec<Span>, Error> {
    let removed = desk.recorder.retire(before, |span| Draft {
        removed: Some(span),
        ..Draft::new(brama::call::new_event(), EventKind::EntriesRemoved, OPS)
    });
    desk.recorder.settle().expect("settled");
    removed
}

fn time_of(desk: &Desk, number: u64) -> DateTime<Utc> {
    desk.reader().page(number, 1).expect("read").remove(0).time
}

/// The kept entries from `first` on, for both verifiers.
fn extract(desk: &Desk, first: u64) -> Vec<u8> {
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

fn count(desk: &Desk, table: &str) -> i64 {
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

/// The files in which the administrator's database keeps its rows.
fn kept_in(place: &Place, desk: &Desk) -> Vec<PathBuf> {
    let Address::Postgres(url) = desk.tenant.ledger.address() else { return files(&place.settings.data) };
    // Its write-ahead log is the server's own affair, as are its backups.
    Postgres::shared().run("CHECKPOINT");
    let server = url.split("host=").nth(1).and_then(|rest| rest.split('&').next()).expect("a folder");
    let own = sql_query("SELECT oid::bigint AS n FROM pg_database WHERE datname = current_database()");
    let own = desk.tenant.ledger.read(|db| Ok(own.get_result::<Number>(db)?.n)).expect("a number");
    let folder = files(Path::new(server)).into_iter();
    folder.filter(|path| path.to_string_lossy().contains(&format!("/base/{own}/"))).collect()
}

/// How many of the keys stand in the files; keys differ in their first bytes that are random.
fn held(files: &[PathBuf], keys: &[Vec<u8>]) -> usize {
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
    let keys = || -> Vec<Vec<u8>> {
        let sql = sql_query("SELECT wrapped AS b FROM ledger_person_keys ORDER BY person");
        let rows: Vec<Bytes> = desk.tenant.ledger.read(|db| Ok(sql.get_results(db)?)).expect("keys");
        rows.into_iter().map(|row| row.b).collect()
    };
    let before = keys();
    assert_eq!(before.len(), 300);
    assert_eq!(held(&kept_in(&place, &desk), &before), 300, "the search finds what is there");
    for number in [7, 150, 299] {
        erase(&desk, &format!("osoba {number}"));
    }
    let after = keys();
    let (left, destroyed): (Vec<_>, Vec<_>) = before.into_iter().partition(|key| after.contains(key));
    assert_eq!((left.len(), destroyed.len()), (297, 3));
    let files = kept_in(&place, &desk);
    assert_eq!(held(&files, &left), 297, "the others are there");
    assert_eq!(held(&files, &destroyed), 0, "no file holds them");
    assert_eq!(numbers(&about(&desk, "osoba 8")).len(), 1);
    desk.holds(303);
}

fn removed_entries_leave_a_register_that_is_whole(engine: Engine) {
    let place = Place::new(engine);
    let desk = told(&place, 12);
    let judges = Judges::new();
    let again = Draft { event: Uuid::new_v4(), ..disclosure("anna") };
    assert!(retire(&desk, time_of(&desk, 1)).expect("nothing is that old").is_empty());
    assert_eq!(retire(&desk, time_of(&desk, 6)).expect("removed"), [Span { first: 1, last: 5 }]);
    desk.draft(again.clone());
    desk.holds(14);
    assert_eq!((desk.reader().removed().expect("read"), numbers(&about(&desk, "anna"))), (5, vec![7, 9, 11, 14]));
    assert!(matches!(desk.reader().proofs(5, 2, 14), Err(Error::Unknown(_))), "a removed entry is never given out");
    assert!(judges.hold(&extract(&desk, 6)));
    assert_eq!(count(&desk, "ledger_answers"), 7);

    // The next time whoever said so the last time is removed too, and the rest still speaks for all of it.
    assert_eq!(retire(&desk, time_of(&desk, 14)).expect("removed"), [Span { first: 6, last: 13 }]);
    desk.holds(15);
    assert!(judges.hold(&extract(&desk, 14)));
    let path = desk.reader().consistency(3, 15).expect("a path");
    let head = |size| desk.reader().head_of(size).expect("a head").read().expect("a head").root;
    assert!(brama::ledger::is_consistent(3, &head(3), 15, &head(15), &path), "every former head is still gone on from");

    let first = desk.reader().page(1, 1).expect("read").remove(0);
    assert!(first.is_removed() && first.leaf_hash.len() == 32);
    let repeated = Draft { event: first.event, ..disclosure("anna") };
    assert_eq!(desk.draft(repeated).number, Some(1), "an event of a removed entry has no second one");
    drop(desk);
    let desk = Desk::at(place.open(), RecorderSettings::default());
    assert_eq!(desk.draft(again).number, Some(14), "the register opens again");
    desk.holds(15);
}

fn keys_live_as_long_as_an_entry_uses_them(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    for person in ["zofia", "anna", "zofia", "jan", "anna"] {
        desk.draft(disclosure(person));
    }
    assert_eq!(count(&desk, "ledger_person_keys"), 3);
    retire(&desk, time_of(&desk, 5)).expect("removed");
    assert_eq!(count(&desk, "ledger_person_keys"), 1, "only one of them is in what is left");
    assert_eq!(numbers(&about(&desk, "anna")), [5]);
    desk.holds(6);
}

fn what_was_removed_can_be_neither_changed_nor_brought_back(engine: Engine) {
    let place = Place::new(engine);
    let desk = told(&place, 6);
    let empty = if engine == Engine::Sqlite { "x''" } else { "''::bytea" };
    let entries = |set: &str, number: u32| format!("UPDATE ledger_entries SET {set} WHERE number = {number}");
    assert!(desk.sql(&entries(&format!("leaf = {empty}"), 2)).is_err(), "no segment is recorded");
    retire(&desk, time_of(&desk, 4)).expect("removed");
    for attempt in [
        entries("leaf = leaf_hash", 2),
        entries("leaf_hash = event", 2),
        entries("kind = 'ODMOWA'", 2),
        entries(&format!("leaf = {empty}, recorded_at = recorded_at + 1"), 2),
        entries(&format!("leaf = {empty}, event = leaf_hash"), 2),
        entries(&format!("leaf = {empty}, subtrees = leaf_hash"), 2),
        entries(&format!("leaf = {empty}"), 4),
        entries(&format!("leaf = {empty}"), 7),
        "DELETE FROM ledger_entries WHERE number = 2".to_owned(),
        "UPDATE ledger_segments SET last_number = 5".to_owned(),
        "DELETE FROM ledger_segments".to_owned(),
        "INSERT INTO ledger_segments VALUES (2, 5, 6, 0)".to_owned(),
        "INSERT INTO ledger_segments VALUES (5, 5, 6, 0)".to_owned(),
        "INSERT INTO ledger_segments VALUES (4, 3, 6, 0)".to_owned(),
        "INSERT INTO ledger_segments VALUES (4, 9, 9, 0)".to_owned(),
    ] {
        assert!(desk.sql(&attempt).is_err(), "{attempt}");
    }
    if engine == Engine::Sqlite {
        assert!(desk.sql("REPLACE INTO ledger_segments VALUES (1, 5, 6, 0)").is_err());
    } else {
        assert!(desk.sql("TRUNCATE ledger_segments").is_err());
    }
    desk.holds(7);
}

fn whoever_removes_more_than_is_said_is_found(engine: Engine) {
    let place = Place::new(engine);
    let desk = told(&place, 8);
    retire(&desk, time_of(&desk, 4)).expect("removed");
    desk.holds(9);
    let empty = if engine == Engine::Sqlite { "x''" } else { "''::bytea" };
    // What the database itself allows whoever may write it: a segment that no entry names.
    desk.sql("INSERT INTO ledger_segments VALUES (4, 5, 6, 0)").expect("recorded");
    desk.sql(&format!("UPDATE ledger_entries SET leaf = {empty} WHERE number = 5")).expect("emptied");
    let found = |desk: &Desk| desk.audit().1.into_iter().filter_map(|finding| finding.number).collect::<BTreeSet<_>>();
    assert_eq!(found(&desk), BTreeSet::from([5]));
    desk.sql(&format!("UPDATE ledger_entries SET leaf = {empty} WHERE number = 4")).expect("emptied");
    assert_eq!(found(&desk), BTreeSet::from([5]));

    let unlock = match engine {
        Engine::Sqlite => "DROP TRIGGER ledger_entries_stay",
        Engine::Postgres => "ALTER TABLE ledger_entries DISABLE TRIGGER USER",
    };
    desk.sql(unlock).expect("unlocked");
    desk.sql("UPDATE ledger_entries SET leaf_hash = (SELECT leaf_hash FROM ledger_entries AS e WHERE e.number = 1) WHERE number = 2")
        .expect("changed");
    assert!(found(&desk).contains(&2), "the hash of a removed entry");
}

fn an_official_removes_what_is_from_before_a_day(engine: Engine) {
    let place = Place::new(engine);
    let desk = told(&place, 4);
    appoint(&desk, Right::EraseRegister);
    let official = |reason| Official { tenant: OPS, unit: OPS, login: "ops1", reason };
    // The day after tomorrow: today's entries are from before tomorrow by any clock.
    let now = Utc::now() + chrono::Days::new(2);
    let today = now.with_timezone(&chrono_tz::Europe::Warsaw).date_naive();
    let retire = |day, reason| custody::retire(&desk.stores, official(reason), day, now);
    assert!(matches!(retire(today + chrono::Days::new(1), "za wcześnie"), Err(custody::Error::Future)));
    assert!(matches!(retire(today, ""), Err(custody::Error::Malformed(_))));
    let done = retire(today - chrono::Days::new(1), "okres minął").expect("removed");
    assert!(done.spans == [Span { first: 1, last: 4 }] && done.remains.is_none(), "{done:?}");
    let entry = desk.reader().page(5, 1).expect("read").remove(0);
    let text = String::from_utf8(entry.leaf).expect("UTF-8");
    for part in [
        "<r:rodzaj>USUNIECIE_WPISOW",
        "<r:uzytkownik>ops1</r:uzytkownik><r:grupa>inspektorzy</r:grupa>",
        "<r:powod>okres minął</r:powod><r:usunieteWpisy><r:od>1</r:od><r:do>4</r:do>",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    desk.holds(5);
}
