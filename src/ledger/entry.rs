//! What an entry of the register says before it has a number: the readable facts and one part per concerned person.

use std::borrow::Cow;

use chrono::NaiveDate;
use uuid::Uuid;

use super::extract::Span;
use super::person::PersonPart;

/// What happened, as the register names it (`r:rodzaj`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum EventKind {
    /// Data of a person were given out, or it was said that there is no such person.
    Disclosure,
    /// It was told whether a person is in the set.
    PresenceCheck,
    /// Given values were compared with a person's record.
    DataCheck,
    /// An authenticated caller was refused.
    #[default]
    Refusal,
    /// A batch of the administrator's own domain system was loaded or refused.
    Feed,
    /// A sealed part was opened under a right and for a reason (rule 4.6).
    Inspection,
    /// A new epoch began; the entry names the last head that was known (rule 3.5).
    EpochOpened,
    /// A person's key was destroyed: the sealed parts about the person cannot be read any more (rule 3.6). In the platform's
    /// register: all keys of an administrator.
    KeyDestroyed,
    /// Old entries were removed by a whole segment; their hashes stay (rule 3.7).
    EntriesRemoved,
    /// A document was sealed with the unit's key; the seal is named by the event.
    Sealing,
}

impl EventKind {
    /// Every kind, in the order of the schema.
    pub const ALL: &'static [Self] = &[
        Self::Disclosure,
        Self::PresenceCheck,
        Self::DataCheck,
        Self::Refusal,
        Self::Feed,
        Self::Inspection,
        Self::EpochOpened,
        Self::KeyDestroyed,
        Self::EntriesRemoved,
        Self::Sealing,
    ];

    /// The word in the entry, e.g. `UDOSTEPNIENIE`.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Disclosure => "UDOSTEPNIENIE",
            Self::PresenceCheck => "WERYFIKACJA_WYSTEPOWANIA",
            Self::DataCheck => "WERYFIKACJA_DANYCH",
            Self::Refusal => "ODMOWA",
            Self::Feed => "ZASILENIE",
            Self::Inspection => "WGLAD",
            Self::EpochOpened => "OTWARCIE_EPOKI",
            Self::KeyDestroyed => "ZNISZCZENIE_KLUCZA",
            Self::EntriesRemoved => "USUNIECIE_WPISOW",
            Self::Sealing => "OPIECZETOWANIE",
        }
    }
}

/// An entry without number and time: the recorder gives both inside its transaction (rule 3.3).
///
/// Nothing here but [`Draft::parts`] may hold personal data: every other field stands readable in the register.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// `idZdarzenia`: random, the `idUdostepnienia` of a reply or the `idZdarzenia` of a fault (rule 3.2).
    /// Appending is idempotent by it.
    pub event: Uuid,
    pub kind: EventKind,
    /// The administrator whose register this is.
    pub tenant: String,
    /// `idZadania` as the caller sent it.
    pub request: Option<String>,
    pub unit: Option<String>,
    pub system: Option<String>,
    /// Login of the official, never a name.
    pub user: Option<String>,
    /// The groups whose rights were used.
    pub groups: Vec<String>,
    /// SHA-256 of the caller's certificate (DER).
    pub certificate: Option<[u8; 32]>,
    pub set: Option<String>,
    /// Code of the legal basis.
    pub basis: Option<String>,
    /// Leaves of the scope that were asked for, ascending.
    pub asked: Vec<String>,
    /// Leaves of the scope that were granted, ascending.
    pub granted: Vec<String>,
    /// `wynik` of the reply.
    pub outcome: Option<Cow<'static, str>>,
    /// `kod` of a refusal.
    pub code: Option<&'static str>,
    /// Number of the set's state that was read or written.
    pub state: Option<i64>,
    /// The day which that state describes.
    pub as_of: Option<NaiveDate>,
    /// Generation of rights under which it was decided (rule 9.3).
    pub rights_generation: Option<i64>,
    pub batch: Option<BatchSummary>,
    /// Why somebody with a right to it did it by command: opened an epoch, destroyed a key.
    pub reason: Option<String>,
    /// The last head that was known before an epoch was opened.
    pub former: Option<FormerHead>,
    /// The segment that was removed.
    pub removed: Option<Span>,
    /// The administrator whose keys were destroyed; in the platform's register only.
    pub keys_of: Option<String>,
    /// One per concerned person; nobody found and a refusal that names a person have one for the person as asked.
    pub parts: Vec<PersonPart>,
}

impl Draft {
    /// An otherwise empty draft; the fields are filled by struct update: `Draft { set, ..Draft::new(..) }`.
    #[must_use]
    pub fn new(event: Uuid, kind: EventKind, tenant: impl Into<String>) -> Self {
        Self { event, kind, tenant: tenant.into(), ..Self::default() }
    }
}

/// A head as the first entry of an epoch names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerHead {
    pub epoch: u64,
    pub size: u64,
    pub root: [u8; 32],
}

/// What a feed did, as the batch's protocol sums it up; counts of persons, of warnings the last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchSummary {
    pub batch: Uuid,
    /// The sender's mark of the batch (`oznaczenie`).
    pub mark: String,
    pub persons: u64,
    pub written: u64,
    pub removed: u64,
    pub unchanged: u64,
    pub refused: u64,
    pub warnings: u64,
}
