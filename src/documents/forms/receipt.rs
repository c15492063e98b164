//! UPP: what the gateway attests of a submission (rule 12.10), before its seal.

use chrono::{DateTime, FixedOffset};

use super::error::{Error, Rule};
use super::fields::{digest, digest_text, moment, moment_text, put, required, text};
use super::party::{Party, UNIT_ID_KIND};
use crate::xml::names::{POS, QName};
use crate::xml::{Attr, Element, Writer};

const ID_START: &str = "BRAMA-UPP";
const DIGEST: &str = "SkrotDokumentu";
const ALGORITHM: &str = "AlgorytmSkrotu";
const BOX: &str = "AdresSkrytki";
const FILE_NAME: &str = "NazwaPliku";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// One side of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptParty {
    pub name: String,
    /// The unit's identifier (`brama-ID`).
    pub unit: String,
}

/// An official receipt for a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upp {
    /// Number of the receipt, from 1: `BRAMA-UPP<n>`.
    pub number: u64,
    pub addressee: ReceiptParty,
    /// The unit that submitted, also for a person at its desk.
    pub sender: ReceiptParty,
    /// The moment in the commit.
    pub delivered: DateTime<FixedOffset>,
    pub issued: DateTime<FixedOffset>,
    /// `idDokumentu` of what was submitted.
    pub document: String,
    /// SHA-256 of the bytes as they were received.
    pub received: [u8; 32],
    /// Where it was put: `/<UNIT>/domyslna`.
    pub mailbox: String,
    pub file_name: String,
}

impl ReceiptParty {
    /// A unit as a document names it; a person has no identifier in the gateway.
    #[must_use]
    pub fn of(party: &Party) -> Option<Self> {
        Some(Self { name: party.name(), unit: party.unit_id()?.to_owned() })
    }
}

impl Upp {
    /// The address of the box that every unit has.
    #[must_use]
    pub fn own_box(unit: &str) -> String {
        format!("/{unit}/domyslna")
    }

    /// `IdentyfikatorPoswiadczenia`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{ID_START}{}", self.number)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.element(POS.name("Dokument"), |out| {
            out.element(POS.name("UPP"), |out| {
                put(out, POS.name("IdentyfikatorPoswiadczenia"), &self.id());
                write_party(POS.name("Adresat"), &self.addressee, out);
                write_party(POS.name("Nadawca"), &self.sender, out);
                put(out, POS.name("DataDoreczenia"), &moment_text(self.delivered));
                put(out, POS.name("DataWytworzeniaPoswiadczenia"), &moment_text(self.issued));
                put(out, POS.name("IdentyfikatorDokumentu"), &self.document);
                write_more(DIGEST, &digest_text(&self.received), out);
                write_more(ALGORITHM, SHA256, out);
                write_more(BOX, &self.mailbox, out);
                write_more(FILE_NAME, &self.file_name, out);
            });
        });
        out.into_bytes()
    }

    /// Reads a receipt that keeps its schema.
    ///
    /// # Errors
    /// [`Rule::DocumentId`], [`Rule::Created`] or [`Rule::FileDigestMissing`] for one that the gateway did not write.
    pub(super) fn read(root: Element<'_>) -> Result<Self, Error> {
        let upp = required(root, POS.name("UPP"))?;
        let broken = |rule: Rule| rule.at(upp.line());
        let number = text(upp, POS.name("IdentyfikatorPoswiadczenia"));
        let number = number.strip_prefix(ID_START).and_then(|number| number.parse().ok());
        let time = |name| moment(&text(upp, POS.name(name))).ok_or_else(|| broken(Rule::Created));
        let more = |kind: &str| {
            let all = upp.all(POS.name("InformacjaUzupelniajaca"));
            let mut named = all.filter(|one| one.attribute("TypInformacjiUzupelniajacej").as_deref() == Some(kind));
            named.next().map(Element::text)
        };
        let is_sha256 = more(ALGORITHM).as_deref() == Some(SHA256);
        let received = more(DIGEST).filter(|_| is_sha256).and_then(|text| digest(&text));
        Ok(Self {
            number: number.ok_or_else(|| broken(Rule::DocumentId))?,
            addressee: read_party(required(upp, POS.name("Adresat"))?),
            sender: read_party(required(upp, POS.name("Nadawca"))?),
            delivered: time("DataDoreczenia")?,
            issued: time("DataWytworzeniaPoswiadczenia")?,
            document: text(upp, POS.name("IdentyfikatorDokumentu")),
            received: received.ok_or_else(|| broken(Rule::FileDigestMissing))?,
            mailbox: more(BOX).unwrap_or_default(),
            file_name: more(FILE_NAME).unwrap_or_default(),
        })
    }
}

fn read_party(party: Element<'_>) -> ReceiptParty {
    ReceiptParty { name: text(party, POS.name("Nazwa")), unit: text(party, POS.name("IdentyfikatorPodmiotu")) }
}

fn write_party(name: QName, party: &ReceiptParty, out: &mut Writer) {
    out.element(name, |out| {
        put(out, POS.name("Nazwa"), &party.name);
        out.open_with(POS.name("IdentyfikatorPodmiotu"), &[Attr::Plain("TypIdentyfikatora", UNIT_ID_KIND)]);
        out.text(&party.unit);
        out.close();
    });
}

/// One more piece of information, its text as it is: a file's name may hold several spaces.
fn write_more(kind: &str, text: &str, out: &mut Writer) {
    out.open_with(POS.name("InformacjaUzupelniajaca"), &[Attr::Plain("TypInformacjiUzupelniajacej", kind)]);
    out.text(text);
    out.close();
}
