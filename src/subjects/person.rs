//! A person as one record holds them, and the two questions asked about persons: is this the one sought, are these two the same.

use std::fmt;

use chrono::NaiveDate;

use super::identification::read_day;
use super::{DocumentKind, Error, Identification, IdentityDocument, Part, Pesel, SearchTerm, Sex, normalise, parts};

/// The personal data of one person in one record: section 1 of every kind.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordPerson {
    pub surname: String,
    /// All given names, one space between.
    pub given_names: String,
    pub pesel: Option<Pesel>,
    pub birth_date: NaiveDate,
    pub sex: Sex,
    pub documents: Vec<IdentityDocument>,
    /// The word on the wire, e.g. `WDOWIEC_WDOWA`.
    pub marital_status: Option<String>,
    pub addresses: Vec<Address>,
}

/// An address of one kind; absent parts are `None`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// The word on the wire, e.g. `ZAMIESZKANIA`.
    pub kind: String,
    pub postal_code: Option<String>,
    pub town: Option<String>,
    pub street: Option<String>,
    pub house: Option<String>,
    pub flat: Option<String>,
}

impl RecordPerson {
    /// Reads the element that holds a person's data, e.g. `daneOsobowe`; elements it does not know are passed over.
    pub(super) fn read(element: &Part<'_>) -> Result<Self, Error> {
        let (mut surname, mut given_names, mut birth_date, mut sex) = (None, None, None, None);
        let (mut pesel, mut marital_status, mut documents, mut addresses) = (None, None, Vec::new(), Vec::new());
        for part in parts(element.inner) {
            let part = part?;
            match part.name {
                "nazwisko" => surname = Some(part.text()?),
                "imie" => given_names = Some(part.text()?),
                "pesel" => pesel = Some(Pesel::parse(&part.text()?)?),
                "dataUrodzenia" => birth_date = read_day(&part.text()?),
                "plec" => sex = Sex::parse(&part.text()?),
                "stanCywilny" => marital_status = Some(part.text()?),
                "dokumentTozsamosci" => documents.push(read_document(&part)?),
                "adres" => addresses.push(read_address(&part)?),
                _ => (),
            }
        }
        Ok(Self {
            surname: surname.ok_or(Error::StoredRecord("a person without surname"))?,
            given_names: given_names.ok_or(Error::StoredRecord("a person without given name"))?,
            pesel,
            birth_date: birth_date.ok_or(Error::StoredRecord("a person without birth date"))?,
            sex: sex.ok_or(Error::StoredRecord("a person without sex"))?,
            documents,
            marital_status,
            addresses,
        })
    }

    /// Everything this person can be found by, each term once.
    #[must_use]
    pub fn terms(&self) -> Vec<SearchTerm> {
        let mut terms: Vec<_> = self.pesel.iter().map(SearchTerm::pesel).collect();
        terms.push(self.name_term());
        terms.extend(self.documents.iter().map(SearchTerm::document));
        terms.sort();
        terms.dedup();
        terms
    }

    /// What the person's key hangs on: the PESEL, else name and birth date (rule 3.6).
    #[must_use]
    pub fn tag(&self) -> SearchTerm {
        self.pesel.as_ref().map_or_else(|| self.name_term(), SearchTerm::pesel)
    }

    /// Whether this is the person sought, all fields of the identification set compared normalised (rule 4.2).
    ///
    /// A PESEL found with another surname is not a match.
    #[must_use]
    pub fn matches(&self, sought: &Identification) -> bool {
        match sought {
            Identification::Pesel { surname, pesel } => {
                self.pesel.as_ref() == Some(pesel) && normalise(&self.surname) == normalise(surname)
            }
            Identification::Name { surname, given_name, birth_date } => {
                self.name_term() == SearchTerm::name(surname, given_name, *birth_date)
            }
            Identification::Document(document) => self.documents.contains(document),
        }
    }

    fn name_term(&self) -> SearchTerm {
        SearchTerm::name(&self.surname, &self.given_names, self.birth_date)
    }
}

/// Whether two records speak of one person (rule 5.5).
///
/// Two PESELs decide alone. Without both, surname, first given name and birth date must agree and no document may contradict:
/// two documents of one kind with different numbers contradict unless some document is common to both.
#[must_use]
pub fn same_person(one: &RecordPerson, other: &RecordPerson) -> bool {
    if let (Some(one), Some(other)) = (&one.pesel, &other.pesel) {
        return one == other;
    }
    one.name_term() == other.name_term() && !documents_contradict(&one.documents, &other.documents)
}

fn documents_contradict(one: &[IdentityDocument], other: &[IdentityDocument]) -> bool {
    let common = one.iter().any(|document| other.contains(document));
    let same_kind = one.iter().any(|left| other.iter().any(|right| left.kind() == right.kind()));
    same_kind && !common
}

fn read_document(part: &Part<'_>) -> Result<IdentityDocument, Error> {
    let mut kind = None;
    let mut number = String::new();
    for field in parts(part.inner) {
        let field = field?;
        match field.name {
            "rodzaj" => kind = DocumentKind::parse(&field.text()?),
            "numer" => number = field.text()?,
            _ => (),
        }
    }
    IdentityDocument::parse(kind.ok_or(Error::StoredRecord("a document without kind"))?, &number)
}

fn read_address(part: &Part<'_>) -> Result<Address, Error> {
    let mut address = Address::default();
    for field in parts(part.inner) {
        let field = field?;
        match field.name {
            "rodzaj" => address.kind = field.text()?,
            "kodPocztowy" => address.postal_code = Some(field.text()?),
            "miejscowosc" => address.town = Some(field.text()?),
            "ulica" => address.street = Some(field.text()?),
            "nrDomu" => address.house = Some(field.text()?),
            "nrLokalu" => address.flat = Some(field.text()?),
            _ => (),
        }
    }
    Ok(address)
}

/// Shows nothing: personal data do not belong in logs.
impl fmt::Debug for RecordPerson {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("RecordPerson(…)")
    }
}

/// Shows the kind alone: personal data do not belong in logs.
impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Address({}, …)", self.kind)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::subjects::TermKind;

    /// A person with the given PESEL and documents; names and the rest as in the contract's samples.
    pub fn person(
        surname: &str,
        given_names: &str,
        pesel: Option<&str>,
        documents: &[(DocumentKind, &str)],
    ) -> RecordPerson {
        RecordPerson {
            surname: surname.to_owned(),
            given_names: given_names.to_owned(),
            pesel: pesel.map(|digits| Pesel::parse(digits).unwrap()),
            birth_date: "1885-03-15".parse().unwrap(),
            sex: Sex::Female,
            documents: documents.iter().map(|(kind, number)| IdentityDocument::parse(*kind, number).unwrap()).collect(),
            marital_status: None,
            addresses: Vec::new(),
        }
    }

    fn anna() -> RecordPerson {
        person("Lipowa-Testowa", "Anna Maria", Some("85831541742"), &[(DocumentKind::IdentityCard, "ABA300000")])
    }

    fn by_pesel(surname: &str, pesel: &str) -> Identification {
        Identification::Pesel { surname: surname.to_owned(), pesel: Pesel::parse(pesel).unwrap() }
    }

    fn by_name(surname: &str, given_name: &str, birth_date: &str) -> Identification {
        let birth_date = birth_date.parse().unwrap();
        Identification::Name { surname: surname.to_owned(), given_name: given_name.to_owned(), birth_date }
    }

    #[test]
    fn a_pesel_counts_only_with_its_surname() {
        assert!(anna().matches(&by_pesel("lipowa–testowa", "85831541742")));
        assert!(!anna().matches(&by_pesel("Polna-Testowa", "85831541742")));
        assert!(!anna().matches(&by_pesel("Lipowa-Testowa", "71822823375")));
    }

    #[test]
    fn a_name_counts_with_the_first_given_name_and_the_birth_date() {
        assert!(anna().matches(&by_name("LIPOWA-TESTOWA", "anna", "1885-03-15")));
        assert!(anna().matches(&by_name("Lipowa-Testowa", "Anna Ewa", "1885-03-15")));
        assert!(!anna().matches(&by_name("Lipowa-Testowa", "Maria", "1885-03-15")));
        assert!(!anna().matches(&by_name("Lipowa-Testowa", "Anna", "1885-03-16")));
    }

    #[test]
    fn a_document_counts_with_its_kind() {
        let card = IdentityDocument::parse(DocumentKind::IdentityCard, "aba 300000").unwrap();
        let other = IdentityDocument::parse(DocumentKind::Other, "ABA300000").unwrap();
        assert!(anna().matches(&Identification::Document(card)));
        assert!(!anna().matches(&Identification::Document(other)));
    }

    #[test]
    fn a_person_is_found_by_every_set_that_matches() {
        let terms = anna().terms();
        assert_eq!(terms.len(), 3);
        for sought in [by_pesel("Lipowa-Testowa", "85831541742"), by_name("Lipowa-Testowa", "Anna", "1885-03-15")] {
            assert!(terms.contains(&sought.term()));
        }
    }

    #[test]
    fn the_key_of_a_person_hangs_on_the_pesel_or_else_on_the_name() {
        assert_eq!(anna().tag().kind(), TermKind::Pesel);
        assert_eq!(person("Lipowa-Testowa", "Anna", None, &[]).tag().kind(), TermKind::Name);
    }

    #[track_caller]
    fn same(one: &RecordPerson, other: &RecordPerson, expected: bool) {
        assert_eq!(same_person(one, other), expected);
        assert_eq!(same_person(other, one), expected);
    }

    #[test]
    fn two_pesels_decide_alone() {
        same(&anna(), &person("Polna-Testowa", "Ewa", Some("85831541742"), &[]), true);
        same(&anna(), &person("Lipowa-Testowa", "Anna", Some("71822823375"), &[]), false);
    }

    #[test]
    fn without_two_pesels_name_and_birth_date_decide() {
        let mut later = person("Lipowa-Testowa", "Anna", None, &[]);
        same(&anna(), &later, true);
        later.birth_date = "1886-03-15".parse().unwrap();
        same(&anna(), &later, false);
        same(&anna(), &person("Lipowa-Testowa", "Ewa", None, &[]), false);
    }

    #[test]
    fn another_number_of_the_same_kind_of_document_contradicts() {
        let with = |documents: &[(DocumentKind, &str)]| person("Lipowa-Testowa", "Anna", None, documents);
        same(&anna(), &with(&[(DocumentKind::IdentityCard, "ABS123456")]), false);
        same(
            &anna(),
            &with(&[(DocumentKind::IdentityCard, "ABS123456"), (DocumentKind::IdentityCard, "ABA300000")]),
            true,
        );
        same(&anna(), &with(&[(DocumentKind::Passport, "ZS0000177")]), true);
    }
}
