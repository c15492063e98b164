//! Batches far larger than memory should know of: sent in parts, loaded piece by piece, killed in the middle.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::batch::{Batch, PERSON_BYTES};
use crate::feeding::{self, Reply, number};
use crate::gateway::Gateway;
use crate::office::{Engine, Offices};
use crate::operator::sum;
use crate::wire;

/// Bytes of a part, as the gateway asks for them.
const PART: u64 = 4 << 20;
/// Bytes by which the gateway's memory may grow from a small batch to a large one.
pub const GROWTH: u64 = 16 << 20;
/// How long any single step may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// Persons of a batch of so many megabytes.
const fn persons(megabytes: u64) -> u64 {
    megabytes * 1_000_000 / PERSON_BYTES
}

/// The most memory a process has ever had, in bytes.
pub fn peak(gateway: &Gateway) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", gateway.pid)).expect("its status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") << 10
}

#[test]
fn the_gateways_memory_does_not_grow_with_the_size_of_a_batch() {
    let megabytes = if std::env::var_os("RUN_SLOW_TESTS").is_some() { 200 } else { 40 };
    let mut offices = Offices::new(Engine::Sqlite);
    // Otherwise every thread that happens to take a part keeps some memory for the next one.
    offices.settings.variables.push(("MALLOC_ARENA_MAX".into(), "1".into()));
    let gateway = offices.start();
    offices.feed_persons(&gateway, persons(10));
    let before = peak(&gateway);

    let file = Batch { mark: "DUZA", as_of: "2025-11-21", persons: persons(megabytes) }.write(offices.folder.path());
    let bytes = file.metadata().expect("a file").len();
    assert!(bytes > megabytes * 900_000, "{bytes} bytes");
    let began = Instant::now();
    let report = offices.feed(&gateway, "syriusz", &file);
    let (took, after) = (began.elapsed(), peak(&gateway));
    assert_eq!(report.summary.written, persons(megabytes));
    eprintln!("{bytes} bytes, {} persons: {took:?}, peak {before} -> {after} bytes", persons(megabytes));
    assert!(after < before + GROWTH, "peak {before} -> {after} bytes");
    assert_eq!(as_of(&offices, &gateway, persons(megabytes) - 1), "2025-11-21");
}

/// `stanNa` of the answer to a question about a person who is there.
#[track_caller]
fn as_of(offices: &Offices, gateway: &Gateway, person: u64) -> String {
    let answer = offices.ask(gateway, person);
    assert_eq!(answer.element("wynik"), "ZNALEZIONO", "{}", answer.text());
    answer.element("stanNa")
}

/// `brama feed` in a process of its own, killed when dropped.
struct Sender(Child);

impl Sender {
    fn start(offices: &Offices, gateway: &Gateway, file: &Path) -> Self {
        let path = |name: &str| offices.pki().join(name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_brama"));
        command.arg("feed").arg(file).args(["--quiet", "--url", &format!("http://{}", gateway.http)]);
        command.arg("--key").arg(path("syriusz.key")).arg("--certificate").arg(path("syriusz.pem"));
        command.arg("--trust").arg(path("ca.pem"));
        Self(command.stdout(Stdio::null()).spawn().expect("the sender"))
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks until the reply is as wanted.
#[track_caller]
pub fn wait_for(mut ask: impl FnMut() -> Reply, wanted: impl Fn(&Reply) -> bool) -> Reply {
    let until = Instant::now() + PATIENCE;
    loop {
        let reply = ask();
        if wanted(&reply) {
            return reply;
        }
        assert!(Instant::now() < until, "still {reply:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_gateway_killed_while_it_loads_shows_the_old_state_until_it_has_loaded_anew_on_sqlite() {
    check_killed_while_loading(Engine::Sqlite);
}

#[test]
fn a_gateway_killed_while_it_loads_shows_the_old_state_until_it_has_loaded_anew_on_postgres() {
    check_killed_while_loading(Engine::Postgres);
}

#[track_caller]
fn check_killed_while_loading(engine: Engine) {
    let offices = Offices::new(engine);
    let gateway = offices.start();
    offices.feed_persons(&gateway, 50);
    let all = persons(20);
    let file = Batch { mark: "NOWA", as_of: "2025-11-21", persons: all }.write(offices.folder.path());

    let sender = Sender::start(&offices, &gateway, &file);
    let client = offices.client("syriusz", &gateway);
    let batch = feeding::begin(&client, "NOWA")["idPaczki"].clone();
    let halfway = |reply: &Reply| number(reply, "przetworzono") > all / 3;
    let reply = wait_for(|| feeding::standing(&client, &batch), halfway);
    assert_eq!(reply["stan"], "PRZETWARZANA");
    assert_eq!(as_of(&offices, &gateway, 7), "2025-11-20", "while it loads");
    gateway.kill();
    drop(sender);

    let gateway = offices.start();
    assert_eq!(as_of(&offices, &gateway, 7), "2025-11-20", "after the kill");
    let client = offices.client("syriusz", &gateway);
    let decided = |reply: &Reply| !["PRZYJETA", "PRZETWARZANA"].contains(&reply["stan"].as_str());
    let reply = wait_for(|| feeding::standing(&client, &batch), decided);
    assert_eq!(reply["stan"], "ZAKONCZONA");
    assert_eq!(as_of(&offices, &gateway, 7), "2025-11-21");
    assert_eq!(as_of(&offices, &gateway, all - 1), "2025-11-21");
    assert_eq!(offices.ledger().matches("oznaczenie: NOWA").count(), 1, "the load has one entry");
}

#[test]
fn a_sender_goes_on_after_the_last_part_that_a_killed_gateway_had_stored() {
    let offices = Offices::new(Engine::Sqlite);
    let gateway = offices.start();
    let file = Batch { mark: "PRZERWANA", as_of: "2025-11-21", persons: persons(30) }.write(offices.folder.path());
    let parts = file.metadata().expect("a file").len().div_ceil(PART);

    let sender = Sender::start(&offices, &gateway, &file);
    let client = offices.client("syriusz", &gateway);
    wait_for(|| feeding::begin(&client, "PRZERWANA"), |reply| number(reply, "ostatniaCzesc") >= 2);
    gateway.kill();
    drop(sender);

    let gateway = offices.start();
    let begun = feeding::begin(&offices.client("syriusz", &gateway), "PRZERWANA");
    let stored = number(&begun, "ostatniaCzesc");
    assert_eq!((begun["stan"].as_str(), number(&begun, "rozmiarCzesci")), ("ROZPOCZETA", PART));
    assert!((2..parts).contains(&stored), "{stored} of {parts} parts");
    let report = offices.feed(&gateway, "syriusz", &file);
    assert_eq!(report.summary.written, persons(30));
    let metrics = wire::get(gateway.operator, "/metrics").expect("an answer").text();
    assert_eq!(sum(&metrics, "brama_requests_total", &["operation=\"PrzekazCzesc\""]), parts - stored, "{metrics}");
}
