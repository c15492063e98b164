//! The records of one administrator: found by keyed hashes, read in one snapshot, opened after the connection is given back.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::connection::on;
use super::registry_rows::parse_date;
use super::schema::{records, row_numbers, search_keys, set_states};
use super::seal::{KeyUse, Label, SearchKey};
use super::{Db, Error, Tenant};

/// The state of a set that readers see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetState {
    /// Number of the state; 0 before the first feed.
    pub number: i64,
    /// The day that the data describe (`stanNa`).
    pub as_of: Option<NaiveDate>,
}

/// A record as it was fed: the canonical children of its root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    pub source_id: String,
    pub record: Vec<u8>,
    pub schema_version: i64,
}

/// What a search found; records come in the order in which they were fed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// `None` while the set was never fed.
    pub state: Option<SetState>,
    pub records: Vec<StoredRecord>,
}

type Row = (i64, Vec<u8>, i64, Vec<u8>);
type StateAndRow = ((i64, Option<String>), Option<Row>);

impl Tenant {
    /// The records of `set` in its current state under `key`.
    ///
    /// A keyed hash may collide and a person may have moved on: the caller compares each record again (rule 4.2).
    ///
    /// # Errors
    /// `Busy` or `Unavailable` as of the database, `Sealed` when a stored record does not open.
    pub fn find(&self, set: &str, key: SearchKey) -> Result<Found, Error> {
        let rows = self.sets.glance(|db| visible_rows(db, set, key))?;
        // rule 1.2: the connection is back in its pool while records are opened.
        let state = match rows.first() {
            Some(((number, as_of), _)) => set_state(*number, as_of.as_deref())?,
            None => None,
        };
        let records = rows.into_iter().filter_map(|(_, row)| row).map(|row| self.open_row(set, row));
        Ok(Found { state, records: records.collect::<Result<_, _>>()? })
    }

    /// The current state of `set`; `None` while it was never fed.
    ///
    /// # Errors
    /// `Busy` or `Unavailable` as of the database.
    pub fn set_state(&self, set: &str) -> Result<Option<SetState>, Error> {
        self.sets.glance(|db| current(db, set))
    }

    /// Gives out `count` row numbers and returns the first; they are part of what is sealed, and gaps do no harm.
    ///
    /// # Errors
    /// `Busy` or `Unavailable` as of the database.
    pub fn reserve_rows(&self, count: i64) -> Result<i64, Error> {
        self.sets.write(|db| {
            let next = row_numbers::next_row;
            diesel::update(row_numbers::table).set(next.eq(next + count)).execute(db)?;
            let after: i64 = row_numbers::table.select(next).first(db)?;
            Ok(after - count)
        })
    }

    /// The keyed hash under which `idZrodlowe` is compared within `set` (rule 4.3).
    ///
    /// # Errors
    /// `Internal` when OpenSSL fails.
    pub fn source_hash(&self, set: &str, source_id: &str) -> Result<[u8; 32], Error> {
        self.keys.hmac("zrodlo", &[set.as_bytes(), source_id.as_bytes()])
    }

    /// `idZrodlowe`, sealed for `row`.
    ///
    /// # Errors
    /// `Internal` when OpenSSL fails.
    pub fn seal_source(&self, set: &str, row: i64, source_id: &str) -> Result<Vec<u8>, Error> {
        self.keys.seal(KeyUse::Data, source_label(set, &row.to_be_bytes()), source_id.as_bytes(), 32)
    }

    /// Opens what [`Tenant::seal_source`] made.
    ///
    /// # Errors
    /// `Sealed` when it is of another row, set or administrator.
    pub fn open_source(&self, set: &str, row: i64, sealed: &[u8]) -> Result<String, Error> {
        let clear = self.keys.open(KeyUse::Data, source_label(set, &row.to_be_bytes()), sealed)?;
        String::from_utf8(clear.to_vec()).map_err(|_| Error::Sealed("not a text"))
    }

    fn open_row(&self, set: &str, (row, source, schema_version, sealed): Row) -> Result<StoredRecord, Error> {
        Ok(StoredRecord {
            source_id: self.open_source(set, row, &source)?,
            record: std::mem::take(&mut *self.keys.open_record(set, row, &sealed)?),
            schema_version,
        })
    }
}

/// A database that already holds sets is not a new administrator's: the keys of what it holds are elsewhere.
pub(super) fn require_empty(db: &mut Db) -> Result<(), Error> {
    let fed: i64 = set_states::table.count().get_result(db)?;
    if fed == 0 {
        Ok(())
    } else {
        Err(Error::Refused("the database already holds sets sealed with other keys".to_owned()))
    }
}

fn current(db: &mut Db, set: &str) -> Result<Option<SetState>, Error> {
    let row = set_states::table.find(set).select((set_states::current_state, set_states::as_of));
    let row: Option<(i64, Option<String>)> = on!(db, |db| row.get_result(db)).optional()?;
    row.map_or(Ok(None), |(number, as_of)| set_state(number, as_of.as_deref()))
}

fn set_state(number: i64, as_of: Option<&str>) -> Result<Option<SetState>, Error> {
    if number == 0 {
        return Ok(None);
    }
    Ok(Some(SetState { number, as_of: as_of.map(parse_date).transpose()? }))
}

/// The state of `set` beside each of its records under `key`, or beside none; one statement, hence one snapshot.
fn visible_rows(db: &mut Db, set: &str, key: SearchKey) -> Result<Vec<StateAndRow>, Error> {
    let numbers = search_keys::table.filter(search_keys::search_key.eq(key.0.as_slice())).select(search_keys::row_id);
    let state = set_states::current_state;
    let is_there = records::to_state.is_null().or(records::to_state.gt(state.nullable()));
    let own = records::row_id
        .eq_any(numbers)
        // As an expression, or SQLite takes the index that begins with the set and reads the whole of it.
        .and(records::set_id.concat("").eq(set_states::set_id))
        .and(records::from_state.le(state).and(is_there).assume_not_null());
    let row = (records::row_id, records::source_sealed, records::schema_version, records::sealed);
    let rows = set_states::table
        .left_join(records::table.on(own))
        .filter(set_states::set_id.eq(set))
        .select(((state, set_states::as_of), row.nullable()))
        .order(records::row_id);
    Ok(on!(db, |db| rows.load(db))?)
}

const fn source_label<'a>(set: &'a str, row: &'a [u8]) -> Label<'a> {
    Label { purpose: "zrodlo", set, row }
}
