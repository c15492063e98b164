//! Sweeps what no reader will ever see: rows of interrupted or refused loads, rows that have ended, the scaffolding of finished batches.

use diesel::prelude::*;
use uuid::Uuid;

use super::load::delete_rows;
use super::tables::{batch_findings, batch_items, batch_parts, batches, records, set_states};
use super::{BatchState, Batches, Load};
use crate::store::{Db, Error};

/// Rows that one transaction deletes or changes at most (rule 7.2).
const ROWS: i64 = 1000;

/// Persons that one transaction deletes: a person has several search keys.
const PERSONS: i64 = 200;

impl Batches<'_> {
    /// Sets that have ever been fed.
    ///
    /// # Errors
    /// As of the database.
    pub fn sets(self) -> Result<Vec<String>, Error> {
        self.tenant
            .sets
            .read(|db| Ok(set_states::table.select(set_states::set_id).order(set_states::set_id.asc()).load(db)?))
    }

    /// Sweeps a set that `holder` holds; does nothing where nothing is left over.
    ///
    /// # Errors
    /// `Busy` when `holder` has lost the set, else as of the database.
    pub fn sweep(self, set: &str, holder: Uuid) -> Result<(), Error> {
        let current: Option<i64> = self.tenant.sets.read(|db| {
            let row = set_states::table.filter(set_states::set_id.eq(set));
            Ok(row.select(set_states::current_state).first(db).optional()?)
        })?;
        let current = current.unwrap_or(0);
        self.until_done(set, holder, |db| {
            let dead = records::table.filter(records::set_id.eq(set)).filter(records::from_state.gt(current));
            let rows: Vec<i64> = dead.select(records::row_id).limit(PERSONS).load(db)?;
            delete_rows(db, &rows)?;
            Ok(rows.is_empty())
        })?;
        self.until_done(set, holder, |db| {
            let closed = records::table.filter(records::set_id.eq(set)).filter(records::to_state.gt(current));
            let rows: Vec<i64> = closed.select(records::row_id).limit(ROWS).load(db)?;
            let reopened = diesel::update(records::table.filter(records::row_id.eq_any(rows)));
            Ok(reopened.set(records::to_state.eq(None::<i64>)).execute(db)? == 0)
        })?;
        self.until_done(set, holder, |db| {
            let ended = records::table.filter(records::set_id.eq(set)).filter(records::to_state.le(current));
            let rows: Vec<i64> = ended.select(records::row_id).limit(PERSONS).load(db)?;
            delete_rows(db, &rows)?;
            Ok(rows.is_empty())
        })?;
        self.sweep_finished(set, holder)
    }

    /// The named persons and the sealed parts of batches whose verdict is spoken.
    fn sweep_finished(self, set: &str, holder: Uuid) -> Result<(), Error> {
        let states = [BatchState::Done.wire(), BatchState::DoneWithErrors.wire(), BatchState::Refused.wire()];
        let finished =
            || batches::table.filter(batches::set_id.eq(set)).filter(batches::state.eq_any(states)).select(batches::id);
        let with_items: Vec<String> = self.tenant.sets.read(|db| {
            let items = batch_items::table.filter(batch_items::batch_id.eq_any(finished()));
            Ok(items.select(batch_items::batch_id).distinct().load(db)?)
        })?;
        for batch in with_items {
            self.until_done(set, holder, |db| forget_items(db, &batch))?;
        }
        self.until_done(set, holder, |db| {
            let full = batch_parts::table
                .filter(batch_parts::sealed.is_not_null())
                .filter(batch_parts::batch_id.eq_any(finished()));
            let next: Option<(String, i64)> =
                full.select((batch_parts::batch_id, batch_parts::number)).first(db).optional()?;
            let Some((batch, number)) = next else { return Ok(true) };
            let part =
                batch_parts::table.filter(batch_parts::batch_id.eq(batch)).filter(batch_parts::number.eq(number));
            diesel::update(part).set(batch_parts::sealed.eq(None::<Vec<u8>>)).execute(db)?;
            Ok(false)
        })
    }

    /// What an interrupted load of this very batch noted down.
    pub(super) fn forget_progress(self, load: &Load) -> Result<(), Error> {
        let (set, batch) = (&load.batch.set, load.batch.id.to_string());
        self.until_done(set, load.holder, |db| forget_items(db, &batch))?;
        self.until_done(set, load.holder, |db| {
            let own = batch_findings::table.filter(batch_findings::batch_id.eq(&batch));
            let rows = own.order((batch_findings::ordinal.asc(), batch_findings::number.asc()));
            let last: Vec<(i64, i64)> =
                rows.select((batch_findings::ordinal, batch_findings::number)).limit(ROWS).load(db)?;
            let Some((ordinal, number)) = last.last().copied() else { return Ok(true) };
            let within = batch_findings::ordinal
                .lt(ordinal)
                .or(batch_findings::ordinal.eq(ordinal).and(batch_findings::number.le(number)));
            let own = batch_findings::table.filter(batch_findings::batch_id.eq(&batch));
            diesel::delete(own.filter(within)).execute(db)?;
            Ok(false)
        })
    }

    fn until_done(
        self,
        set: &str,
        holder: Uuid,
        mut step: impl FnMut(&mut Db) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        while !self.held_write(set, holder, &mut step)? {}
        Ok(())
    }
}

fn forget_items(db: &mut Db, batch: &str) -> Result<bool, Error> {
    let own = batch_items::table.filter(batch_items::batch_id.eq(batch)).order(batch_items::ordinal.asc());
    let rows: Vec<i64> = own.select(batch_items::ordinal).limit(ROWS).load(db)?;
    let Some(last) = rows.last() else { return Ok(true) };
    let own = batch_items::table.filter(batch_items::batch_id.eq(batch));
    diesel::delete(own.filter(batch_items::ordinal.le(*last))).execute(db)?;
    Ok(false)
}
