//! Batches of one administrator: their sealed parts, the rows that a loader writes, the protocol. What to write is decided elsewhere.

mod hold;
mod intake;
mod items;
mod load;
mod protocol;
mod state;
mod survey;
mod sweep;
mod tables;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

pub use intake::{Added, NewBatch, PART_BYTES_MAX};
pub use items::{CurrentRow, Effect, Hash, Item, Summary};
pub use load::{ChunkRows, Load, NewFinding, NewRecord, Verdict};
pub use state::BatchState;

pub(super) use intake::find;
pub(super) use tables::{outbox, uuid};

use super::{Error, KeyUse, Label, Tenant};
use crate::subjects::{NORM_VERSION, SetKind};

/// Who handed a batch over, as the ledger will name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    pub unit: String,
    pub system: String,
    /// `idZadania` of the message that began the batch or, once accepted, of the one that closed it.
    pub request: String,
    /// SHA-256 of the certificate.
    pub certificate: [u8; 32],
}

/// A batch as it stands.
#[derive(Debug, Clone)]
pub struct Batch {
    /// `idPaczki`
    pub id: Uuid,
    pub set: String,
    pub kind: SetKind,
    /// `oznaczenie`
    pub mark: String,
    pub state: BatchState,
    pub sender: Sender,
    /// It comes in parts, not inside one message.
    pub in_parts: bool,
    /// Number of the last stored part, 0 when there is none.
    pub last_part: u64,
    /// Length of the file so far.
    pub bytes: u64,
    /// Keyed hash of the file; known once it is accepted.
    pub content: Option<Hash>,
    /// Persons read by the loader so far.
    pub processed: u64,
    /// All zeros until the verdict.
    pub summary: Summary,
    /// Number of findings, once the verdict is spoken.
    pub findings: u64,
    /// Number of the set's state that it made.
    pub set_state: Option<i64>,
    /// `stanNa` of the file; known once its head was read.
    pub as_of: Option<NaiveDate>,
    pub accepted_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// The batches of one administrator.
#[derive(Clone, Copy)]
pub struct Batches<'t> {
    pub tenant: &'t Tenant,
}

impl Tenant {
    /// The batches of this administrator.
    #[must_use]
    pub const fn batches(&self) -> Batches<'_> {
        Batches { tenant: self }
    }
}

impl Batches<'_> {
    /// Keyed hash of a PESEL inside one batch; of no use in another (rule 4.4).
    ///
    /// # Errors
    /// `Internal` when OpenSSL fails.
    pub fn pesel_hash(self, batch: Uuid, pesel: &str) -> Result<Hash, Error> {
        self.tenant.keys.hmac("pesel-paczki", &[batch.as_bytes(), pesel.as_bytes()])
    }

    /// Keyed hash of a canonical record of `set`, and of the rules by which its search keys are made: when these
    /// change, a feed writes the record anew.
    ///
    /// # Errors
    /// `Internal` when OpenSSL fails.
    pub fn record_hash(self, set: &str, record: &[u8]) -> Result<Hash, Error> {
        self.tenant.keys.hmac("tresc-rekordu", &[set.as_bytes(), &[NORM_VERSION], record])
    }

    /// Keyed form of the SHA-256 of a whole file for `set`.
    ///
    /// # Errors
    /// `Internal` when OpenSSL fails.
    pub fn content_hash(self, set: &str, sha256: &[u8; 32]) -> Result<Hash, Error> {
        self.tenant.keys.hmac("tresc-paczki", &[set.as_bytes(), sha256])
    }

    /// Keyed form of the SHA-256 of one part of `batch`.
    ///
    /// # Errors
    /// `Internal` when OpenSSL fails.
    pub fn part_hash(self, batch: Uuid, sha256: &[u8; 32]) -> Result<Hash, Error> {
        self.tenant.keys.hmac("czesc-paczki", &[batch.as_bytes(), sha256])
    }

    /// Seals an `idZrodlowe` of the duplicates' table.
    ///
    /// # Errors
    /// `Internal` when OpenSSL fails.
    pub fn seal_item_source(self, batch: &Batch, ordinal: u64, source_id: &str) -> Result<Vec<u8>, Error> {
        let place = place(batch.id, &[ordinal]);
        self.tenant.keys.seal(KeyUse::Data, label("osoba-paczki", &batch.set, &place), source_id.as_bytes(), 64)
    }

    /// Opens what [`Batches::seal_item_source`] made.
    ///
    /// # Errors
    /// `Sealed` when the bytes are others.
    pub fn open_item_source(self, batch: &Batch, ordinal: u64, sealed: &[u8]) -> Result<String, Error> {
        let place = place(batch.id, &[ordinal]);
        let clear = self.tenant.keys.open(KeyUse::Data, label("osoba-paczki", &batch.set, &place), sealed)?;
        String::from_utf8(clear.to_vec()).map_err(|_| Error::Sealed("not a text"))
    }
}

const fn label<'a>(purpose: &'a str, set: &'a str, row: &'a [u8]) -> Label<'a> {
    Label { purpose, set, row }
}

/// The place inside a batch to which sealed bytes are bound.
fn place(batch: Uuid, numbers: &[u64]) -> Vec<u8> {
    let mut place = batch.as_bytes().to_vec();
    for number in numbers {
        place.extend_from_slice(&number.to_be_bytes());
    }
    place
}
