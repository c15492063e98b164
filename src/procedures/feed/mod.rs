//! Feeding a set: a batch comes in, waits for its turn, is loaded whole or not at all, and leaves a protocol.

mod finding;
mod header;
mod plan;
mod verdict;

pub use finding::{Finding, FindingCode, Severity, Unreadable};
pub use header::{Coverage, Header, Root};
