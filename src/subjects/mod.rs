//! Who a record is about: PESEL, identity documents, names, identification sets, search terms. No IO, no clock, no keys.

mod error;
mod findings;
mod identification;
mod identity_document;
mod kind;
mod normal;
mod people;
mod person;
mod pesel;
mod search;
mod stored;

pub(crate) use identification::{named, read_day};

pub use error::{Error, FieldError};
pub use findings::{Finding, FindingCode, Severity, findings};
pub use identification::{Identification, IdentificationFields};
pub use identity_document::{DocumentKind, IdentityDocument};
pub use kind::SetKind;
pub use normal::{NORM_VERSION, first_given_name, normalise};
pub use people::{People, Place, Role, one_person, people};
pub use person::{Address, RecordPerson, same_person};
pub use pesel::{Pesel, Sex};
pub use search::{SearchTerm, TermKind};
pub use stored::{Part, Parts, Token, Tokens, parts};
