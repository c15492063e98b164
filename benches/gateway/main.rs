//! `make bench`: what a request costs the built gateway, level by level, beside gSOAP and what this machine allows, in one run.
//!
//! `cargo bench --features bench --bench gateway -- --short` sends a tenth of the requests, for a first look; `--ledger` compares
//! the ledger's commits alone.

mod gsoap;
mod ledger;
mod levels;
mod limits;
mod load;
mod openssl;
#[allow(dead_code, reason = "other programs use the rest")]
mod process;
mod table;
mod world;

#[allow(dead_code, reason = "other programs use the rest")]
#[path = "../../tests/support/demo.rs"]
mod demo;
#[allow(dead_code, reason = "other programs use the rest")]
#[path = "../../tests/support/gateway.rs"]
mod gateway;
#[allow(dead_code, reason = "other programs use the rest")]
#[path = "../../tests/support/postgres.rs"]
mod postgres;

use gsoap::Gsoap;
use limits::{Limits, Schema};
use world::World;

fn main() {
    let is_asked = |name: &str| std::env::args().any(|argument| argument == name);
    let is_short = is_asked("--short");
    // First: the gateway's library allows libxml2 no file.
    let schema = Schema::compile();
    let home = tempfile::tempdir().expect("a folder");
    let world = World::make(home.path());
    if !is_asked("--ledger") {
        let requests = if is_short { 2_000 } else { 20_000 };
        let gsoap = Gsoap::build();
        let limits = Limits::measure(&schema, &world);
        let rows = levels::measure(&world, gsoap.as_ref(), requests);
        table::print(&limits, &rows, requests);
    }
    ledger::compare(&world, is_short);
}
