//! A batch is loaded: whole or not at all, killed or not, and nobody sees it before.

use std::cell::Cell;
use std::time::{Duration, Instant};

use brama::procedures::Bell;
use brama::procedures::feed::{Loader, settle};
use brama::store::LedgerReader;

use super::*;
use crate::on_both_databases;

on_both_databases! {
    of_ten_thousand_persons_exactly_the_37_broken_are_named
    one_error_refuses_a_batch_that_is_not_partial
    a_killed_load_leaves_nothing_and_begins_anew
    readers_see_the_former_state_until_the_verdict
    a_full_batch_removes_whom_it_does_not_name_but_spares_the_broken
    an_incremental_batch_writes_removes_and_leaves
    batches_are_loaded_in_the_order_of_acceptance
    nothing_at_rest_is_readable
    the_loader_loads_what_waits_and_tells_the_ledger_once
    an_entry_that_is_offered_twice_is_taken_once
    the_planner_knows_of_the_records_before_readers_do
}

/// PostgreSQL reads the whole of a set for every question as long as it has never looked at it.
const UNKNOWN_TO_THE_PLANNER: &str = "(SELECT 1) AS t WHERE NOT EXISTS (SELECT 1 FROM pg_stats WHERE tablename = 'records') \
    OR NOT EXISTS (SELECT 1 FROM pg_stats WHERE tablename = 'search_keys')";

const PARTIAL: &str = "rodzaj=\"przyrostowa\" czesciowo=\"true\"";
const CHANGES: &str = "rodzaj=\"przyrostowa\"";
const FULL: &str = "rodzaj=\"pelna\"";

fn of_ten_thousand_persons_exactly_the_37_broken_are_named(engine: Engine) {
    let house = House::new(engine);
    let mut items = batches::written(0, 10_000);
    let mut expected = Vec::new();
    for way in 0..37 {
        let number = 100 + way * 263;
        let (item, codes) = batches::broken(number, way);
        items[number as usize] = item;
        expected.extend(codes.iter().map(|code| (u64::from(number) + 1, *code)));
    }
    let batch = house.feed("X-1", &file("X-1", PARTIAL, &items));
    let mut named = house.named(&batch);
    named.dedup();
    assert_eq!(named, expected);
    assert_eq!(batch.state, BatchState::DoneWithErrors);
    summary(&batch, [10_000, 9_963, 0, 0, 37, 0]);
    for finding in house.findings(&batch) {
        let ordinal = finding.ordinal.expect("a person");
        assert_eq!(finding.detail.line.map(u64::from), Some(ordinal + 1), "{finding:?}");
    }
    assert!(house.is_there(0) && house.is_there(9_999) && !house.is_there(100));
    assert_eq!(house.count("batch_items"), 0);
    assert_eq!(house.count("records"), 9_963);
}

fn the_planner_knows_of_the_records_before_readers_do(engine: Engine) {
    let house = House::new(engine);
    let batch = house.feed("X-1", &file("X-1", CHANGES, &batches::written(0, 50)));
    assert_eq!(batch.state, BatchState::Done);
    if engine == Engine::Postgres {
        assert_eq!(house.count(UNKNOWN_TO_THE_PLANNER), 0);
    }
    assert!(house.is_there(49));
}

fn one_error_refuses_a_batch_that_is_not_partial(engine: Engine) {
    let house = House::new(engine);
    house.feed("X-1", &file("X-1", CHANGES, &batches::written(0, 5)));
    let mut items = batches::written(0, 600);
    items[400] = batches::broken(400, 3).0;
    let batch = house.feed("X-2", &file("X-2", FULL, &items));
    assert_eq!(batch.state, BatchState::Refused);
    summary(&batch, [600, 0, 0, 0, 600, 0]);
    assert_eq!(house.named(&batch), [(401, "NIEZGODNY_ZE_SCHEMATEM")]);
    assert!(house.is_there(4) && !house.is_there(5));
    assert_eq!((house.count("records"), house.count("batch_items")), (5, 0));
    assert_eq!(house.tenant.set_state(SET).expect("an answer").map(|state| state.number), Some(1));
}

fn a_killed_load_leaves_nothing_and_begins_anew(engine: Engine) {
    let house = House::new(engine);
    house.feed("X-1", &file("X-1", CHANGES, &batches::written(0, 900)));
    let mut changed: Vec<_> = (0..900).map(Person::number).collect();
    changed.iter_mut().for_each(|person| person.status = "nowy".to_owned());
    let items: Vec<_> = changed[300..].iter().map(Person::written).collect();
    let bytes = file("X-2", FULL, &items);
    let batch = house.hand_over("X-2", &bytes);
    for chunks in 0..6 {
        let left = Cell::new(chunks);
        let go_on = || left.replace(left.get() - 1) > 0;
        let found = house.tenant.batches().find(batch.id).expect("an answer").expect("the batch");
        let killed = house.load(found, &go_on);
        assert!(matches!(killed, Err(Interrupted::Stopped)), "after {chunks} chunks: {killed:?}");
        assert_eq!(house.status(&changed[0]).as_deref(), Some("bez zmian"));
        assert_eq!(house.status(&changed[899]).as_deref(), Some("bez zmian"));
    }
    let found = house.tenant.batches().waiting().expect("an answer").remove(0);
    assert_eq!(found.state, BatchState::Loading);
    let batch = house.load(found, &|| true).expect("a verdict");
    assert_eq!(batch.state, BatchState::Done);
    summary(&batch, [600, 600, 300, 0, 0, 0]);
    assert_eq!(house.status(&changed[899]).as_deref(), Some("nowy"));
    assert!(!house.is_there(0));
    assert_eq!((house.count("records"), house.count("batch_items")), (600, 0));
    assert_eq!(house.count("search_keys"), 1200);
    assert_eq!(house.count("batch_parts WHERE sealed IS NOT NULL"), 0);
}

fn readers_see_the_former_state_until_the_verdict(engine: Engine) {
    let house = House::new(engine);
    let items = batches::written(0, 1000);
    let batch = house.hand_over("X-1", &file("X-1", CHANGES, &items));
    let id = batch.id;
    let seen = Cell::new(0);
    let go_on = || {
        assert!(!house.is_there(0), "nothing is visible while the batch loads");
        let standing = house.tenant.batches().find(id).expect("an answer").expect("the batch");
        assert!(standing.processed >= seen.get());
        seen.set(standing.processed);
        true
    };
    let batch = house.load(batch, &go_on).expect("a verdict");
    assert!(seen.get() > 0, "progress is told");
    assert!(house.is_there(0));
    let state = house.tenant.set_state(SET).expect("an answer").expect("a state");
    assert_eq!((Some(state.number), state.as_of), (batch.set_state, batch.as_of));
}

fn a_full_batch_removes_whom_it_does_not_name_but_spares_the_broken(engine: Engine) {
    let house = House::new(engine);
    house.feed("X-1", &file("X-1", FULL, &batches::written(0, 10)));
    let items = [batches::written(0, 4), vec![batches::broken(4, 6).0, batches::broken(5, 0).0]].concat();
    let batch = house.feed("X-2", &file("X-2", "rodzaj=\"pelna\" czesciowo=\"1\"", &items));
    assert_eq!(batch.state, BatchState::DoneWithErrors);
    summary(&batch, [6, 0, 4, 4, 2, 0]);
    let there: Vec<_> = (0..10).filter(|number| house.is_there(*number)).collect();
    assert_eq!(there, [0, 1, 2, 3, 4, 5]);

    let nameless = [batches::written(0, 3), vec![batches::broken(9, 30).0]].concat();
    let batch = house.feed("X-3", &file("X-3", "rodzaj=\"pelna\" czesciowo=\"true\"", &nameless));
    summary(&batch, [4, 0, 0, 3, 1, 0]);
    assert!(house.is_there(5), "who is broken is unknown, so nobody leaves");

    let batch = house.feed("X-4", &file("X-4", "rodzaj=\"pelna\" pusta=\"true\"", &[]));
    assert_eq!(batch.state, BatchState::Done);
    summary(&batch, [0, 0, 6, 0, 0, 0]);
    assert_eq!((house.count("records"), house.count("search_keys")), (0, 0));
}

fn an_incremental_batch_writes_removes_and_leaves(engine: Engine) {
    let house = House::new(engine);
    house.feed("X-1", &file("X-1", CHANGES, &batches::written(0, 4)));
    let mut changed = Person::number(1);
    changed.status = "zmieniony".to_owned();
    let spaced = Person::number(0).written().replace("<b:plec>M</b:plec>", "\t<!-- x --><b:plec> M </b:plec>");
    let items = [spaced, changed.written(), Person::number(2).removed(), Person::number(77).removed()];
    let batch = house.feed("X-2", &file("X-2", CHANGES, &items));
    assert_eq!(batch.state, BatchState::Done);
    summary(&batch, [4, 1, 1, 2, 0, 1]);
    assert_eq!(house.named(&batch), [(4, "OSOBA_NIEZNANA")]);
    assert_eq!(house.status(&changed).as_deref(), Some("zmieniony"));
    assert!(!house.is_there(2) && house.is_there(3));
    let batch = house.feed("X-3", &file("X-3", FULL, &[Person::number(3).removed()]));
    assert_eq!(house.named(&batch), [(1, "USUNIECIE_W_PELNEJ")]);
}

fn batches_are_loaded_in_the_order_of_acceptance(engine: Engine) {
    let house = House::new(engine);
    for number in 0..5 {
        let mut person = Person::number(1);
        person.status = format!("stan {number}");
        house.hand_over(&format!("X-{number}"), &file(&format!("X-{number}"), CHANGES, &[person.written()]));
    }
    let waiting: Vec<_> =
        house.tenant.batches().waiting().expect("a list").into_iter().map(|batch| batch.mark).collect();
    assert_eq!(waiting, ["X-0", "X-1", "X-2", "X-3", "X-4"]);
    let held = Uuid::new_v4();
    assert!(house.tenant.batches().hold(SET, held).expect("an answer"));
    assert!(!house.tenant.batches().hold(SET, Uuid::new_v4()).expect("an answer"), "one loader at a time");
    house.tenant.batches().release(SET, held).expect("released");
    for batch in house.tenant.batches().waiting().expect("a list") {
        house.load(batch, &|| true).expect("a verdict");
    }
    assert_eq!(house.status(&Person::number(1)).as_deref(), Some("stan 4"));
}

fn nothing_at_rest_is_readable(engine: Engine) {
    let house = House::new(engine);
    let person = Person::number(7);
    let items = [person.written(), batches::broken(8, 6).0];
    house.feed("X-1", &file("X-1", PARTIAL, &items));
    let waiting = house.hand_over("X-2", &file("X-2", PARTIAL, &[Person::number(9).written()]));
    let killed = house.load(waiting, &|| house.count("batch_items") == 0);
    assert!(killed.is_ok() || matches!(killed, Err(Interrupted::Stopped)));
    let rest = house.place.at_rest(&[house.tenant.sets.address(), house.tenant.ledger.address()]);
    let secrets = [&person.pesel, &person.surname, &person.id, &Person::number(8).id, &Person::number(9).pesel];
    for secret in secrets {
        for bytes in [secret.clone().into_bytes(), hex(secret)] {
            assert!(!rest.windows(bytes.len()).any(|window| window == bytes), "{secret} is readable");
        }
    }
}

fn hex(text: &str) -> Vec<u8> {
    text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes()
}

fn the_loader_loads_what_waits_and_tells_the_ledger_once(engine: Engine) {
    let house = House::new(engine);
    let interrupted = house.hand_over("X-1", &file("X-1", CHANGES, &batches::written(0, 300)));
    assert!(house.load(interrupted, &|| false).is_err());
    let bell = Bell::default();
    let loader = Loader::start(&house.stores, &bell).expect("a loader");
    let later = house.hand_over("X-2", &file("X-2", CHANGES, &batches::written(300, 400)));
    bell.ring(ADMINISTRATOR);
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let batch = receive::find(house.tenant.batches(), later.id).expect("the batch");
        if batch.state.is_final() && house.count("outbox") == 0 {
            assert_eq!((batch.state, batch.set_state), (BatchState::Done, Some(3)));
            break;
        }
        assert!(Instant::now() < deadline, "still {:?}", batch.state);
        std::thread::sleep(Duration::from_millis(20));
    }
    loader.stop();
    assert!(house.is_there(0) && house.is_there(399));
    assert_eq!(entries(&house).len(), 2);
}

fn an_entry_that_is_offered_twice_is_taken_once(engine: Engine) {
    use diesel::prelude::*;
    let house = House::new(engine);
    let batch = house.feed("X-1", &file("X-1", CHANGES, &batches::written(0, 2)));
    let owed = house.tenant.batches().outbox().expect("a list");
    assert_eq!(owed.len(), 1);
    settle(&house.tenant).expect("settled");
    // The process dies after the ledger's commit and before the outbox hears of it.
    let again = format!("INSERT INTO outbox (event, batch_id) VALUES ('{}', '{}')", owed[0].0, batch.id);
    house.tenant.sets.write(|db| Ok(diesel::sql_query(again).execute(db).map(|_| ())?)).expect("owed again");
    settle(&house.tenant).expect("settled again");
    assert_eq!(house.count("outbox"), 0);
    let entries = entries(&house);
    assert_eq!(entries.len(), 1);
    for part in ["ZASILENIE", "X-1", "<r:zapisano>2<", SET, "ZAKONCZONA", "1899-12-31", ADMINISTRATOR] {
        assert!(entries[0].contains(part), "{part} in {}", entries[0]);
    }
}

/// The register's entries of feeds, as texts.
fn entries(house: &House) -> Vec<String> {
    let reader = LedgerReader::new(ADMINISTRATOR, Arc::clone(&house.tenant.ledger));
    let page = reader.page(1, 100).expect("a page");
    page.iter().map(|entry| String::from_utf8_lossy(&entry.leaf).into_owned()).collect()
}
