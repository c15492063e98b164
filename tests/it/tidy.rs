//! The order of the house, kept by tests: who may use whom, what only one room may do, and that code, contract and documents agree.
//!
//! Every check is a function over text, shown to fail on a small bad input beside it.

mod contract;
mod documents;
mod measuring;
mod migrations;
mod records;
mod rooms;
mod rust;
mod schemas;
mod sources;
mod words;

/// Fails with one line per finding.
#[track_caller]
fn none(findings: &[String]) {
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}
