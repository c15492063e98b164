//! Reads the protocol of a batch back, page by page: findings of the file first, then of persons in the file's order.

use diesel::prelude::*;

use super::tables::{batch_findings, count, number};
use super::{Batch, Batches, label, place};
use crate::store::{Error, KeyUse};

impl Batches<'_> {
    /// Opens the findings number `from` (from 1) to `from + most - 1` of `batch`.
    ///
    /// # Errors
    /// `Sealed` when the stored bytes were changed, else as of the database.
    pub fn findings(self, batch: &Batch, from: u64, most: u64) -> Result<Vec<Vec<u8>>, Error> {
        let (offset, most) = (number(from.saturating_sub(1))?, number(most)?);
        let rows: Vec<(i64, i64, Vec<u8>)> = self.tenant.sets.read(|db| {
            Ok(batch_findings::table
                .filter(batch_findings::batch_id.eq(batch.id.to_string()))
                .order((batch_findings::ordinal.asc(), batch_findings::number.asc()))
                .select((batch_findings::ordinal, batch_findings::number, batch_findings::sealed))
                .offset(offset)
                .limit(most)
                .load(db)?)
        })?;
        rows.into_iter()
            .map(|(ordinal, number, sealed)| {
                let place = place(batch.id, &[count(ordinal)?, count(number)?]);
                let clear = self.tenant.keys.open(KeyUse::Data, label("usterka", &batch.set, &place), &sealed)?;
                Ok(clear.to_vec())
            })
            .collect()
    }

    /// How many findings there are so far.
    ///
    /// # Errors
    /// As of the database.
    pub fn count_findings(self, batch: &Batch) -> Result<u64, Error> {
        let rows = batch_findings::table.filter(batch_findings::batch_id.eq(batch.id.to_string()));
        self.tenant.sets.read(|db| count(rows.count().get_result(db)?))
    }
}
