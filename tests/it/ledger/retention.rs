//! The oldest entries are gone for good: what is left can be read and proved, and nobody removes more than is said.

use std::collections::BTreeSet;

use brama::disclosure::Right;
use brama::ledger::Span;
use brama::procedures::custody::{self, Official};
use brama::store::{Error, NewUser, Settled, UnitRecord};
use chrono::{DateTime, Utc};

use super::erasure::{about, count, extract, numbers, told};
use super::proofs::Judges;
use super::*;

on_both_databases! {
    removed_entries_leave_a_register_that_is_whole
    keys_live_as_long_as_an_entry_uses_them
    what_was_removed_can_be_neither_changed_nor_brought_back
    whoever_removes_more_than_is_said_is_found
    an_emptied_entry_is_never_given_out
    a_refusal_that_was_removed_is_still_a_refusal
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

/// An entry that says that a segment was removed.
fn says_removed(span: Span) -> Draft {
    Draft { removed: Some(span), ..Draft::new(brama::call::new_event(), EventKind::EntriesRemoved, OPS) }
}

fn retire(desk: &Desk, before: DateTime<Utc>) -> Result<Vec<Span>, Error> {
    let removed = desk.recorder.retire(before, says_removed);
    desk.recorder.settle().expect("settled");
    removed
}

fn time_of(desk: &Desk, number: u64) -> DateTime<Utc> {
    desk.reader().page(number, 1).expect("read").remove(0).time
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
    desk.draft(says_removed(Span { first: 4, last: 5 }));
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
        "INSERT INTO ledger_segments VALUES (2, 5, 6, 0, 8)".to_owned(),
        "INSERT INTO ledger_segments VALUES (5, 5, 6, 0, 8)".to_owned(),
        "INSERT INTO ledger_segments VALUES (4, 3, 6, 0, 8)".to_owned(),
        "INSERT INTO ledger_segments VALUES (4, 9, 9, 0, 8)".to_owned(),
        "INSERT INTO ledger_segments VALUES (4, 5, 6, 0, 6)".to_owned(), // an entry of another kind
        "INSERT INTO ledger_segments VALUES (4, 5, 6, 0, 7)".to_owned(), // one that spoke for a segment already
        "INSERT INTO ledger_segments VALUES (4, 5, 6, 0, 9)".to_owned(), // none
        "INSERT INTO ledger_segments VALUES (4, 5, 6, 0, NULL)".to_owned(),
    ] {
        assert!(desk.sql(&attempt).is_err(), "{attempt}");
    }
    if engine == Engine::Sqlite {
        assert!(desk.sql("REPLACE INTO ledger_segments VALUES (1, 5, 6, 0, 8)").is_err());
    } else {
        assert!(desk.sql("TRUNCATE ledger_segments").is_err());
    }
    desk.sql("INSERT INTO ledger_segments VALUES (4, 5, 6, 0, 8)").expect("an entry says so");
}

fn whoever_removes_more_than_is_said_is_found(engine: Engine) {
    let place = Place::new(engine);
    let desk = told(&place, 8);
    retire(&desk, time_of(&desk, 4)).expect("removed");
    desk.holds(9);
    let empty = if engine == Engine::Sqlite { "x''" } else { "''::bytea" };
    // What the database itself allows whoever may write it: a segment of which its entry says something else.
    desk.draft(says_removed(Span { first: 1, last: 3 }));
    desk.sql("INSERT INTO ledger_segments VALUES (4, 5, 6, 0, 10)").expect("recorded");
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

fn an_emptied_entry_is_never_given_out(engine: Engine) {
    let place = Place::new(engine);
    let desk = told(&place, 4);
    // As when entries are removed between two looks: the rows are empty, and nobody looked whether they might be.
    let (unlock, empty) = match engine {
        Engine::Sqlite => ("DROP TRIGGER ledger_entries_stay", "x''"),
        Engine::Postgres => ("ALTER TABLE ledger_entries DISABLE TRIGGER USER", "''::bytea"),
    };
    desk.sql(unlock).expect("unlocked");
    desk.sql(&format!("UPDATE ledger_entries SET leaf = {empty} WHERE number <= 2")).expect("emptied");
    for first in [1, 2] {
        assert!(matches!(desk.reader().proofs(first, 3, 4), Err(Error::Unknown(_))));
    }
    assert_eq!(desk.reader().proofs(3, 3, 4).expect("proofs").len(), 2);
}

fn a_refusal_that_was_removed_is_still_a_refusal(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    let refusal = Draft { kind: EventKind::Refusal, code: Some("BRAK_UPRAWNIEN"), ..disclosure("anna") };
    desk.draft(refusal.clone());
    desk.draft(disclosure("anna"));
    let settled = || desk.recorder.settled(refusal.event).expect("read");
    assert_eq!(settled(), Some(Settled::Refused("BRAK_UPRAWNIEN".to_owned())));
    retire(&desk, time_of(&desk, 2)).expect("removed");
    assert_eq!(settled(), Some(Settled::Refused(String::new())));
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
