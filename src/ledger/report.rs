//! The report for a person: to whom, when, what and why the register says that their data were given out or refused, as
//! `r:Raport` and as a text that an official hands over.

mod text;

use chrono::{DateTime, Utc};

use super::person::{PersonContent, write_identification};
use super::read::{EntryFacts, EntryHead};
use super::write::time_text;
use crate::subjects::IdentificationFields;
use crate::xml::{QName, R, Writer};

/// Something with an identifier, and how people call it where that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    pub id: String,
    pub name: Option<String>,
}

/// All that one administrator's register says about one person; personal data, hence never logged.
pub struct Report {
    pub tenant: Named,
    /// The person as the official named them.
    pub person: IdentificationFields,
    /// When, by whom and why the report was made.
    pub time: DateTime<Utc>,
    pub unit: Named,
    pub user: String,
    pub reason: String,
    /// In the order of the register.
    pub entries: Vec<ReportedEntry>,
}

/// One entry that concerns the person.
pub struct ReportedEntry {
    pub head: EntryHead,
    pub facts: EntryFacts,
    /// Names beside identifiers of `facts`.
    pub unit_name: Option<String>,
    pub set_name: Option<String>,
    pub basis_title: Option<String>,
    pub asked: Vec<ReportItem>,
    pub granted: Vec<ReportItem>,
    /// What was sealed; nothing when it cannot be opened.
    pub content: Option<PersonContent>,
}

/// A leaf of the scope and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportItem {
    pub number: String,
    pub name: Option<String>,
}

impl Report {
    /// `r:Raport`.
    #[must_use]
    pub fn to_xml(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.open(r("Raport"));
        out.text_element(r("administrator"), &self.tenant.id);
        optional("nazwaAdministratora", self.tenant.name.as_deref(), &mut out);
        out.element(r("osoba"), |out| write_identification(&self.person, out));
        out.text_element(r("czas"), &time_text(self.time));
        out.text_element(r("jednostka"), &self.unit.id);
        out.text_element(r("uzytkownik"), &self.user);
        out.text_element(r("powod"), &self.reason);
        for entry in &self.entries {
            out.element(r("zdarzenie"), |out| entry.write(out));
        }
        out.close();
        out.into_bytes()
    }
}

impl ReportedEntry {
    fn write(&self, out: &mut Writer) {
        let Self { head, facts, content, .. } = self;
        out.text_element(r("numer"), &head.number.to_string());
        out.text_element(r("czas"), &time_text(head.time));
        out.text_element(r("idZdarzenia"), &head.event.to_string());
        out.text_element(r("rodzaj"), &head.kind);
        optional("powtorzenie", head.repeat.then_some("true"), out);
        optional("jednostka", facts.unit.as_deref(), out);
        optional("nazwaJednostki", self.unit_name.as_deref(), out);
        optional("system", facts.system.as_deref(), out);
        optional("uzytkownik", facts.user.as_deref(), out);
        optional("zbior", facts.set.as_deref(), out);
        optional("nazwaZbioru", self.set_name.as_deref(), out);
        optional("stanNa", facts.as_of.as_deref(), out);
        optional("podstawaPrawna", facts.basis.as_deref(), out);
        optional("tytulPodstawy", self.basis_title.as_deref(), out);
        let sealed = |part: fn(&PersonContent) -> Option<&str>| content.as_ref().and_then(part);
        optional("przeznaczenie", sealed(|content| content.purpose.as_deref()), out);
        optional("sprawa", sealed(|content| content.matter.as_deref()), out);
        write_items("zakresZadany", &self.asked, out);
        write_items("zakresUdzielony", &self.granted, out);
        for field in content.iter().flat_map(|content| &content.fields) {
            out.text_element(r("pole"), field);
        }
        optional("wynik", facts.outcome.as_deref(), out);
        optional("kod", facts.code.as_deref(), out);
    }
}

fn write_items(name: &'static str, items: &[ReportItem], out: &mut Writer) {
    if items.is_empty() {
        return;
    }
    out.element(r(name), |out| {
        for item in items {
            out.element(r("pozycja"), |out| {
                out.text_element(r("numer"), &item.number);
                optional("nazwa", item.name.as_deref(), out);
            });
        }
    });
}

fn optional(name: &'static str, value: Option<&str>, out: &mut Writer) {
    if let Some(value) = value {
        out.text_element(r(name), value);
    }
}

const fn r(local: &'static str) -> QName {
    R.name(local)
}

#[cfg(test)]
mod tests;
