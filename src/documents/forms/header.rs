//! What every form of ours says of itself: `OpisDokumentu` and `DaneDokumentu` (rule 12.2).

use std::fmt;

use chrono::{DateTime, FixedOffset};
use uuid::Uuid;

use super::FormKind;
use super::error::{Error, Rule};
use super::fields::{moment, moment_text, put, put_day, required, text};
use super::party::{self, Party};
use crate::xml::names::{META, STR};
use crate::xml::{Attr, Element, Writer, collapse};

const CREATED: &str = "stworzony";
const DOCUMENT_ID: &str = "idDokumentu";
const CATEGORY: &str = "tekst";
const LANGUAGE: &str = "pol";

/// The head of a document.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// `idDokumentu`; who writes a document makes it.
    pub id: Uuid,
    /// When it was made, to the microsecond; the document is dated by the day of that moment at that offset.
    pub created: DateTime<FixedOffset>,
    /// `str:NazwaDokumentu`.
    pub title: String,
    /// `meta:OpisDokumentu`: one sentence.
    pub description: String,
    pub addressee: Party,
    pub sender: Party,
}

impl Header {
    /// Reads the head of a document that keeps the schema of `kind`.
    ///
    /// # Errors
    /// A [`Rule`] about the head, with its line.
    pub(super) fn read(root: Element<'_>, kind: FormKind) -> Result<Self, Error> {
        let (id, created) = description(required(root, kind.name("OpisDokumentu"))?, kind)?;
        let data = required(root, kind.name("DaneDokumentu"))?;
        let dated = required(data, META.name("Data"))?;
        let day = text(dated, META.name("Czas"));
        // The day may be repeated as the whole moment.
        let same = day == created.date_naive().to_string() || moment(&day) == Some(created);
        if dated.attribute("typDaty").as_deref() != Some(CREATED) || !same {
            return Err(Rule::Dated.at(dated.line()));
        }
        let heading = required(data, STR.name("Naglowek"))?;
        let header = Self {
            id,
            created,
            title: text(heading, STR.name("NazwaDokumentu")),
            description: text(required(root, kind.name("OpisDokumentu"))?, META.name("OpisDokumentu")),
            addressee: party::read(required(data, STR.name("Adresaci"))?)?,
            sender: party::read(required(data, STR.name("Nadawcy"))?)?,
        };
        header.check(data, kind)?;
        Ok(header)
    }

    /// Who may write to whom.
    fn check(&self, data: Element<'_>, kind: FormKind) -> Result<(), Error> {
        let line = |name| data.child(STR.name(name)).map_or_else(|| data.line(), Element::line);
        let to_unit = self.addressee.unit_id().is_some();
        let from_unit = self.sender.unit_id().is_some();
        match kind {
            FormKind::Wniosek if !to_unit => Err(Rule::Addressee.at(line("Adresaci"))),
            FormKind::Zaswiadczenie | FormKind::Odmowa | FormKind::Pismo if !from_unit => {
                Err(Rule::Sender.at(line("Nadawcy")))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn write(&self, kind: FormKind, out: &mut Writer) {
        out.element(kind.name("OpisDokumentu"), |out| {
            put(out, STR.name("CID"), kind.namespace().uri);
            out.open_with(META.name("Data"), &[Attr::Plain("typDaty", CREATED)]);
            out.text_element(META.name("Czas"), &moment_text(self.created));
            out.close();
            out.open_with(META.name("Identyfikator"), &[Attr::Plain("typIdentyfikatora", DOCUMENT_ID)]);
            out.text_element(META.name("Wartosc"), &self.id.to_string());
            out.close();
            out.element(META.name("RodzajDokumentu"), |out| put(out, META.name("Kategoria"), CATEGORY));
            out.open_with(META.name("Jezyk"), &[Attr::Plain("kodJezyka", LANGUAGE)]);
            out.close();
            put(out, META.name("OpisDokumentu"), &self.description);
        });
        out.element(kind.name("DaneDokumentu"), |out| {
            out.element(STR.name("Naglowek"), |out| put(out, STR.name("NazwaDokumentu"), &self.title));
            out.open_with(META.name("Data"), &[Attr::Plain("typDaty", CREATED)]);
            put_day(out, META.name("Czas"), self.created.date_naive());
            out.close();
            party::write(STR.name("Adresaci"), &self.addressee, out);
            party::write(STR.name("Nadawcy"), &self.sender, out);
        });
    }
}

/// Which document it is and between whom: its words may tell of a person.
impl fmt::Debug for Header {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Header({} {}, {:?} -> {:?}, …)", self.id, self.created, self.sender, self.addressee)
    }
}

/// Identifier and moment of `OpisDokumentu`, with what never varies.
fn description(description: Element<'_>, kind: FormKind) -> Result<(Uuid, DateTime<FixedOffset>), Error> {
    let form = required(description, STR.name("CID"))?;
    if form.token() != kind.namespace().uri {
        return Err(Rule::FormName.at(form.line()));
    }
    let date = required(description, META.name("Data"))?;
    let created = moment(&text(date, META.name("Czas")));
    let created = created.filter(|_| date.attribute("typDaty").as_deref() == Some(CREATED));
    let created = created.ok_or_else(|| Rule::Created.at(date.line()))?;
    let holder = required(description, META.name("Identyfikator"))?;
    let id = Uuid::parse_str(&text(holder, META.name("Wartosc"))).ok();
    let id = id.filter(|_| holder.attribute("typIdentyfikatora").as_deref() == Some(DOCUMENT_ID));
    let id = id.ok_or_else(|| Rule::DocumentId.at(holder.line()))?;
    let category = required(description, META.name("RodzajDokumentu"))?;
    if text(category, META.name("Kategoria")) != CATEGORY {
        return Err(Rule::Category.at(category.line()));
    }
    let language = required(description, META.name("Jezyk"))?;
    if language.attribute("kodJezyka").map(|code| collapse(&code)).as_deref() != Some(LANGUAGE) {
        return Err(Rule::Language.at(language.line()));
    }
    Ok((id, created))
}
