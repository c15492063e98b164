//! What is taken out of a register for good: the keys of persons, and old entries by whole segments (rules 3.6, 3.7).

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::dsl::{max, min};
use diesel::prelude::*;
use diesel::sql_types::Binary;

use super::connection::on;
use super::ledger_append::Page;
use super::ledger_persons::{PersonTag, person_tag};
use super::ledger_register::{Register, read_size};
use super::ledger_tables::{
    ledger_answers, ledger_entries, ledger_heads, ledger_order_answers, ledger_person_entries, ledger_person_keys,
    ledger_segments,
};
use super::ledger_values::{signed, unsigned};
use super::{Db, Error, erasure};
use crate::ledger::{Draft, Span};

/// Entries removed by one transaction: answers wait for it.
const SEGMENT: i64 = 10_000;

/// Events, entries or persons named in one statement.
const NAMED: usize = 1000;

/// Keys destroyed by one transaction once no entry needs them.
const KEYS_AT_ONCE: usize = 10_000;

/// The table of persons' keys, written anew whenever one is destroyed.
const KEYS: &str = "ledger_person_keys";

/// The keyed hash of a person who has a key.
#[derive(QueryableByName)]
struct Person {
    #[diesel(sql_type = Binary)]
    person: Vec<u8>,
}

/// What was destroyed of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// Keys; more than one when the person was known in several ways, none when the register knows nothing of the person.
    pub keys: usize,
    /// Entries with a part that nobody can read any more.
    pub entries: usize,
}

impl Register {
    /// Destroys the keys of the persons told apart by `persons`, and with them what leads to their entries and what is kept
    /// of the answers, together with the entry that says so.
    pub(super) fn erase(&self, persons: &[Vec<u8>], draft: impl FnOnce(Erased) -> Draft) -> Result<Erased, Error> {
        let tags: Vec<PersonTag> =
            persons.iter().map(|person| person_tag(&self.keys, person)).collect::<Result<_, _>>()?;
        // The whole register is read before answers wait for its head; then only what came since.
        let (size, mut numbers) = self.database.read(|db| Ok((read_size(db)?, entries_about(db, &tags, 0)?)))?;
        self.act(&[], |db, page| {
            erasure::begin(db)?;
            numbers.extend(entries_about(db, &tags, size)?);
            let erased = forget_persons(db, &tags, &numbers)?;
            page.write(db, &draft(erased), false)?;
            Ok(erased)
        })
    }

    /// Removes the bytes of all entries from before `before`, the oldest first, each segment together with an entry that
    /// says so; what is told are the segments. Then keys go that no entry needs any more.
    pub(super) fn retire(&self, before: DateTime<Utc>, draft: impl Fn(Span) -> Draft) -> Result<Vec<Span>, Error> {
        let mut spans = Vec::new();
        while let Some((span, is_last)) = self.act(&[], |db, page| remove_segment(db, page, before, &draft))? {
            spans.push(span);
            if is_last {
                break;
            }
        }
        self.drop_unused_keys()?;
        Ok(spans)
    }

    /// Destroys the keys of persons about whom no entry is left, in transactions of a bounded number of them.
    fn drop_unused_keys(&self) -> Result<(), Error> {
        let (size, unused) = self.database.read(|db| {
            // Sorted or hashed by both databases; asking key by key would read all entries for each.
            let unused = diesel::sql_query(
                "SELECT person FROM ledger_person_keys EXCEPT SELECT person FROM ledger_person_entries",
            );
            Ok((read_size(db)?, unused.load::<Person>(db)?))
        })?;
        for persons in unused.chunks(KEYS_AT_ONCE) {
            self.act(&[], |db, _| {
                use ledger_person_entries::dsl;
                erasure::begin(db)?;
                let since = dsl::ledger_person_entries.filter(dsl::number.gt(size)).select(dsl::person);
                let since: HashSet<Vec<u8>> = since.load(db)?.into_iter().collect();
                let unused = persons.iter().map(|one| &one.person).filter(|person| !since.contains(*person));
                for persons in unused.collect::<Vec<_>>().chunks(NAMED) {
                    let keys = ledger_person_keys::table.filter(ledger_person_keys::person.eq_any(persons.to_vec()));
                    diesel::delete(keys).execute(db)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Lets the database's own files forget what was deleted.
    pub(super) fn settle(&self) -> Result<(), Error> {
        let tables = ["ledger_entries", "ledger_person_entries", "ledger_answers", "ledger_order_answers"];
        erasure::settle(&self.database, &[KEYS], &tables)
    }
}

/// The last entry that was removed; 0 while none was.
pub(super) fn removed(db: &mut Db) -> Result<i64, Error> {
    let last = ledger_segments::table.select(max(ledger_segments::last_number));
    Ok(on!(db, |db| last.get_result::<Option<i64>>(db))?.unwrap_or(0))
}

/// The entries after number `after` that have a part about one of the persons.
fn entries_about(db: &mut Db, tags: &[PersonTag], after: i64) -> Result<Vec<i64>, Error> {
    use ledger_person_entries::dsl;
    let tags = tags.iter().map(<[u8; 32]>::as_slice);
    let theirs = dsl::ledger_person_entries.filter(dsl::number.gt(after)).filter(dsl::person.eq_any(tags));
    Ok(theirs.select(dsl::number).distinct().load(db)?)
}

/// Forgets persons whose entries have these numbers.
fn forget_persons(db: &mut Db, tags: &[PersonTag], numbers: &[i64]) -> Result<Erased, Error> {
    use ledger_person_entries::dsl;
    let tags: Vec<&[u8]> = tags.iter().map(<[u8; 32]>::as_slice).collect();
    let mut entries = 0;
    for numbers in numbers.chunks(NAMED) {
        let events = ledger_entries::table.filter(ledger_entries::number.eq_any(numbers));
        let events: Vec<Vec<u8>> = events.select(ledger_entries::event).load(db)?;
        forget_answers(db, &events)?;
        let theirs = dsl::ledger_person_entries.filter(dsl::number.eq_any(numbers));
        entries += diesel::delete(theirs.filter(dsl::person.eq_any(tags.clone()))).execute(db)?;
    }
    let keys = ledger_person_keys::table.filter(ledger_person_keys::person.eq_any(tags));
    Ok(Erased { keys: diesel::delete(keys).execute(db)?, entries })
}

/// The next segment and whether it was the last, or nothing when no entry is that old.
fn remove_segment(
    db: &mut Db,
    page: &mut Page<'_>,
    before: DateTime<Utc>,
    draft: impl FnOnce(Span) -> Draft,
) -> Result<Option<(Span, bool)>, Error> {
    let limit = before.timestamp_micros();
    let first = removed(db)? + 1;
    let old = || ledger_entries::table.filter(ledger_entries::recorded_at.lt(limit));
    let Some(end) = old().select(max(ledger_entries::number)).get_result::<Option<i64>>(db)? else { return Ok(None) };
    if end < first {
        return Ok(None);
    }
    let last = end.min(first + SEGMENT - 1);
    erasure::begin(db)?;
    let span = Span { first: unsigned(first)?, last: unsigned(last)? };
    // The database lets no segment be recorded before an entry says so.
    let entry = page.write(db, &draft(span), false)?;
    record_segment(db, first, last, signed(entry), page.now())?;
    empty_entries(db, first, last)?;
    Ok(Some((span, last == end)))
}

/// Notes the segment with the first signed head that covers it: from there on the database lets its bytes go.
fn record_segment(db: &mut Db, first: i64, last: i64, entry: i64, now: DateTime<Utc>) -> Result<(), Error> {
    let covering = ledger_heads::table.filter(ledger_heads::size.ge(last)).select(min(ledger_heads::size));
    let covered: Option<i64> = covering.get_result(db)?;
    let covered = covered.ok_or_else(|| Error::internal("no signed head covers the entries"))?;
    let segment = (
        ledger_segments::first_number.eq(first),
        ledger_segments::last_number.eq(last),
        ledger_segments::covered.eq(covered),
        ledger_segments::removed_at.eq(now.timestamp_micros()),
        ledger_segments::entry.eq(entry),
    );
    diesel::insert_into(ledger_segments::table).values(segment).execute(db)?;
    Ok(())
}

/// Takes away what is kept of the answers whose entries these are, for retries and for orders.
fn forget_answers(db: &mut Db, events: &[Vec<u8>]) -> Result<(), Error> {
    for events in events.chunks(NAMED) {
        diesel::delete(ledger_answers::table.filter(ledger_answers::event.eq_any(events))).execute(db)?;
        diesel::delete(ledger_order_answers::table.filter(ledger_order_answers::event.eq_any(events))).execute(db)?;
    }
    Ok(())
}

fn empty_entries(db: &mut Db, first: i64, last: i64) -> Result<(), Error> {
    let segment = || ledger_entries::table.filter(ledger_entries::number.between(first, last));
    let events: Vec<Vec<u8>> = segment().select(ledger_entries::event).load(db)?;
    forget_answers(db, &events)?;
    diesel::update(segment()).set(ledger_entries::leaf.eq(Vec::<u8>::new())).execute(db)?;
    diesel::delete(ledger_person_entries::table.filter(ledger_person_entries::number.le(last))).execute(db)?;
    Ok(())
}
