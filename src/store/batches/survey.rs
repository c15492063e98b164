//! What the planner of PostgreSQL knows of the records. While it knows nothing, it reads all of a set for every question.

use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl, sql_query};

use super::Batches;
use crate::store::{Db, Error};

/// How many records the planner has heard of.
const KNOWN: &str = "SELECT greatest(reltuples, 0)::bigint AS count FROM pg_class WHERE oid = 'records'::regclass";
/// A sample of some ten thousand rows; their sealed contents are none of it.
const ANALYZE: &str = "SET LOCAL statement_timeout = 0; ANALYZE records (row_id, set_id, source_hash, from_state, to_state), search_keys, set_states";

#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl Batches<'_> {
    /// Lets PostgreSQL look at the records before a batch is visible that wrote more than a tenth of those it knows. Smaller
    /// changes are left to its own rounds (autovacuum). What SQLite plans for a question depends on no numbers.
    pub(super) fn survey(self, written: u64) {
        let surveyed = self.tenant.sets.write(|db| match db {
            Db::Sqlite(_) => Ok(()),
            Db::Pg(db) => {
                let Known { count } = sql_query(KNOWN).get_result(db)?;
                if written > count.unsigned_abs() / 10 { Ok(db.batch_execute(ANALYZE)?) } else { Ok::<_, Error>(()) }
            }
        });
        if let Err(error) = surveyed {
            // Answers stay right, only slower.
            log::warn!("the planner was not told of new records: {error}");
        }
    }
}
