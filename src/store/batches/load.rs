//! What a loader writes: rows under a number that no reader sees, and the one update that makes them visible (rule 7.2).

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::tables::{
    BatchRow, FindingRow, ItemRow, RecordRow, SearchKeyRow, batch_findings, batch_items, batches, current_row, number,
    outbox, records, search_keys, set_states,
};
use super::{Batch, BatchState, Batches, CurrentRow, Hash, Item, Summary, label, place};
use crate::store::{Db, Error, KeyUse, SearchKey};

/// Version of the record schemas that are fed (rule 5.4).
const SCHEMA_VERSION: i64 = 1;

/// A batch under load: who loads it and under which number its rows stand.
#[derive(Debug)]
pub struct Load {
    pub batch: Batch,
    /// Number of the state that the batch will be; no reader sees its rows before the verdict.
    pub state: i64,
    pub(super) holder: Uuid,
}

/// A person's row about to enter, sealed.
#[derive(Debug)]
pub struct NewRecord {
    pub row: i64,
    pub source: Hash,
    pub source_sealed: Vec<u8>,
    pub sealed: Vec<u8>,
    pub content: Hash,
    pub keys: Vec<SearchKey>,
}

/// A line of the protocol, sealed.
#[derive(Debug)]
pub struct NewFinding {
    pub ordinal: u64,
    pub number: u64,
    pub sealed: Vec<u8>,
}

/// What one chunk of a batch writes in one transaction.
#[derive(Debug, Default)]
pub struct ChunkRows {
    pub items: Vec<Item>,
    /// Persons of earlier chunks that turned out to be repeated.
    pub changed: Vec<Item>,
    pub records: Vec<NewRecord>,
    /// Visible rows that end with the new state.
    pub closed: Vec<i64>,
    /// Sources whose rows of this load are taken back.
    pub undo: Vec<Hash>,
    pub findings: Vec<NewFinding>,
    /// Persons read so far, for the curious.
    pub processed: u64,
}

/// How a load ends.
#[derive(Debug)]
pub struct Verdict {
    pub state: BatchState,
    pub summary: Summary,
    pub findings: u64,
    /// `stanNa`, when the head could be read.
    pub as_of: Option<NaiveDate>,
    /// Of the ledger entry that will tell of it (rule 2.5).
    pub event: Uuid,
    pub at: DateTime<Utc>,
}

/// Inserts all rows with one statement; `MultiConnection` itself offers only single rows.
macro_rules! insert_all {
    ($db:expr, $table:expr, $rows:expr) => {
        // A statement has 32,766 parameters at most on SQLite, and a single person may bring any number of rows.
        for rows in $rows.chunks(1000) {
            match $db {
                Db::Sqlite(connection) => diesel::insert_into($table).values(rows).execute(connection)?,
                Db::Pg(connection) => diesel::insert_into($table).values(rows).execute(connection)?,
            };
        }
    };
}

impl Batches<'_> {
    /// Batches that wait or were interrupted, in the order in which they were accepted.
    ///
    /// # Errors
    /// As of the database.
    pub fn waiting(self) -> Result<Vec<Batch>, Error> {
        let states = [BatchState::Accepted.wire(), BatchState::Loading.wire()];
        self.tenant.sets.read(|db| {
            let rows = batches::table.filter(batches::state.eq_any(states)).order(batches::place.asc());
            rows.select(BatchRow::as_select()).load(db)?.into_iter().map(Batch::try_from).collect()
        })
    }

    /// Begins to load `batch` under a number never used before, after sweeping whatever an interrupted load left.
    ///
    /// # Errors
    /// `Busy` when `holder` has lost the set, else as of the database.
    pub fn start(self, batch: Batch, holder: Uuid) -> Result<Load, Error> {
        let mut load = Load { batch, state: 0, holder };
        self.sweep(&load.batch.set, holder)?;
        self.forget_progress(&load)?;
        let set = load.batch.set.clone();
        load.state = self.fenced(&load, |db| {
            let row = set_states::table.filter(set_states::set_id.eq(&set));
            if diesel::update(row).set(set_states::last_state.eq(set_states::last_state + 1)).execute(db)? == 0 {
                let first =
                    (set_states::set_id.eq(&set), set_states::current_state.eq(0), set_states::last_state.eq(1));
                diesel::insert_into(set_states::table).values(first).execute(db)?;
            }
            let row = batches::table.filter(batches::id.eq(load.batch.id.to_string()));
            diesel::update(row)
                .set((batches::state.eq(BatchState::Loading.wire()), batches::processed.eq(0)))
                .execute(db)?;
            Ok(set_states::table.filter(set_states::set_id.eq(&set)).select(set_states::last_state).first(db)?)
        })?;
        load.batch.state = BatchState::Loading;
        Ok(load)
    }

    /// What the database holds about a chunk: earlier persons of the batch with one of these hashes, and the visible
    /// rows of the sources.
    ///
    /// # Errors
    /// As of the database.
    pub fn known(self, load: &Load, sources: &[Hash], pesels: &[Hash]) -> Result<(Vec<Item>, Vec<CurrentRow>), Error> {
        let bytes = |hashes: &[Hash]| hashes.iter().map(|hash| hash.to_vec()).collect::<Vec<_>>();
        let (sources, pesels) = (bytes(sources), bytes(pesels));
        self.tenant.sets.read(|db| {
            let own = batch_items::table.filter(batch_items::batch_id.eq(load.batch.id.to_string()));
            let mut rows: Vec<ItemRow> = own
                .clone()
                .filter(batch_items::source_hash.eq_any(sources.clone()))
                .select(ItemRow::as_select())
                .load(db)?;
            let by_pesel: Vec<ItemRow> =
                own.filter(batch_items::pesel_hash.eq_any(pesels)).select(ItemRow::as_select()).load(db)?;
            rows.extend(by_pesel);
            let mut items = rows.into_iter().map(Item::try_from).collect::<Result<Vec<_>, _>>()?;
            items.sort_by_key(|item| item.ordinal);
            items.dedup_by_key(|item| item.ordinal);
            let visible = records::table
                .filter(records::set_id.eq(&load.batch.set))
                .filter(records::source_hash.eq_any(sources))
                .filter(records::from_state.lt(load.state))
                .filter(records::to_state.is_null());
            let rows = visible.select((records::row_id, records::source_hash, records::content_hash)).load(db)?;
            Ok((items, rows.into_iter().map(current_row).collect::<Result<_, _>>()?))
        })
    }

    /// Seals a person's record for `row`.
    ///
    /// # Errors
    /// `Internal` when OpenSSL fails.
    pub fn seal_record(
        self,
        load: &Load,
        row: i64,
        source_id: &str,
        record: &[u8],
        terms: &[Vec<u8>],
    ) -> Result<NewRecord, Error> {
        let set = &load.batch.set;
        let mut keys =
            terms.iter().map(|material| self.tenant.keys.search_key(material)).collect::<Result<Vec<_>, _>>()?;
        keys.sort_unstable();
        keys.dedup();
        Ok(NewRecord {
            row,
            source: self.tenant.source_hash(set, source_id)?,
            source_sealed: self.tenant.seal_source(set, row, source_id)?,
            sealed: self.tenant.keys.seal_record(set, row, record)?,
            content: self.record_hash(set, record)?,
            keys,
        })
    }

    /// Seals a line of the protocol; `ordinal` 0 is the file.
    ///
    /// # Errors
    /// `Internal` when OpenSSL fails.
    pub fn seal_finding(self, load: &Load, ordinal: u64, number: u64, clear: &[u8]) -> Result<NewFinding, Error> {
        let place = place(load.batch.id, &[ordinal, number]);
        let sealed = self.tenant.keys.seal(KeyUse::Data, label("usterka", &load.batch.set, &place), clear, 128)?;
        Ok(NewFinding { ordinal, number, sealed })
    }

    /// Writes a chunk.
    ///
    /// # Errors
    /// `Busy` when the set was lost to another node, else as of the database.
    pub fn write_chunk(self, load: &Load, rows: &ChunkRows) -> Result<(), Error> {
        let (batch, set) = (load.batch.id.to_string(), &load.batch.set);
        let items = rows.items.iter().map(|item| ItemRow::of(load.batch.id, item)).collect::<Result<Vec<_>, _>>()?;
        let new: Vec<_> = rows.records.iter().map(|record| record_row(load, record)).collect();
        let keys: Vec<_> = rows.records.iter().flat_map(search_key_rows).collect();
        let findings =
            rows.findings.iter().map(|finding| finding_row(&batch, finding)).collect::<Result<Vec<_>, _>>()?;
        let processed = number(rows.processed)?;
        self.fenced(load, |db| {
            for source in &rows.undo {
                take_back(db, set, load.state, source)?;
            }
            for item in &rows.changed {
                let row = batch_items::table
                    .filter(batch_items::batch_id.eq(&batch))
                    .filter(batch_items::ordinal.eq(number(item.ordinal)?));
                let change = (
                    batch_items::effect.eq(item.effect.to_row()),
                    batch_items::named_for_id.eq(item.named_for_id),
                    batch_items::named_for_pesel.eq(item.named_for_pesel),
                );
                diesel::update(row).set(change).execute(db)?;
            }
            if !rows.closed.is_empty() {
                close(db, load.state, &rows.closed)?;
            }
            insert_all!(db, batch_items::table, items);
            insert_all!(db, records::table, new);
            insert_all!(db, search_keys::table, keys);
            insert_all!(db, batch_findings::table, findings);
            diesel::update(batches::table.filter(batches::id.eq(&batch)))
                .set(batches::processed.eq(processed))
                .execute(db)?;
            Ok(())
        })
    }

    /// Ends the rows of up to `most` persons whom the batch does not name, among rows with a number above `after`;
    /// answers how many there were and the number of the last one, to go on from.
    ///
    /// # Errors
    /// `Busy` when the set was lost to another node, else as of the database.
    pub fn close_unnamed(self, load: &Load, after: i64, most: i64) -> Result<(u64, Option<i64>), Error> {
        self.fenced(load, |db| {
            let named = batch_items::table
                .filter(batch_items::batch_id.eq(load.batch.id.to_string()))
                .filter(batch_items::source_hash.eq(records::source_hash.nullable()));
            let unnamed: Vec<i64> = records::table
                .filter(records::set_id.eq(&load.batch.set))
                .filter(records::row_id.gt(after))
                .filter(records::from_state.lt(load.state))
                .filter(records::to_state.is_null())
                .filter(diesel::dsl::not(diesel::dsl::exists(named)))
                .select(records::row_id)
                .order(records::row_id.asc())
                .limit(most)
                .load(db)?;
            close(db, load.state, &unnamed)?;
            Ok((unnamed.len() as u64, unnamed.last().copied()))
        })
    }

    /// Speaks the verdict: in one transaction the set gets its new state (unless the batch is refused), the batch its
    /// final one, and the outbox the event that the ledger still has to hear of.
    ///
    /// # Errors
    /// `Busy` when the set was lost to another node, else as of the database.
    pub fn finish(self, load: &Load, verdict: &Verdict) -> Result<(), Error> {
        let batch = load.batch.id.to_string();
        let Summary { persons, written, removed, unchanged, refused, warnings } = verdict.summary;
        let published = verdict.as_of.filter(|_| verdict.state != BatchState::Refused);
        if published.is_some() {
            self.survey(written);
        }
        self.fenced(load, |db| {
            if let Some(as_of) = published {
                publish(db, &load.batch.set, load.state, as_of)?;
            }
            let change = (
                batches::state.eq(verdict.state.wire()),
                batches::processed.eq(number(persons)?),
                batches::persons.eq(number(persons)?),
                batches::written.eq(number(written)?),
                batches::removed.eq(number(removed)?),
                batches::unchanged.eq(number(unchanged)?),
                batches::refused.eq(number(refused)?),
                batches::warnings.eq(number(warnings)?),
                batches::findings.eq(number(verdict.findings)?),
                batches::set_state.eq(published.map(|_| load.state)),
                batches::as_of.eq(verdict.as_of.map(|day| day.to_string())),
                batches::finished_at.eq(Some(verdict.at.timestamp_micros())),
            );
            diesel::update(batches::table.filter(batches::id.eq(&batch))).set(change).execute(db)?;
            let event = (outbox::event.eq(verdict.event.to_string()), outbox::batch_id.eq(&batch));
            diesel::insert_into(outbox::table).values(event).execute(db)?;
            Ok(())
        })
    }

    /// A write that happens only while the set is still held, and that prolongs the hold.
    pub(super) fn fenced<T>(self, load: &Load, work: impl FnOnce(&mut Db) -> Result<T, Error>) -> Result<T, Error> {
        self.held_write(&load.batch.set, load.holder, work)
    }
}

fn close(db: &mut Db, state: i64, rows: &[i64]) -> Result<(), Error> {
    diesel::update(records::table.filter(records::row_id.eq_any(rows.to_vec())))
        .set(records::to_state.eq(Some(state)))
        .execute(db)?;
    Ok(())
}

/// Undoes what this load wrote for one source.
fn take_back(db: &mut Db, set: &str, state: i64, source: &Hash) -> Result<(), Error> {
    let own = records::table.filter(records::set_id.eq(set)).filter(records::source_hash.eq(source.to_vec()));
    let new: Vec<i64> = own.filter(records::from_state.eq(state)).select(records::row_id).load(db)?;
    delete_rows(db, &new)?;
    let closed = records::table.filter(records::set_id.eq(set)).filter(records::source_hash.eq(source.to_vec()));
    diesel::update(closed.filter(records::to_state.eq(state))).set(records::to_state.eq(None::<i64>)).execute(db)?;
    Ok(())
}

pub(super) fn delete_rows(db: &mut Db, rows: &[i64]) -> Result<(), Error> {
    diesel::delete(search_keys::table.filter(search_keys::row_id.eq_any(rows.to_vec()))).execute(db)?;
    diesel::delete(records::table.filter(records::row_id.eq_any(rows.to_vec()))).execute(db)?;
    Ok(())
}

/// The single-row update that makes a load visible (rule 7.2).
fn publish(db: &mut Db, set: &str, state: i64, as_of: NaiveDate) -> Result<(), Error> {
    let change = (set_states::current_state.eq(state), set_states::as_of.eq(Some(as_of.to_string())));
    diesel::update(set_states::table.filter(set_states::set_id.eq(set))).set(change).execute(db)?;
    Ok(())
}

fn record_row(load: &Load, record: &NewRecord) -> RecordRow {
    RecordRow {
        row_id: record.row,
        set_id: load.batch.set.clone(),
        source_hash: record.source.to_vec(),
        source_sealed: record.source_sealed.clone(),
        from_state: load.state,
        to_state: None,
        schema_version: SCHEMA_VERSION,
        sealed: record.sealed.clone(),
        content_hash: Some(record.content.to_vec()),
    }
}

fn search_key_rows(record: &NewRecord) -> impl Iterator<Item = SearchKeyRow> {
    record.keys.iter().map(|key| SearchKeyRow { search_key: key.0.to_vec(), row_id: record.row })
}

fn finding_row(batch: &str, finding: &NewFinding) -> Result<FindingRow, Error> {
    Ok(FindingRow {
        batch_id: batch.to_owned(),
        ordinal: number(finding.ordinal)?,
        number: number(finding.number)?,
        sealed: finding.sealed.clone(),
    })
}
