//! Conformance: what the norms demand of the door, each demand a named check over HTTP against the built gateway.
//!
//! `cargo test --test conformance WORDS…` runs the checks whose name contains one of the words, `-- --list` names them with their norms.

mod check;
mod connection;
mod documents;
mod partner;
mod play;
mod tls;
mod wire;
mod world;

#[path = "../support/gateway.rs"]
#[allow(dead_code, reason = "other test programs use the rest")]
mod gateway;

use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use check::Check;
use world::World;

/// Checks that are played at once: most of the time one side waits for the other.
const PLAYERS: usize = 4;
/// Fewer checks than this are no suite.
const FEWEST: usize = 120;

/// A check under the name that it is reported by.
struct Test {
    name: String,
    norm: String,
    says: String,
    play: Box<dyn Fn(&World) + Send + Sync>,
}

/// A check that is a function, because a table cannot say it.
struct Scripted {
    /// `<area>::<sentence>`.
    name: &'static str,
    norm: &'static str,
    says: &'static str,
    play: fn(&World),
}

fn main() -> ExitCode {
    let (flags, words): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|one| one.starts_with('-'));
    let mut tests = tests();
    let complaints = complaints(&tests);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    let all = tests.len();
    tests.retain(|test| words.is_empty() || words.iter().any(|word| test.name.contains(word.as_str())));
    if flags.iter().any(|flag| flag == "--list") {
        tests.iter().for_each(|test| println!("{}: test [{}] {}", test.name, test.norm, test.says));
        return ExitCode::SUCCESS;
    }
    let started = Instant::now();
    println!("\nrunning {} tests", tests.len());
    let failed = run(&tests);
    for (name, why) in &failed {
        println!("\n---- {name} ----\n{why}");
    }
    println!(
        "\ntest result: {}. {} passed; {} failed; 0 ignored; 0 measured; {} filtered out; finished in {:.2}s\n",
        if failed.is_empty() { "ok" } else { "FAILED" },
        tests.len() - failed.len(),
        failed.len(),
        all - tests.len(),
        started.elapsed().as_secs_f32()
    );
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn tests() -> Vec<Test> {
    let tabled = Check::all().into_iter().map(|check| Test {
        name: check.name.clone(),
        norm: check.norm.clone(),
        says: check.says.clone(),
        play: Box::new(move |world| play::play(world, &check)),
    });
    let scripted = [connection::CHECKS, documents::CHECKS, tls::CHECKS].into_iter().flatten().map(|one| Test {
        name: one.name.to_owned(),
        norm: one.norm.to_owned(),
        says: one.says.to_owned(),
        play: Box::new(one.play),
    });
    let mut tests: Vec<Test> = tabled.chain(scripted).collect();
    tests.sort_by(|one, other| one.name.cmp(&other.name));
    tests
}

/// What is wrong with the suite itself.
fn complaints(tests: &[Test]) -> Vec<String> {
    let mut complaints = Vec::new();
    // A check of both SOAP versions is one check.
    let mut names: Vec<&str> = tests.iter().map(|test| test.name.split(" [").next().unwrap_or_default()).collect();
    names.dedup();
    if names.len() < FEWEST {
        complaints.push(format!("there are only {} checks", names.len()));
    }
    let readme = include_str!("README.md");
    for checks in names.chunk_by(|one, other| area(one) == area(other)) {
        let row = format!("| `{}` | {} |", area(checks[0]), checks.len());
        if !readme.contains(&row) {
            complaints.push(format!("README.md does not say {row}"));
        }
    }
    for test in tests {
        let quoted = test.norm.split("; ").all(|norm| norm.chars().any(|char| char.is_ascii_digit()));
        if !quoted || test.says.len() < 20 {
            complaints.push(format!("{}: says too little of its norm ({})", test.name, test.norm));
        }
    }
    complaints
}

fn area(name: &str) -> &str {
    name.split("::").next().unwrap_or_default()
}

/// Runs them and gives those that failed with what they said.
fn run(tests: &[Test]) -> Vec<(String, String)> {
    let world = World::prepare();
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    panic::set_hook(Box::new(|_| {}));
    thread::scope(|scope| {
        for _ in 0..PLAYERS {
            scope.spawn(|| {
                while let Some(test) = tests.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let played = panic::catch_unwind(AssertUnwindSafe(|| (test.play)(&world)));
                    println!("test {} ... {}", test.name, if played.is_ok() { "ok" } else { "FAILED" });
                    if let Err(panic) = played {
                        let why = panic.downcast_ref::<String>().cloned();
                        let why = why.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()));
                        let why = format!("{}\n{}", why.unwrap_or_default(), test.says);
                        failed.lock().expect("no player panics with it").push((test.name.clone(), why));
                    }
                }
            });
        }
    });
    let _ = panic::take_hook();
    let mut failed = failed.into_inner().expect("no player panics with it");
    failed.sort();
    failed
}
