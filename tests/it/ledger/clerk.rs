//! The clerk of orders: what the register has is believed, nobody waits behind what fails, nobody waits for ever.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use brama::call::new_event;
use brama::config::{Config, Limits};
use brama::contract::XSD;
use brama::disclosure::Catalogue;
use brama::ledger::{Draft, StoredEntry};
use brama::procedures::order::Clerk;
use brama::procedures::{Chancery, Office};
use brama::signatures::lists::{Files, Lists};
use brama::signatures::xades::Policy;
use brama::store::{
    LedgerReader, NewOrder, NewQuestion, OrderContent, PLATFORM, QuestionState, SetRecord, Stores, Submission,
};
use brama::subjects::SetKind;
use brama::xml::{self, Schema};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection as _;
use uuid::Uuid;

use super::{OPS, PESEL, SURNAME, claim, disclosure};
use crate::on_both_databases;
use crate::support::stores::{Engine, Place};

on_both_databases! {
    what_the_register_has_at_the_end_is_what_became_of_the_question
    questions_that_fail_delay_none_behind_them
    what_cannot_be_opened_is_refused_when_the_order_ends
}

/// How long the clerk may take for what it has to do at once.
const PATIENCE: Duration = Duration::from_secs(12);

/// A node without doors.
pub(super) struct House {
    pub(super) place: Place,
    pub(super) stores: Arc<Stores>,
    office: Arc<Office>,
}

impl House {
    /// Administrators with one set each; no unit has any right.
    pub(super) fn new(engine: Engine, tenants: &[&str]) -> Self {
        xml::start();
        let place = Place::new(engine);
        let stores = Arc::new(place.open());
        for tenant in tenants {
            stores.add_tenant(tenant, "Administrator danych", place.tenant_url(tenant).as_deref()).expect("added");
            let (id, name) = (set_of(tenant), "Zbiór".to_owned());
            stores.add_set(&SetRecord { id, tenant: (*tenant).to_owned(), kind: SetKind::Ps, name }).expect("a set");
        }
        let catalogue = Catalogue::read(XSD).expect("a catalogue");
        let lists = Lists::read(&Files::default()).expect("empty lists");
        let chancery = Chancery::new(lists, Policy::of(&Config::default()), None);
        let office = Arc::new(Office::new(Arc::clone(&stores), catalogue, chancery, &Limits::default()));
        Self { place, stores, office }
    }

    fn clerk(&self) -> Clerk {
        Clerk::start(&self.office).expect("threads")
    }

    /// Stores an order about a person with a question to each of these administrators.
    pub(super) fn order(
        &self,
        person: &[u8],
        tenants: &[&str],
        content: &str,
        (made_at, ends_at): (DateTime<Utc>, DateTime<Utc>),
    ) -> NewOrder {
        let question =
            |tenant: &&str| NewQuestion { event: new_event(), set: set_of(tenant), tenant: (*tenant).to_owned() };
        let order = NewOrder {
            id: new_event(),
            system: "pomoc".to_owned(),
            unit: OPS.to_owned(),
            made_at,
            ends_at,
            person: person.to_vec(),
            content: OrderContent(content.as_bytes().to_vec().into()),
            questions: tenants.iter().map(question).collect(),
        };
        let submission = Submission {
            claim: Some(claim(Uuid::new_v4(), 1)),
            answer: Some(order.id.as_bytes().to_vec()),
            order: Some(order.clone()),
            ..Submission::default()
        };
        self.stores.platform_recorder().submit(submission).expect("queued").wait_blocking().expect("stored");
        order
    }

    /// Stores an order of so many questions to one administrator.
    fn orders(&self, tenant: &str, count: usize, content: &str, times: (DateTime<Utc>, DateTime<Utc>)) -> NewOrder {
        self.order(b"anna", &vec![tenant; count], content, times)
    }

    /// Questions of an order that wait; none when the order is gone.
    fn waiting(&self, order: &NewOrder) -> Option<usize> {
        let stored = self.stores.orders().find(order.id).expect("read")?;
        Some(stored.questions.iter().filter(|question| question.state == QuestionState::Waiting).count())
    }

    pub(super) fn entries(&self, tenant: &str) -> Vec<StoredEntry> {
        self.reader(tenant).page(1, 1000).expect("read")
    }

    /// Checks the whole register, each entry by its schema too.
    #[track_caller]
    pub(super) fn holds(&self, tenant: &str, size: u64) {
        let schema = Schema::compile("rejestr.xsd", XSD).expect("the schema");
        let (head, findings) = self.reader(tenant).audit(&schema).expect("read");
        assert_eq!((head.size, findings), (size, Vec::new()));
    }

    fn reader(&self, tenant: &str) -> LedgerReader {
        let ledger = match tenant {
            PLATFORM => Arc::clone(self.stores.platform_ledger()),
            tenant => Arc::clone(&self.stores.tenant(tenant).expect("an administrator").ledger),
        };
        LedgerReader::new(tenant, ledger)
    }

    fn platform_sql(&self, sql: &str) {
        self.stores.platform_ledger().write(|db| Ok(db.batch_execute(sql)?)).expect("done");
    }
}

fn set_of(tenant: &str) -> String {
    format!("{tenant}/pomoc")
}

/// What an order of `count` questions to one administrator keeps sealed.
fn content(tenant: &str, count: usize) -> String {
    let asked = format!(r#"{{"set":"{}","items":["1"],"trim":false}}"#, set_of(tenant));
    format!(
        r#"{{"path":"/u:ZlecUdostepnienie","certificate":{:?},"task":"{}","unit":"{OPS}","user":"ops1","group":null,
        "matter":null,"person":{{"surname":"{SURNAME}","pesel":"{PESEL}","given_name":null,"birth_date":null,
        "document_kind":null,"document_number":null}},"basis":"UPS-105","purpose":"próba","asked":[{}]}}"#,
        [7; 32],
        Uuid::new_v4(),
        vec![asked; count].join(",")
    )
}

/// Made a minute ago, to be kept for a day.
pub(super) fn lasting() -> (DateTime<Utc>, DateTime<Utc>) {
    (Utc::now() - TimeDelta::minutes(1), Utc::now() + TimeDelta::days(1))
}

/// Made yesterday, ended a second ago.
pub(super) fn ended() -> (DateTime<Utc>, DateTime<Utc>) {
    (Utc::now() - TimeDelta::days(1), Utc::now() - TimeDelta::seconds(1))
}

#[track_caller]
fn soon(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "not in time: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn what_the_register_has_at_the_end_is_what_became_of_the_question(engine: Engine) {
    let house = House::new(engine, &[OPS]);
    let order = house.orders(OPS, 2, &content(OPS, 2), ended());
    // The first was answered by a node that died before it could note so.
    let draft = Draft { event: order.questions[0].event, ..disclosure("anna") };
    let recorder = house.stores.tenant(OPS).expect("open").recorder.clone();
    let answered = recorder.submit(Submission { draft: Some(draft), ..Submission::default() }).expect("queued");
    answered.wait_blocking().expect("recorded");

    let clerk = house.clerk();
    soon("the order goes", || house.waiting(&order).is_none());
    clerk.stop();
    let refused: Vec<Uuid> = house.entries(PLATFORM).iter().map(|entry| entry.event).collect();
    assert_eq!(refused, [order.questions[1].event], "only of the second nothing is known");
}

fn questions_that_fail_delay_none_behind_them(engine: Engine) {
    let house = House::new(engine, &[OPS]);
    let (made, ends) = lasting();
    let broken = house.orders(OPS, 10, "{}", (made - TimeDelta::minutes(1), ends));
    let good = house.orders(OPS, 1, &content(OPS, 1), (made, ends));
    let clerk = house.clerk();
    soon("the good one is answered", || house.waiting(&good) == Some(0));
    clerk.stop();
    assert_eq!(house.waiting(&broken), Some(10));
    let why = house.stores.orders().find(broken.id).expect("read").expect("there").questions;
    assert!(why.iter().all(|question| question.code.as_deref() == Some("BLAD_WEWNETRZNY")), "{why:?}");
}

fn what_cannot_be_opened_is_refused_when_the_order_ends(engine: Engine) {
    let house = House::new(engine, &[OPS]);
    let foreign = house.orders(OPS, 1, "{}", ended());
    let damaged = house.orders(OPS, 1, &content(OPS, 1), ended());
    let empty = if engine == Engine::Sqlite { "x'00'" } else { r"'\x00'" };
    house
        .platform_sql(&format!("UPDATE ledger_orders SET sealed = {empty} WHERE id = {}", literal(engine, damaged.id)));
    let clerk = house.clerk();
    soon("both orders go", || {
        [&foreign, &damaged].iter().all(|order| matches!(house.stores.orders().find(order.id), Ok(None)))
    });
    clerk.stop();
    let mut refused: Vec<Uuid> = house.entries(PLATFORM).iter().map(|entry| entry.event).collect();
    let mut asked = [foreign.questions[0].event, damaged.questions[0].event];
    refused.sort();
    asked.sort();
    assert_eq!(refused, asked);
    house.holds(PLATFORM, 2);
}

/// An identifier as SQL writes bytes.
fn literal(engine: Engine, id: Uuid) -> String {
    let hex = id.simple();
    if engine == Engine::Sqlite { format!("x'{hex}'") } else { format!(r"'\x{hex}'") }
}

#[test]
fn an_administrator_with_many_questions_keeps_nobody_waiting() {
    const MANY: [&str; 4] = ["A-URZAD", "B-URZAD", "C-URZAD", "D-URZAD"];
    let house = House::new(Engine::Sqlite, &[&MANY[..], &["Z-URZAD"]].concat());
    let many = MANY.map(|tenant| house.orders(tenant, 100, &content(tenant, 100), lasting()));
    let last = house.orders("Z-URZAD", 1, &content("Z-URZAD", 1), lasting());
    let clerk = house.clerk();
    soon("the last one is served", || house.waiting(&last) == Some(0));
    let left = many.each_ref().map(|order| house.waiting(order));
    clerk.stop();
    assert!(left.iter().all(|left| left.is_some_and(|count| count > 0)), "served to the end before: {left:?}");
}

#[test]
fn what_is_due_is_found_although_nothing_can_be_swept() {
    let house = House::new(Engine::Sqlite, &[OPS]);
    let old = house.orders(OPS, 1, &content(OPS, 1), ended());
    house.stores.orders().settle(old.questions[0].event, QuestionState::Answered, None).expect("settled");
    house
        .platform_sql("CREATE TRIGGER stays BEFORE DELETE ON ledger_orders BEGIN SELECT RAISE(ABORT, 'it stays'); END");
    let clerk = house.clerk();
    // Nobody rings for it: it is found by going round.
    let order = house.orders(OPS, 1, &content(OPS, 1), lasting());
    soon("it is answered", || house.waiting(&order) == Some(0));
    clerk.stop();
    assert_eq!(house.waiting(&old), Some(0));
}
