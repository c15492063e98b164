//! XML Signature with a short whitelist: `read` parses and refuses, `verify` judges and tells what was signed, `sign` writes.
//!
//! A valid signature says nothing about which element the caller goes on to use: `verify` returns the signed elements, and
//! only those, compared by identity, may be read on.

mod document;
mod error;
mod hints;
mod key_info;
mod octets;
mod profile;
mod read;
mod sign;
mod token;
mod transforms;
mod verify;

#[cfg(test)]
mod tests;

pub use document::{Data, DataError, Digested};
pub use error::{Error, Failure, Reason};
pub use hints::{Form, Hint};
pub use key_info::{KeyInfoError, KeyReference, X509_V3};
pub use profile::Profile;
pub use read::{Reference, Signature};
pub use sign::{NewReference, NewTransform, sign, signed_info};
pub use transforms::Canonicalization;
