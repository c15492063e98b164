//! `wzor-odmowa.xsd`: a refusal, as a ruling against which a person may complain or as a letter to an office.

use std::fmt;

use uuid::Uuid;

use super::error::{Error, Rule};
use super::fields::{lines, put, text, uuid, word};
use super::{Attachment, Header, RequestKind, Wniosek};
use crate::xml::names::ODM;
use crate::xml::{Element, Writer};

/// The shape of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// A ruling (KPA 219): no zaświadczenie.
    Ruling,
    /// A letter: no data for the office that asked.
    Letter,
}

/// How a ruling is contested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Days from delivery; KPA gives 7.
    pub days: u32,
    /// The body that decides about it.
    pub body: String,
}

/// A refusal.
#[derive(Clone, PartialEq, Eq)]
pub struct Odmowa {
    pub header: Header,
    pub kind: RefusalKind,
    /// The application's document identifier.
    pub request: Uuid,
    /// The reference of the office that refuses.
    pub matter: String,
    /// The office, as a ruling designates it.
    pub body: String,
    /// Whom it is addressed to, as a ruling designates the party.
    pub party: String,
    /// The provisions in words.
    pub legal_basis: String,
    pub ruling: String,
    /// Lines matter, here and in the next two.
    pub facts: String,
    pub law: String,
    pub instruction: String,
    /// For a ruling and for nothing else.
    pub complaint: Option<Complaint>,
    pub attachments: Vec<Attachment>,
}

/// KPA 141 §2.
const COMPLAINT_DAYS: u32 = 7;

impl RefusalKind {
    pub const ALL: [Self; 2] = [Self::Ruling, Self::Letter];

    /// The word on the wire.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Ruling => "POSTANOWIENIE",
            Self::Letter => "PISMO",
        }
    }
}

impl Odmowa {
    /// Whether this refusal may answer `request`: a ruling refuses a zaświadczenie alone, and a person is refused by one.
    ///
    /// # Errors
    /// [`Rule::OtherRequest`], [`Rule::RulingKind`].
    pub fn answers(&self, request: &Wniosek) -> Result<(), Rule> {
        if self.request != request.header.id {
            return Err(Rule::OtherRequest);
        }
        let is_person = request.header.sender.unit_id().is_none();
        match self.kind {
            RefusalKind::Ruling if request.kind == RequestKind::Certificate => Ok(()),
            RefusalKind::Letter if !is_person => Ok(()),
            _ => Err(Rule::RulingKind),
        }
    }

    pub(super) fn read(header: Header, form: Element<'_>, attachments: Vec<Attachment>) -> Result<Self, Error> {
        let kind = word(&RefusalKind::ALL, RefusalKind::wire, &text(form, ODM.name("rodzaj")))?;
        let complaint = form.child(ODM.name("zazalenie"));
        let place = complaint.unwrap_or(form).line();
        let complaint = complaint.map(|complaint| Complaint {
            days: text(complaint, ODM.name("dni")).parse().unwrap_or_default(),
            body: text(complaint, ODM.name("organ")),
        });
        let fits = match kind {
            RefusalKind::Ruling => complaint.as_ref().is_some_and(|complaint| complaint.days == COMPLAINT_DAYS),
            RefusalKind::Letter => complaint.is_none(),
        };
        if !fits {
            return Err(Rule::Complaint.at(place));
        }
        Ok(Self {
            header,
            kind,
            request: uuid(form, ODM.name("idWniosku"))?,
            matter: text(form, ODM.name("znakSprawy")),
            body: text(form, ODM.name("organ")),
            party: text(form, ODM.name("strona")),
            legal_basis: text(form, ODM.name("podstawaPrawna")),
            ruling: text(form, ODM.name("rozstrzygniecie")),
            facts: lines(form, ODM.name("uzasadnienieFaktyczne"))?,
            law: lines(form, ODM.name("uzasadnieniePrawne"))?,
            instruction: lines(form, ODM.name("pouczenie"))?,
            complaint,
            attachments,
        })
    }

    pub(super) fn write(&self, out: &mut Writer) {
        put(out, ODM.name("rodzaj"), self.kind.wire());
        put(out, ODM.name("idWniosku"), &self.request.to_string());
        put(out, ODM.name("znakSprawy"), &self.matter);
        put(out, ODM.name("organ"), &self.body);
        put(out, ODM.name("strona"), &self.party);
        put(out, ODM.name("podstawaPrawna"), &self.legal_basis);
        put(out, ODM.name("rozstrzygniecie"), &self.ruling);
        out.text_element(ODM.name("uzasadnienieFaktyczne"), &self.facts);
        out.text_element(ODM.name("uzasadnieniePrawne"), &self.law);
        out.text_element(ODM.name("pouczenie"), &self.instruction);
        if let Some(complaint) = &self.complaint {
            out.element(ODM.name("zazalenie"), |out| {
                put(out, ODM.name("dni"), &complaint.days.to_string());
                put(out, ODM.name("organ"), &complaint.body);
            });
        }
    }
}

/// Which document it is: what it says is about a person.
impl fmt::Debug for Odmowa {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Odmowa({:?} {}, …)", self.kind, self.header.id)
    }
}
