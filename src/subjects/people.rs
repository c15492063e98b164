//! The persons of one stored record, and the place where each stands.

use std::collections::BTreeSet;

use super::{Error, Identification, Part, RecordPerson, SearchTerm, SetKind, parts, same_person};

/// Where a child stands in a family-benefit record: both ordinals count from 0 in the order of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Ordinal of the `decyzja` among the record's decisions.
    pub decision: usize,
    /// Ordinal of the `dziecko` among the children of that decision.
    pub child: usize,
}

/// As whom a person stands in a record (`rekord/@rola`, rule 5.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// The record is about this person.
    Subject,
    /// The person is a child in decisions of somebody else.
    Child(BTreeSet<Place>),
}

impl Role {
    /// All words of roles.
    pub const WORDS: [&'static str; 2] = ["PODMIOT", "DZIECKO"];

    /// The word on the wire: `PODMIOT` or `DZIECKO`.
    #[must_use]
    pub const fn wire(&self) -> &'static str {
        match self {
            Self::Subject => "PODMIOT",
            Self::Child(_) => "DZIECKO",
        }
    }
}

/// All persons of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct People {
    pub subject: RecordPerson,
    /// Children of decisions; empty except in a family-benefit record. A child may recur in several decisions.
    pub children: Vec<(Place, RecordPerson)>,
}

impl People {
    /// Everything by which the record can be found, each term once.
    #[must_use]
    pub fn terms(&self) -> Vec<SearchTerm> {
        let mut terms = self.subject.terms();
        terms.extend(self.children.iter().flat_map(|(_, child)| child.terms()));
        terms.sort();
        terms.dedup();
        terms
    }

    /// As whom the person sought stands in this record, with the data found; `None` when nobody here matches.
    ///
    /// The record's own person comes first: somebody who is both gets the whole record.
    #[must_use]
    pub fn seek(&self, sought: &Identification) -> Option<(Role, Vec<&RecordPerson>)> {
        let children = || self.children.iter().filter(|(_, child)| child.matches(sought));
        let mut persons: Vec<_> = children().map(|(_, child)| child).collect();
        if self.subject.matches(sought) {
            persons.insert(0, &self.subject);
            return Some((Role::Subject, persons));
        }
        if persons.is_empty() {
            return None;
        }
        Some((Role::Child(children().map(|(place, _)| *place).collect()), persons))
    }
}

/// Whether all that was found is one person; otherwise the answer is `NIEJEDNOZNACZNE` (rule 5.5).
#[must_use]
pub fn one_person(found: &[&RecordPerson]) -> bool {
    found.iter().enumerate().all(|(at, one)| found[at + 1..].iter().all(|other| same_person(one, other)))
}

/// Reads the persons of a stored record (the canonical children of its root, rule 5.4).
///
/// # Errors
/// [`Error::StoredRecord`], or what is wrong with a number, when the bytes are no record of this kind.
pub fn people(kind: SetKind, record: &[u8]) -> Result<People, Error> {
    let text = std::str::from_utf8(record).map_err(|_| Error::StoredRecord("not UTF-8"))?;
    let mut subject = None;
    let mut children = Vec::new();
    let mut decisions = 0;
    for part in parts(text) {
        let part = part?;
        if part.name == kind.subject_element() {
            subject = Some(RecordPerson::read(&part)?);
            if kind != SetKind::Sr {
                break; // Nobody else stands in the rest, which is long.
            }
        } else if kind == SetKind::Sr && part.name == "decyzja" {
            read_children(&part, decisions, &mut children)?;
            decisions += 1;
        }
    }
    Ok(People { subject: subject.ok_or(Error::StoredRecord("a record without its person"))?, children })
}

fn read_children(decision: &Part<'_>, ordinal: usize, children: &mut Vec<(Place, RecordPerson)>) -> Result<(), Error> {
    let mut child = 0;
    for part in parts(decision.inner) {
        let part = part?;
        if part.name == "dziecko" {
            children.push((Place { decision: ordinal, child }, RecordPerson::read(&part)?));
            child += 1;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subjects::{IdentificationFields, Sex};

    fn person(tag: &str, surname: &str, given_name: &str, pesel: Option<&str>) -> String {
        let pesel = pesel.map(|digits| format!("<b:pesel>{digits}</b:pesel>")).unwrap_or_default();
        format!(
            "<b:{tag}><b:nazwisko>{surname}</b:nazwisko><b:imie>{given_name}</b:imie>{pesel}\
             <b:dataUrodzenia>1885-03-15</b:dataUrodzenia><b:plec>K</b:plec></b:{tag}>"
        )
    }

    fn benefits() -> People {
        let subject = person("podmiot", "Polna-Testowa", "Ewa", None);
        let one = person("dziecko", "Lipowa-Testowa", "Anna", Some("85831541742"));
        let two = person("dziecko", "Polna-Testowa", "Zofia", None);
        let record = format!(
            "{subject}<b:decyzja>{two}{one}</b:decyzja><b:decyzja>{two}</b:decyzja><b:decyzja>{one}</b:decyzja>"
        );
        people(SetKind::Sr, record.as_bytes()).unwrap()
    }

    fn by_pesel(surname: &str, pesel: &str) -> Identification {
        let fields =
            IdentificationFields { surname: Some(surname.into()), pesel: Some(pesel.into()), ..Default::default() };
        Identification::parse(&fields).unwrap()
    }

    fn by_name(surname: &str, given_name: &str) -> Identification {
        let fields = IdentificationFields {
            surname: Some(surname.into()),
            given_name: Some(given_name.into()),
            birth_date: Some("1885-03-15".into()),
            ..Default::default()
        };
        Identification::parse(&fields).unwrap()
    }

    #[test]
    fn a_whole_person_is_read() {
        let record = "<b:daneOsobowe><b:nazwisko>Lipowa&amp;Testowa</b:nazwisko><b:imie>Anna Maria</b:imie>\
            <b:pesel>85831541742</b:pesel><b:dataUrodzenia>1885-03-15</b:dataUrodzenia>\
            <b:dokumentTozsamosci><b:rodzaj>DOWOD</b:rodzaj><b:numer>ABA 300000</b:numer></b:dokumentTozsamosci><b:plec>K</b:plec>\
            <b:stanCywilny>WDOWIEC_WDOWA</b:stanCywilny><b:adres><b:rodzaj>ZAMIESZKANIA</b:rodzaj><b:kodPocztowy>28-100</b:kodPocztowy>\
            <b:miejscowosc>Busko-Zdrój</b:miejscowosc><b:nrDomu>7a</b:nrDomu></b:adres></b:daneOsobowe>\
            <b:ewidencja><b:skreslonaZEwidencji>false</b:skreslonaZEwidencji></b:ewidencja>";
        let People { subject, children } = people(SetKind::Pup, record.as_bytes()).unwrap();
        assert_eq!(subject.surname, "Lipowa&Testowa");
        assert_eq!(subject.given_names, "Anna Maria");
        assert_eq!(subject.sex, Sex::Female);
        assert_eq!(subject.documents[0].number(), "ABA300000");
        assert_eq!(subject.marital_status.as_deref(), Some("WDOWIEC_WDOWA"));
        assert_eq!(subject.addresses[0].town.as_deref(), Some("Busko-Zdrój"));
        assert_eq!(subject.addresses[0].street, None);
        assert!(children.is_empty());
    }

    #[test]
    fn children_know_their_places() {
        let places: Vec<_> = benefits().children.iter().map(|(place, _)| (place.decision, place.child)).collect();
        assert_eq!(places, [(0, 0), (0, 1), (1, 0), (2, 0)]);
    }

    #[test]
    fn a_child_is_found_in_each_decision_that_names_it() {
        let people = benefits();
        let (role, persons) = people.seek(&by_pesel("Lipowa-Testowa", "85831541742")).unwrap();
        assert_eq!(role.wire(), "DZIECKO");
        assert_eq!(role, Role::Child([Place { decision: 0, child: 1 }, Place { decision: 2, child: 0 }].into()));
        assert!(one_person(&persons));
    }

    #[test]
    fn the_subject_is_found_as_the_subject() {
        let people = benefits();
        let (role, persons) = people.seek(&by_name("Polna-Testowa", "Ewa")).unwrap();
        assert_eq!((role.wire(), persons.len()), ("PODMIOT", 1));
    }

    #[test]
    fn nobody_is_found_under_another_surname() {
        assert!(benefits().seek(&by_pesel("Polna-Testowa", "85831541742")).is_none());
    }

    #[test]
    fn a_record_is_found_by_each_of_its_persons_once() {
        assert_eq!(benefits().terms().len(), 4);
    }

    #[test]
    fn children_with_different_pesels_are_not_one_person() {
        let one = person("dziecko", "Lipowa-Testowa", "Anna", Some("85831541742"));
        let two = person("dziecko", "Lipowa-Testowa", "Anna", Some("71822823375"));
        let record = format!("{}<b:decyzja>{one}{two}</b:decyzja>", person("podmiot", "Polna-Testowa", "Ewa", None));
        let people = people(SetKind::Sr, record.as_bytes()).unwrap();
        let (_, persons) = people.seek(&by_name("Lipowa-Testowa", "Anna")).unwrap();
        assert!(!one_person(&persons));
    }

    #[test]
    fn a_record_without_its_person_is_unreadable() {
        assert!(people(SetKind::Sr, person("daneOsobowe", "A", "B", None).as_bytes()).is_err());
        assert!(people(SetKind::Pup, b"").is_err());
    }
}
