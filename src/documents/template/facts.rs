//! What a template is filled with: facts about the matter, and the cut record; both become one tree of names and texts.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::subjects::{IdentificationFields, Pesel, Sex};
use crate::xml::Element;

/// Everything that a document says besides the record.
#[derive(Clone, Default)]
pub struct Facts {
    pub document: DocumentFacts,
    /// Who writes.
    pub authority: Party,
    /// To whom.
    pub recipient: Party,
    /// The request that began the matter; in a request's own template that request.
    pub request: RequestFacts,
    pub signer: Signer,
}

/// The document itself.
#[derive(Clone, Default)]
pub struct DocumentFacts {
    pub id: Uuid,
    /// The matter's mark with the office that writes (znak sprawy).
    pub matter: Option<String>,
    /// Whether it certifies or informs; none for a request.
    pub kind: Option<DocumentKind>,
    /// The legal basis on which it is issued, in words.
    pub legal_basis: Option<String>,
    pub place: String,
    pub date: NaiveDate,
    /// The day whose state the data describe.
    pub as_of: Option<NaiveDate>,
}

/// What an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// By KPA 217.
    Certificate,
    /// To an office that may have the data by another act.
    Information,
}

/// An office, or a person at a desk.
#[derive(Clone, Default)]
pub struct Party {
    pub name: String,
    pub nip: Option<String>,
    pub regon: Option<String>,
    /// Street with the numbers of house and flat.
    pub street: Option<String>,
    pub postal_code: Option<String>,
    pub town: Option<String>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RequestKind {
    #[default]
    Disclosure,
    Certificate,
}

/// A request (wniosek).
#[derive(Clone, Default)]
pub struct RequestFacts {
    pub id: Uuid,
    pub date: Option<NaiveDate>,
    pub kind: RequestKind,
    /// The asking office's mark of the matter.
    pub matter: Option<String>,
    /// The legal basis in words.
    pub legal_basis: String,
    /// Why the data are needed.
    pub need: Option<String>,
    pub purpose: String,
    /// The set in words.
    pub set: String,
    /// Scope items asked for: number and name.
    pub scope: Vec<(String, String)>,
    pub person: IdentificationFields,
    pub period: Option<Period>,
}

/// A period of days, both ends in it; without end it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
}

/// The official who signs.
#[derive(Clone, Default)]
pub struct Signer {
    pub given_name: String,
    pub surname: String,
    pub position: String,
}

impl Period {
    /// Whether the period has a day in common with one from `from` to `until`.
    pub(super) fn meets(&self, from: NaiveDate, until: Option<NaiveDate>) -> bool {
        self.until.is_none_or(|end| from <= end) && until.is_none_or(|end| self.from <= end)
    }
}

impl DocumentKind {
    pub const ALL: [Self; 2] = [Self::Certificate, Self::Information];

    /// The word on the wire.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Certificate => "ZASWIADCZENIE",
            Self::Information => "INFORMACJA",
        }
    }

    /// The word inside a sentence.
    #[must_use]
    pub const fn shown(self) -> &'static str {
        match self {
            Self::Certificate => "zaświadczenie",
            Self::Information => "informacja",
        }
    }
}

impl RequestKind {
    pub const ALL: [Self; 2] = [Self::Disclosure, Self::Certificate];

    /// The word inside a sentence.
    #[must_use]
    pub const fn shown(self) -> &'static str {
        match self {
            Self::Disclosure => "udostępnienie",
            Self::Certificate => "zaświadczenie",
        }
    }

    /// The word on the wire.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Disclosure => "UDOSTEPNIENIE",
            Self::Certificate => "ZASWIADCZENIE",
        }
    }
}

/// A name with a text as on the wire, or with other names in it.
#[derive(Default)]
pub(super) struct Node {
    pub name: String,
    pub text: String,
    pub children: Vec<Node>,
}

impl Facts {
    /// The sex of the person of the request, when a PESEL tells it.
    pub(super) fn sex(&self) -> Option<Sex> {
        self.request.person.pesel.as_deref().and_then(|pesel| Pesel::parse(pesel).ok()).map(|pesel| pesel.sex())
    }

    /// The facts under the names of the known fields; what is not known is not there.
    pub(super) fn tree(&self) -> Vec<Node> {
        let Self { document, request, signer, .. } = self;
        vec![
            node(
                "dokument",
                [
                    leaf("identyfikator", &document.id),
                    optional("znakSprawy", document.matter.as_ref()),
                    optional("rodzaj", document.kind.map(DocumentKind::wire)),
                    optional("podstawaPrawna", document.legal_basis.as_ref()),
                    leaf("miejscowosc", &document.place),
                    leaf("data", &document.date),
                    optional("stanNa", document.as_of),
                ],
            ),
            node("organ", party(&self.authority)),
            node("odbiorca", party(&self.recipient)),
            node("wniosek", request.parts()),
            node(
                "podpisujacy",
                [
                    leaf("imie", &signer.given_name),
                    leaf("nazwisko", &signer.surname),
                    leaf("stanowisko", &signer.position),
                ],
            ),
        ]
    }
}

impl RequestFacts {
    fn parts(&self) -> Vec<Option<Node>> {
        let person = &self.person;
        let item = |(number, name): &(String, String)| node("pozycja", [leaf("numer", number), leaf("nazwa", name)]);
        vec![
            leaf("identyfikator", &self.id),
            optional("data", self.date),
            leaf("rodzaj", self.kind.wire()),
            optional("znakSprawy", self.matter.as_ref()),
            leaf("podstawaPrawna", &self.legal_basis),
            optional("uzasadnieniePotrzeby", self.need.as_ref()),
            leaf("przeznaczenie", &self.purpose),
            leaf("zbior", &self.set),
            Some(node("zakres", self.scope.iter().map(|one| Some(item(one))).collect::<Vec<_>>())),
            Some(node(
                "osoba",
                [
                    optional("nazwisko", person.surname.as_ref()),
                    optional("pesel", person.pesel.as_ref()),
                    optional("imie", person.given_name.as_ref()),
                    optional("dataUrodzenia", person.birth_date.as_ref()),
                    optional("rodzajDokumentu", person.document_kind.as_ref()),
                    optional("numerDokumentu", person.document_number.as_ref()),
                ],
            )),
            self.period.map(|period| node("okres", [leaf("od", &period.from), optional("do", period.until)])),
        ]
    }
}

fn party(party: &Party) -> [Option<Node>; 4] {
    [
        leaf("nazwa", &party.name),
        optional("nip", party.nip.as_ref()),
        optional("regon", party.regon.as_ref()),
        Some(node(
            "adres",
            [
                optional("ulica", party.street.as_ref()),
                optional("kodPocztowy", party.postal_code.as_ref()),
                optional("miejscowosc", party.town.as_ref()),
            ],
        )),
    ]
}

fn node(name: &str, children: impl IntoIterator<Item = Option<Node>>) -> Node {
    Node { name: name.to_owned(), text: String::new(), children: children.into_iter().flatten().collect() }
}

/// Dates and identifiers are written as the wire has them; an empty text is nothing.
fn leaf(name: &str, value: &(impl ToString + ?Sized)) -> Option<Node> {
    let text = value.to_string();
    (!text.is_empty()).then(|| Node { name: name.to_owned(), text, children: Vec::new() })
}

fn optional(name: &str, value: Option<impl ToString>) -> Option<Node> {
    value.and_then(|value| leaf(name, &value))
}

impl Node {
    /// A record under the name that templates have for it.
    pub(super) fn of_record(name: &str, element: Element<'_>) -> Self {
        let children = element.children().map(|child| Self::of_record(child.local(), child)).collect();
        Self { name: name.to_owned(), text: element.token(), children }
    }
}
