//! Forms: the documents that offices write to each other, each with its schema, bound by hand over `xml` (rules 12.1 to 12.5).
//!
//! What is written is the document's exclusive canonical form, so a signature appended to it finds nothing to change.
//! Every document is checked by its schema and then by what no schema can say, on the way in and on the way out.

mod attachment;
mod digest;
mod error;
mod fields;
mod file_kind;
mod header;
mod metadata;
mod odmowa;
mod party;
mod pismo;
mod receipt;
mod wniosek;
mod zaswiadczenie;

#[cfg(test)]
mod tests;

use uuid::Uuid;

pub use attachment::{
    Attachment, Content, FILE_NAME_MAX, FILE_URN, INLINE_BYTES_MAX, INLINE_BYTES_SUM_MAX, StoredFile, check_file_name,
};
pub use digest::content_digest;
pub use error::{Error, Rule};
pub use file_kind::FileKind;
pub use header::Header;
pub use metadata::{Metadata, MetadataParty};
pub use odmowa::{Complaint, Odmowa, RefusalKind};
pub use party::{Address, Party, Person, UNIT_ID_KIND, Unit};
pub use pismo::{LetterKind, Pismo, REPLY_DAYS_MIN};
pub use receipt::{ReceiptParty, Upp};
pub use wniosek::{Period, RequestKind, Wniosek};
pub use zaswiadczenie::{IssueKind, IssuedRecord, Issuer, TemplateRef, Zaswiadczenie};

use crate::contract::XSD;
use crate::xml::names::{Namespace, ODM, PIS, QName, WNIO, ZAS};
use crate::xml::{self, Attr, Document, Element, Limits, Schema, Writer, ids};

/// The most bytes of a document, signatures and attachments included.
pub const DOCUMENT_BYTES_MAX: usize = 5 * 1024 * 1024;

/// The forms by the names of their roots' namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FormKind {
    Wniosek,
    Zaswiadczenie,
    Odmowa,
    Pismo,
}

/// A document of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    Wniosek(Wniosek),
    Zaswiadczenie(Zaswiadczenie),
    Odmowa(Odmowa),
    Pismo(Pismo),
}

/// The compiled schemas of all forms and of receipts.
#[derive(Debug)]
pub struct Forms {
    schemas: [(FormKind, Schema); 4],
    receipt: Schema,
}

impl FormKind {
    pub const ALL: [Self; 4] = [Self::Wniosek, Self::Zaswiadczenie, Self::Odmowa, Self::Pismo];

    #[must_use]
    pub const fn namespace(self) -> Namespace {
        match self {
            Self::Wniosek => WNIO,
            Self::Zaswiadczenie => ZAS,
            Self::Odmowa => ODM,
            Self::Pismo => PIS,
        }
    }

    /// The form's own element, inside `TrescDokumentu`.
    #[must_use]
    pub const fn element(self) -> &'static str {
        match self {
            Self::Wniosek => "Wniosek",
            Self::Zaswiadczenie => "Zaswiadczenie",
            Self::Odmowa => "Odmowa",
            Self::Pismo => "Pismo",
        }
    }

    /// The file of its schema.
    #[must_use]
    pub const fn schema_file(self) -> &'static str {
        match self {
            Self::Wniosek => "wzor-wniosek.xsd",
            Self::Zaswiadczenie => "wzor-zaswiadczenie.xsd",
            Self::Odmowa => "wzor-odmowa.xsd",
            Self::Pismo => "wzor-pismo.xsd",
        }
    }

    /// The kind of the document with this root; none for a document that is not ours.
    #[must_use]
    pub fn of(root: Element<'_>) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| root.is(kind.name("Dokument")))
    }

    const fn name(self, local: &'static str) -> QName {
        self.namespace().name(local)
    }
}

impl Form {
    #[must_use]
    pub const fn kind(&self) -> FormKind {
        match self {
            Self::Wniosek(_) => FormKind::Wniosek,
            Self::Zaswiadczenie(_) => FormKind::Zaswiadczenie,
            Self::Odmowa(_) => FormKind::Odmowa,
            Self::Pismo(_) => FormKind::Pismo,
        }
    }

    #[must_use]
    pub const fn header(&self) -> &Header {
        match self {
            Self::Wniosek(form) => &form.header,
            Self::Zaswiadczenie(form) => &form.header,
            Self::Odmowa(form) => &form.header,
            Self::Pismo(form) => &form.header,
        }
    }

    #[must_use]
    pub fn attachments(&self) -> &[Attachment] {
        match self {
            Self::Wniosek(form) => &form.attachments,
            Self::Zaswiadczenie(form) => &form.attachments,
            Self::Odmowa(form) => &form.attachments,
            Self::Pismo(form) => &form.attachments,
        }
    }

    /// The document's own identifier.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.header().id
    }

    /// The canonical bytes, unchecked; [`Forms::write`] checks them.
    fn encode(&self) -> Vec<u8> {
        let inside: usize = self.attachments().iter().filter_map(Attachment::bytes).map(<[u8]>::len).sum();
        let mut out = Writer::with_capacity(inside / 3 * 4 + 16 * 1024);
        let kind = self.kind();
        out.element(kind.name("Dokument"), |out| {
            self.header().write(kind, out);
            let attributes = [Attr::Plain("format", "text/xml"), Attr::Plain("kodowanie", "XML")];
            out.open_with(kind.name("TrescDokumentu"), &attributes);
            out.element(kind.name(kind.element()), |out| {
                match self {
                    Self::Wniosek(form) => form.write(out),
                    Self::Zaswiadczenie(form) => form.write(out),
                    Self::Odmowa(form) => form.write(out),
                    Self::Pismo(form) => form.write(out),
                }
                attachment::write_digests(self.attachments(), out);
            });
            attachment::write(self.attachments(), out);
            out.close();
        });
        out.into_bytes()
    }
}

impl Forms {
    /// Compiles the embedded schemas; to be shared afterwards.
    ///
    /// # Errors
    /// [`xml::Error::Schema`] when the embedded contract is broken.
    pub fn compile() -> Result<Self, xml::Error> {
        let of = |kind: FormKind| Schema::compile(kind.schema_file(), XSD).map(|schema| (kind, schema));
        let [wniosek, zaswiadczenie, odmowa, pismo] = FormKind::ALL;
        Ok(Self {
            schemas: [of(wniosek)?, of(zaswiadczenie)?, of(odmowa)?, of(pismo)?],
            receipt: Schema::compile("upo.xsd", XSD)?,
        })
    }

    /// Reads a document of ours, signed or not: schema first, then everything that a schema cannot say.
    ///
    /// Signatures are not looked at.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(&self, document: &Document) -> Result<Form, Error> {
        let root = document.root();
        let kind = FormKind::of(root).ok_or(Error::UnknownForm)?;
        let (_, schema) = self.schemas.iter().find(|(one, _)| *one == kind).ok_or(Error::UnknownForm)?;
        validate(schema, root)?;
        ids(document)?;
        let header = Header::read(root, kind)?;
        let content = fields::required(root, kind.name("TrescDokumentu"))?;
        let form = fields::required(content, kind.name(kind.element()))?;
        let attachments = attachment::read(content, form)?;
        Ok(match kind {
            FormKind::Wniosek => Form::Wniosek(Wniosek::read(header, form, attachments, root)?),
            FormKind::Zaswiadczenie => Form::Zaswiadczenie(Zaswiadczenie::read(header, form, attachments)?),
            FormKind::Odmowa => Form::Odmowa(Odmowa::read(header, form, attachments)?),
            FormKind::Pismo => Form::Pismo(Pismo::read(header, form, attachments)?),
        })
    }

    /// Writes a document in its canonical form and checks it as [`Forms::read`] would.
    ///
    /// White space in texts of one line is written as the schema collapses it.
    ///
    /// # Errors
    /// As [`Forms::read`]; lines then are those of the bytes that were not given out.
    pub fn write(&self, form: &Form) -> Result<Vec<u8>, Error> {
        let bytes = form.encode();
        self.read(&parse(&bytes)?)?;
        Ok(bytes)
    }

    /// Writes a receipt in its canonical form, ready for the gateway's seal.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a fact does not fit the schema.
    pub fn write_receipt(&self, receipt: &Upp) -> Result<Vec<u8>, Error> {
        let bytes = receipt.encode();
        validate(&self.receipt, parse(&bytes)?.root())?;
        Ok(bytes)
    }

    /// Reads a receipt for a submission, sealed or not.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read_receipt(&self, document: &Document) -> Result<Upp, Error> {
        validate(&self.receipt, document.root())?;
        Upp::read(document.root())
    }
}

/// Parses a document within the bounds of documents.
///
/// # Errors
/// [`xml::Error::TooLarge`] beyond [`DOCUMENT_BYTES_MAX`], or what is wrong with the XML.
pub fn parse(bytes: &[u8]) -> Result<Document, xml::Error> {
    Document::parse(bytes, &Limits { bytes: DOCUMENT_BYTES_MAX, ..Limits::default() })
}

fn validate(schema: &Schema, root: Element<'_>) -> Result<(), Error> {
    let violations = schema.validate(root, root);
    if violations.is_empty() { Ok(()) } else { Err(Error::Invalid(violations)) }
}
