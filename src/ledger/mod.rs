//! The register of disclosures: what an entry says, its canonical bytes, the tree over them, its signed head. No SQL, no clock.

mod answer;
mod audit;
mod entry;
mod extract;
mod head;
mod person;
mod read;
mod report;
mod tree;
mod write;

pub use answer::KeptAnswer;
pub use audit::{Audit, Finding, Head, StoredEntry};
pub use entry::{BatchSummary, Draft, EventKind, FormerHead};
pub use extract::{
    EXTRACT_END, ExtractAudit, Former, Span, begin_extract, read_head, read_path, write_head, write_path, write_proof,
};
pub use head::{SignedHead, Testimony, TreeHead};
pub use person::{PersonContent, PersonPart, RecordDigest, fields_of};
pub use read::{EntryFacts, EntryHead, parse_entry, read_entry, read_facts, readable_fields, sealed_parts};
pub use report::{Named, Report, ReportItem, ReportedEntry};
pub use tree::{Edge, Hash, Place, consistency, inclusion, is_consistent, is_included, joined};
pub use write::{FORMAT, Position, SealedPart, leaf_hash, time_text, write_entry};

use thiserror::Error;

use crate::problem::Problem;

/// An entry and the path by which a signed head is proved to cover it (RFC 6962 §2.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// From 1; the leaf's place in the tree is one less.
    pub number: u64,
    /// The entry's bytes.
    pub leaf: Vec<u8>,
    pub path: Vec<Hash>,
}

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
