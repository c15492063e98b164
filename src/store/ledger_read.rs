//! Reads a register back as it is stored: the head, pages of entries, and the audit of all of it.

use std::sync::Arc;

use diesel::dsl::max;
use diesel::prelude::*;
use uuid::Uuid;

use super::ledger_tables::{ledger_entries, ledger_head};
use super::ledger_values::{instant, signed, unsigned, uuid};
use super::{Database, Db, Error, ledger_erase, ledger_tree, ledger_witness};
use crate::ledger::{
    Audit, Finding, Hash, Head, Proof, SignedHead, StoredEntry, Testimony, consistency, inclusion, parse_entry,
    read_entry,
};
use crate::xml::Schema;

/// Entries in memory at a time.
const PAGE: u64 = 500;

/// The columns of an entry in the order of its table.
pub(super) type Row = (i64, i64, i64, Vec<u8>, String, bool, Vec<u8>, Vec<u8>, Vec<u8>);

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

    /// The number of the last entry that was removed with its segment (rule 3.7); 0 while none was.
    ///
    /// # Errors
    /// As [`LedgerReader::head`].
    pub fn removed(&self) -> Result<u64, Error> {
        self.database.read(ledger_erase::removed).and_then(unsigned)
    }

    /// Refuses what begins among the removed entries.
    ///
    /// # Errors
    /// `Unknown` then, else as [`LedgerReader::head`].
    pub fn require_kept(&self, first: u64) -> Result<(), Error> {
        match self.removed()? {
            removed if first <= removed => Err(self.removed_to(removed)),
            _ => Ok(()),
        }
    }

    fn removed_to(&self, last: u64) -> Error {
        let text = format!("entries 1 to {last} of {} were removed; their hashes alone are left", self.tenant);
        Error::Unknown(text)
    }

    /// The newest signed head; nothing in a register without entries.
    ///
    /// # Errors
    /// As [`LedgerReader::head`].
    pub fn signed_head(&self) -> Result<Option<SignedHead>, Error> {
        self.database.read(ledger_tree::newest)
    }

    /// The signed head that was published for the register when it had `size` entries.
    ///
    /// # Errors
    /// `Unknown` when none was published for just this size, else as [`LedgerReader::head`].
    pub fn head_of(&self, size: u64) -> Result<SignedHead, Error> {
        let unknown = || Error::Unknown(format!("a signed head of size {size} of {}", self.tenant));
        self.database.read(|db| ledger_tree::head(db, size))?.ok_or_else(unknown)
    }

    /// What other units signed of the head of `size` entries.
    ///
    /// # Errors
    /// As [`LedgerReader::head`].
    pub fn testimonies(&self, size: u64) -> Result<Vec<Testimony>, Error> {
        self.database.read(|db| ledger_witness::testimonies(db, size))
    }

    /// The size of the newest head that another unit signed.
    ///
    /// # Errors
    /// As [`LedgerReader::head`].
    pub fn witnessed(&self) -> Result<Option<u64>, Error> {
        self.database.read(ledger_witness::witnessed)
    }

    /// The entries from number `first` on, at most `limit`, each proved under a head of `size` entries.
    ///
    /// # Errors
    /// `Unknown` when some of them were removed, else as [`LedgerReader::page`].
    pub fn proofs(&self, first: u64, limit: u64, size: u64) -> Result<Vec<Proof>, Error> {
        let mut entries = self.page(first, limit)?;
        entries.retain(|entry| entry.number <= size);
        // The rows themselves say so, whoever removed them meanwhile.
        if let Some(removed) = entries.iter().rev().find(|entry| entry.is_removed()) {
            return Err(self.removed_to(removed.number));
        }
        let steps = |entry: &StoredEntry| inclusion(entry.number - 1, size).unwrap_or_default();
        let steps: Vec<_> = entries.iter().map(steps).collect();
        let paths = self.database.read(|db| ledger_tree::paths(db, &steps))?;
        let proofs = entries.into_iter().zip(paths);
        Ok(proofs.map(|(entry, path)| Proof { number: entry.number, leaf: entry.leaf, path }).collect())
    }

    /// The path that proves that a tree of `size` entries goes on from one of `former`.
    ///
    /// # Errors
    /// `Unknown` unless `0 < former <= size`, else as [`LedgerReader::head`].
    pub fn consistency(&self, former: u64, size: u64) -> Result<Vec<Hash>, Error> {
        let steps = consistency(former, size)
            .ok_or_else(|| Error::Unknown(format!("a register of {former} entries before one of {size}")))?;
        Ok(self.database.read(|db| ledger_tree::paths(db, &[steps]))?.pop().unwrap_or_default())
    }

    /// The number of an event's entry.
    ///
    /// # Errors
    /// As [`LedgerReader::head`].
    pub fn number_of(&self, event: Uuid) -> Result<Option<u64>, Error> {
        use ledger_entries::dsl;
        let number = |db: &mut Db| {
            let number = dsl::ledger_entries.filter(dsl::event.eq(event.as_bytes().as_slice())).select(dsl::number);
            Ok(number.first::<i64>(db).optional()?)
        };
        self.database.read(number)?.map(unsigned).transpose()
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
        let (head, edge, covered, last) = self.database.read(|db| {
            let last: Option<i64> = dsl::ledger_entries.select(max(dsl::number)).first(db)?;
            Ok((read_head(db)?, ledger_tree::stored_edge(db)?, ledger_tree::covered(db)?, last))
        })?;
        let last = unsigned(last.unwrap_or(0))?;
        let mut audit = Audit::new(&self.tenant, schema);
        let mut next = 1;
        while next <= last {
            let page = self.page(next, PAGE.min(last - next + 1))?;
            let Some(end) = page.last().map(|entry| entry.number) else { break };
            let heads = self.database.read(|db| ledger_tree::heads(db, next - 1, end))?;
            let mut heads = heads.iter().peekable();
            for entry in page.iter().filter(|entry| entry.number <= last) {
                audit.entry(entry);
                while let Some((_, head)) = heads.next_if(|(size, _)| *size <= entry.number) {
                    audit.head(entry.number, head);
                }
            }
            next = end + 1;
        }
        Ok((head, audit.finish(head, &edge, covered.unwrap_or(0))))
    }
}

fn read_head(db: &mut Db) -> Result<Head, Error> {
    use ledger_head::dsl;
    let (epoch, size, last_time): (i64, i64, i64) =
        dsl::ledger_head.find(1_i64).select((dsl::epoch, dsl::size, dsl::last_time)).first(db)?;
    Ok(Head { epoch: unsigned(epoch)?, size: unsigned(size)?, last_time: instant(last_time)? })
}

pub(super) fn stored(
    (number, epoch, recorded_at, event, kind, repeat, leaf, leaf_hash, subtrees): Row,
) -> Result<StoredEntry, Error> {
    Ok(StoredEntry {
        number: unsigned(number)?,
        epoch: unsigned(epoch)?,
        time: instant(recorded_at)?,
        event: uuid(&event)?,
        kind,
        repeat,
        leaf,
        leaf_hash,
        subtrees,
    })
}
