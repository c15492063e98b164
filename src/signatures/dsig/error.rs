//! Why a signature cannot be read, and why one that was read does not hold; explained without any value from the message.

use crate::problem::{Code, Detail, Problem};
use crate::signatures::KeyFamily;
use crate::xml::{self, Element};

use super::hints::Hint;

const ALGORITHM_MAX: usize = 100;

/// A signature that is not built as XML Signature and our whitelist ask; the place is where it stops.
#[derive(Debug, thiserror::Error)]
#[error("{reason:?}{} at {path}, line {line}", named(algorithm.as_deref()))]
pub struct Error {
    pub reason: Reason,
    pub line: u32,
    pub path: String,
    /// The algorithm that was refused, when the element names one.
    pub algorithm: Option<String>,
}

fn named(algorithm: Option<&str>) -> String {
    algorithm.map(|name| format!(" ({name})")).unwrap_or_default()
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
    /// More than the profile has room for, or none.
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
            Self::Canonicalization => {
                "Algorytm kanonizacji (CanonicalizationMethod) jest niedozwolony; przyjmuje się Exclusive C14N oraz C14N 1.0 i 1.1 bez komentarzy."
            }
            Self::SignatureMethod => {
                "Algorytm podpisu (SignatureMethod) albo jego parametry są niedozwolone; przyjmuje się RSA (PKCS #1 v1.5, PSS) i ECDSA z SHA-256, SHA-384 albo SHA-512."
            }
            Self::DigestMethod => {
                "Algorytm skrótu (DigestMethod) jest niedozwolony; przyjmuje się SHA-256, SHA-384 i SHA-512."
            }
            Self::Transform => {
                "Przekształcenie (Transform) albo kolejność przekształceń jest niedozwolona; przyjmuje się enveloped-signature, a po nim kanonizację bez komentarzy albo STR-Transform."
            }
            Self::References => "Podpis musi mieć od 1 do 10 odwołań (Reference).",
            Self::Uri => "Odwołanie (Reference) musi wskazywać element tego dokumentu przez identyfikator.",
            Self::Base64 => "Wartość nie jest zapisana w base64.",
            Self::NoCanonicalForm => "Element nie ma postaci kanonicznej.",
        }
    }
}

impl Error {
    pub(super) fn at(element: Element<'_>, reason: Reason) -> Self {
        // Names of algorithms are short; what is not one is not repeated to anybody.
        let is_name = |text: &String| text.len() <= ALGORITHM_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
        let algorithm = element.attribute("Algorithm").filter(is_name);
        Self { reason, line: element.line(), path: element.path(), algorithm }
    }

    /// The sentence for the caller, in Polish, with the algorithm that was refused.
    #[must_use]
    pub fn explain(&self) -> String {
        match &self.algorithm {
            Some(name) => format!("{} Podano: {name}", self.reason.sentence()),
            None => self.reason.sentence().to_owned(),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::new(Code::SignatureInvalid).detail(Detail {
            line: Some(error.line),
            text: error.explain(),
            path: Some(error.path),
            ..Detail::default()
        })
    }
}

/// Why a signature does not hold.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// RSA method with an ECDSA key or the reverse.
    #[error("the signature method is not for a key of the family {key:?}")]
    KeyMismatch { key: KeyFamily },
    #[error("the signature value does not hold{}", also(*hint))]
    Value {
        /// Length of the canonical `SignedInfo`.
        canonical_bytes: usize,
        /// Its SHA-256, in base64.
        computed: String,
        hint: Option<Hint>,
    },
    #[error("reference {ordinal} resolves to nothing")]
    Unresolved { ordinal: usize, uri: String },
    #[error("reference {ordinal} leads to no security token")]
    NoToken { ordinal: usize },
    #[error("reference {ordinal}: {source}")]
    NoCanonicalForm { ordinal: usize, source: xml::Error },
    /// The signed element is not what was signed.
    #[error("the digest of reference {ordinal} does not hold{}", also(*hint))]
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
        hint: Option<Hint>,
    },
}

fn also(hint: Option<Hint>) -> String {
    hint.map(|hint| format!(" ({hint})")).unwrap_or_default()
}

impl Failure {
    /// The reason for the caller, in Polish, with what helps to find the fault on their side.
    #[must_use]
    pub fn explain(&self) -> String {
        match self {
            Self::KeyMismatch { key } => {
                let family = match key {
                    KeyFamily::Rsa => "RSA",
                    KeyFamily::Ecdsa => "ECDSA",
                };
                format!(
                    "Algorytm podpisu (SignatureMethod) nie pasuje do klucza w certyfikacie, który jest kluczem {family}."
                )
            }
            Self::Value { canonical_bytes, computed, hint } => with_hint(
                format!(
                    "Wartość podpisu (SignatureValue) nie odpowiada elementowi SignedInfo i kluczowi z certyfikatu: \
                     SignedInfo ma po kanonizacji {canonical_bytes} B, a jego skrót SHA-256 to {computed}."
                ),
                *hint,
            ),
            Self::Unresolved { ordinal, .. } => {
                format!("Odwołanie (Reference) nr {ordinal} nie wskazuje żadnego elementu dokumentu.")
            }
            Self::NoToken { ordinal } => format!(
                "Odwołanie (Reference) nr {ordinal} z STR-Transform nie prowadzi do certyfikatu w komunikacie ani do certyfikatu podpisującego."
            ),
            Self::NoCanonicalForm { ordinal, .. } => {
                format!("Element wskazany przez odwołanie (Reference) nr {ordinal} nie ma postaci kanonicznej.")
            }
            Self::Digest { ordinal, canonical_bytes, computed, hint, .. } => with_hint(
                format!(
                    "Skrót (DigestValue) w odwołaniu (Reference) nr {ordinal} nie odpowiada wskazanemu elementowi: \
                     po przekształceniach ma on {canonical_bytes} B, a jego skrót to {computed}."
                ),
                *hint,
            ),
        }
    }
}

fn with_hint(text: String, hint: Option<Hint>) -> String {
    hint.map(|hint| format!("{text} {}", hint.explain())).unwrap_or(text)
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
