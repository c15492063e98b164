//! Reads the readable part of an entry back from its bytes; the sealed parts stay closed.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Error;
use super::extract::Span;
use super::write::{FORMAT, SealedPart};
use crate::xml::{Document, Element, Limits, QName, R};

/// What every entry says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryHead {
    pub number: u64,
    pub epoch: u64,
    pub time: DateTime<Utc>,
    pub event: Uuid,
    /// The word of the entry (`rodzaj`); later programs may know more words than this one.
    pub kind: String,
    pub tenant: String,
    /// Who asked or fed; none where a command did it.
    pub unit: Option<String>,
    pub repeat: bool,
    /// How many persons the entry concerns.
    pub parts: usize,
    /// The segment of entries that this one removed.
    pub removed: Option<Span>,
}

/// Parses the XML behind the format byte.
///
/// # Errors
/// [`Error::Format`] when the first byte is not that of this format, [`Error::Malformed`] when the rest is not XML.
pub fn parse_entry(bytes: &[u8]) -> Result<Document, Error> {
    match bytes.split_first() {
        Some((&FORMAT, xml)) => Document::parse(xml, &Limits::default()).map_err(Error::Malformed),
        _ => Err(Error::Format),
    }
}

/// The entry's own account of its place in the register.
///
/// # Errors
/// [`Error::Field`] names the first field that is absent or not of its type.
pub fn read_entry(entry: Element<'_>) -> Result<EntryHead, Error> {
    Ok(EntryHead {
        number: field(entry, "numer", |text| text.parse().ok())?,
        epoch: field(entry, "epoka", |text| text.parse().ok())?,
        time: field(entry, "czas", |text| Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc()))?,
        event: field(entry, "idZdarzenia", |text| Uuid::parse_str(text).ok())?,
        kind: field(entry, "rodzaj", |text| Some(text.to_owned()))?,
        tenant: field(entry, "administrator", |text| Some(text.to_owned()))?,
        unit: entry.child(r("jednostka")).map(Element::token),
        repeat: entry.child(r("powtorzenie")).is_some_and(|element| element.token() == "true"),
        parts: entry.all(r("czesc")).count(),
        removed: entry.child(r("usunieteWpisy")).map(span).transpose()?,
    })
}

/// Who asked for what, and what came of it, as the readable part tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryFacts {
    pub unit: Option<String>,
    pub system: Option<String>,
    pub user: Option<String>,
    pub set: Option<String>,
    /// Code of the legal basis.
    pub basis: Option<String>,
    /// Leaves of the scope.
    pub asked: Vec<String>,
    pub granted: Vec<String>,
    pub outcome: Option<String>,
    pub code: Option<String>,
    pub as_of: Option<String>,
}

/// The facts of an entry; what it lacks is absent here.
#[must_use]
pub fn read_facts(entry: Element<'_>) -> EntryFacts {
    let text = |name| entry.child(r(name)).map(Element::token);
    let scope = |name| entry.child(r(name)).into_iter().flat_map(Element::children).map(Element::token).collect();
    EntryFacts {
        unit: text("jednostka"),
        system: text("system"),
        user: text("uzytkownik"),
        set: text("zbior"),
        basis: text("podstawaPrawna"),
        asked: scope("zakresZadany"),
        granted: scope("zakresUdzielony"),
        outcome: text("wynik"),
        code: text("kod"),
        as_of: text("stanNa"),
    }
}

/// The sealed parts in their order.
///
/// # Errors
/// [`Error::Field`] as of [`read_entry`].
pub fn sealed_parts(entry: Element<'_>) -> Result<Vec<SealedPart>, Error> {
    let bytes = |text: &str| openssl::base64::decode_block(text).ok();
    let part = |part| {
        let commitment = field(part, "zobowiazanieKlucza", |text| bytes(text)?.try_into().ok())?;
        Ok(SealedPart { commitment, sealed: field(part, "tresc", bytes)? })
    };
    entry.all(r("czesc")).map(part).collect()
}

/// The readable fields in their order, nested names joined by a slash; of the sealed parts nothing.
#[must_use]
pub fn readable_fields(entry: Element<'_>) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for child in entry.children().filter(|child| !child.is(r("czesc"))) {
        if child.children().next().is_none() {
            fields.push((child.local().to_owned(), child.token()));
        } else {
            for inner in child.children() {
                fields.push((format!("{}/{}", child.local(), inner.local()), inner.token()));
            }
        }
    }
    fields
}

fn span(removed: Element<'_>) -> Result<Span, Error> {
    let number = |name| field(removed, name, |text| text.parse().ok());
    Ok(Span { first: number("od")?, last: number("do")? })
}

const fn r(local: &'static str) -> QName {
    R.name(local)
}

pub(super) fn field<T>(
    entry: Element<'_>,
    local: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Error> {
    entry.child(r(local)).and_then(|element| parse(&element.token())).ok_or(Error::Field(local))
}
