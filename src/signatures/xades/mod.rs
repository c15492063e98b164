//! Signatures of documents (XAdES, rule 11): facts are gathered from a file, a policy makes verdicts of them, a report
//! tells both; and signatures are made. Nothing is ever fetched from an address in a document.

mod augment;
mod checks;
mod coverage;
mod facts;
mod gather;
mod identity;
mod locate;
mod media;
mod properties;
mod qualification;
mod report;
mod seal;
mod stamp;
mod times;
mod verdict;
mod write;

use chrono::{DateTime, TimeDelta, Utc};

use super::lists::Lists;
use super::sha256;
use crate::config::Config;
use crate::xml::{self, Document, Limits};

pub use augment::{AugmentError, Means};
pub use checks::{Check, Outcome, Step, checks};
pub use facts::{Coverage, Facts, Form, FormatFault, Naming, Refused, SignaturePolicy};
pub use identity::{Claim, Identity, Role, identify};
pub use media::{is_xml, media_type};
pub use qualification::{SignatureKind, Statements};
pub use report::report;
pub use seal::{Order, SealError, Sealed, Sealer};
pub use stamp::{StampError, stamp};
pub use times::{Best, Level, StampFault, best_time, level};
pub use verdict::{Indication, SubIndication, Verdict};

/// `Type` of the reference to the signed properties (EN 319 132-1 §4.3.3).
const SIGNED_PROPERTIES: &str = "http://uri.etsi.org/01903#SignedProperties";
/// Signatures of one file at most, counter-signatures included.
pub const SIGNATURES_MAX: usize = 16;

/// What a file is judged with.
pub struct Question<'a> {
    pub file: &'a [u8],
    /// Content beside the file: the URI by which a reference names it, and its octets.
    pub contents: &'a [(String, Vec<u8>)],
    /// Against which time everything without a proof of time is judged.
    pub now: DateTime<Utc>,
    /// When the gateway durably received these bytes, where it did.
    pub received: Option<DateTime<Utc>>,
    pub limits: Limits,
}

/// What of the facts is good enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Revocation data may be so much older than the time judged.
    pub revocation_max_age: TimeDelta,
    /// Difference of clocks that is forgiven.
    pub clock_skew: TimeDelta,
    /// Whether the certificate may be named by SHA-1.
    pub sha1_cert_digest: bool,
}

impl Policy {
    /// What `config` finds good enough.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self {
            revocation_max_age: TimeDelta::hours(config.signatures.revocation_max_age_hours.into()),
            clock_skew: TimeDelta::seconds(config.security.clock_skew_seconds.into()),
            sha1_cert_digest: config.signatures.sha1_cert_digest,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self { revocation_max_age: TimeDelta::hours(24), clock_skew: TimeDelta::seconds(60), sha1_cert_digest: false }
    }
}

/// A file judged: its verdict is the worst of its signatures, counter-signatures apart.
#[derive(Debug)]
pub struct Judgement {
    pub verdict: Verdict,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    pub now: DateTime<Utc>,
    /// Why the file as a whole is no signed document.
    pub unreadable: Option<Unreadable>,
    /// In the order of the document, each counter-signature behind the one that it signs.
    pub signatures: Vec<Judged>,
}

/// Why a file has no signatures to judge.
#[derive(Debug)]
pub enum Unreadable {
    /// No acceptable XML, or an identifier that two elements bear.
    Xml(xml::Error),
    NoSignature,
    /// More than [`SIGNATURES_MAX`].
    TooMany,
}

/// One signature with everything that was found out, checked and concluded.
#[derive(Debug)]
pub struct Judged {
    pub facts: Facts,
    pub checks: Vec<Check>,
    pub verdict: Verdict,
}

/// Judges every signature of a file.
#[must_use]
pub fn judge(question: &Question<'_>, lists: &Lists, policy: &Policy) -> Judgement {
    let (unreadable, signatures) = match facts(question, lists) {
        Ok(facts) => (None, facts.into_iter().map(|facts| conclude(facts, policy)).collect()),
        Err(unreadable) => (Some(unreadable), Vec::new()),
    };
    let top_level = signatures.iter().filter(|one: &&Judged| one.facts.form != Form::Counter);
    Judgement {
        verdict: Verdict::worst(top_level.map(|one| one.verdict)),
        digest: sha256(question.file),
        now: question.now,
        unreadable,
        signatures,
    }
}

/// The verdict on facts: the policy alone decides, without clock or input.
#[must_use]
pub fn conclude(facts: Facts, policy: &Policy) -> Judged {
    let checks = checks(&facts, policy);
    let failed = checks.iter().filter_map(|check| match check.outcome {
        Outcome::Failed(reason) => Some(Verdict::NotPassed(reason)),
        Outcome::Ok | Outcome::Warning | Outcome::Skipped => None,
    });
    let verdict = Verdict::worst(std::iter::once(Verdict::Passed).chain(failed));
    Judged { facts, checks, verdict }
}

/// The facts about every signature of a file.
///
/// # Errors
/// [`Unreadable`].
pub fn facts(question: &Question<'_>, lists: &Lists) -> Result<Vec<Facts>, Unreadable> {
    let document = Document::parse(question.file, &question.limits).map_err(Unreadable::Xml)?;
    let ids = xml::ids(&document).map_err(Unreadable::Xml)?;
    let places = locate::signatures(&document);
    match places.len() {
        0 => Err(Unreadable::NoSignature),
        1..=SIGNATURES_MAX => Ok(gather::Gatherer::new(question, &document, &ids, lists).all(&places)),
        _ => Err(Unreadable::TooMany),
    }
}
