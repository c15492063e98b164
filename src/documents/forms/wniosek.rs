//! `wzor-wniosek.xsd`: an application for data about a person, or for a zaświadczenie.

use std::collections::HashSet;
use std::fmt;

use chrono::NaiveDate;
use uuid::Uuid;

use super::error::{Error, Rule};
use super::fields::{day, optional, put, put_day, put_optional, required, text, uuid, word};
use super::{Attachment, Header};
use crate::subjects::{Identification, IdentificationFields};
use crate::xml::names::{STR, W, WNIO};
use crate::xml::{Element, Writer};

/// What is applied for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// Data for an office.
    Disclosure,
    /// A zaświadczenie.
    Certificate,
}

/// Days, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// An application.
#[derive(Clone, PartialEq, Eq)]
pub struct Wniosek {
    pub header: Header,
    pub kind: RequestKind,
    /// Code of the legal basis, e.g. `UPS-105`.
    pub legal_basis: String,
    /// Why the data are needed, for those whom no provision entitles.
    pub justification: Option<String>,
    pub purpose: String,
    /// E.g. `PUP-BUSKO/ewidencja`.
    pub set: String,
    /// Scope items as they were written, at least one, none twice.
    pub scope: Vec<String>,
    /// Whom it is about; exactly one identification set.
    pub person: IdentificationFields,
    pub period: Option<Period>,
    /// The template that the answer is to follow.
    pub template: Option<String>,
    /// The applicant's reference.
    pub matter: Option<String>,
    /// The application that this one completes, by its document's identifier.
    pub supplements: Option<Uuid>,
    pub attachments: Vec<Attachment>,
}

impl RequestKind {
    pub const ALL: [Self; 2] = [Self::Disclosure, Self::Certificate];

    /// The word on the wire.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Disclosure => "UDOSTEPNIENIE",
            Self::Certificate => "ZASWIADCZENIE",
        }
    }
}

impl Wniosek {
    pub(super) fn read(
        header: Header,
        form: Element<'_>,
        attachments: Vec<Attachment>,
        root: Element<'_>,
    ) -> Result<Self, Error> {
        let kind = word(&RequestKind::ALL, RequestKind::wire, &text(form, WNIO.name("rodzaj")))?;
        if kind == RequestKind::Disclosure && header.sender.unit_id().is_none() {
            let senders = root.child(WNIO.name("DaneDokumentu")).and_then(|data| data.child(STR.name("Nadawcy")));
            return Err(Rule::Sender.at(senders.unwrap_or(root).line()));
        }
        let supplements = form.child(WNIO.name("uzupelnia")).map(|_| uuid(form, WNIO.name("uzupelnia"))).transpose()?;
        if supplements == Some(header.id) {
            return Err(Rule::SupplementsItself.at(required(form, WNIO.name("uzupelnia"))?.line()));
        }
        Ok(Self {
            header,
            kind,
            legal_basis: text(form, WNIO.name("podstawaPrawna")),
            justification: optional(form, WNIO.name("uzasadnieniePotrzeby")),
            purpose: text(form, WNIO.name("przeznaczenie")),
            set: text(form, WNIO.name("zbior")),
            scope: scope(required(form, WNIO.name("zakres"))?)?,
            person: person(required(form, WNIO.name("osoba"))?)?,
            period: form.child(WNIO.name("okres")).map(period).transpose()?,
            template: optional(form, WNIO.name("szablon")),
            matter: optional(form, WNIO.name("znakSprawy")),
            supplements,
            attachments,
        })
    }

    pub(super) fn write(&self, out: &mut Writer) {
        put(out, WNIO.name("rodzaj"), self.kind.wire());
        put(out, WNIO.name("podstawaPrawna"), &self.legal_basis);
        put_optional(out, WNIO.name("uzasadnieniePotrzeby"), self.justification.as_deref());
        put(out, WNIO.name("przeznaczenie"), &self.purpose);
        put(out, WNIO.name("zbior"), &self.set);
        out.element(WNIO.name("zakres"), |out| self.scope.iter().for_each(|item| put(out, W.name("pozycja"), item)));
        out.element(WNIO.name("osoba"), |out| write_person(&self.person, out));
        if let Some(period) = self.period {
            out.element(WNIO.name("okres"), |out| {
                put_day(out, WNIO.name("od"), period.from);
                put_day(out, WNIO.name("do"), period.to);
            });
        }
        put_optional(out, WNIO.name("szablon"), self.template.as_deref());
        put_optional(out, WNIO.name("znakSprawy"), self.matter.as_deref());
        put_optional(out, WNIO.name("uzupelnia"), self.supplements.map(|id| id.to_string()).as_deref());
    }
}

fn scope(scope: Element<'_>) -> Result<Vec<String>, Error> {
    let mut seen = HashSet::new();
    let items = scope.all(W.name("pozycja"));
    items
        .map(|item| {
            let text = item.token();
            if seen.insert(text.clone()) { Ok(text) } else { Err(Rule::ScopeRepeated.at(item.line())) }
        })
        .collect()
}

fn person(person: Element<'_>) -> Result<IdentificationFields, Error> {
    let field = |name| optional(person, WNIO.name(name));
    let fields = IdentificationFields {
        surname: field("nazwisko"),
        pesel: field("pesel"),
        given_name: field("imie"),
        birth_date: field("dataUrodzenia"),
        document_kind: field("rodzajDokumentu"),
        document_number: field("numerDokumentu"),
    };
    match Identification::parse(&fields) {
        Ok(_) => Ok(fields),
        Err(error) => {
            let wrong = person.children().find(|child| child.local() == error.field).unwrap_or(person);
            Err(Rule::Person.at(wrong.line()))
        }
    }
}

fn write_person(person: &IdentificationFields, out: &mut Writer) {
    let fields = [
        ("nazwisko", &person.surname),
        ("pesel", &person.pesel),
        ("imie", &person.given_name),
        ("dataUrodzenia", &person.birth_date),
        ("rodzajDokumentu", &person.document_kind),
        ("numerDokumentu", &person.document_number),
    ];
    fields.into_iter().for_each(|(name, value)| put_optional(out, WNIO.name(name), value.as_deref()));
}

fn period(period: Element<'_>) -> Result<Period, Error> {
    let (from, to) = (day(period, WNIO.name("od"))?, day(period, WNIO.name("do"))?);
    if from <= to { Ok(Period { from, to }) } else { Err(Rule::Period.at(period.line())) }
}

/// Which document it is: what it says is about a person.
impl fmt::Debug for Wniosek {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Wniosek({:?} {}, …)", self.kind, self.header.id)
    }
}
