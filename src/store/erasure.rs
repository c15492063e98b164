//! Deleting for good: what is deleted goes from the database's own files too, as far as they are in our hands. Archives of
//! the write-ahead log, replicas and backups are not.

use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::sqlite::SqliteConnection;

use super::{Database, Db, Error};

/// Times that a log or rows which others hold are tried to be got rid of; each waits as long as a session waits for a lock.
const TRIES: usize = 3;

/// Time between two tries on PostgreSQL: most transactions are over by then.
const REST: Duration = Duration::from_secs(1);

/// What keeps rows that were deleted.
const SNAPSHOT: &str = "an older snapshot holds the rows";

/// Lets the session overwrite with zeros what it deletes from here on.
pub(super) fn begin(db: &mut Db) -> Result<(), Error> {
    match db {
        Db::Sqlite(db) => Ok(db.batch_execute("PRAGMA secure_delete = ON")?),
        // PostgreSQL keeps what was deleted until the table is written anew: `settle`.
        Db::Pg(_) => Ok(()),
    }
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = BigInt)]
    busy: i64,
}

/// After the commit: the small tables `rewritten` are written anew. SQLite's log is then emptied into its file and cut to
/// nothing; PostgreSQL gives the room of rows in the tables `cleaned` free.
///
/// # Errors
/// `Busy` when somebody reads all the time, or, on PostgreSQL, has a snapshot from before the rows were deleted: old copies
/// are left then, and trying again later does all of it.
pub(super) fn settle(database: &Database, rewritten: &[&str], cleaned: &[&str]) -> Result<(), Error> {
    database.outside(|db| match db {
        Db::Sqlite(db) => {
            rewritten.iter().try_for_each(|table| rewrite_file(db, table))?;
            for _ in 0..TRIES {
                let done: Checkpoint = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(db)?;
                if done.busy == 0 {
                    return Ok(());
                }
            }
            Err(Error::Busy("readers hold the write-ahead log"))
        }
        Db::Pg(db) => {
            // Appends queue behind whoever waits for the whole table, so the wait is shorter than theirs.
            db.batch_execute("SET statement_timeout = 0; SET lock_timeout = '2s'")?;
            rewritten.iter().try_for_each(|table| rewrite_server(db, table))?;
            // One by one: several statements at once are a transaction, in which there is no VACUUM.
            cleaned.iter().try_for_each(|table| Ok(db.batch_execute(&format!("VACUUM {table}"))?))
        }
    })
}

/// SQLite leaves copies of rows behind in pages that were split once; emptying the table overwrites all of its pages.
fn rewrite_file(db: &mut SqliteConnection, table: &str) -> Result<(), Error> {
    // A failure leaves the transaction open: the session is closed next.
    Ok(db.batch_execute(&format!(
        "PRAGMA secure_delete = ON; BEGIN IMMEDIATE; CREATE TEMP TABLE kept_rows AS SELECT * FROM main.{table}; \
         DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM kept_rows; DROP TABLE temp.kept_rows; COMMIT"
    ))?)
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = Text)]
    number: String,
}

#[derive(QueryableByName)]
struct Clean {
    #[diesel(sql_type = Bool)]
    clean: bool,
}

/// PostgreSQL copies deleted rows into the new table as long as any snapshot, prepared transaction or replica may want to
/// see them. It notes up to which transaction it could do without, in `relfrozenxid`: sessions of other roles, whose
/// snapshots we could not list, are in that.
fn rewrite_server(db: &mut PgConnection, table: &str) -> Result<(), Error> {
    // Whoever deleted rows before has a lower number.
    let now = diesel::sql_query("SELECT pg_current_xact_id()::xid::text AS number");
    let Number { number } = now.get_result(db)?;
    let clean = format!(
        "SELECT age(relfrozenxid) <= age('{number}'::xid) AS clean FROM pg_class WHERE oid = '{table}'::regclass"
    );
    let mut held = SNAPSHOT;
    for attempt in 1..=TRIES {
        match db.batch_execute(&format!("VACUUM FULL {table}")).map_err(Error::from) {
            Ok(()) => {
                held = SNAPSHOT;
                if diesel::sql_query(&clean).get_result::<Clean>(db)?.clean {
                    return Ok(());
                }
            }
            Err(Error::Busy(_)) => held = "somebody uses the table all the time",
            Err(error) => return Err(error),
        }
        if attempt < TRIES {
            thread::sleep(REST);
        }
    }
    Err(Error::Busy(held))
}
