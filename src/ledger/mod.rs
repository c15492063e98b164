//! The register of disclosures: what an entry says, its canonical bytes and their hash. No SQL, no keys, no clock.

mod audit;
mod entry;
mod person;
mod read;
mod write;

pub use audit::{Audit, Finding, Head, StoredEntry};
pub use entry::{BatchSummary, Draft, EventKind};
pub use person::{PersonContent, PersonPart, RecordDigest, fields_of};
pub use read::{EntryHead, parse_entry, read_entry, readable_fields};
pub use write::{FORMAT, Position, SealedPart, leaf_hash, time_text, write_entry};

use thiserror::Error;

use crate::problem::Problem;

/// Why the bytes of an entry cannot be read back.
#[derive(Debug, Error)]
pub enum Error {
    /// The first byte names a format that this program does not know.
    #[error("the entry's format byte is unknown")]
    Format,
    /// The rest is not well-formed XML.
    #[error("the entry is not well-formed XML")]
    Malformed(#[source] crate::xml::Error),
    /// A field that every entry has is absent or not of its type.
    #[error("the entry's field {0} is absent or unreadable")]
    Field(&'static str),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::internal(error)
    }
}
