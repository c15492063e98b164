//! Why a signature cannot be read, and why one that was read does not hold; explained without any value from the message.

use crate::problem::{Code, Detail, Problem};
use crate::xml::{self, Element};

/// A signature that is not built as XML Signature and our whitelist ask; the place is where it stops.
#[derive(Debug, thiserror::Error)]
#[error("{reason:?} at {path}, line {line}")]
pub struct Error {
    pub reason: Reason,
    pub line: u32,
    pub path: String,
}

/// What is wrong with the way a signature is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// An element is missing, repeated, out of order or foreign.
    Structure,
    Canonicalization,
    SignatureMethod,
    DigestMethod,
    Transform,
    /// More than [`super::REFERENCES_MAX`], or none.
    References,
    /// Neither absent text (the whole document) nor `#` and an identifier.
    Uri,
    Base64,
    /// libxml2 knows no canonical form of it, e.g. for a relative namespace name.
    NoCanonicalForm,
}

impl Reason {
    /// The sentence for the caller.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Structure => "Element podpisu nie ma budowy opisanej w XML Signature.",
            Self::Canonicalization => "Algorytm kanonizacji (CanonicalizationMethod) jest niedozwolony.",
            Self::SignatureMethod => "Algorytm podpisu (SignatureMethod) jest niedozwolony.",
            Self::DigestMethod => "Algorytm skrótu (DigestMethod) jest niedozwolony.",
            Self::Transform => "Przekształcenie (Transform) albo kolejność przekształceń jest niedozwolona.",
            Self::References => "Podpis musi mieć od 1 do 10 odwołań (Reference).",
            Self::Uri => "Odwołanie (Reference) musi wskazywać element tego dokumentu przez identyfikator.",
            Self::Base64 => "Wartość nie jest zapisana w base64.",
            Self::NoCanonicalForm => "Element nie ma postaci kanonicznej.",
        }
    }
}

impl Error {
    pub(super) fn at(element: Element<'_>, reason: Reason) -> Self {
        Self { reason, line: element.line(), path: element.path() }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::new(Code::SignatureInvalid).detail(Detail {
            line: Some(error.line),
            path: Some(error.path),
            text: error.reason.sentence().to_owned(),
            ..Detail::default()
        })
    }
}

/// Why a signature does not hold.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// RSA method with an ECDSA key or the reverse.
    #[error("the signature method is not of the key's family")]
    KeyMismatch,
    #[error("the signature value does not hold")]
    Value,
    #[error("reference {ordinal} resolves to nothing")]
    Unresolved { ordinal: usize, uri: String },
    #[error("reference {ordinal} leads to no security token")]
    NoToken { ordinal: usize },
    #[error("reference {ordinal}: {source}")]
    NoCanonicalForm { ordinal: usize, source: xml::Error },
    /// The signed element is not what was signed.
    #[error("the digest of reference {ordinal} does not hold")]
    Digest {
        /// Counts from 1.
        ordinal: usize,
        uri: String,
        /// The element that the reference points at.
        path: String,
        line: u32,
        /// Length of its canonical form.
        canonical_bytes: usize,
        /// The digest of that form, in base64.
        computed: String,
    },
}

impl Failure {
    /// The reason for the caller, in Polish, with what helps to find the fault on their side.
    #[must_use]
    pub fn explain(&self) -> String {
        match self {
            Self::KeyMismatch => {
                "Algorytm podpisu (SignatureMethod) nie pasuje do rodzaju klucza w certyfikacie.".to_owned()
            }
            Self::Value => {
                "Wartość podpisu (SignatureValue) nie odpowiada elementowi SignedInfo i kluczowi z certyfikatu."
                    .to_owned()
            }
            Self::Unresolved { ordinal, .. } => {
                format!("Odwołanie (Reference) nr {ordinal} nie wskazuje żadnego elementu dokumentu.")
            }
            Self::NoToken { ordinal } => format!(
                "Odwołanie (Reference) nr {ordinal} z STR-Transform nie prowadzi do certyfikatu w komunikacie ani do certyfikatu podpisującego."
            ),
            Self::NoCanonicalForm { ordinal, .. } => {
                format!("Element wskazany przez odwołanie (Reference) nr {ordinal} nie ma postaci kanonicznej.")
            }
            Self::Digest { ordinal, canonical_bytes, computed, .. } => format!(
                "Skrót (DigestValue) w odwołaniu (Reference) nr {ordinal} nie odpowiada wskazanemu elementowi: \
                 po przekształceniach ma on {canonical_bytes} B, a jego skrót to {computed}."
            ),
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let place = match &failure {
            Failure::Digest { line, path, .. } => {
                Detail { line: Some(*line), path: Some(path.clone()), ..Detail::default() }
            }
            _ => Detail::default(),
        };
        Self::new(Code::SignatureInvalid).detail(Detail { text: failure.explain(), ..place }).caused_by(failure)
    }
}
