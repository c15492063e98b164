//! Who loads a set: one node at a time, and not longer than it gives signs of life (rule 7.2).

use chrono::{TimeDelta, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::Batches;
use super::tables::set_loads;
use crate::store::{Db, Error};

/// After this time without a sign of life another node may load the set.
const HOLD: TimeDelta = TimeDelta::seconds(15);

impl Batches<'_> {
    /// Takes hold of a set for `holder`; `false` when somebody else loads it.
    ///
    /// # Errors
    /// As of the database.
    pub fn hold(self, set: &str, holder: Uuid) -> Result<bool, Error> {
        let now = Utc::now();
        let (mine, until) = (holder.to_string(), (now + HOLD).timestamp_micros());
        let held = self.tenant.sets.write(|db| {
            let free = set_loads::holder.eq(&mine).or(set_loads::held_until.lt(now.timestamp_micros()));
            let taken = diesel::update(set_loads::table.filter(set_loads::set_id.eq(set)).filter(free))
                .set((set_loads::holder.eq(&mine), set_loads::held_until.eq(until)))
                .execute(db)?;
            let known: i64 = set_loads::table.filter(set_loads::set_id.eq(set)).count().get_result(db)?;
            if taken == 0 && known == 0 {
                let row = (set_loads::set_id.eq(set), set_loads::holder.eq(&mine), set_loads::held_until.eq(until));
                diesel::insert_into(set_loads::table).values(row).execute(db)?;
                return Ok(true);
            }
            Ok(taken == 1)
        });
        match held.map_err(|error| error.or_exists(|| "another loader".to_owned())) {
            Err(Error::Exists(_)) => Ok(false),
            other => other,
        }
    }

    /// Lets go of a set.
    ///
    /// # Errors
    /// As of the database; then the hold ends by itself.
    pub fn release(self, set: &str, holder: Uuid) -> Result<(), Error> {
        self.tenant.sets.write(|db| {
            let mine =
                set_loads::table.filter(set_loads::set_id.eq(set)).filter(set_loads::holder.eq(holder.to_string()));
            diesel::delete(mine).execute(db)?;
            Ok(())
        })
    }

    /// Forgets every hold. Only for a process that is alone with the database: one with `SQLite`, at its start.
    ///
    /// # Errors
    /// As of the database.
    pub fn release_all(self) -> Result<(), Error> {
        self.tenant.sets.write(|db| Ok(diesel::delete(set_loads::table).execute(db).map(|_| ())?))
    }

    /// A write that happens only while `holder` still holds the set, and that prolongs the hold.
    pub(super) fn held_write<T>(
        self,
        set: &str,
        holder: Uuid,
        work: impl FnOnce(&mut Db) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let until = (Utc::now() + HOLD).timestamp_micros();
        self.tenant.sets.write(|db| {
            let mine =
                set_loads::table.filter(set_loads::set_id.eq(set)).filter(set_loads::holder.eq(holder.to_string()));
            if diesel::update(mine).set(set_loads::held_until.eq(until)).execute(db)? == 0 {
                return Err(Error::Busy("another node loads the set"));
            }
            work(db)
        })
    }
}
