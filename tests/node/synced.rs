//! No byte of an answer leaves before its entry is on the disk: the order of the gateway's own system calls (rule 3.4).

use std::fs::{self, File};
use std::io::{Write as _, read_to_string, stderr};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;

use crate::gateway::Settings;
use crate::office::{Engine, Offices, alone_with_postgres};
use crate::postgres::Postgres;

const LEDGER: &str = "PUP-BUSKO/rejestr.sqlite-wal";

/// What a traced call did, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Bytes of an entry went to the ledger's log.
    Written,
    /// They are on the disk.
    Synced,
    /// The first bytes of an answer went to the client.
    Answered,
}

/// The steps in a trace of `strace -f -yy`, in the order in which they took effect: a write counts from its begin, a sync
/// from its end.
fn steps(trace: &str) -> Vec<Step> {
    let mut syncing: Vec<&str> = Vec::new();
    let mut steps = Vec::new();
    for line in trace.lines() {
        let (thread, call) = line.split_once(' ').unwrap_or_default();
        let call = call.trim_start();
        let is_sync = call.starts_with("fsync(") || call.starts_with("fdatasync(");
        if call.starts_with("<... fsync resumed>") || call.starts_with("<... fdatasync resumed>") {
            if syncing.contains(&thread) && call.ends_with("= 0") {
                steps.push(Step::Synced);
            }
            syncing.retain(|other| *other != thread);
        } else if call.contains(LEDGER) && is_sync && call.ends_with("<unfinished ...>") {
            syncing.push(thread);
        } else if call.contains(LEDGER) && is_sync && call.ends_with("= 0") {
            steps.push(Step::Synced);
        } else if call.contains(LEDGER) && (call.starts_with("pwrite64(") || call.starts_with("write(")) {
            steps.push(Step::Written);
        } else if call.contains("\"HTTP/1.1 200 OK") {
            steps.push(Step::Answered);
        }
    }
    steps
}

/// Whether before every answer something was written since the last one, and after that was synced.
fn is_honest(steps: &[Step]) -> bool {
    let mut answers =
        steps.split_inclusive(|step| *step == Step::Answered).filter(|part| part.ends_with(&[Step::Answered]));
    answers.all(|part| {
        let written = part.iter().rposition(|step| *step == Step::Written);
        written.is_some_and(|written| part[written..].contains(&Step::Synced))
    })
}

#[test]
fn a_trace_is_judged_by_what_took_effect_before_the_answer() {
    let write = "7 pwrite64(9</d/PUP-BUSKO/rejestr.sqlite-wal>, \"\"..., 24, 32) = 24";
    let sync = "7 fdatasync(9</d/PUP-BUSKO/rejestr.sqlite-wal>) = 0";
    let begin = "7 fdatasync(9</d/PUP-BUSKO/rejestr.sqlite-wal> <unfinished ...>";
    let end = "7 <... fdatasync resumed>) = 0";
    let other = "7 fdatasync(8</d/OPS-BUSKO/rejestr.sqlite-wal>) = 0";
    let reply = "5 sendto(12<TCP:[127.0.0.1:1->127.0.0.1:2]>, \"HTTP/1.1 200 OK\\r\"..., 5000, 0, NULL, 0) = 5000";
    for (lines, honest) in [
        (&[write, sync, reply] as &[&str], true),
        (&[write, begin, end, reply], true),
        (&[write, begin, reply, end], false),
        (&[write, other, reply], false),
        (&[sync, write, reply], false),
        (&[write, reply, sync], false),
        (&[write, sync, reply, reply], false),
    ] {
        assert_eq!(is_honest(&steps(&lines.join("\n"))), honest, "{lines:#?}");
    }
}

#[test]
fn the_ledger_is_synced_before_the_first_byte_of_an_answer() {
    let offices = Offices::new(Engine::Sqlite);
    let gateway = offices.start();
    offices.feed_persons(&gateway, 20);
    let trace = offices.folder.path().join("trace");
    let Some(mut tracer) = attach(gateway.pid, &trace) else {
        // Past the harness, which keeps the output of tests that pass to itself.
        let note = "\n*** NOT TESTED: strace is missing or may not attach; nobody saw the ledger synced before an answer ***\n";
        stderr().write_all(note.as_bytes()).expect("standard error");
        return;
    };
    for number in 0..10 {
        let answer = offices.ask(&gateway, number);
        assert_eq!(answer.element("wynik"), "ZNALEZIONO", "{}", answer.text());
    }
    drop(gateway);
    tracer.wait().expect("our child, which ends with the gateway");
    let text = fs::read_to_string(&trace).expect("a trace");
    let steps = steps(&text);
    assert_eq!(steps.iter().filter(|step| **step == Step::Answered).count(), 10, "{text}");
    assert!(is_honest(&steps), "{text}");
}

/// Traces all threads of a process into `file`; `None` when that cannot be done here.
fn attach(pid: u32, file: &Path) -> Option<Child> {
    let said = file.with_extension("said");
    let calls = "trace=fsync,fdatasync,write,writev,sendto,sendmsg,sendfile,pwrite64";
    let mut tracer = Command::new("strace")
        .args(["-f", "-yy", "-e", calls, "-o"])
        .arg(file)
        .args(["-p", &pid.to_string()])
        .stderr(File::create(&said).ok()?)
        .stdin(Stdio::null())
        .spawn()
        .ok()?;
    let until = Instant::now() + Duration::from_secs(20);
    while Instant::now() < until && tracer.try_wait().ok()?.is_none() {
        if fs::read_to_string(&said).ok()?.contains("attached") {
            return Some(tracer);
        }
        thread::sleep(Duration::from_millis(20));
    }
    // It may have ended by itself.
    let _ = tracer.kill();
    let _ = tracer.wait();
    None
}

#[test]
fn a_postgres_that_may_lose_commits_is_refused_at_start() {
    let _alone = alone_with_postgres();
    let _careless = Careless::new();
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = Settings::new(folder.path());
    settings.platform = Some(Postgres::shared().database("platform"));
    brama::signatures::pki::init(&folder.path().join("pki"), chrono::Utc::now()).expect("a PKI");
    let mut gateway = Command::new(env!("CARGO_BIN_EXE_brama"))
        .arg("--config")
        .arg(settings.write())
        .arg("serve")
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let Some(status) = ended(&mut gateway) else {
        gateway.kill().expect("our child");
        panic!("it serves although PostgreSQL runs with fsync=off");
    };
    let said = read_to_string(gateway.stderr.take().expect("its messages")).expect("text");
    assert!(said.contains("fsync=off"), "{said}");
    assert!(matches!(status.code(), Some(1 | 3)), "{status:?}: {said}");
}

/// The PostgreSQL server of this process while it may lose commits; it is put right when this is dropped.
struct Careless;

impl Careless {
    fn new() -> Self {
        let careless = Self;
        careless.set("ALTER SYSTEM SET fsync = off", "off");
        careless
    }

    /// Changes the configuration and waits until the server goes by it.
    fn set(&self, sql: &str, fsync: &str) {
        Postgres::shared().run(sql);
        Postgres::shared().run("SELECT pg_reload_conf()");
        let said = format!("DO $$ BEGIN ASSERT current_setting('fsync') = '{fsync}'; END $$");
        let mut attempts = 0..500;
        while Postgres::shared().connect("postgres").batch_execute(&said).is_err() {
            assert!(attempts.next().is_some(), "the server does not reload its configuration");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Careless {
    fn drop(&mut self) {
        self.set("ALTER SYSTEM RESET fsync", "on");
    }
}

/// How a process ended, `None` when it still runs after a while.
fn ended(process: &mut Child) -> Option<ExitStatus> {
    let until = Instant::now() + Duration::from_secs(30);
    while Instant::now() < until {
        if let Some(status) = process.try_wait().expect("our child") {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(20));
    }
    None
}
