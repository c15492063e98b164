//! Why a catalogue cannot be read or a record cannot be cut; all of it is our own fault, none of it the caller's.

use super::ScopeItem;
use crate::problem::Problem;
use crate::subjects;

/// A schema that breaks the rules of the scope catalogue (rule 5.3), or a stored record that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("{file} is not readable as XML: {reason}")]
    NotXml { file: String, reason: String },
    #[error("no schema declares the element {0}")]
    RootMissing(&'static str),
    #[error("two schemas declare {0}")]
    DeclaredTwice(String),
    #[error("{path}: {text:?} is not a number of the scope catalogue")]
    NotAnItem { path: String, text: String },
    #[error("{0} is a leaf that belongs to no scope item")]
    LeafWithoutItem(String),
    #[error("{path}: {what} has no place in a record's schema")]
    Unsupported { path: String, what: String },
    #[error("{path}: the type {name} is unknown")]
    TypeUnknown { path: String, name: String },
    #[error("the type {0} carries scope numbers and is used more than once")]
    NumberedTypeShared(String),
    #[error("{0} stands twice in one element")]
    SiblingRepeated(String),
    #[error("{0} is a leaf and a heading at once")]
    LeafAndHeading(ScopeItem),
    #[error(transparent)]
    Record(#[from] subjects::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::internal(error)
    }
}
