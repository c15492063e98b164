//! `make bench`: what a request costs the built gateway, level by level, beside what this machine allows, in one run.
//!
//! `cargo bench --features bench --bench gateway -- --short` sends a tenth of the requests, for a first look.

mod levels;
mod limits;
mod load;
mod process;
mod table;
mod world;

#[allow(dead_code, reason = "other programs use the rest")]
#[path = "../../tests/support/demo.rs"]
mod demo;
#[allow(dead_code, reason = "other programs use the rest")]
#[path = "../../tests/support/gateway.rs"]
mod gateway;

use limits::{Limits, Schema};
use world::World;

fn main() {
    let requests = if std::env::args().any(|argument| argument == "--short") { 2_000 } else { 20_000 };
    // First: the gateway's library allows libxml2 no file.
    let schema = Schema::compile();
    let home = tempfile::tempdir().expect("a folder");
    let world = World::make(home.path());
    let limits = Limits::measure(&schema, &world);
    let rows = levels::measure(&world, requests);
    table::print(&limits, &rows, requests);
}
