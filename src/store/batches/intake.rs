//! How a batch comes in: begun, filled part by part, accepted; or all of it at once. Every step is one durable transaction.

use std::io::Read as _;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::tables::{BatchRow, PartRow, batch_parts, batch_places, batches, count, hash, number};
use super::{Batch, BatchState, Batches, Hash, Sender, label, place};
use crate::signatures::sha256;
use crate::store::{Db, Error, KeyUse};
use crate::subjects::SetKind;
use crate::xml::{Attachment, AttachmentReader};

/// Bytes of one part at most (rule 7.1).
pub const PART_BYTES_MAX: usize = 4 << 20;

/// A batch about to be begun or handed over.
#[derive(Debug, Clone)]
pub struct NewBatch {
    pub set: String,
    pub kind: SetKind,
    pub mark: String,
    pub sender: Sender,
}

/// What became of a part or of a closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It is durably stored.
    Stored,
    /// The batch is not where the caller believed: somebody else was faster, or it came out of order.
    Moved,
}

impl Batches<'_> {
    /// The batch of this `idPaczki`.
    ///
    /// # Errors
    /// As of the database.
    pub fn find(self, id: Uuid) -> Result<Option<Batch>, Error> {
        self.tenant.sets.read(|db| find(db, id))
    }

    /// The batch of this key.
    ///
    /// # Errors
    /// As of the database.
    pub fn find_by_mark(self, set: &str, mark: &str) -> Result<Option<Batch>, Error> {
        self.tenant.sets.read(|db| find_by_mark(db, set, mark))
    }

    /// Begins a batch, or finds the one that has the same key already; says whether it is new.
    ///
    /// # Errors
    /// As of the database.
    pub fn begin(self, new: &NewBatch) -> Result<(Batch, bool), Error> {
        self.insert_or_find(new, |db| {
            let row = row(new, Uuid::new_v4(), true);
            diesel::insert_into(batches::table).values(row).execute(db)?;
            Ok(())
        })
    }

    /// Stores a whole file and accepts it, in one transaction; or finds the batch that has the same key already.
    /// Says whether it is new. No more than one part is in memory at a time.
    ///
    /// # Errors
    /// As of the database, and when the file cannot be read back.
    pub fn hand_over(
        self,
        new: &NewBatch,
        file: &dyn Attachment,
        content: &Hash,
        now: DateTime<Utc>,
    ) -> Result<(Batch, bool), Error> {
        let id = Uuid::new_v4();
        self.insert_or_find(new, |db| {
            let accepted = BatchRow {
                state: BatchState::Accepted.wire().to_owned(),
                last_part: number(file.length().div_ceil(PART_BYTES_MAX as u64))?,
                bytes: number(file.length())?,
                content_hash: Some(content.to_vec()),
                place: Some(next_place(db)?),
                accepted_at: Some(now.timestamp_micros()),
                ..row(new, id, false)
            };
            diesel::insert_into(batches::table).values(accepted).execute(db)?;
            let mut reader = AttachmentReader::new(file);
            for part in 1.. {
                let mut bytes = Zeroizing::new(Vec::new());
                reader.by_ref().take(PART_BYTES_MAX as u64).read_to_end(&mut bytes).map_err(Error::internal)?;
                if bytes.is_empty() {
                    break;
                }
                let sealed = self.seal_part(id, &new.set, part, &bytes)?;
                diesel::insert_into(batch_parts::table).values(sealed).execute(db)?;
            }
            Ok(())
        })
    }

    /// Stores the part that follows the last one.
    ///
    /// # Errors
    /// As of the database.
    pub fn add_part(self, batch: &Batch, part: u64, bytes: &[u8]) -> Result<Added, Error> {
        let row = self.seal_part(batch.id, &batch.set, part, bytes)?;
        let (part, length) = (number(part)?, number(bytes.len() as u64)?);
        self.tenant.sets.write(|db| {
            let open = batches::table
                .filter(batches::id.eq(batch.id.to_string()))
                .filter(batches::state.eq(BatchState::Begun.wire()));
            let moved = diesel::update(open.filter(batches::last_part.eq(part - 1)))
                .set((batches::last_part.eq(part), batches::bytes.eq(batches::bytes + length)))
                .execute(db)?;
            if moved == 0 {
                return Ok(Added::Moved);
            }
            diesel::insert_into(batch_parts::table).values(row).execute(db)?;
            Ok(Added::Stored)
        })
    }

    /// Accepts a batch whose parts are complete: from now on it waits for its turn.
    ///
    /// # Errors
    /// As of the database.
    pub fn accept(self, batch: &Batch, sender: &Sender, content: &Hash, now: DateTime<Utc>) -> Result<Added, Error> {
        let last = number(batch.last_part)?;
        self.tenant.sets.write(|db| {
            let place = next_place(db)?;
            let open = batches::table
                .filter(batches::id.eq(batch.id.to_string()))
                .filter(batches::state.eq(BatchState::Begun.wire()));
            let moved = diesel::update(open.filter(batches::last_part.eq(last)))
                .set((
                    batches::state.eq(BatchState::Accepted.wire()),
                    batches::place.eq(Some(place)),
                    batches::content_hash.eq(Some(content.to_vec())),
                    batches::accepted_at.eq(Some(now.timestamp_micros())),
                    batches::unit_id.eq(&sender.unit),
                    batches::system_id.eq(&sender.system),
                    batches::request_id.eq(&sender.request),
                    batches::certificate.eq(sender.certificate.to_vec()),
                ))
                .execute(db)?;
            Ok(if moved == 0 { Added::Moved } else { Added::Stored })
        })
    }

    /// Keyed hashes of the parts' digests, in order of number; they stay when the parts themselves are gone.
    ///
    /// # Errors
    /// As of the database.
    pub fn part_hashes(self, batch: Uuid) -> Result<Vec<Hash>, Error> {
        self.tenant.sets.read(|db| {
            let parts = batch_parts::table.filter(batch_parts::batch_id.eq(batch.to_string()));
            let hashes: Vec<Vec<u8>> =
                parts.order(batch_parts::number.asc()).select(batch_parts::digest_hash).load(db)?;
            hashes.into_iter().map(hash).collect()
        })
    }

    /// Opens one part; `None` when it is not there (any more).
    ///
    /// # Errors
    /// `Sealed` when the stored bytes were changed, else as of the database.
    pub fn read_part(self, batch: &Batch, part: u64) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let sealed: Option<Option<Vec<u8>>> = self.tenant.sets.read(|db| {
            let rows = batch_parts::table.filter(batch_parts::batch_id.eq(batch.id.to_string()));
            Ok(rows.filter(batch_parts::number.eq(number(part)?)).select(batch_parts::sealed).first(db).optional()?)
        })?;
        let place = place(batch.id, &[part]);
        let open = |sealed: Vec<u8>| self.tenant.keys.open(KeyUse::Data, label("czesc", &batch.set, &place), &sealed);
        sealed.flatten().map(open).transpose()
    }

    fn seal_part(self, batch: Uuid, set: &str, part: u64, bytes: &[u8]) -> Result<PartRow, Error> {
        let sealed = self.tenant.keys.seal(KeyUse::Data, label("czesc", set, &place(batch, &[part])), bytes, 1)?;
        Ok(PartRow {
            batch_id: batch.to_string(),
            number: number(part)?,
            bytes: number(bytes.len() as u64)?,
            digest_hash: self.part_hash(batch, &sha256(bytes))?.to_vec(),
            sealed: Some(sealed),
        })
    }

    fn insert_or_find(
        self,
        new: &NewBatch,
        insert: impl FnOnce(&mut Db) -> Result<(), Error>,
    ) -> Result<(Batch, bool), Error> {
        let inserted = self.tenant.sets.write(|db| {
            if let Some(known) = find_by_mark(db, &new.set, &new.mark)? {
                return Ok((known, false));
            }
            insert(db)?;
            Ok((must_find(db, new)?, true))
        });
        match inserted.map_err(|error| error.or_exists(|| "a batch of this mark".to_owned())) {
            // PostgreSQL lets two begin at once; the slower one finds what the other made.
            Err(Error::Exists(_)) => self.tenant.sets.read(|db| Ok((must_find(db, new)?, false))),
            other => other,
        }
    }
}

pub(in crate::store) fn find(db: &mut Db, id: Uuid) -> Result<Option<Batch>, Error> {
    let row =
        batches::table.filter(batches::id.eq(id.to_string())).select(BatchRow::as_select()).first(db).optional()?;
    row.map(Batch::try_from).transpose()
}

fn find_by_mark(db: &mut Db, set: &str, mark: &str) -> Result<Option<Batch>, Error> {
    let rows = batches::table.filter(batches::set_id.eq(set)).filter(batches::mark.eq(mark));
    let row = rows.select(BatchRow::as_select()).first(db).optional()?;
    row.map(Batch::try_from).transpose()
}

fn must_find(db: &mut Db, new: &NewBatch) -> Result<Batch, Error> {
    find_by_mark(db, &new.set, &new.mark)?.ok_or_else(|| Error::internal("a batch vanished"))
}

/// The next number in the order of acceptance. The counter's row is locked until the commit, so that whoever is
/// accepted later also becomes visible later.
fn next_place(db: &mut Db) -> Result<i64, Error> {
    diesel::update(batch_places::table).set(batch_places::next_place.eq(batch_places::next_place + 1)).execute(db)?;
    let next: i64 = batch_places::table.select(batch_places::next_place).first(db)?;
    debug_assert!(count(next).is_ok());
    Ok(next - 1)
}

fn row(new: &NewBatch, id: Uuid, in_parts: bool) -> BatchRow {
    BatchRow {
        id: id.to_string(),
        set_id: new.set.clone(),
        kind: new.kind.wire().to_owned(),
        mark: new.mark.clone(),
        state: BatchState::Begun.wire().to_owned(),
        unit_id: new.sender.unit.clone(),
        system_id: new.sender.system.clone(),
        request_id: new.sender.request.clone(),
        certificate: new.sender.certificate.to_vec(),
        in_parts,
        last_part: 0,
        bytes: 0,
        content_hash: None,
        place: None,
        processed: 0,
        persons: 0,
        written: 0,
        removed: 0,
        unchanged: 0,
        refused: 0,
        warnings: 0,
        findings: 0,
        set_state: None,
        as_of: None,
        accepted_at: None,
        finished_at: None,
    }
}
