//! Exchange files bound by yaserde on xml-rs: batches, the records in them, and protocols.
//!
//! yaserde skips unknown elements and takes the last of two where one is allowed, so a file is validated against its
//! schema before it is read and after it is written; xml-rs needs quadratic time for deep nesting, so nothing is read
//! that the pre-scan has not bounded.

pub mod batch;
pub mod person;
pub mod protocol;
pub mod ps;
pub mod pup;
pub mod sr;
pub mod values;

#[cfg(test)]
mod tests;

use yaserde::ser::Config;
use yaserde::{YaDeserialize, YaSerialize};

use crate::contract::XSD;
use crate::xml::{self, Document, Limits, Schema, Violation};

/// Why an exchange file was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are no XML that we accept.
    #[error(transparent)]
    Xml(#[from] xml::Error),
    /// The file breaks its schema; the first violation stands for all.
    #[error("line {}: {}", .0.line, .0.text)]
    Invalid(Violation),
    /// The file keeps its schema and still cannot be bound.
    #[error("not bound: {0}")]
    Unbound(String),
}

/// The schema of batches and protocols; compiled once and shared.
///
/// # Errors
/// [`xml::Error::Schema`] when the embedded contract is broken.
pub fn schema() -> Result<Schema, xml::Error> {
    Schema::compile("zasilanie.xsd", XSD)
}

/// Reads a file that keeps `limits` and `schema`.
///
/// # Errors
/// See [`Error`].
pub fn read<T: YaDeserialize>(bytes: &[u8], schema: &Schema, limits: &Limits) -> Result<T, Error> {
    validate(bytes, schema, limits)?;
    yaserde::de::from_reader(bytes).map_err(|error| Error::Unbound(error.to_string()))
}

/// Writes a file with one element a line and checks that it keeps `schema`.
///
/// # Errors
/// [`Error::Invalid`] when a value does not fit the schema, [`Error::Unbound`] when xml-rs refuses one.
pub fn write<T: YaSerialize>(document: &T, schema: &Schema) -> Result<Vec<u8>, Error> {
    let config = Config { perform_indent: true, indent_string: Some(" ".into()), ..Config::default() };
    let text =
        yaserde::ser::to_string_with_config(document, &config).map_err(|error| Error::Unbound(error.to_string()))?;
    let bytes = text.into_bytes();
    validate(&bytes, schema, &Limits { bytes: bytes.len(), elements: bytes.len(), ..Limits::default() })?;
    Ok(bytes)
}

fn validate(bytes: &[u8], schema: &Schema, limits: &Limits) -> Result<(), Error> {
    let document = Document::parse(bytes, limits)?;
    let root = document.root();
    schema.validate(root, root).into_iter().next().map_or(Ok(()), |violation| Err(Error::Invalid(violation)))
}
