//! What officials do with the register of their own administrator by command: report to a person, erase a person's key,
//! remove old entries, destroy the administrator's keys. Each needs a right and a reason and leaves an entry of its own.

mod destroy;
mod erase;
mod person;
mod report;
mod retire;
mod warrant;

pub use destroy::destroy_keys;
pub use erase::{Forgotten, erase};
pub use report::report;
pub use retire::{Retired, retire};
pub use warrant::Official;

use crate::disclosure::Right;
use crate::store::{self, RecordError};
use crate::subjects::FieldError;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A name or the reason is not well formed; nothing was recorded.
    #[error("{0} is not well formed")]
    Malformed(&'static str),
    /// The words identify nobody; nothing was recorded.
    #[error("the person is not named by one identification set: {} {}", .0.field, .0.error)]
    Person(FieldError),
    /// The refusal stands in the register.
    #[error("BRAK_UPRAWNIEN: the right {} of the administrator's own unit is needed", .0.word())]
    Forbidden(Right),
    /// Several persons match; this stands in the register.
    #[error("NIEJEDNOZNACZNE: several different persons match; name the person by PESEL or document")]
    Ambiguous,
    /// The register knows nothing of the person; this stands in the register.
    #[error("BRAK_OSOBY: the register holds no key of such a person")]
    Nobody,
    /// There is nothing that old.
    #[error("no entry that is left is from before that day")]
    NothingOld,
    /// The day has not come yet.
    #[error("the day lies in the future")]
    Future,
    /// No keys are left.
    #[error("the administrator has no keys any more")]
    NoKeys,
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The entry could not be written: nothing was done or told.
    #[error("no entry could be written: {0}")]
    Record(#[from] RecordError),
    /// What the database holds cannot be read.
    #[error("a record or an entry cannot be read")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    fn unreadable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unreadable(cause.into())
    }
}
