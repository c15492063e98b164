//! `wzor-zaswiadczenie.xsd`: what an office certifies or tells, with the record that it rests on and the text that people read.

use std::fmt;

use chrono::NaiveDate;
use uuid::Uuid;

use super::error::{Error, Rule};
use super::fields::{day, digest, digest_text, put, put_day, required, text, uuid, word};
use super::{Attachment, FileKind, Header};
use crate::subjects::SetKind;
use crate::xml::names::{CZ, ZAS};
use crate::xml::{Attr, Element, Method, Writer, canonical_bytes};

/// What is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IssueKind {
    /// A zaświadczenie (KPA 217).
    Certificate,
    /// An answer to another office.
    Information,
}

/// The template that the text came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateRef {
    pub id: String,
    pub version: u32,
    /// SHA-256 of the template's bytes.
    pub sha256: [u8; 32],
}

/// One cut record, kept as its canonical bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedRecord {
    /// `PODMIOT` or `DZIECKO`, for a family-benefit record and for no other.
    pub role: Option<String>,
    /// The exclusive canonical form of `b:Udostepniona…`.
    pub bytes: Vec<u8>,
}

/// Who answers for the document by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    pub given_name: String,
    pub surname: String,
    pub position: String,
}

/// What is issued upon an application.
#[derive(Clone, PartialEq, Eq)]
pub struct Zaswiadczenie {
    pub header: Header,
    pub kind: IssueKind,
    /// The application's document identifier.
    pub request: Uuid,
    /// The issuer's reference.
    pub matter: String,
    /// Code of the legal basis, e.g. `KPA-217`.
    pub legal_basis: String,
    /// The day that the data describe.
    pub as_of: NaiveDate,
    pub template: TemplateRef,
    /// None when the person is not in the set.
    pub records: Vec<IssuedRecord>,
    /// The exclusive canonical form of `cz:Tresc`: what people read.
    pub text: Vec<u8>,
    pub issuer: Issuer,
    /// The PDF comes first.
    pub attachments: Vec<Attachment>,
}

impl IssueKind {
    pub const ALL: [Self; 2] = [Self::Certificate, Self::Information];

    /// The word on the wire.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Certificate => "ZASWIADCZENIE",
            Self::Information => "INFORMACJA",
        }
    }
}

impl Zaswiadczenie {
    /// The stored pages: attachment 1.
    #[must_use]
    pub fn pdf(&self) -> Option<&[u8]> {
        self.attachments.first().and_then(Attachment::bytes)
    }

    pub(super) fn read(header: Header, form: Element<'_>, attachments: Vec<Attachment>) -> Result<Self, Error> {
        let is_pdf = |one: &Attachment| one.kind() == FileKind::Pdf && one.bytes().is_some();
        if !attachments.first().is_some_and(is_pdf) {
            return Err(Rule::NoPdf.at(form.line()));
        }
        let issuer = required(form, ZAS.name("wystawil"))?;
        Ok(Self {
            header,
            kind: word(&IssueKind::ALL, IssueKind::wire, &text(form, ZAS.name("rodzaj")))?,
            request: uuid(form, ZAS.name("idWniosku"))?,
            matter: text(form, ZAS.name("znakSprawy")),
            legal_basis: text(form, ZAS.name("podstawaPrawna")),
            as_of: day(form, ZAS.name("stanNa"))?,
            template: template(required(form, CZ.name("Szablon"))?)?,
            records: records(required(form, ZAS.name("Dane"))?)?,
            text: canonical_bytes(required(form, CZ.name("Tresc"))?, Method::Exclusive)?,
            issuer: Issuer {
                given_name: text(issuer, ZAS.name("imie")),
                surname: text(issuer, ZAS.name("nazwisko")),
                position: text(issuer, ZAS.name("stanowisko")),
            },
            attachments,
        })
    }

    pub(super) fn write(&self, out: &mut Writer) {
        put(out, ZAS.name("rodzaj"), self.kind.wire());
        put(out, ZAS.name("idWniosku"), &self.request.to_string());
        put(out, ZAS.name("znakSprawy"), &self.matter);
        put(out, ZAS.name("podstawaPrawna"), &self.legal_basis);
        put_day(out, ZAS.name("stanNa"), self.as_of);
        let attributes = [
            Attr::Plain("identyfikator", &self.template.id),
            Attr::Plain("wersja", &self.template.version.to_string()),
            Attr::Plain("skrot", &digest_text(&self.template.sha256)),
        ];
        out.open_with(CZ.name("Szablon"), &attributes);
        out.close();
        // Nothing around uses the prefixes `b` and `cz`, so what declares them itself is canonical in its place too.
        out.element(ZAS.name("Dane"), |out| {
            for record in &self.records {
                let role = record.role.as_deref().map(|role| Attr::Plain("rola", role));
                out.open_with(ZAS.name("rekord"), role.as_slice());
                out.raw(&record.bytes);
                out.close();
            }
        });
        out.raw(&self.text);
        out.element(ZAS.name("wystawil"), |out| {
            put(out, ZAS.name("imie"), &self.issuer.given_name);
            put(out, ZAS.name("nazwisko"), &self.issuer.surname);
            put(out, ZAS.name("stanowisko"), &self.issuer.position);
        });
    }
}

fn template(template: Element<'_>) -> Result<TemplateRef, Error> {
    let value = |name| template.attribute(name).map(|value| value.trim().to_owned()).unwrap_or_default();
    let version = value("wersja").parse().ok();
    let (Some(version), Some(sha256)) = (version, digest(&value("skrot"))) else {
        return Err(Error::UnknownForm);
    };
    Ok(TemplateRef { id: value("identyfikator"), version, sha256 })
}

fn records(data: Element<'_>) -> Result<Vec<IssuedRecord>, Error> {
    let mut records = Vec::new();
    for holder in data.all(ZAS.name("rekord")) {
        let record = holder.children().next().ok_or(Error::UnknownForm)?;
        let role = holder.attribute("rola").map(|role| role.trim().to_owned());
        let is_sr = record.local() == SetKind::Sr.reply_root();
        if role.is_some() != is_sr {
            return Err(Rule::Role.at(holder.line()));
        }
        if !records.is_empty() && !is_sr {
            return Err(Rule::OneKind.at(holder.line()));
        }
        records.push(IssuedRecord { role, bytes: canonical_bytes(record, Method::Exclusive)? });
    }
    Ok(records)
}

/// How large it is: what it holds is about a person.
impl fmt::Debug for IssuedRecord {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "IssuedRecord({:?}, {} bytes)", self.role, self.bytes.len())
    }
}

/// Which document it is: what it says is about a person.
impl fmt::Debug for Zaswiadczenie {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Zaswiadczenie({:?} {}, …)", self.kind, self.header.id)
    }
}
