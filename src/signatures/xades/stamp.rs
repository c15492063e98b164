//! Time-stamping the signatures that a document has already; nothing else of it changes.

use super::augment::{AugmentError, Means, Stamped};
use super::gather::Gatherer;
use super::locate::{Place, PlaceKind, signatures};
use super::times::stamp_fault;
use super::{Facts, Question, SIGNATURES_MAX, Unreadable, facts};
use crate::signatures::Error;
use crate::signatures::lists::{Files, Lists};
use crate::xml::{self, DS, Document, Element, Limits, Method, Writer, XADES, canonical_bytes, ids, insert};

/// Why nothing was stamped.
#[derive(Debug, thiserror::Error)]
pub enum StampError {
    #[error("{0}")]
    Xml(#[from] xml::Error),
    #[error("the document has no signature")]
    NoSignature,
    #[error("the document has more than {SIGNATURES_MAX} signatures")]
    TooMany,
    /// A stamp would only lend it a time.
    #[error("signature {0} of the document does not verify")]
    Broken(String),
    /// Its unsigned properties leave no place for a stamp.
    #[error("signature {0} of the document takes no time-stamp")]
    NoPlace(String),
    #[error("signature {0} of the document does not verify once another one is stamped")]
    BreaksOthers(String),
    #[error("{0}")]
    Augment(#[from] AugmentError),
    #[error("{0}")]
    Library(#[from] Error),
}

/// `file` with a time-stamp under every signature that has none worth believing, counter-signatures apart. Content that
/// stands beside the document is not needed.
///
/// # Errors
/// [`StampError`].
pub fn stamp(file: &[u8], means: &Means<'_>, limits: Limits) -> Result<Vec<u8>, StampError> {
    let document = Document::parse(file, &limits)?;
    let places = signatures(&document);
    match places.len() {
        0 => return Err(StampError::NoSignature),
        1..=SIGNATURES_MAX => {}
        _ => return Err(StampError::TooMany),
    }
    let question = Question { file, contents: &[], now: means.now, received: None, limits };
    let before = Gatherer::new(&question, &document, &ids(&document)?, means.lists).all(&places);
    if let Some(broken) = before.iter().find(|one| !one.holds_so_far()) {
        return Err(StampError::Broken(broken.id.clone()));
    }
    let mut stamps = Vec::new();
    for (place, facts) in places.iter().zip(&before).filter(|(_, facts)| !is_stamped(facts, means)) {
        if place.kind == PlaceKind::Top {
            stamps.push(written(&document, *place, means)?.ok_or_else(|| StampError::NoPlace(facts.id.clone()))?);
        }
    }
    // From the last to the first, so that elements still to be found keep their numbers.
    stamps.sort_unstable_by_key(|(element, _)| std::cmp::Reverse(*element));
    let mut stamped = file.to_vec();
    for (element, child) in &stamps {
        stamped = insert(&stamped, *element, child, &Limits { bytes: stamped.len(), ..limits })?;
    }
    check(&stamped, &before, means, limits)?;
    Ok(stamped)
}

fn is_stamped(facts: &Facts, means: &Means<'_>) -> bool {
    facts.timestamps.iter().flatten().any(|stamp| stamp_fault(stamp, facts.now, means.policy).is_none())
}

/// A stamp of the signature at `place`, and the number of the element that takes it; nothing when none can.
fn written(document: &Document, place: Place<'_>, means: &Means<'_>) -> Result<Option<(usize, Vec<u8>)>, StampError> {
    let (Some(value), Some(qualifying)) = (place.element.child(DS.name("SignatureValue")), qualifying(place.element))
    else {
        return Ok(None);
    };
    let unsigned = qualifying.child(XADES.name("UnsignedProperties"));
    let of_signature = unsigned.and_then(|unsigned| unsigned.child(XADES.name("UnsignedSignatureProperties")));
    let around = of_signature.or(unsigned).unwrap_or(qualifying);
    // What unsigned properties of data objects follow has to come before them (EN 319 132-1 §4.3.5).
    if of_signature.is_none() && unsigned.is_some_and(|unsigned| unsigned.children().next().is_some()) {
        return Ok(None);
    }
    let stamped = means.stamp(&canonical_bytes(value, Method::Exclusive)?)?;
    let mut out = Writer::new();
    match (unsigned, of_signature) {
        (_, Some(_)) => stamped.write(&mut out),
        (Some(_), None) => of_signature_alone(&stamped, &mut out),
        (None, None) => out.element(XADES.name("UnsignedProperties"), |out| of_signature_alone(&stamped, out)),
    }
    Ok(number(document, around).map(|number| (number, out.into_bytes())))
}

fn of_signature_alone(stamped: &Stamped, out: &mut Writer) {
    out.element(XADES.name("UnsignedSignatureProperties"), |out| stamped.write(out));
}

fn qualifying(signature: Element<'_>) -> Option<Element<'_>> {
    signature.all(DS.name("Object")).find_map(|object| object.child(XADES.name("QualifyingProperties")))
}

/// How many elements begin before this one.
fn number(document: &Document, element: Element<'_>) -> Option<usize> {
    let root = document.root();
    std::iter::once(root).chain(root.descendants()).position(|one| one == element)
}

/// Refuses a file in which a signature does not hold that did before.
fn check(stamped: &[u8], before: &[Facts], means: &Means<'_>, limits: Limits) -> Result<(), StampError> {
    let limits = Limits { bytes: stamped.len(), ..limits };
    let question = Question { file: stamped, contents: &[], now: means.now, received: None, limits };
    // Whose they are was asked before.
    let broken = match facts(&question, &Lists::read(&Files::default())?) {
        Ok(after) if after.len() == before.len() => after.into_iter().find(|one| !one.holds_so_far()).map(|one| one.id),
        Ok(_) | Err(Unreadable::NoSignature | Unreadable::TooMany) => Some(String::new()),
        Err(Unreadable::Xml(error)) => return Err(error.into()),
    };
    broken.map_or(Ok(()), |id| Err(StampError::BreaksOthers(id)))
}
