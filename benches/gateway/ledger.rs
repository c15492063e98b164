//! What grouping gives: the ledger as it is beside one synced commit per request, on both databases, on the disk that is there
//! and on a slow one.

mod disk;
mod flow;
mod table;

use std::time::Duration;

use crate::levels::SIGNED;
use crate::postgres::Postgres;
use crate::world::{ECDSA_SYSTEM, World};
use disk::{Disk, SLOWER_BY};
use flow::Flow;

const CLIENTS: [usize; 3] = [1, 16, 64];

/// How often, how long and with how many messages at most each pair is measured.
struct Effort {
    rounds: usize,
    time: Duration,
    messages: usize,
}

/// Who asks, what of and how.
#[derive(Clone, Copy)]
struct Case {
    is_slow: bool,
    database: &'static str,
    clients: usize,
}

/// One measurement.
struct Run {
    flow: Flow,
    entries: f64,
    commits: f64,
}

/// The ledger as it is, and right before or after it the one that commits each request by itself.
struct Pair {
    grouped: Run,
    single: Run,
}

/// Compares and prints; `files` is a world on SQLite, of which one on PostgreSQL is made.
pub fn compare(files: &World, is_short: bool) {
    let Some(disk) = Disk::find() else { return };
    let effort = if is_short {
        Effort { rounds: 1, time: Duration::from_secs(1), messages: 5_000 }
    } else {
        Effort { rounds: 3, time: Duration::from_secs(2), messages: 12_000 }
    };
    let server = Postgres::start_in(&std::env::temp_dir(), &disk.variables());
    let server = files.moved_to(server);
    let messages = files.signed(ECDSA_SYSTEM, 0..effort.messages);
    let mut rows = Vec::new();
    for is_slow in [false, true] {
        for (database, world) in [("SQLite", files), ("PostgreSQL", &server)] {
            for clients in CLIENTS {
                let case = Case { is_slow, database, clients };
                let measure = |group_max| run(world, &disk, case, group_max, &messages, effort.time);
                // In turns, so that neither is always the first.
                let pair = |round: usize| {
                    let first = round.is_multiple_of(2).then(|| measure(None));
                    let single = measure(Some(1));
                    Pair { grouped: first.unwrap_or_else(|| measure(None)), single }
                };
                rows.push((case, (0..effort.rounds).map(pair).collect::<Vec<_>>()));
            }
        }
    }
    server.end();
    table::print(&disk, &rows);
}

/// Measures a node started for it, whose groups have `group_max` entries at most.
fn run(world: &World, disk: &Disk, case: Case, group_max: Option<usize>, messages: &[Vec<u8>], time: Duration) -> Run {
    let mut variables: Vec<_> =
        group_max.map(|max| ("BENCH_GROUP_MAX".to_owned(), max.to_string())).into_iter().collect();
    variables.extend(case.is_slow.then(|| disk.variables()).into_iter().flatten());
    let gateway = world.serve_with(variables);
    let before = world.written();
    disk.slow_down(if case.is_slow { SLOWER_BY } else { Duration::ZERO });
    let flow = flow::run(gateway.http, SIGNED, case.clients, messages, time);
    disk.slow_down(Duration::ZERO);
    let written = world.written() - before;
    assert!(group_max != Some(1) || written.entries == written.commits, "every entry had a commit of its own");
    Run { flow, entries: as_f64(written.entries), commits: as_f64(written.commits) }
}

fn as_f64(count: i64) -> f64 {
    f64::from(u32::try_from(count).expect("a count"))
}
