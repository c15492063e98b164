//! The three identification sets by which a caller may name a person.

use std::fmt;

use chrono::NaiveDate;

use super::{DocumentKind, Error, FieldError, IdentityDocument, Pesel, SearchTerm};

/// The person as asked for: exactly one identification set, checked.
#[derive(Clone, PartialEq, Eq)]
pub enum Identification {
    Pesel { surname: String, pesel: Pesel },
    Name { surname: String, given_name: String, birth_date: NaiveDate },
    Document(IdentityDocument),
}

/// The fields of `osoba` as they stand in a request, in wire order.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct IdentificationFields {
    pub surname: Option<String>,
    pub pesel: Option<String>,
    pub given_name: Option<String>,
    pub birth_date: Option<String>,
    pub document_kind: Option<String>,
    pub document_number: Option<String>,
}

impl Identification {
    /// Checks the fields of a request.
    ///
    /// # Errors
    /// The field that is wrong and why: a PESEL's check digit or date, a document's number, an empty name, or not exactly one set.
    pub fn parse(fields: &IdentificationFields) -> Result<Self, FieldError> {
        let at = |field: &'static str| move |error: Error| FieldError { field, error };
        let IdentificationFields { surname, pesel, given_name, birth_date, document_kind, document_number } = fields;
        match (surname, pesel, given_name, birth_date, document_kind, document_number) {
            (Some(surname), Some(pesel), None, None, None, None) => Ok(Self::Pesel {
                surname: named(surname).map_err(at("nazwisko"))?,
                pesel: Pesel::parse(pesel).map_err(at("pesel"))?,
            }),
            (Some(surname), None, Some(given_name), Some(birth_date), None, None) => Ok(Self::Name {
                surname: named(surname).map_err(at("nazwisko"))?,
                given_name: named(given_name).map_err(at("imie"))?,
                birth_date: read_day(birth_date).ok_or(Error::Date).map_err(at("dataUrodzenia"))?,
            }),
            (None, None, None, None, Some(kind), Some(number)) => {
                let kind = DocumentKind::parse(kind).ok_or(Error::Word).map_err(at("rodzajDokumentu"))?;
                Ok(Self::Document(IdentityDocument::parse(kind, number).map_err(at("numerDokumentu"))?))
            }
            _ => Err(FieldError { field: "", error: Error::NotOneSet }),
        }
    }

    /// What to look up; a PESEL's surname is left for the comparison with the opened record.
    ///
    /// The key of a person who was not found hangs on the same term (rule 3.6).
    #[must_use]
    pub fn term(&self) -> SearchTerm {
        match self {
            Self::Pesel { pesel, .. } => SearchTerm::pesel(pesel),
            Self::Name { surname, given_name, birth_date } => SearchTerm::name(surname, given_name, *birth_date),
            Self::Document(document) => SearchTerm::document(document),
        }
    }
}

impl IdentificationFields {
    /// What a key hangs on that seals a refusal about fields which identify nobody (rule 3.6): the fields as they stand.
    #[must_use]
    pub fn tag_material(&self) -> Vec<u8> {
        let fields = [
            &self.surname,
            &self.pesel,
            &self.given_name,
            &self.birth_date,
            &self.document_kind,
            &self.document_number,
        ];
        let mut material = vec![0]; // never the first byte of a term's material
        for field in fields {
            let text = field.as_deref().unwrap_or_default();
            material.extend_from_slice(&(text.len() as u64).to_be_bytes());
            material.extend_from_slice(text.as_bytes());
        }
        material
    }
}

/// A name that holds something, as written.
pub(crate) fn named(text: &str) -> Result<String, Error> {
    if text.trim().is_empty() { Err(Error::NameEmpty) } else { Ok(text.to_owned()) }
}

/// A day written exactly `YYYY-MM-DD`.
pub(crate) fn read_day(text: &str) -> Option<NaiveDate> {
    let shape = text.len() == 10 && text.bytes().all(|sign| sign.is_ascii_digit() || sign == b'-');
    if shape { NaiveDate::parse_from_str(text, "%Y-%m-%d").ok() } else { None }
}

/// Shows which set it is: what people are asked for by does not belong in logs.
impl fmt::Debug for Identification {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Identification({:?}, …)", self.term().kind())
    }
}

/// Shows which fields there are.
impl fmt::Debug for IdentificationFields {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { surname, pesel, given_name, birth_date, document_kind, document_number } = self;
        let fields = [surname, pesel, given_name, birth_date, document_kind, document_number];
        let names = ["nazwisko", "pesel", "imie", "dataUrodzenia", "rodzajDokumentu", "numerDokumentu"];
        out.debug_set()
            .entries(names.iter().zip(fields).filter(|(_, field)| field.is_some()).map(|(name, _)| name))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subjects::TermKind;

    /// Fields in wire order; an empty text stands for an absent element.
    fn fields(texts: [&str; 6]) -> IdentificationFields {
        let [surname, pesel, given_name, birth_date, document_kind, document_number] =
            texts.map(|text| (!text.is_empty()).then(|| text.to_owned()));
        IdentificationFields { surname, pesel, given_name, birth_date, document_kind, document_number }
    }

    #[track_caller]
    fn holds(texts: [&str; 6], kind: TermKind) {
        assert_eq!(Identification::parse(&fields(texts)).unwrap().term().kind(), kind);
    }

    #[track_caller]
    fn fails(texts: [&str; 6], field: &str, error: Error) {
        let found = Identification::parse(&fields(texts)).unwrap_err();
        assert_eq!((found.field, found.error), (field, error));
    }

    #[test]
    fn each_of_the_three_sets_is_enough() {
        holds(["Lipowa-Testowa", "85831541742", "", "", "", ""], TermKind::Pesel);
        holds(["Lipowa-Testowa", "", "Anna", "1885-03-15", "", ""], TermKind::Name);
        holds(["", "", "", "", "DOWOD", "ABA 300000"], TermKind::Document);
    }

    #[test]
    fn half_a_set_or_two_sets_are_refused() {
        let (n, p, i, d, k, z) = ("Lipowa-Testowa", "85831541742", "Anna", "1885-03-15", "DOWOD", "ABA300000");
        for texts in [
            ["", "", "", "", "", ""],
            [n, "", "", "", "", ""],
            ["", p, "", "", "", ""],
            [n, "", i, "", "", ""],
            [n, "", "", d, "", ""],
            ["", "", "", "", k, ""],
            [n, p, i, "", "", ""],
            [n, p, i, d, "", ""],
            [n, p, "", "", k, z],
        ] {
            fails(texts, "", Error::NotOneSet);
        }
    }

    #[test]
    fn the_wrong_field_is_named() {
        fails(["Lipowa-Testowa", "85831541743", "", "", "", ""], "pesel", Error::PeselCheckDigit);
        fails(["Lipowa-Testowa", "02222900003", "", "", "", ""], "pesel", Error::PeselDate);
        fails(["\u{a0}", "85831541742", "", "", "", ""], "nazwisko", Error::NameEmpty);
        fails(["Lipowa-Testowa", "", "Anna", "1871-02-30", "", ""], "dataUrodzenia", Error::Date);
        fails(["Lipowa-Testowa", "", "Anna", "1885-3-15", "", ""], "dataUrodzenia", Error::Date);
        fails(["", "", "", "", "BILET", "1"], "rodzajDokumentu", Error::Word);
        fails(["", "", "", "", "DOWOD", "ABA300001"], "numerDokumentu", Error::DocumentCheckDigit);
    }

    #[test]
    fn debug_output_shows_no_value() {
        let asked = Identification::parse(&fields(["Lipowa-Testowa", "85831541742", "", "", "", ""])).unwrap();
        assert_eq!(format!("{asked:?}"), "Identification(Pesel, …)");
        let fields = fields(["Lipowa-Testowa", "85831541742", "", "", "", ""]);
        assert_eq!(format!("{fields:?}"), r#"{"nazwisko", "pesel"}"#);
    }
}
