//! Orders in the platform's register, and the answers that the registers of administrators keep for them.

use brama::call::new_event;
use brama::store::{
    NewOrder, NewQuestion, OrderAnswer, OrderContent, QuestionState, RecordError, Settled, Stores, Submission,
};
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use uuid::Uuid;

use super::{Desk, OPS, PESEL, RecorderSettings, claim, disclosure};
use crate::on_both_databases;
use crate::support::stores::{Engine, Place};

on_both_databases! {
    an_order_is_stored_with_its_claim_and_a_repeat_stores_none
    a_question_has_one_holder_until_its_hold_ends
    questions_of_a_system_are_counted_while_they_wait
    what_was_put_off_rests_and_what_was_settled_is_done
    an_order_that_ended_goes_when_nothing_of_it_waits
    an_answer_is_kept_with_its_entry_and_only_once
}

/// An order over two sets of one administrator, about a person, made now and kept for a day.
fn order(now: DateTime<Utc>) -> NewOrder {
    let question = || NewQuestion { event: new_event(), set: "OPS-BUSKO/pomoc".to_owned(), tenant: OPS.to_owned() };
    NewOrder {
        id: new_event(),
        system: "pomoc".to_owned(),
        unit: OPS.to_owned(),
        made_at: now,
        ends_at: now + TimeDelta::days(1),
        person: b"anna".to_vec(),
        content: OrderContent(PESEL.as_bytes().to_vec().into()),
        questions: vec![question(), question()],
    }
}

fn submit(stores: &Stores, task: Uuid, content: u8, order: &NewOrder) -> Result<Option<Uuid>, RecordError> {
    let submission = Submission {
        claim: Some(claim(task, content)),
        answer: Some(order.id.as_bytes().to_vec()),
        order: Some(order.clone()),
        ..Submission::default()
    };
    stores.platform_recorder().submit(submission)?.wait_blocking().map(|recorded| recorded.repeats)
}

/// The platform with one order.
fn ordered(place: &Place) -> (Stores, NewOrder, DateTime<Utc>) {
    let now = Utc::now().trunc_subsecs(6);
    let (stores, order) = (place.open(), order(now));
    submit(&stores, Uuid::new_v4(), 1, &order).expect("stored");
    (stores, order, now)
}

fn an_order_is_stored_with_its_claim_and_a_repeat_stores_none(engine: Engine) {
    let place = Place::new(engine);
    let stores = place.open();
    let (task, now) = (Uuid::new_v4(), Utc::now().trunc_subsecs(6));
    let (first, second, other) = (order(now), order(now), order(now));
    assert_eq!(submit(&stores, task, 1, &first), Ok(None));
    let repeats = submit(&stores, task, 1, &second).expect("a repeat").expect("of the first");
    assert_eq!(stores.platform_recorder().answer(repeats).expect("kept").payload, first.id.as_bytes());
    assert_eq!(submit(&stores, task, 2, &other), Err(RecordError::Differs));

    let stored = stores.orders().find(first.id).expect("read").expect("there");
    assert_eq!((stored.system.as_str(), stored.unit.as_str(), stored.ends_at), ("pomoc", OPS, first.ends_at));
    assert_eq!(*stored.content.expect("open").0, PESEL.as_bytes());
    let events: Vec<Uuid> = stored.questions.iter().map(|question| question.event).collect();
    assert_eq!(events, first.questions.iter().map(|question| question.event).collect::<Vec<_>>());
    assert!(stored.questions.iter().all(|question| question.state == QuestionState::Waiting));
    for missing in [second.id, other.id] {
        assert!(stores.orders().find(missing).expect("read").is_none());
    }
    let bytes = place.at_rest(&[]);
    assert!(!bytes.windows(PESEL.len()).any(|window| window == PESEL.as_bytes()), "its content is sealed");
}

fn a_question_has_one_holder_until_its_hold_ends(engine: Engine) {
    let place = Place::new(engine);
    let (stores, order, now) = ordered(&place);
    let orders = stores.orders();
    let (one, other) = (Uuid::new_v4(), Uuid::new_v4());
    let later = now + TimeDelta::seconds(16);
    let mut taken = [one, other].map(|holder| orders.take(OPS, holder, now).expect("read").expect("due").event);
    taken.sort();
    let mut events = [order.questions[0].event, order.questions[1].event];
    events.sort();
    assert_eq!(taken, events, "each has another one");
    assert!(orders.take(OPS, other, now).expect("read").is_none(), "both are held");
    assert!(orders.take("PUP-BUSKO", other, later).expect("read").is_none(), "the administrator is another one");
    assert_eq!(orders.due(now).expect("read"), Vec::<String>::new());
    assert_eq!(orders.due(later).expect("read"), [OPS]);
    let errand = orders.take(OPS, other, later).expect("read").expect("taken over");
    assert_eq!(*errand.content.expect("open").0, PESEL.as_bytes());
    assert_eq!(order.questions[errand.place].event, errand.event);

    orders.release_abandoned().expect("released");
    let again = orders.take(OPS, other, later).expect("read").is_some();
    assert!(again, "the second one's hold has ended as well");
    let third = orders.take(OPS, one, later).expect("read").is_some();
    assert_eq!(third, engine == Engine::Sqlite, "a lone node forgets all holds at its start");
}

fn questions_of_a_system_are_counted_while_they_wait(engine: Engine) {
    let place = Place::new(engine);
    let (stores, first, now) = ordered(&place);
    let second = NewOrder { system: "rodzinne".to_owned(), ..order(now) };
    for order in [&second, &order(now)] {
        submit(&stores, Uuid::new_v4(), 1, order).expect("stored");
    }
    let waiting = || ["pomoc", "rodzinne", "syriusz"].map(|system| stores.orders().waiting(system).expect("read"));
    assert_eq!(waiting(), [4, 2, 0]);
    let orders = stores.orders();
    orders.settle(first.questions[0].event, QuestionState::Answered, None).expect("settled");
    orders.settle(second.questions[1].event, QuestionState::Refused, Some("NIEDOSTEPNY")).expect("settled");
    assert_eq!(waiting(), [3, 1, 0]);
    let holder = Uuid::new_v4();
    let held = orders.take(OPS, holder, now).expect("read").expect("due");
    orders.put_off(held.event, holder, now + TimeDelta::days(1), "NIEDOSTEPNY").expect("put off");
    assert_eq!(waiting(), [3, 1, 0], "also what is held or rests");
}

fn what_was_put_off_rests_and_what_was_settled_is_done(engine: Engine) {
    let place = Place::new(engine);
    let (stores, order, now) = ordered(&place);
    let orders = stores.orders();
    let holder = Uuid::new_v4();
    let first = orders.take(OPS, holder, now).expect("read").expect("due");
    orders.put_off(first.event, Uuid::new_v4(), now, "NIEDOSTEPNY").expect("nothing");
    let second = orders.take(OPS, holder, now).expect("read").expect("due");
    assert_ne!(second.event, first.event, "who does not hold it cannot put it off");
    let later = now + TimeDelta::seconds(60);
    orders.put_off(first.event, holder, later, "NIEDOSTEPNY").expect("put off");
    orders.settle(second.event, QuestionState::Refused, Some("ZBIOR_NIEZNANY")).expect("settled");
    orders.settle(second.event, QuestionState::Answered, None).expect("nothing");
    assert!(orders.take(OPS, holder, later - TimeDelta::seconds(1)).expect("read").is_none());

    let stored = orders.find(order.id).expect("read").expect("there");
    let stands = |event| {
        let question = stored.questions.iter().find(|question| question.event == event).expect("asked");
        (question.state, question.code.as_deref())
    };
    assert_eq!(stands(first.event), (QuestionState::Waiting, Some("NIEDOSTEPNY")));
    assert_eq!(stands(second.event), (QuestionState::Refused, Some("ZBIOR_NIEZNANY")), "the first word stays");
    let again = orders.take(OPS, holder, later).expect("read").expect("due again");
    assert_eq!((again.event, again.tries), (first.event, 1));
}

fn an_order_that_ended_goes_when_nothing_of_it_waits(engine: Engine) {
    let place = Place::new(engine);
    let (stores, order, now) = ordered(&place);
    let orders = stores.orders();
    let ended = now + TimeDelta::days(2);
    for question in &order.questions {
        orders.sweep(ended).expect("swept");
        assert!(orders.find(order.id).expect("read").is_some(), "a question waits");
        orders.settle(question.event, QuestionState::Answered, None).expect("settled");
    }
    orders.sweep(now).expect("swept");
    assert!(orders.find(order.id).expect("read").is_some(), "it has not ended");
    orders.sweep(ended).expect("swept");
    assert!(orders.find(order.id).expect("read").is_none());
}

fn an_answer_is_kept_with_its_entry_and_only_once(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    let draft = disclosure("anna");
    let ends_at = Utc::now() + TimeDelta::days(1);
    let answer = |payload: &str| Submission {
        draft: Some(draft.clone()),
        order_answer: Some(OrderAnswer { payload: payload.as_bytes().to_vec(), ends_at }),
        ..Submission::default()
    };
    assert_eq!(desk.recorder.settled(draft.event), Ok(None));
    let first = desk.submit(answer("first")).expect("recorded");
    assert_eq!(desk.submit(answer("second")), Ok(first), "another node was faster");
    assert_eq!(desk.recorder.settled(draft.event), Ok(Some(Settled::Answered)));
    let kept = desk.recorder.order_answer(draft.event).expect("read").expect("kept");
    assert_eq!(kept.payload, b"first");

    let told = kept.retell(&disclosure("jan")).expect("the rights reach as far");
    let told = Submission { draft: Some(told), retold: true, ..Submission::default() };
    desk.submit(told).expect("recorded");
    let entries = desk.reader().page(1, 9).expect("read");
    assert_eq!(entries.iter().map(|entry| entry.repeat).collect::<Vec<_>>(), [false, true]);
    desk.holds(2);
}
