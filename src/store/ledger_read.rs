//! Reads a register back as it is stored: the head, pages of entries, and the audit of all of it.

use std::sync::Arc;

use chrono::DateTime;
use diesel::dsl::max;
use diesel::prelude::*;

use super::ledger_append::{unsigned, uuid};
use super::ledger_tables::{ledger_entries, ledger_head};
use super::{Database, Db, Error};
use crate::ledger::{Audit, Finding, Head, StoredEntry, parse_entry, read_entry};
use crate::xml::Schema;

/// Entries in memory at a time.
const PAGE: u64 = 500;

/// The columns of an entry in the order of its table.
type Row = (i64, i64, i64, Vec<u8>, String, bool, Vec<u8>, Vec<u8>);

/// One administrator's register, read-only.
pub struct LedgerReader {
    tenant: String,
    database: Arc<Database>,
}

impl LedgerReader {
    #[must_use]
    pub fn new(tenant: impl Into<String>, database: Arc<Database>) -> Self {
        Self { tenant: tenant.into(), database }
    }

    /// How far the register goes.
    ///
    /// # Errors
    /// `Busy` or `Unavailable` as of the database.
    pub fn head(&self) -> Result<Head, Error> {
        self.database.read(read_head)
    }

    /// The entries from number `first` on, at most `limit`, ascending.
    ///
    /// # Errors
    /// As [`LedgerReader::head`]; `Internal` when a column holds what cannot be there.
    pub fn page(&self, first: u64, limit: u64) -> Result<Vec<StoredEntry>, Error> {
        use ledger_entries::dsl;
        let (first, limit) = (signed(first), signed(limit));
        let rows: Vec<Row> = self.database.read(|db| {
            Ok(dsl::ledger_entries.filter(dsl::number.ge(first)).order(dsl::number).limit(limit).load(db)?)
        })?;
        rows.into_iter().map(stored).collect()
    }

    /// Refuses a register whose newest entry names another administrator: a file restored to the wrong place.
    ///
    /// # Errors
    /// `Refused` then, else as [`LedgerReader::page`].
    pub fn check_owner(&self) -> Result<(), Error> {
        let last = self.head()?.size;
        let newest = if last == 0 { None } else { self.page(last, 1)?.pop() };
        let Some(entry) = newest else { return Ok(()) };
        let document = parse_entry(&entry.leaf).map_err(Error::internal)?;
        if read_entry(document.root()).map_err(Error::internal)?.tenant == self.tenant {
            return Ok(());
        }
        Err(Error::Refused(format!("the register of {} holds another administrator's entries", self.tenant)))
    }

    /// Checks the whole register as it stands now; what is appended meanwhile is left for the next time.
    ///
    /// # Errors
    /// As [`LedgerReader::page`]; whatever does not hold is a finding, not an error.
    pub fn audit(&self, schema: &Schema) -> Result<(Head, Vec<Finding>), Error> {
        use ledger_entries::dsl;
        let (head, last) = self.database.read(|db| {
            let last: Option<i64> = dsl::ledger_entries.select(max(dsl::number)).first(db)?;
            Ok((read_head(db)?, last))
        })?;
        let last = unsigned(last.unwrap_or(0))?;
        let mut audit = Audit::new(&self.tenant, schema);
        let mut next = 1;
        while next <= last {
            let page = self.page(next, PAGE.min(last - next + 1))?;
            let Some(end) = page.last() else { break };
            next = end.number + 1;
            page.iter().filter(|entry| entry.number <= last).for_each(|entry| audit.entry(entry));
        }
        Ok((head, audit.finish(head)))
    }
}

fn read_head(db: &mut Db) -> Result<Head, Error> {
    use ledger_head::dsl;
    let (epoch, size, last_time): (i64, i64, i64) =
        dsl::ledger_head.find(1_i64).select((dsl::epoch, dsl::size, dsl::last_time)).first(db)?;
    Ok(Head { epoch: unsigned(epoch)?, size: unsigned(size)?, last_time: instant(last_time)? })
}

fn stored((number, epoch, recorded_at, event, kind, repeat, leaf, leaf_hash): Row) -> Result<StoredEntry, Error> {
    Ok(StoredEntry {
        number: unsigned(number)?,
        epoch: unsigned(epoch)?,
        time: instant(recorded_at)?,
        event: uuid(&event)?,
        kind,
        repeat,
        leaf,
        leaf_hash,
    })
}

fn instant(micros: i64) -> Result<DateTime<chrono::Utc>, Error> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| Error::internal("a stored time outside the calendar"))
}

/// A number as a column; what is too large is beyond every entry.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
