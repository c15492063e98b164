//! Claims: a signed message is acted upon once, a task has one content, and every race has one winner.

use super::*;

on_both_databases! {
    a_message_counts_once_and_a_task_has_one_content
    a_claim_stands_as_it_would_be_decided
    a_race_for_a_task_has_one_winner_and_repeats
    a_race_with_other_content_has_one_winner_and_losers
    a_race_of_the_same_message_has_one_winner
    a_claim_needs_no_entry
}

fn submission(claim: Claim) -> Submission {
    Submission { claim: Some(claim), draft: Some(disclosure("anna")), ..Submission::default() }
}

fn a_message_counts_once_and_a_task_has_one_content(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    let (one, two) = (Uuid::new_v4(), Uuid::new_v4());
    let first = claim(one, 1);
    let other_system = Claim { system: "syriusz".to_owned(), ..claim(one, 2) };
    let refused = Claim { content: None, ..claim(one, 1) };
    let no_task = Claim { task: None, ..claim(one, 1) };
    let entry = |number, repeat| Ok((number, repeat));
    let course = [
        (first.clone(), entry(1, false)),
        (first.clone(), Err(RecordError::Replayed)),
        (Claim { content: None, ..first.clone() }, Err(RecordError::Replayed)),
        (claim(one, 1), entry(2, true)),
        (claim(one, 2), Err(RecordError::Differs)),
        (claim(one, 1), entry(3, true)),
        (claim(two, 2), entry(4, false)),
        (other_system.clone(), entry(5, false)),
        (Claim { signed_info: first.signed_info, ..other_system }, Err(RecordError::Replayed)),
        (no_task.clone(), entry(6, false)),
        (no_task, Err(RecordError::Replayed)),
        (refused.clone(), entry(7, false)),
        (refused.clone(), Err(RecordError::Replayed)),
        (Claim { content: Some([1; 32]), ..refused }, Err(RecordError::Replayed)),
        (claim(one, 1), entry(8, true)),
    ];
    for (step, (claim, expected)) in course.into_iter().enumerate() {
        let outcome = desk.submit(submission(claim));
        let outcome = outcome.map(|recorded| (recorded.number.expect("an entry"), recorded.repeats.is_some()));
        assert_eq!(outcome, expected, "step {step}");
    }
    let repeats: Vec<_> = desk.reader().page(1, 9).expect("read").iter().map(|entry| entry.repeat).collect();
    assert_eq!(repeats, [false, true, true, false, false, false, false, true]);
    desk.holds(8);
}

fn a_claim_stands_as_it_would_be_decided(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    let first = claim(Uuid::new_v4(), 1);
    let task = Uuid::parse_str(first.task.as_ref().expect("a task")).expect("a UUID");
    assert_eq!(desk.recorder.standing(&first), Ok(Standing::Fresh));
    desk.submit(submission(first.clone())).expect("recorded");
    assert_eq!(desk.recorder.standing(&first), Err(RecordError::Replayed));
    assert_eq!(desk.recorder.standing(&claim(task, 1)), Ok(Standing::Repeat));
    assert_eq!(desk.recorder.standing(&claim(task, 2)), Err(RecordError::Differs));
    assert_eq!(desk.recorder.standing(&Claim { content: None, ..claim(task, 2) }), Ok(Standing::Fresh));
}

/// Submits all at once from as many threads, half of them while nothing can be written, so that they meet in one group.
fn race(desk: &Desk, claims: Vec<Claim>) -> Vec<Result<Recorded, RecordError>> {
    let receipts: Vec<_> = desk.held(|| {
        thread::scope(|scope| {
            let submit = |claim| scope.spawn(move || desk.recorder.submit(submission(claim)).expect("queued"));
            let threads: Vec<_> = claims.into_iter().map(submit).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        })
    });
    receipts.into_iter().map(brama::store::Receipt::wait_blocking).collect()
}

fn a_race_for_a_task_has_one_winner_and_repeats(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    let task = Uuid::new_v4();
    let outcomes = race(&desk, (0..8).map(|_| claim(task, 1)).collect());
    let repeats =
        outcomes.iter().filter(|outcome| outcome.as_ref().is_ok_and(|recorded| recorded.repeats.is_some())).count();
    assert_eq!(repeats, 7, "{outcomes:?}");
    assert!(outcomes.iter().all(Result::is_ok));
    desk.holds(8);
}

fn a_race_with_other_content_has_one_winner_and_losers(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    let task = Uuid::new_v4();
    let outcomes = race(&desk, (0..8).map(|content| claim(task, content)).collect());
    let losers = outcomes.iter().filter(|outcome| **outcome == Err(RecordError::Differs)).count();
    assert_eq!(losers, 7, "{outcomes:?}");
    desk.holds(1);
}

fn a_race_of_the_same_message_has_one_winner(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    let same = claim(Uuid::new_v4(), 1);
    let outcomes = race(&desk, vec![same; 8]);
    let losers = outcomes.iter().filter(|outcome| **outcome == Err(RecordError::Replayed)).count();
    assert_eq!(losers, 7, "{outcomes:?}");
    desk.holds(1);
}

fn a_claim_needs_no_entry(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    let alone = Submission {
        claim: Some(Claim { task: None, ..claim(Uuid::new_v4(), 1) }),
        draft: None,
        ..Submission::default()
    };
    assert_eq!(desk.submit(alone.clone()), Ok(Recorded { number: None, repeats: None }));
    assert_eq!(desk.submit(alone), Err(RecordError::Replayed));
    assert_eq!(desk.submit(Submission::default()), Ok(Recorded { number: None, repeats: None }));
    desk.holds(0);
}
