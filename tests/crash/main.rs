//! Nothing lost, nothing twice, nothing missing: clients keep journals while nodes and databases are killed under them.
//!
//! `CRASH_KILLS` says how often in each drill, `CRASH_SEED` repeats one (`make crash N=200`).

mod caller;
mod chance;
mod dialler;
mod drill;
mod feeder;
mod full;
mod journal;
mod node;
mod proofs;
mod reckoning;
mod registers;
mod wave;

#[allow(dead_code)] // Other targets use the rest.
#[path = "../node/batch.rs"]
mod batch;
#[allow(dead_code)]
#[path = "../support/gateway.rs"]
mod gateway;
#[allow(dead_code)]
#[path = "../node/office.rs"]
mod office;
#[allow(dead_code)]
#[path = "../support/postgres.rs"]
mod postgres;
#[allow(dead_code)]
#[path = "../node/wire.rs"]
mod wire;

use std::env::var;
use std::ops::RangeInclusive;
use std::time::SystemTime;

use chance::Chance;
use drill::Drill;
use gateway::Settings;
use node::Node;
use office::{Engine, Offices};
use postgres::Postgres;

/// Kills in each drill, unless the environment says otherwise.
const KILLS: u64 = 12;
/// After so many kills of nodes their PostgreSQL crashes, too.
const SERVER_EVERY: u64 = 4;
/// Milliseconds between two kills: a node may be dead before it was ready.
const LIFE: RangeInclusive<u64> = 50..=1500;
/// On PostgreSQL every so many kills there is a pause: what a dead node was loading is held for a quarter of a minute.
const PAUSE_EVERY: u64 = 20;
const PAUSE: RangeInclusive<u64> = 21_000..=24_000;

fn kills() -> u64 {
    var("CRASH_KILLS").map_or(KILLS, |kills| kills.parse().expect("CRASH_KILLS is a number"))
}

/// What a drill is called with its seed, and the chance of this run.
fn the_chance(told: &str) -> (String, Chance) {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a time after 1970").subsec_nanos();
    let seed = var("CRASH_SEED").map_or(now.into(), |seed| seed.parse().expect("CRASH_SEED is a number"));
    (format!("{told} (CRASH_SEED={seed})"), Chance::new(seed))
}

/// Kills nodes at random; `before(number)` happens before each kill.
fn kill(engine: Engine, nodes: &mut Vec<Node>, chance: &mut Chance, before: impl Fn(u64)) {
    let several = nodes.len() > 1;
    for number in 1..=kills() {
        let pauses = engine == Engine::Postgres && number.is_multiple_of(PAUSE_EVERY);
        chance.rest(if pauses { PAUSE } else { LIFE });
        before(number);
        let at = usize::try_from(chance.within(0..=nodes.len() as u64 - 1)).expect("a few nodes");
        let node = nodes.swap_remove(at);
        // The other node is alone for a while.
        nodes.push(node.kill(|| chance.rest(0..=if several { 600 } else { 0 })));
    }
}

#[track_caller]
fn check(told: &str, engine: Engine) {
    let (told, mut chance) = the_chance(told);
    let offices = Offices::new(engine);
    let node = Node::start(offices.settings.clone(), &mut chance);
    let drill = Drill { offices: &offices, address: node.address() };
    let books = drill.run(vec![node], &mut chance, |nodes, chance| kill(engine, nodes, chance, |_| ()));
    books.close(&format!("{told}, {} kills", kills()));
}

#[test]
fn a_node_dies_on_sqlite() {
    check("one node, SQLite", Engine::Sqlite);
}

#[test]
fn a_node_dies_on_postgres() {
    check("one node, PostgreSQL", Engine::Postgres);
}

#[test]
fn two_nodes_and_their_server_die() {
    let (told, mut chance) = the_chance("two nodes, PostgreSQL");
    let server: &Postgres = Box::leak(Box::new(Postgres::start()));
    let offices = Offices::on(Some(server));
    let nodes = ["data", "data-2"].map(|data| {
        let overrides = format!("[store]\ndata = '{data}'").parse().expect("TOML");
        Node::start(Settings { overrides, ..offices.settings.clone() }, &mut chance)
    });
    let address = dialler::before(nodes.iter().map(Node::address).collect());
    let books = Drill { offices: &offices, address }.run(Vec::from(nodes), &mut chance, |nodes, chance| {
        kill(Engine::Postgres, nodes, chance, |number| {
            if number.is_multiple_of(SERVER_EVERY) {
                server.crash();
            }
        });
    });
    let crashes = kills() / SERVER_EVERY;
    books.close(&format!("{told}, {} kills of nodes, {crashes} of the server", kills()));
}
