//! The contract, seen from outside: every case folder, on both databases, through the door of a running gateway.
//!
//! `CASE=words` runs the cases whose path contains the words; `UPDATE_EXPECT=1` writes what came instead of comparing it.

mod case;
mod codes;
mod content;
mod ledgers;
mod message;
mod play;
mod verdict;
mod world;

#[path = "../support/gateway.rs"]
#[allow(dead_code, reason = "other test programs use the rest")]
mod gateway;
#[path = "../support/postgres.rs"]
#[allow(dead_code, reason = "other test programs use the rest")]
mod postgres;

use case::Case;
use world::{Engine, World};

mod on_sqlite {
    use super::{Engine, check};

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
    fn udostepnianie() {
        check("udostepnianie", Engine::Postgres);
    }

    #[test]
    fn zasilanie() {
        check("zasilanie", Engine::Postgres);
    }
}

/// Runs every case of a service, each in a world of its own, and tells all that went otherwise than written.
fn check(service: &str, engine: Engine) {
    let cases = Case::wanted(service);
    let world = World::prepare(engine);
    let mut failures = Vec::new();
    for case in &cases {
        let complaints = play::play(&world, case);
        if !complaints.is_empty() {
            failures.push(format!("== {}\n{}", case.name, complaints.join("\n")));
        }
    }
    failures.extend(world.judge.xmllint());
    println!("{} of {} cases of {service} are as written", cases.len() - failures.len().min(cases.len()), cases.len());
    assert!(failures.is_empty(), "{} failures\n\n{}\n", failures.len(), failures.join("\n\n"));
}
