//! Values of elements that the schema has found in order, and their writing back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, SubsecRound};
use uuid::Uuid;

use super::error::{Error, Rule};
use crate::subjects::read_day;
use crate::xml::names::QName;
use crate::xml::{Element, Writer, collapse};

/// The text of a child, empty when there is none.
pub fn text(of: Element<'_>, name: QName) -> String {
    optional(of, name).unwrap_or_default()
}

pub fn optional(of: Element<'_>, name: QName) -> Option<String> {
    of.child(name).map(Element::token)
}

/// A child that the schema demands.
///
/// # Errors
/// [`Error::UnknownForm`] when it is not there after all.
pub fn required(of: Element<'_>, name: QName) -> Result<Element<'_>, Error> {
    of.child(name).ok_or(Error::UnknownForm)
}

/// # Errors
/// [`Rule::Day`] for a day that the calendar lacks.
pub fn day(of: Element<'_>, name: QName) -> Result<NaiveDate, Error> {
    let child = required(of, name)?;
    read_day(&child.token()).ok_or_else(|| Rule::Day.at(child.line()))
}

/// # Errors
/// [`Rule::DocumentId`] for what is no UUID.
pub fn uuid(of: Element<'_>, name: QName) -> Result<Uuid, Error> {
    let child = required(of, name)?;
    Uuid::parse_str(&child.token()).map_err(|_| Rule::DocumentId.at(child.line()))
}

/// Text whose lines matter.
///
/// # Errors
/// [`Rule::Blank`] when it holds white space alone.
pub fn lines(of: Element<'_>, name: QName) -> Result<String, Error> {
    let child = required(of, name)?;
    let text = child.text();
    if collapse(&text).is_empty() { Err(Rule::Blank.at(child.line())) } else { Ok(text) }
}

/// A moment with its offset; a day alone is none.
pub fn moment(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text).ok()
}

/// SHA-256 in base64.
pub fn digest(text: &str) -> Option<[u8; 32]> {
    STANDARD.decode(text.split_ascii_whitespace().collect::<String>()).ok()?.try_into().ok()
}

/// The word of a closed list, which the schema has already found to be one of it.
///
/// # Errors
/// [`Error::UnknownForm`] when it is none after all.
pub fn word<T: Copy>(all: &[T], wire: impl Fn(T) -> &'static str, found: &str) -> Result<T, Error> {
    all.iter().copied().find(|one| wire(*one) == found).ok_or(Error::UnknownForm)
}

/// Writes text as `xs:token` reads it back.
pub fn put(out: &mut Writer, name: QName, text: &str) {
    out.text_element(name, &collapse(text));
}

pub fn put_optional(out: &mut Writer, name: QName, text: Option<&str>) {
    if let Some(text) = text {
        put(out, name, text);
    }
}

pub fn put_day(out: &mut Writer, name: QName, day: NaiveDate) {
    out.text_element(name, &day.to_string());
}

/// A moment as it is written: microseconds at most.
pub fn moment_text(moment: DateTime<FixedOffset>) -> String {
    moment.trunc_subsecs(6).to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

pub fn digest_text(digest: &[u8; 32]) -> String {
    STANDARD.encode(digest)
}
