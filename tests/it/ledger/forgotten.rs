//! What orders hold of a person goes with the person's key at the administrator that destroys it, and when the order ends.

use brama::disclosure::Right;
use brama::procedures::custody::{self, Error, Official};
use brama::procedures::order;
use brama::store::{NewOrder, NewUser, OrderAnswer, QuestionState, UnitRecord};
use brama::subjects::{IdentificationFields, Pesel, SearchTerm};
use diesel::sql_types::Binary;

use super::clerk::{House, ended, lasting};
use super::erasure::{held, kept_in};
use super::*;

on_both_databases! {
    what_waits_is_refused_and_what_is_ready_is_not_given_out
    the_key_of_a_content_is_gone_from_the_files
    the_key_of_a_content_goes_with_an_order_that_ends
    an_official_erases_a_person_of_whom_there_is_only_an_order
}

const PUP: &str = "PUP-BUSKO";
const ANNA: &[u8] = b"anna";
const JAN: &[u8] = b"jan";

#[derive(QueryableByName)]
struct Bytes {
    #[diesel(sql_type = Binary)]
    b: Vec<u8>,
}

impl House {
    /// Records the answer to a question, of which the order does not know yet.
    fn answer(&self, tenant: &str, event: Uuid) {
        let draft = Draft { event, tenant: tenant.to_owned(), ..disclosure("anna") };
        let order_answer = Some(OrderAnswer { payload: b"<odpowiedz/>".to_vec(), ends_at: lasting().1 });
        let recorder = self.stores.tenant(tenant).expect("open").recorder.clone();
        let answered = recorder.submit(Submission { draft: Some(draft), order_answer, ..Submission::default() });
        answered.expect("queued").wait_blocking().expect("recorded");
    }

    /// How the questions of an order stand, and whether its content opens.
    fn stands(&self, order: &NewOrder) -> (Vec<(QuestionState, Option<String>)>, bool) {
        let stored = self.stores.orders().find(order.id).expect("read").expect("there");
        let questions = stored.questions.into_iter().map(|question| (question.state, question.code));
        (questions.collect(), stored.content.is_some())
    }

    fn forget(&self, tenant: &str) -> usize {
        let tenant = self.stores.tenant(tenant).expect("open");
        let forgotten = order::forget(&self.stores, &tenant, &[b"nobody".to_vec(), ANNA.to_vec()]);
        self.stores.orders().vanish().expect("settled");
        forgotten.expect("forgotten")
    }

    /// The wrapped keys of all orders.
    fn order_keys(&self) -> Vec<Vec<u8>> {
        let sql = sql_query("SELECT wrapped AS b FROM ledger_order_keys ORDER BY order_id");
        let rows: Vec<Bytes> = self.stores.platform_ledger().read(|db| Ok(sql.get_results(db)?)).expect("keys");
        rows.into_iter().map(|row| row.b).collect()
    }
}

fn what_waits_is_refused_and_what_is_ready_is_not_given_out(engine: Engine) {
    let house = House::new(engine, &[OPS, PUP]);
    let both = house.order(ANNA, &[OPS, PUP, OPS], "", lasting());
    let ready = house.order(ANNA, &[OPS], "", lasting());
    let unnoticed = house.order(ANNA, &[OPS], "", lasting());
    let others = house.order(JAN, &[OPS], "", lasting());
    for order in [&ready, &unnoticed] {
        house.answer(OPS, order.questions[0].event);
    }
    house.stores.orders().settle(ready.questions[0].event, QuestionState::Answered, None).expect("settled");

    assert_eq!(house.forget(OPS), 4);
    let waiting = (QuestionState::Waiting, None);
    let refused = (QuestionState::Refused, Some("POWTORZENIE_WYGASLE".to_owned()));
    let left = (vec![refused.clone(), waiting.clone(), refused.clone()], true);
    assert_eq!(house.stands(&both), left, "what is another administrator's goes on");
    for order in [&ready, &unnoticed] {
        assert_eq!(house.stands(order), (vec![refused.clone()], false));
    }
    assert_eq!(house.stands(&others), (vec![waiting], true));

    let entries = house.entries(OPS);
    let refusals: Vec<_> = entries.iter().filter(|entry| entry.kind == EventKind::Refusal.wire()).collect();
    let mut events: Vec<Uuid> = refusals.iter().map(|entry| entry.event).collect();
    let mut asked = [both.questions[0].event, both.questions[2].event];
    events.sort();
    asked.sort();
    assert_eq!(events, asked, "each question that waited has one entry, each that was answered had one");
    for refusal in refusals {
        let leaf = String::from_utf8_lossy(&refusal.leaf);
        assert!(leaf.contains("POWTORZENIE_WYGASLE") && !leaf.contains("czesc"), "it names nobody: {leaf}");
    }
    house.holds(OPS, 4);

    assert_eq!((house.forget(OPS), house.forget(PUP)), (0, 1));
    assert_eq!(house.stands(&both), (vec![refused.clone(), refused.clone(), refused], false), "nobody needs it");
    assert_eq!(house.entries(OPS).len(), 4);
}

fn the_key_of_a_content_is_gone_from_the_files(engine: Engine) {
    let house = House::new(engine, &[OPS]);
    for turn in 0..40 {
        house.order([ANNA, JAN][turn % 2], &[OPS], "", lasting());
    }
    let before = house.order_keys();
    let files = || kept_in(&house.place, house.stores.platform_ledger());
    assert_eq!(held(&files(), &before), 40, "the search finds what is there");
    assert_eq!(house.forget(OPS), 20);
    let after = house.order_keys();
    let (left, destroyed): (Vec<_>, Vec<_>) = before.into_iter().partition(|key| after.contains(key));
    assert_eq!((left.len(), destroyed.len()), (20, 20));
    assert_eq!((held(&files(), &left), held(&files(), &destroyed)), (20, 0));
}

fn the_key_of_a_content_goes_with_an_order_that_ends(engine: Engine) {
    let house = House::new(engine, &[OPS]);
    let old = house.order(ANNA, &[OPS], "", ended());
    let destroyed = house.order_keys();
    house.order(ANNA, &[OPS], "", lasting());
    house.stores.orders().settle(old.questions[0].event, QuestionState::Refused, Some("NIEDOSTEPNY")).expect("settled");
    house.stores.orders().sweep(chrono::Utc::now()).expect("swept");
    let left = house.order_keys();
    assert_eq!(left.len(), 1);
    let files = kept_in(&house.place, house.stores.platform_ledger());
    assert_eq!((held(&files, &left), held(&files, &destroyed)), (1, 0));
}

fn an_official_erases_a_person_of_whom_there_is_only_an_order(engine: Engine) {
    let house = House::new(engine, &[OPS]);
    let unit = UnitRecord {
        id: OPS.to_owned(),
        name: "Ośrodek".to_owned(),
        terc: "260101".to_owned(),
        tenant: Some(OPS.to_owned()),
        nip: None,
        regon: None,
        address: None,
    };
    house.stores.add_unit(&unit).expect("a unit");
    let groups = ["inspektorzy".to_owned()];
    let user = NewUser { unit: OPS, login: "ops1", groups: &groups, pesel: None, position: None };
    house.stores.add_user(&user).expect("an official");
    house.stores.add_right(OPS, "inspektorzy", Right::EraseRegister).expect("a right");
    let pesel = Pesel::parse(PESEL).expect("a PESEL");
    let order = house.order(&SearchTerm::pesel(&pesel).tag_material(), &[OPS, OPS], "", lasting());

    let official = Official { tenant: OPS, unit: OPS, login: "ops1", reason: "sprawa 17" };
    let named = IdentificationFields {
        surname: Some(SURNAME.to_owned()),
        pesel: Some(PESEL.to_owned()),
        ..IdentificationFields::default()
    };
    let erase = || custody::erase(&house.stores, official, &named);
    let done = erase().expect("erased");
    assert_eq!((done.questions, done.erased.keys, done.remains.is_none()), (2, 0, true));
    assert!(!house.stands(&order).1, "its content is gone");
    assert!(matches!(erase(), Err(Error::Nobody)), "nothing more is known");
    let entries = house.entries(OPS);
    let kinds: Vec<&str> = entries.iter().map(|entry| entry.kind.as_str()).collect();
    let (refusal, destroyed) = (EventKind::Refusal.wire(), EventKind::KeyDestroyed.wire());
    assert_eq!(kinds, [refusal, refusal, destroyed, destroyed]);
    let outcome = |number: usize, word: &str| String::from_utf8_lossy(&entries[number].leaf).contains(word);
    assert!(outcome(2, "ZNALEZIONO") && outcome(3, "BRAK_OSOBY"));
}
