//! What an answer promises a crash must keep: the entry of every answer is in the ledger.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::batch::Person;
use crate::office::{Engine, Offices};
use crate::wire;

const ROUNDS: usize = 20;
const ASKERS: usize = 3;
const PERSONS: u64 = 50;

#[track_caller]
fn check(engine: Engine) {
    let offices = Offices::new(engine);
    let gateway = offices.start();
    offices.feed_persons(&gateway, PERSONS);
    drop(gateway);

    let mut answered = BTreeSet::new();
    for round in 1..=ROUNDS {
        let identifiers = ask_until_the_kill(&offices, round);
        assert!(identifiers.len() >= round.min(ASKERS), "round {round}: the gateway had answered before it was killed");
        answered.extend(identifiers);
    }
    drop(offices.start());

    let ledger = offices.ledger();
    let lost: Vec<_> = answered.iter().filter(|identifier| !ledger.contains(*identifier)).collect();
    assert!(lost.is_empty(), "{engine:?}: {} of {} answers are in no ledger: {lost:?}", lost.len(), answered.len());
}

/// Several clients ask at once; whoever reads the last byte of answer number `kill_at` kills the gateway there and then.
fn ask_until_the_kill(offices: &Offices, kill_at: usize) -> BTreeSet<String> {
    let gateway = offices.start();
    let address = gateway.http;
    let victim = Mutex::new(Some(gateway));
    let read = AtomicUsize::new(0);
    let answered = Mutex::new(BTreeSet::new());
    thread::scope(|scope| {
        for asker in 0..ASKERS as u64 {
            let (victim, read, answered) = (&victim, &read, &answered);
            scope.spawn(move || {
                let key = offices.key("pomoc");
                for number in 0.. {
                    let question = offices.question(&key, &Person::of((asker + number) % PERSONS));
                    let Ok(answer) = wire::post(address, "udostepnianie", &question) else { return };
                    if read.fetch_add(1, Ordering::Relaxed) + 1 == kill_at {
                        victim.lock().expect("a gateway").take().expect("it lives").kill();
                    }
                    assert_eq!(answer.element("wynik"), "ZNALEZIONO", "{}", answer.text());
                    answered.lock().expect("the list").insert(answer.element("idUdostepnienia"));
                }
            });
        }
    });
    answered.into_inner().expect("the list")
}

#[test]
fn every_answer_read_before_a_kill_is_in_the_ledger_on_sqlite() {
    check(Engine::Sqlite);
}

#[test]
fn every_answer_read_before_a_kill_is_in_the_ledger_on_postgres() {
    check(Engine::Postgres);
}
