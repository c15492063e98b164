//! What every question about a person has in common: the way from its words to the records that match.

use std::sync::Arc;

use chrono::NaiveDate;
use uuid::Uuid;

use super::{Desk, access};
use crate::disclosure::{Decision, ScopeItem};
use crate::problem::{Code, Problem};
use crate::store::{SetRecord, StoredRecord, Tenant};
use crate::subjects::{Identification, IdentificationFields, RecordPerson, Role, SetKind, one_person, people};

/// A question as it was asked; valid by schema, not yet by meaning.
pub struct Question {
    pub person: IdentificationFields,
    pub basis: String,
    pub purpose: String,
    pub set: String,
    /// Items of the scope, leaves or headings; empty where the operation has none.
    pub items: Vec<String>,
    /// Cut instead of refusing what goes beyond the grant.
    pub trim: bool,
}

/// What was found out about the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Found,
    NotFound,
    /// Several different persons match; nothing about any of them is told.
    Ambiguous,
}

impl Outcome {
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Found => "ZNALEZIONO",
            Self::NotFound => "BRAK_OSOBY",
            Self::Ambiguous => "NIEJEDNOZNACZNE",
        }
    }
}

/// What every answer says.
pub struct Answer {
    pub event: Uuid,
    pub outcome: Outcome,
    /// The day which the data describe; none when the set was never fed.
    pub as_of: Option<NaiveDate>,
}

/// A question that was found permissible.
pub struct Permitted {
    pub identification: Identification,
    pub set: SetRecord,
    pub decision: Decision,
    pub tenant: Arc<Tenant>,
}

/// A record in which the person stands, opened.
pub struct Match {
    pub stored: StoredRecord,
    pub role: Role,
    pub person: RecordPerson,
}
