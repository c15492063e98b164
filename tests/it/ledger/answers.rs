//! Answers that are kept for retries: written with the entry, sealed, gone after the window.

use super::*;

on_both_databases! {
    a_retry_finds_the_first_answer_and_its_entry_says_what_the_first_said
    an_answer_is_gone_after_the_window
    an_answer_beyond_the_rights_of_now_is_not_given_again
    a_look_keeps_nothing
}

fn answered(claim: Claim, draft: Draft, payload: &str) -> Submission {
    Submission {
        claim: Some(claim),
        draft: Some(draft),
        answer: Some(payload.as_bytes().to_vec()),
        ..Submission::default()
    }
}

/// How many answers the register keeps.
fn kept(desk: &Desk) -> i64 {
    let count = |db: &mut brama::store::Db| Ok(sql_query("SELECT count(*) AS n FROM ledger_answers").get_result(db)?);
    desk.tenant.ledger.read(count).map(|Number { n }| n).expect("a number")
}

fn a_retry_finds_the_first_answer_and_its_entry_says_what_the_first_said(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    let (task, first) =
        (Uuid::new_v4(), Draft { state: Some(1), event: brama::call::new_event(), ..disclosure("anna") });
    let recorded = desk.submit(answered(claim(task, 1), first.clone(), "<pierwsza/>")).expect("recorded");
    assert_eq!(recorded.repeats, None);
    let later = Draft { state: Some(2), event: brama::call::new_event(), ..disclosure("jan") };
    let recorded = desk.submit(answered(claim(task, 1), later, "<druga/>")).expect("recorded");
    assert_eq!(recorded.repeats, Some(first.event));
    assert_eq!(desk.recorder.answer(first.event).expect("kept").payload, b"<pierwsza/>");
    assert_eq!(kept(&desk), 1, "one answer for a task");
    let repeat = desk.reader().page(2, 1).expect("read").remove(0);
    let text = String::from_utf8(repeat.leaf).expect("UTF-8");
    assert!(text.contains("<r:numerStanu>1</r:numerStanu>") && text.contains("<r:powtorzenie>true"), "{text}");
    desk.holds(2);
}

fn an_answer_is_gone_after_the_window(engine: Engine) {
    let place = Place::new(engine);
    let settings = RecorderSettings { answers_kept: chrono::TimeDelta::zero(), ..RecorderSettings::default() };
    let desk = Desk::new(&place, settings);
    let task = Uuid::new_v4();
    let draft = || Draft { event: brama::call::new_event(), ..disclosure("anna") };
    desk.submit(answered(claim(task, 1), draft(), "<pierwsza/>")).expect("recorded");
    thread::sleep(Duration::from_millis(1100));
    assert_eq!(desk.submit(answered(claim(task, 1), draft(), "<druga/>")), Err(RecordError::Expired));
    assert_eq!(kept(&desk), 0, "swept");
    desk.holds(1);
}

fn an_answer_beyond_the_rights_of_now_is_not_given_again(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    let task = Uuid::new_v4();
    let draft = |granted: &[&str]| Draft {
        event: brama::call::new_event(),
        granted: granted.iter().map(|item| (*item).to_owned()).collect(),
        ..disclosure("anna")
    };
    desk.submit(answered(claim(task, 1), draft(&["1.1", "3.1"]), "<obie/>")).expect("recorded");
    assert_eq!(desk.submit(answered(claim(task, 1), draft(&["1.1"]), "<jedna/>")), Err(RecordError::Expired));
    assert!(desk.submit(answered(claim(task, 1), draft(&["1.1", "2.1", "3.1"]), "<trzy/>")).is_ok());
    desk.holds(2);
}

fn a_look_keeps_nothing(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    let task = Uuid::new_v4();
    let look = || Submission { claim: Some(claim(task, 1)), draft: None, ..Submission::default() };
    assert_eq!(desk.submit(look()).map(|recorded| recorded.repeats.is_some()), Ok(false));
    assert_eq!(desk.submit(look()).map(|recorded| recorded.repeats.is_some()), Ok(true));
    assert_eq!(kept(&desk), 0);
}
