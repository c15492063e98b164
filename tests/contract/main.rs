//! The contract, seen from outside: every case folder, on both databases, through the door of a running gateway.
//!
//! `CASE=words` runs the cases whose path contains the words; `UPDATE_EXPECT=1` writes what came instead of comparing it.

mod case;
mod content;
mod ledgers;
mod message;
mod play;
mod script;
mod verdict;
mod world;

#[path = "../support/gateway.rs"]
#[allow(dead_code, reason = "other test programs use the rest")]
mod gateway;
#[path = "../support/postgres.rs"]
#[allow(dead_code, reason = "other test programs use the rest")]
mod postgres;

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use case::Case;
use world::{Engine, World};

mod on_sqlite {
    use super::{Engine, check};

    #[test]
    fn podpis() {
        check("podpis", Engine::Sqlite);
    }

    #[test]
    fn rejestr() {
        check("rejestr", Engine::Sqlite);
    }

    #[test]
    fn udostepnianie() {
        check("udostepnianie", Engine::Sqlite);
    }

    #[test]
    fn zasilanie() {
        check("zasilanie", Engine::Sqlite);
    }
}

mod on_postgres {
    use super::{Engine, check};

    #[test]
    fn podpis() {
        check("podpis", Engine::Postgres);
    }

    #[test]
    fn rejestr() {
        check("rejestr", Engine::Postgres);
    }

    #[test]
    fn udostepnianie() {
        check("udostepnianie", Engine::Postgres);
    }

    #[test]
    fn zasilanie() {
        check("zasilanie", Engine::Postgres);
    }
}

/// Threads that play cases of one service, each in a world of its own: most of the time something is waited for.
const PLAYERS: usize = 2;

/// Plays every case of a service, each in a copy of the world, and tells all that went otherwise than written.
fn check(service: &str, engine: Engine) {
    let cases = Case::wanted(service);
    let next = AtomicUsize::new(0);
    let play_some = || {
        let world = World::prepare(engine);
        let mut failures = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let played = panic::catch_unwind(AssertUnwindSafe(|| play::play(&world, case)));
            let complaints = played.unwrap_or_else(|panic| vec![what_it_says(&panic)]);
            if !complaints.is_empty() {
                failures.push(format!("== {}\n{}", case.name, complaints.join("\n")));
            }
        }
        failures.extend(world.judge.xmllint());
        failures
    };
    let mut failures: Vec<String> = thread::scope(|scope| {
        let players: Vec<_> = (0..PLAYERS).map(|_| scope.spawn(play_some)).collect();
        players.into_iter().flat_map(|player| player.join().expect("a player")).collect()
    });
    failures.sort();
    assert!(failures.is_empty(), "{} of {} cases\n\n{}\n", failures.len(), cases.len(), failures.join("\n\n"));
}

fn what_it_says(panic: &Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("it could not be played: {}", text.unwrap_or("a panic"))
}
