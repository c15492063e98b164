//! What a person is searched by: the exact bytes that go under the keyed hash of rule 4.2.

use std::fmt;

use chrono::NaiveDate;

use super::{IdentityDocument, NORM_VERSION, Pesel, first_given_name, normalise};

/// Which fields a [`SearchTerm`] is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TermKind {
    Pesel,
    /// Surname, first given name, birth date.
    Name,
    /// Kind and number of an identity document.
    Document,
}

impl TermKind {
    /// The byte inside hashed material; never given to another kind.
    const fn byte(self) -> u8 {
        match self {
            Self::Pesel => 1,
            Self::Name => 2,
            Self::Document => 3,
        }
    }
}

/// Normalised fields by which a person can be found.
///
/// A PESEL is searched alone; the surname that came with it is compared with the opened record.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SearchTerm {
    kind: TermKind,
    fields: Vec<String>,
}

impl SearchTerm {
    #[must_use]
    pub fn pesel(pesel: &Pesel) -> Self {
        Self { kind: TermKind::Pesel, fields: vec![pesel.as_str().to_owned()] }
    }

    #[must_use]
    pub fn name(surname: &str, given_names: &str, birth_date: NaiveDate) -> Self {
        let fields = vec![normalise(surname), first_given_name(given_names), birth_date.format("%Y-%m-%d").to_string()];
        Self { kind: TermKind::Name, fields }
    }

    #[must_use]
    pub fn document(document: &IdentityDocument) -> Self {
        let fields = vec![document.kind().wire().to_owned(), document.number().to_owned()];
        Self { kind: TermKind::Document, fields }
    }

    #[must_use]
    pub const fn kind(&self) -> TermKind {
        self.kind
    }

    /// Bytes under the search key of `set`: norm version ‖ set ‖ kind ‖ fields, texts prefixed by their length (rule 4.2).
    #[must_use]
    pub fn material(&self, set: &str) -> Vec<u8> {
        let mut material = vec![NORM_VERSION];
        push_text(&mut material, set);
        self.push_fields(&mut material);
        material
    }

    /// Bytes under the tag of a person's key (rule 3.6): as [`Self::material`], but one for all sets of an administrator.
    #[must_use]
    pub fn tag_material(&self) -> Vec<u8> {
        let mut material = vec![NORM_VERSION];
        self.push_fields(&mut material);
        material
    }

    fn push_fields(&self, material: &mut Vec<u8>) {
        material.push(self.kind.byte());
        for field in &self.fields {
            push_text(material, field);
        }
    }
}

/// Appends a text after its length in bytes, 32 bits, big-endian.
fn push_text(material: &mut Vec<u8>, text: &str) {
    let length = u32::try_from(text.len()).expect("fields of a search term are bounded by the schema");
    material.extend_from_slice(&length.to_be_bytes());
    material.extend_from_slice(text.as_bytes());
}

/// Shows the kind alone: what people are searched by does not belong in logs.
impl fmt::Debug for SearchTerm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SearchTerm({:?}, …)", self.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subjects::DocumentKind;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_bytes_of_a_term_are_fixed() {
        let term = SearchTerm::pesel(&Pesel::parse("85831541742").unwrap());
        assert_eq!(term.material("A/b"), b"\x01\x00\x00\x00\x03A/b\x01\x00\x00\x00\x0b85831541742");
        assert_eq!(term.tag_material(), b"\x01\x01\x00\x00\x00\x0b85831541742");
    }

    #[test]
    fn the_same_person_gives_the_same_bytes() {
        let one = SearchTerm::name("Lipowa–Testowa ", "anna maria", day("1885-03-15"));
        let other = SearchTerm::name("lipowa-TESTOWA", "Anna Ewa", day("1885-03-15"));
        assert_eq!(one.material("A/b"), other.material("A/b"));
    }

    #[test]
    fn fields_never_run_into_each_other() {
        let one = SearchTerm::name("AB", "C", day("1885-03-15"));
        let other = SearchTerm::name("A", "BC", day("1885-03-15"));
        assert_ne!(one.material("A/b"), other.material("A/b"));
    }

    #[test]
    fn sets_and_kinds_of_documents_stay_apart() {
        let card = |kind| SearchTerm::document(&IdentityDocument::parse(kind, "ABC").unwrap());
        assert_ne!(card(DocumentKind::Other).material("A/b"), card(DocumentKind::Other).material("A/c"));
        assert_ne!(card(DocumentKind::Other).material("A/b"), card(DocumentKind::ResidenceCard).material("A/b"));
    }
}
