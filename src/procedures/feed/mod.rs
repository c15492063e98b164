//! Feeding a set: a batch comes in, waits for its turn, is loaded whole or not at all, and leaves a protocol.

mod finding;
mod follow;
mod header;
mod plan;
mod receive;
mod verdict;

pub use finding::{Finding, FindingCode, Severity, Unreadable};
pub use follow::{Protocol, protocol};
pub use header::{Coverage, Header, Root};
pub use receive::{begin, close, find, hand_over, part};
