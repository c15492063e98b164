//! No room to write: nothing is answered, everybody is told at once, and it passes by itself.

use std::collections::BTreeMap;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use brama::store::Address;
use diesel::connection::SimpleConnection as _;

use crate::drill::Drill;
use crate::gateway::Settings;
use crate::journal::Attempt;
use crate::node::Node;
use crate::office::{ADMINISTRATOR, Engine, Offices};
use crate::postgres::{Postgres, name_in};
use crate::reckoning::{Books, say};
use crate::the_chance;

/// How long nothing can be written, and how long the service runs before and after.
const REFUSING: Duration = Duration::from_secs(8);
const WORKING: Duration = Duration::from_secs(2);
/// What "at once" means, and "by itself".
const AT_ONCE: Duration = Duration::from_secs(1);
const SOON: Duration = Duration::from_secs(5);
/// What a caller may be told meanwhile.
const PASSING: [&str; 3] = ["PRZECIAZENIE", "NIEDOSTEPNY", "BLAD_WEWNETRZNY"];

/// When nothing could be written.
struct Window {
    from: Instant,
    until: Instant,
}

/// Runs a drill in which `refuse(pid, true)` makes writing impossible and `refuse(pid, false)` possible again.
#[track_caller]
fn check(told: &str, offices: &Offices, settings: Settings, refuse: impl Fn(u32, bool)) {
    let (told, mut chance) = the_chance(told);
    // Who is refused for asking too often would not tell us anything.
    let overrides = "[limits]\nrequests_per_second = 100000".parse().expect("TOML");
    let node = Node::start(Settings { overrides, ..settings }, &mut chance);
    let drill = Drill { offices, address: node.address() };
    let mut window = None;
    let books = drill.run(vec![node], &mut chance, |nodes, _| {
        sleep(WORKING);
        refuse(nodes[0].pid(), true);
        let from = Instant::now();
        sleep(REFUSING);
        window = Some(Window { from, until: Instant::now() });
        refuse(nodes[0].pid(), false);
        sleep(WORKING);
    });
    let kept = window.expect("the trouble is over").judge(&told, &books);
    books.close(&told);
    assert!(kept.is_empty(), "{told}:\n{}", kept.join("\n"));
}

impl Window {
    fn judge(&self, told: &str, books: &Books) -> Vec<String> {
        let is_within = |attempt: &&Attempt| attempt.began > self.from && attempt.began < self.until;
        let within: Vec<&Attempt> = books.attempts().filter(is_within).collect();
        let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
        let refused = within.iter().filter(|attempt| attempt.outcome.is_err());
        refused.for_each(|attempt| *codes.entry(attempt.code()).or_default() += 1);
        let slowest = within.iter().map(|attempt| attempt.took).max().unwrap_or_default();
        // How a batch stands may be told without writing anything down.
        let asked = books.requests().filter(|request| request.operation != "PobierzStatusPaczki");
        let asked = asked.flat_map(|request| request.attempts.iter().filter(is_within));
        let answered = asked.filter(|attempt| attempt.outcome.is_ok() && attempt.ended() < self.until).count();
        let after = books.attempts().filter(|attempt| attempt.outcome.is_ok() && attempt.ended() > self.until);
        let resumed = after.map(|attempt| attempt.ended() - self.until).min().unwrap_or(Duration::MAX);
        say(&format!(
            "{told}: meanwhile {codes:?}, {answered} answered, the slowest in {slowest:.1?}; answers again after {resumed:.1?}"
        ));
        let strange = codes.keys().filter(|code| !PASSING.contains(code)).map(|code| format!("told {code:?}"));
        let mut findings: Vec<String> = strange.collect();
        findings.extend((answered > 0).then(|| format!("{answered} answered")));
        findings.extend((slowest > AT_ONCE).then(|| format!("somebody waited for {slowest:.1?}")));
        findings.extend((resumed > SOON).then(|| format!("answers again only after {resumed:.1?}")));
        findings
    }
}

#[test]
fn no_file_can_grow_on_sqlite() {
    let offices = Offices::new(Engine::Sqlite);
    // Whoever writes beyond the limit gets a signal, too; a full disk sends none.
    let launcher = ["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"].map(str::to_owned).to_vec();
    let settings = Settings { launcher, ..offices.settings.clone() };
    check("files that cannot grow, SQLite", &offices, settings, |pid, refuse| {
        let limit = if refuse { "--fsize=0:" } else { "--fsize=unlimited:" };
        let done = Command::new("prlimit").args(["--pid", &pid.to_string(), limit]).status().expect("prlimit runs");
        assert!(done.success(), "the limit is set");
    });
}

#[test]
fn the_servers_disk_is_full_on_postgres() {
    check_refused("a full disk, PostgreSQL", "disk_full", "could not extend file: No space left on device");
}

#[test]
fn the_server_refuses_writes_on_postgres() {
    let said = "cannot execute INSERT in a read-only transaction";
    check_refused("a database that refuses writes, PostgreSQL", "read_only_sql_transaction", said);
}

/// No table of the administrator takes a row, and the server says so in its own words.
#[track_caller]
fn check_refused(told: &str, condition: &str, said: &str) {
    let offices = Offices::new(Engine::Postgres);
    let database = database(&offices);
    let run = |sql: &str| Postgres::shared().connect(&database).batch_execute(sql).expect("the server obeys");
    // What a trigger does can change while the tables are in use.
    let answer = |what: &str| {
        run(&format!(
            "CREATE OR REPLACE FUNCTION answer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {what}; RETURN NULL; END $$"
        ));
    };
    answer("NULL");
    run("DO $$ DECLARE name text; BEGIN FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP \
         EXECUTE format('CREATE TRIGGER answer BEFORE INSERT OR UPDATE OR DELETE ON %I EXECUTE FUNCTION answer()', name); \
         END LOOP; END $$");
    let refusal = format!("RAISE EXCEPTION '{said}' USING ERRCODE = '{condition}'");
    check(told, &offices, offices.settings.clone(), |_, refuse| answer(if refuse { &refusal } else { "NULL" }));
}

/// The name of the administrator's database.
fn database(offices: &Offices) -> String {
    let stores = offices.stores();
    let tenant = stores.tenant(ADMINISTRATOR).expect("an administrator");
    let Address::Postgres(url) = tenant.ledger.address() else { panic!("it has a file") };
    let name = name_in(url).to_owned();
    stores.close();
    name
}
