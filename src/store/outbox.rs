//! Effects whose ledger entry is not yet known to be durable (rule 2.5): written with the effect, taken off after the entry.

use diesel::prelude::*;
use uuid::Uuid;

use super::Error;
use super::batches::{Batch, Batches, find, outbox, uuid};

impl Batches<'_> {
    /// Events whose ledger entry is not yet known to be durable, with their batches.
    ///
    /// # Errors
    /// As of the database.
    pub fn outbox(self) -> Result<Vec<(Uuid, Batch)>, Error> {
        self.tenant.sets.read(|db| {
            let rows: Vec<(String, String)> = outbox::table.select((outbox::event, outbox::batch_id)).load(db)?;
            let mut events = Vec::with_capacity(rows.len());
            for (event, batch) in rows {
                let batch = find(db, uuid(&batch)?)?.ok_or_else(|| Error::internal("an event without its batch"))?;
                events.push((uuid(&event)?, batch));
            }
            Ok(events)
        })
    }

    /// The ledger has the entry of this event.
    ///
    /// # Errors
    /// As of the database; then the entry is offered again, which does no harm.
    pub fn settle(self, event: Uuid) -> Result<(), Error> {
        self.tenant.sets.write(|db| {
            diesel::delete(outbox::table.filter(outbox::event.eq(event.to_string()))).execute(db)?;
            Ok(())
        })
    }
}
