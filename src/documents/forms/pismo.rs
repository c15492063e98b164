//! `wzor-pismo.xsd`: a letter about an application: a call to complete it, or its return.

use std::fmt;

use uuid::Uuid;

use super::error::{Error, Rule};
use super::fields::{lines, optional, put, put_optional, text, uuid, word};
use super::{Attachment, Header, Wniosek};
use crate::xml::names::PIS;
use crate::xml::{Element, Writer};

/// The least number of days that a call to complete gives (KPA 64 §2).
pub const REPLY_DAYS_MIN: u32 = 7;

/// What a letter is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LetterKind {
    /// A call to complete the application.
    Call,
    /// The application goes back.
    Return,
}

/// A letter.
#[derive(Clone, PartialEq, Eq)]
pub struct Pismo {
    pub header: Header,
    pub kind: LetterKind,
    /// The application's document identifier.
    pub request: Uuid,
    pub matter: Option<String>,
    /// The provisions in words.
    pub legal_basis: Option<String>,
    /// Lines matter.
    pub text: String,
    /// Days from delivery in which to complete the application; for a call and for nothing else.
    pub days: Option<u32>,
    pub attachments: Vec<Attachment>,
}

impl LetterKind {
    pub const ALL: [Self; 2] = [Self::Call, Self::Return];

    /// The word on the wire.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Call => "WEZWANIE",
            Self::Return => "ZWROT",
        }
    }
}

impl Pismo {
    /// Whether this letter is about `request`.
    ///
    /// # Errors
    /// [`Rule::OtherRequest`].
    pub fn answers(&self, request: &Wniosek) -> Result<(), Rule> {
        if self.request == request.header.id { Ok(()) } else { Err(Rule::OtherRequest) }
    }

    pub(super) fn read(header: Header, form: Element<'_>, attachments: Vec<Attachment>) -> Result<Self, Error> {
        let kind = word(&LetterKind::ALL, LetterKind::wire, &text(form, PIS.name("rodzaj")))?;
        let given = form.child(PIS.name("dni"));
        let days: Option<u32> = given.and_then(|days| days.token().parse().ok());
        let fits = match kind {
            LetterKind::Call => days.is_some_and(|days| days >= REPLY_DAYS_MIN),
            LetterKind::Return => given.is_none(),
        };
        if !fits {
            return Err(Rule::ReplyTime.at(given.unwrap_or(form).line()));
        }
        Ok(Self {
            header,
            kind,
            request: uuid(form, PIS.name("idWniosku"))?,
            matter: optional(form, PIS.name("znakSprawy")),
            legal_basis: optional(form, PIS.name("podstawaPrawna")),
            text: lines(form, PIS.name("tresc"))?,
            days,
            attachments,
        })
    }

    pub(super) fn write(&self, out: &mut Writer) {
        put(out, PIS.name("rodzaj"), self.kind.wire());
        put(out, PIS.name("idWniosku"), &self.request.to_string());
        put_optional(out, PIS.name("znakSprawy"), self.matter.as_deref());
        put_optional(out, PIS.name("podstawaPrawna"), self.legal_basis.as_deref());
        out.text_element(PIS.name("tresc"), &self.text);
        put_optional(out, PIS.name("dni"), self.days.map(|days| days.to_string()).as_deref());
    }
}

/// Which document it is: what it says is about a person.
impl fmt::Debug for Pismo {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Pismo({:?} {}, …)", self.kind, self.header.id)
    }
}
