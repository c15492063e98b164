//! What may leave a set: scope items, the catalogue read from the schemas, grants and legal bases, the cut. No IO, no clock.

mod catalogue;
mod compare;
mod cut;
mod error;
mod grants;
mod legal_basis;
mod refusal;
pub mod reply_schema;
mod right;
mod scope;
mod value_kind;
mod xsd;

pub use catalogue::{Catalogue, Field, KindCatalogue};
pub use compare::{AddressFields, Comparison, ComparisonFields, Permitted};
pub use cut::{View, cut};
pub use error::Error;
pub use grants::{Asked, Caller, Decision, Grant, Rights, decide};
pub use legal_basis::LegalBasis;
pub use refusal::Refusal;
pub use right::Right;
pub use scope::{Scope, ScopeItem};
pub use value_kind::ValueKind;

pub use crate::subjects::SetKind;
