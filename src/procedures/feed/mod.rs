//! Feeding a set: a batch comes in, waits for its turn, is loaded whole or not at all, and leaves a protocol.

mod chunk;
mod examine;
mod finding;
pub mod follow;
mod header;
pub mod load;
mod loader;
mod patience;
mod plan;
pub mod receive;
mod spool;
mod verbs;
mod verdict;

pub use finding::{Finding, FindingCode, Severity, Unreadable};
pub use follow::Protocol;
pub use header::{Coverage, Header};
pub use loader::{Loader, settle};
pub use verbs::{Digests, begin, close, hand_over, part, protocol, status};
