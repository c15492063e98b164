//! Orders: answered once whatever happens, fetched as often as asked, kept for as long as they last and not longer.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use brama::disclosure::{Grant, ScopeItem};
use brama::ledger::StoredEntry;
use brama::store::{Address, LedgerReader, PLATFORM};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use uuid::Uuid;

use crate::batch::{Batch, Person};
use crate::gateway::{Gateway, Settings};
use crate::office::{ADMINISTRATOR, Engine, MATTER, Offices, PURPOSE, SET, signed};
use crate::postgres::Postgres;
use crate::wire::{self, Answer};

const OPS: &str = "OPS-BUSKO/pomoc";
const SR: &str = "SR-BUSKO/swiadczenia";
/// How long a question may take once its administrator is there.
const PATIENCE: Duration = Duration::from_secs(90);

/// The offices, with rights of the asking one over all three sets.
fn offices(engine: Engine) -> Offices {
    let offices = Offices::new(engine);
    let stores = offices.stores();
    for set in [OPS, SR] {
        let items = ["1", "2"].into_iter().filter_map(ScopeItem::parse).collect();
        let (unit, group) = ("OPS-BUSKO".to_owned(), "urzednicy".to_owned());
        stores
            .add_grant(&Grant { unit, group, set: set.to_owned(), items, basis: "UPS-105".to_owned() })
            .expect("granted");
    }
    stores.close();
    offices
}

/// An order about a person.
pub fn order(task: Uuid, person: &Person, sets: &[&str]) -> String {
    let Person { surname, pesel } = person;
    let scope = "<u:zakres><u:pozycja>1</u:pozycja><u:pozycja>2</u:pozycja></u:zakres>";
    let asked = |set: &&str| format!("<u:pytanie><u:zbior>{set}</u:zbior>{scope}</u:pytanie>");
    request(
        "ZlecUdostepnienie",
        task,
        &format!(
            "<u:osoba><u:nazwisko>{surname}</u:nazwisko><u:pesel>{pesel}</u:pesel></u:osoba>\
             <u:podstawaPrawna>UPS-105</u:podstawaPrawna><u:przeznaczenie>{PURPOSE}</u:przeznaczenie>{}",
            sets.iter().map(asked).collect::<String>()
        ),
    )
}

fn request(operation: &str, task: Uuid, rest: &str) -> String {
    format!(
        "<u:{operation} xmlns:u='urn:brama:udostepnianie:1' xmlns:w='urn:brama:wspolne:1'><u:kontekst>\
         <w:idZadania>{task}</w:idZadania><w:jednostka>OPS-BUSKO</w:jednostka><w:uzytkownik>urzednik</w:uzytkownik>\
         <w:sprawa>{MATTER}</w:sprawa></u:kontekst>{rest}</u:{operation}>"
    )
}

fn send(gateway: &Gateway, offices: &Offices, request: &str) -> Answer {
    wire::post(gateway.http, "udostepnianie", &signed(&offices.key("pomoc"), request)).expect("an answer")
}

/// Orders and gives `idZlecenia`.
pub fn place(gateway: &Gateway, offices: &Offices, person: &Person, sets: &[&str]) -> String {
    let placed = send(gateway, offices, &order(Uuid::new_v4(), person, sets));
    assert_eq!(placed.status, 200, "{}", placed.text());
    placed.element("idZlecenia")
}

/// Fetches an order: what is said of each question, as it stands in the reply.
fn fetch(gateway: &Gateway, offices: &Offices, order: &str) -> Vec<String> {
    let id = format!("<u:idZlecenia>{order}</u:idZlecenia>");
    let answer = send(gateway, offices, &request("PobierzOdpowiedz", Uuid::new_v4(), &id));
    assert_eq!(answer.status, 200, "{}\n{}", answer.text(), gateway.log());
    let text = answer.text();
    let replies = text.split("<u:odpowiedz>").skip(1);
    replies.map(|reply| reply.split("</u:odpowiedz>").next().unwrap_or_default().to_owned()).collect()
}

/// Fetches until the questions stand so.
pub fn await_states(gateway: &Gateway, offices: &Offices, order: &str, states: &[&str]) -> Vec<String> {
    let until = Instant::now() + PATIENCE;
    loop {
        let replies = fetch(gateway, offices, order);
        if replies.iter().map(|reply| state(reply)).eq(states.iter().map(|state| (*state).to_owned())) {
            return replies;
        }
        assert!(Instant::now() < until, "{states:?} of {replies:#?}\n{}", gateway.log());
        thread::sleep(Duration::from_millis(50));
    }
}

/// `stan`, and `kod` where there is one.
fn state(reply: &str) -> String {
    let code = element(reply, "kod");
    if code.is_empty() { element(reply, "stan") } else { format!("{} {code}", element(reply, "stan")) }
}

fn element(reply: &str, name: &str) -> String {
    let rest = reply.split(&format!("<u:{name}>")).nth(1).and_then(|rest| rest.split('<').next());
    rest.unwrap_or_default().to_owned()
}

/// The entries of an administrator's register.
fn entries(offices: &Offices, tenant: &str) -> Vec<StoredEntry> {
    let stores = offices.stores();
    let ledger = match tenant {
        PLATFORM => Arc::clone(stores.platform_ledger()),
        tenant => Arc::clone(&stores.tenant(tenant).expect("an administrator").ledger),
    };
    let entries = LedgerReader::new(tenant, ledger).page(1, 100_000).expect("entries");
    stores.close();
    entries
}

/// How many entries of this kind are first ones, and how many tell again.
fn count(offices: &Offices, tenant: &str, kind: &str) -> (usize, usize) {
    let entries = entries(offices, tenant);
    let of_kind = entries.iter().filter(|entry| entry.kind == kind);
    let (again, first): (Vec<_>, Vec<_>) = of_kind.partition(|entry| entry.repeat);
    (first.len(), again.len())
}

/// The databases of an administrator, taken away.
enum Away {
    Folder { here: PathBuf, gone: PathBuf },
    Database(String),
}

impl Away {
    /// Takes them away; no node has them open.
    fn take(offices: &Offices, tenant: &str) -> Self {
        let stores = offices.stores();
        let address = stores.tenant(tenant).expect("an administrator").ledger.address().clone();
        stores.close();
        drop(stores);
        let away = match address {
            Address::File(_) => {
                Self::Folder { here: offices.data().join(tenant), gone: offices.folder.path().join("gone") }
            }
            Address::Postgres(url) => Self::Database(url),
        };
        match &away {
            Self::Folder { here, gone } => fs::rename(here, gone).expect("an administrator's folder"),
            Self::Database(url) => Postgres::shared().cut_off(url, false),
        }
        away
    }

    fn bring_back(self) {
        match self {
            Self::Folder { here, gone } => fs::rename(gone, here).expect("an administrator's folder"),
            Self::Database(url) => Postgres::shared().cut_off(&url, true),
        }
    }
}

/// Changes the platform's registers past the program.
fn change_platform(offices: &Offices, sql: &str) {
    let stores = offices.stores();
    let database = stores.platform().database();
    database.write(|db| Ok(db.batch_execute(sql)?)).expect("changed");
    stores.close();
    // A picture of the registers is at most a second old.
    thread::sleep(Duration::from_millis(1100));
}

fn take_right_away(offices: &Offices, set: &str) {
    change_platform(
        offices,
        &format!("DELETE FROM grants WHERE set_id = '{set}'; UPDATE generation SET number = number + 1"),
    );
}

#[track_caller]
fn check_life(engine: Engine) {
    let offices = offices(engine);
    let away = Away::take(&offices, "SR-BUSKO");
    let gateway = offices.start();
    offices.feed_persons(&gateway, 3);
    let ordered = order(Uuid::new_v4(), &Person::of(2), &[SET, OPS, SR]);
    let placed = send(&gateway, &offices, &ordered);
    let id = placed.element("idZlecenia");
    let states = ["GOTOWA", "GOTOWA", "W_TOKU NIEDOSTEPNY"];
    let first = await_states(&gateway, &offices, &id, &states);
    assert!(first[0].contains(&Person::of(2).surname) && first[0].contains("<u:wynik>ZNALEZIONO<"), "{first:#?}");
    assert!(first[1].contains("<u:wynik>BRAK_OSOBY<") && !first[1].contains("u:dane"), "{first:#?}");
    assert_eq!(send(&gateway, &offices, &ordered).element("idZlecenia"), id, "a retry names the same order");

    // The node dies, the administrator comes back, the person goes.
    gateway.kill();
    away.bring_back();
    let gateway = offices.start();
    let ready = await_states(&gateway, &offices, &id, &["GOTOWA"; 3]);
    assert_eq!(ready[..2], first[..2], "byte for byte");
    let batch = Batch { mark: "ZASILENIE-2", as_of: "2025-11-21", persons: 1 };
    offices.feed(&gateway, "syriusz", &batch.write(offices.folder.path()));
    assert_eq!(fetch(&gateway, &offices, &id), ready, "a feed changes nothing of it");

    let (told, again) = count(&offices, ADMINISTRATOR, "UDOSTEPNIENIE");
    assert_eq!(told, 1, "one entry for the question");
    let before = again;
    fetch(&gateway, &offices, &id);
    assert_eq!(count(&offices, ADMINISTRATOR, "UDOSTEPNIENIE"), (1, before + 1), "and one for each time it is fetched");
    assert_eq!(count(&offices, "SR-BUSKO", "UDOSTEPNIENIE").0, 1);
    assert_eq!(
        entries(&offices, ADMINISTRATOR)
            .iter()
            .filter(|entry| entry.event.to_string() == element(&ready[0], "idUdostepnienia"))
            .count(),
        1
    );
    offices.ledger();

    take_right_away(&offices, SET);
    let left = fetch(&gateway, &offices, &id);
    assert_eq!(left.iter().map(|one| state(one)).collect::<Vec<_>>(), ["ODMOWA ZBIOR_NIEZNANY", "GOTOWA", "GOTOWA"]);
    assert!(!left[0].contains(&Person::of(2).surname), "{left:#?}");
    assert_eq!(count(&offices, ADMINISTRATOR, "ODMOWA"), (1, 0), "the refusal is recorded");

    end_window(&offices);
    let gone = send(
        &gateway,
        &offices,
        &request("PobierzOdpowiedz", Uuid::new_v4(), &format!("<u:idZlecenia>{id}</u:idZlecenia>")),
    );
    assert_eq!(gone.element("kod"), "ZLECENIE_NIEZNANE", "{}", gone.text());
    await_no_rows(&offices);
}

#[track_caller]
fn await_no_rows(offices: &Offices) {
    let until = Instant::now() + PATIENCE;
    while rows(offices) > 0 {
        assert!(Instant::now() < until, "rows of an order that ended stay");
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn what_nobody_could_answer_until_the_end_is_refused_in_the_platforms_register() {
    let offices = offices(Engine::Sqlite);
    let away = Away::take(&offices, "SR-BUSKO");
    let gateway = offices.start();
    let id = place(&gateway, &offices, &Person::of(1), &[SR]);
    await_states(&gateway, &offices, &id, &["W_TOKU NIEDOSTEPNY"]);
    end_window(&offices);
    await_no_rows(&offices);
    assert_eq!(count(&offices, PLATFORM, "ODMOWA"), (1, 0));
    drop(gateway);
    away.bring_back();
    assert_eq!(count(&offices, "SR-BUSKO", "UDOSTEPNIENIE"), (0, 0));
}

/// Lets all orders have ended a second ago.
fn end_window(offices: &Offices) {
    let stores = offices.stores();
    let past = (chrono::Utc::now() - chrono::TimeDelta::seconds(1)).timestamp_micros();
    let sql = format!("UPDATE ledger_orders SET ends_at = {past}; UPDATE ledger_order_answers SET ends_at = {past}");
    let tenant = stores.tenant(ADMINISTRATOR).expect("an administrator");
    for database in [stores.platform_ledger(), &tenant.ledger] {
        database.write(|db| Ok(db.batch_execute(&sql)?)).expect("changed");
    }
    stores.close();
}

/// Rows of orders with the platform.
fn rows(offices: &Offices) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let stores = offices.stores();
    let query = "SELECT (SELECT count(*) FROM ledger_orders) + (SELECT count(*) FROM ledger_order_questions) AS n";
    let counted = stores.platform_ledger().read(|db| Ok(diesel::sql_query(query).get_result::<Count>(db)?.n));
    stores.close();
    counted.expect("a number")
}

#[track_caller]
fn check_right_taken_away(engine: Engine) {
    let offices = offices(engine);
    let away = Away::take(&offices, ADMINISTRATOR);
    let gateway = offices.start();
    let id = place(&gateway, &offices, &Person::of(1), &[SET]);
    await_states(&gateway, &offices, &id, &["W_TOKU NIEDOSTEPNY"]);
    take_right_away(&offices, SET);
    drop(gateway);
    away.bring_back();
    let gateway = offices.start();
    await_states(&gateway, &offices, &id, &["ODMOWA ZBIOR_NIEZNANY"]);
    assert_eq!(count(&offices, ADMINISTRATOR, "ODMOWA"), (1, 0));
    assert_eq!(count(&offices, ADMINISTRATOR, "UDOSTEPNIENIE"), (0, 0));
}

#[track_caller]
fn check_kills(engine: Engine) {
    const ROUNDS: usize = 6;
    let offices = offices(engine);
    let gateway = offices.start();
    offices.feed_persons(&gateway, 3);
    drop(gateway);
    let mut orders = Vec::new();
    for _ in 0..ROUNDS {
        let gateway = offices.start();
        orders.push(place(&gateway, &offices, &Person::of(1), &[SET; 5]));
        gateway.kill();
    }
    let gateway = offices.start();
    for order in &orders {
        let replies = await_states(&gateway, &offices, order, &["GOTOWA"; 5]);
        assert!(replies.iter().all(|reply| reply.contains("<u:wynik>ZNALEZIONO<")), "{replies:#?}");
    }
    assert_eq!(count(&offices, ADMINISTRATOR, "UDOSTEPNIENIE").0, ROUNDS * 5, "one entry for every question");
    offices.ledger();
}

#[test]
fn an_order_lives_through_absence_crash_and_feed_and_ends_with_its_window_on_sqlite() {
    check_life(Engine::Sqlite);
}

#[test]
fn an_order_lives_through_absence_crash_and_feed_and_ends_with_its_window_on_postgresql() {
    check_life(Engine::Postgres);
}

#[test]
fn a_right_that_was_taken_away_refuses_what_was_ordered_before_on_sqlite() {
    check_right_taken_away(Engine::Sqlite);
}

#[test]
fn a_right_that_was_taken_away_refuses_what_was_ordered_before_on_postgresql() {
    check_right_taken_away(Engine::Postgres);
}

#[test]
fn every_question_of_an_accepted_order_is_answered_once_through_kills_on_sqlite() {
    check_kills(Engine::Sqlite);
}

#[test]
fn every_question_of_an_accepted_order_is_answered_once_through_kills_on_postgresql() {
    check_kills(Engine::Postgres);
}

#[test]
fn two_nodes_share_the_questions_of_an_order() {
    let offices = offices(Engine::Postgres);
    let nodes = ["data", "data-2"].map(|data| {
        let overrides = format!("[store]\ndata = '{data}'").parse().expect("TOML");
        Gateway::start(&Settings { overrides, ..offices.settings.clone() })
    });
    offices.feed_persons(&nodes[0], 3);
    let orders: Vec<String> =
        (0..6).map(|turn| place(&nodes[turn % 2], &offices, &Person::of(1), &[SET; 20])).collect();
    for (turn, order) in orders.iter().enumerate() {
        await_states(&nodes[(turn + 1) % 2], &offices, order, &["GOTOWA"; 20]);
    }
    assert_eq!(count(&offices, ADMINISTRATOR, "UDOSTEPNIENIE").0, 120, "one entry for every question");
    offices.ledger();
}
