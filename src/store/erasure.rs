//! Deleting for good: what is deleted goes from the database's own files too, as far as they are in our hands. Archives of
//! the write-ahead log, replicas and backups are not.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::{Database, Db, Error};

/// Times that a log which readers hold is tried to be emptied; each waits as long as a session waits for a lock.
const TRIES: usize = 3;

/// Lets the session overwrite with zeros what it deletes from here on.
pub(super) fn begin(db: &mut Db) -> Result<(), Error> {
    match db {
        Db::Sqlite(db) => Ok(db.batch_execute("PRAGMA secure_delete = ON")?),
        // PostgreSQL keeps what was deleted until the table is written anew: `settle`.
        Db::Pg(_) => Ok(()),
    }
}

/// Writes a small table anew after rows were deleted from it. SQLite leaves copies of rows behind in pages that were
/// split once; emptying the table overwrites all of its pages.
pub(super) fn rewrite(db: &mut Db, table: &'static str) -> Result<(), Error> {
    match db {
        Db::Sqlite(db) => Ok(db.batch_execute(&format!(
            "CREATE TEMP TABLE kept_rows AS SELECT * FROM main.{table}; DELETE FROM main.{table}; \
             INSERT INTO main.{table} SELECT * FROM kept_rows; DROP TABLE temp.kept_rows"
        ))?),
        Db::Pg(_) => Ok(()),
    }
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = BigInt)]
    busy: i64,
}

/// After the commit: SQLite's log is emptied into its file and cut to nothing; PostgreSQL writes the tables `rewritten`
/// anew and gives the room of rows in those `cleaned` free.
pub(super) fn settle(database: &Database, rewritten: &[&str], cleaned: &[&str]) -> Result<(), Error> {
    database.outside(|db| match db {
        Db::Sqlite(db) => {
            for _ in 0..TRIES {
                let done: Checkpoint = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(db)?;
                if done.busy == 0 {
                    return Ok(());
                }
            }
            Err(Error::Busy("readers hold the write-ahead log"))
        }
        Db::Pg(db) => {
            db.batch_execute("SET statement_timeout = 0; SET lock_timeout = '60s'")?;
            let whole = rewritten.iter().map(|table| format!("VACUUM FULL {table}"));
            let part = cleaned.iter().map(|table| format!("VACUUM {table}"));
            // One by one: several statements at once are a transaction, in which there is no VACUUM.
            whole.chain(part).try_for_each(|statement| Ok(db.batch_execute(&statement)?))
        }
    })
}
