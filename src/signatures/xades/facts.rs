//! What was found out about one signature: plain values, gathered before anything is concluded, so that a verdict can be
//! explained and replayed.

use chrono::{DateTime, Utc};

use super::identity::Role;
use crate::signatures::SignatureMethod;
use crate::signatures::lists::{ChainFault, Link, List};
use crate::signatures::revocation::Evidence;
use crate::signatures::timestamps::{Timestamp, TokenError};

/// Facts about one signature; what could not be looked at is absent.
#[derive(Debug)]
pub struct Facts {
    /// Its `Id`, or its place in the document (`#1`).
    pub id: String,
    pub form: Form,
    /// Against which time everything without a proof of time is judged.
    pub now: DateTime<Utc>,
    /// When the gateway durably received these bytes.
    pub received: Option<DateTime<Utc>>,
    pub format: Option<FormatFault>,
    pub refused: Option<Refused>,
    pub method: Option<SignatureMethod>,
    pub signer: Option<Link>,
    pub naming: Naming,
    pub policy: SignaturePolicy,
    /// Whether the signature value holds; absent when no accepted key or method was there to try.
    pub value: Option<bool>,
    pub references: Vec<ReferenceFact>,
    pub chain: Option<Result<(List, Vec<Link>), ChainFault>>,
    /// Evidence about each certificate of the chain but the anchor.
    pub evidence: Vec<Vec<Evidence>>,
    pub signing_time: Option<DateTime<Utc>>,
    pub properties: Vec<PropertyFault>,
    pub timestamps: Vec<Result<Timestamp, TokenError>>,
    pub coverage: Coverage,
    /// Claimed roles.
    pub roles: Vec<Role>,
}

impl Facts {
    /// Whether value and all digests hold; whose signature it is, and when it was made, is another question.
    #[must_use]
    pub fn holds(&self) -> bool {
        let digests = self.references.iter().all(|one| one.digest == Some(Ok(true)));
        self.format.is_none() && self.value == Some(true) && digests
    }

    /// The same as far as it can be seen here: content that stands beside the document may be missing.
    #[must_use]
    pub fn holds_so_far(&self) -> bool {
        let digests = self.references.iter().all(|one| !one.is_found || one.digest == Some(Ok(true)));
        self.format.is_none() && self.value == Some(true) && digests
    }
}

/// How signature and content stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Enveloped,
    Enveloping,
    Detached,
    Counter,
}

/// Why an element is no signature that could be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatFault {
    /// Neither the root, nor a child of it, nor a counter-signature of one of those.
    Place,
    /// Not built as XML Signature asks.
    Structure,
    /// Not exactly one `QualifyingProperties` whose `Target` is this signature.
    QualifyingProperties,
    /// Not exactly one `Reference` of the type for signed properties, leading to those of this signature.
    SignedProperties,
    /// A property is repeated, or cannot be read.
    Property,
    /// More certificates, time-stamps or revocation data than are looked at.
    TooMany,
}

/// What the whitelist does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// An algorithm of signature or digest.
    Algorithm(String),
    /// A transform or a canonical form.
    Transform(String),
}

/// Whether the signed properties name the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// They name none.
    Absent,
    /// None of those enclosed has the digest.
    Differs,
    /// The digest is by an algorithm that is not known here.
    Algorithm,
    Holds {
        is_sha1: bool,
        /// Whether issuer and serial number, where stated, are those of the certificate.
        is_issuer_right: bool,
    },
}

/// `SignaturePolicyIdentifier`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignaturePolicy {
    None,
    Implied,
    /// One that is named; the gateway knows none.
    Explicit(String),
}

/// One reference and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceFact {
    /// Counts from 1.
    pub ordinal: usize,
    pub uri: String,
    pub is_found: bool,
    /// Whether the digest holds; absent when it was not tried.
    pub digest: Option<Result<bool, DataFault>>,
}

/// Why there was nothing to hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataFault {
    /// The transforms are not for such data, or give no canonical form.
    Transform,
    /// All references together have more octets than are looked at.
    TooMuch,
}

/// What is wrong with a signed property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropertyFault {
    /// `DataObjectFormat` speaks of a reference that is not there.
    DataObjectFormat,
    /// Under a trusted-profile list the person must be claimed exactly once, readably.
    Claim,
}

/// How much of the document is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// All of it, signatures aside.
    Whole,
    Part,
    /// Something else: for a counter-signature the value of the signature above it.
    Other {
        is_countersigned: bool,
    },
}
