//! One connection enum over both databases, and the only two ways in: `read` in a snapshot, `write` in a durable transaction.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use diesel::connection::{AnsiTransactionManager, Connection, SimpleConnection, TransactionManager};
use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;

use super::pool::{Access, Address, Pool, Servers, Taken};
use super::{Error, Gate, files};
use crate::workers::waiting;

/// A connection to either database; queries written on it run on both.
#[derive(diesel::MultiConnection)]
pub enum Db {
    Sqlite(SqliteConnection),
    Pg(PgConnection),
}

/// Runs one query on a connection of either kind: `on!(db, |db| query.first(db))`.
///
/// A query may be given a [`Db`] as well; it is then written out as SQL anew each time, and several times. What every
/// request or entry does goes this way instead.
macro_rules! on {
    ($db:expr, |$connection:ident| $query:expr) => {
        match $db {
            $crate::store::Db::Sqlite($connection) => $query,
            $crate::store::Db::Pg($connection) => $query,
        }
    };
}
pub(super) use on;

/// Sessions that may be found dead before a database counts as away: all that a pool may hold.
const DEAD_MAX: u32 = 4;

/// One database: its sessions behind its administrator's gate.
pub struct Database {
    readers: Arc<Pool>,
    /// The same sessions on PostgreSQL.
    writers: Arc<Pool>,
    gate: Arc<Gate>,
    address: Address,
}

impl Database {
    /// The database at `address`; nothing is opened before the first use.
    ///
    /// # Errors
    /// `Internal` when no pool can be made.
    pub fn new(servers: &Servers, address: Address, gate: Arc<Gate>) -> Result<Self, Error> {
        let readers = Arc::new(servers.pool(address.clone(), Access::Read)?);
        let writers = match address {
            // SQLite forgets its prepared statements when a session is switched between the two.
            Address::File(_) => Arc::new(servers.pool(address.clone(), Access::Write)?),
            Address::Postgres(_) => Arc::clone(&readers),
        };
        Ok(Self { readers, writers, gate, address })
    }

    /// The file at `path` as it lies there, for reading alone: nothing is changed or made beside it. Nobody may write it
    /// meanwhile.
    ///
    /// # Errors
    /// `Internal` when no pool can be made.
    pub(super) fn frozen(servers: &Servers, path: PathBuf) -> Result<Self, Error> {
        let address = Address::File(path);
        let readers = Arc::new(servers.pool(address.clone(), Access::Frozen)?);
        Ok(Self { writers: Arc::clone(&readers), readers, gate: Arc::new(Gate::new(1)), address })
    }

    /// Runs `work` in one read-only snapshot.
    ///
    /// # Errors
    /// `Busy` when no connection became free in time, `Unavailable` when the database is away, else what `work` says.
    pub fn read<T>(&self, work: impl FnOnce(&mut Db) -> Result<T, Error>) -> Result<T, Error> {
        const POSTGRES: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        self.enter(self.is_server(), || transaction(&self.readers, "BEGIN DEFERRED", POSTGRES, work))
    }

    /// Runs `work`, which only looks: each of its queries sees what is committed at that moment, and costs no more than
    /// itself. It may run again when the session died while idle.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub fn glance<T>(&self, work: impl Fn(&mut Db) -> Result<T, Error>) -> Result<T, Error> {
        self.enter(self.is_server(), || {
            let mut dead = 0;
            loop {
                let mut taken = self.readers.take()?;
                match work(taken.db()) {
                    Err(error) if error.is_outage() && dead < DEAD_MAX => {
                        dead += 1;
                        taken.retire();
                    }
                    done => {
                        if done.as_ref().is_err_and(Error::spoils_session) {
                            taken.retire();
                        }
                        return done;
                    }
                }
            }
        })
    }

    /// Runs `work` in one transaction and commits durably (rule 3.4); an error rolls everything back.
    ///
    /// # Errors
    /// As [`Database::read`]; after `Unavailable` from the commit itself the outcome is unknown.
    pub fn write<T>(&self, work: impl FnOnce(&mut Db) -> Result<T, Error>) -> Result<T, Error> {
        // rule 9.4: IMMEDIATE, so that a reader never fails while it becomes a writer.
        const POSTGRES: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
        self.enter(true, || transaction(&self.writers, "BEGIN IMMEDIATE", POSTGRES, work))
    }

    /// Runs `work` on a session that may write, outside any transaction: for what no transaction can do. The session is
    /// closed afterwards, whatever `work` set on it.
    pub(super) fn outside<T>(&self, work: impl FnOnce(&mut Db) -> Result<T, Error>) -> Result<T, Error> {
        self.enter(true, || {
            let mut taken = self.writers.take()?;
            let done = work(taken.db());
            taken.retire();
            done
        })
    }

    /// Whether every query is a round trip to somewhere else.
    const fn is_server(&self) -> bool {
        matches!(self.address, Address::Postgres(_))
    }

    /// Where the database lives.
    #[must_use]
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// Passes the gate; `waits` says whether the work mostly waits.
    fn enter<T>(&self, waits: bool, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let enter = || self.gate.pass(Instant::now(), work);
        if waits { waiting(enter) } else { enter() }
    }
}

fn transaction<T>(
    pool: &Pool,
    sqlite: &str,
    postgres: &str,
    work: impl FnOnce(&mut Db) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut taken = begin(pool, sqlite, postgres)?;
    let done = transaction_end(taken.db(), work);
    if done.as_ref().is_err_and(Error::spoils_session) {
        taken.retire();
    }
    done
}

/// Opens a transaction; sessions that died while idle are thrown away first.
fn begin<'p>(pool: &'p Pool, sqlite: &str, postgres: &str) -> Result<Taken<'p>, Error> {
    let mut dead = 0;
    loop {
        let mut taken = pool.take()?;
        let begun = match taken.db() {
            Db::Sqlite(connection) => AnsiTransactionManager::begin_transaction_sql(connection, sqlite),
            Db::Pg(connection) => AnsiTransactionManager::begin_transaction_sql(connection, postgres),
        };
        match begun.map_err(Error::from) {
            Ok(()) => return Ok(taken),
            Err(error) if error.is_outage() && dead < DEAD_MAX => {
                dead += 1;
                taken.retire();
            }
            Err(error) => return Err(error),
        }
    }
}

fn transaction_end<T>(db: &mut Db, work: impl FnOnce(&mut Db) -> Result<T, Error>) -> Result<T, Error> {
    type Manager = <Db as Connection>::TransactionManager;
    match work(db) {
        Ok(value) => {
            Manager::commit_transaction(db)?;
            Ok(value)
        }
        Err(error) => {
            // A rollback that fails leaves the connection broken: the pool closes it, which rolls back too.
            if let Err(cause) = Manager::rollback_transaction(db) {
                log::debug!("rollback failed: {cause}");
            }
            Err(error)
        }
    }
}

/// Opens one connection outside any pool.
///
/// # Errors
/// `Unavailable` when the database cannot be opened, `Refused` when it is set up against rule 3.4 or 9.1.
pub(super) fn connect(address: &Address, access: Access) -> Result<Db, Error> {
    match address {
        Address::File(path) if access == Access::Frozen => open_frozen(path).map(Db::Sqlite),
        Address::File(path) => open_file(path, access).map(Db::Sqlite),
        Address::Postgres(url) => open_server(url).map(Db::Pg),
    }
}

fn open_file(path: &Path, access: Access) -> Result<SqliteConnection, Error> {
    let name = path.to_str().ok_or_else(|| Error::Refused("the data folder's name is not UTF-8".to_owned()))?;
    files::create_file_private(path).map_err(|cause| Error::Unavailable(format!("{}: {cause}", path.display())))?;
    let mut connection = SqliteConnection::establish(name)?;
    // The timeout first: switching to WAL needs the lock. FULL, since WAL with NORMAL does not sync at commit (rule 3.4).
    connection.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;",
    )?;
    connection.batch_execute(match access {
        Access::Read | Access::Frozen => "PRAGMA query_only = ON;",
        // Claims lie at random places: 8 MiB of pages in memory spare most reading before a page is written.
        Access::Write => "PRAGMA cache_size = -8192;",
    })?;
    Ok(connection)
}

fn open_frozen(path: &Path) -> Result<SqliteConnection, Error> {
    let name = path.to_str().ok_or_else(|| Error::Refused("the name of a copy is not UTF-8".to_owned()))?;
    let name = name.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let mut connection = SqliteConnection::establish(&format!("file:{name}?mode=ro&immutable=1"))?;
    connection.batch_execute("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;")?;
    Ok(connection)
}

fn open_server(url: &str) -> Result<PgConnection, Error> {
    let mut connection = reach(url)?;
    connection.batch_execute(
        "SET synchronous_commit = on; SET statement_timeout = '30s'; SET lock_timeout = '5s'; \
         SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = warning; SET TIME ZONE 'UTC';",
    )?;
    checks::server(&mut connection)?;
    Ok(connection)
}

/// Connects to a server that may be away, in bounded time.
pub(super) fn reach(url: &str) -> Result<PgConnection, diesel::ConnectionError> {
    if url.contains("connect_timeout=") {
        return PgConnection::establish(url);
    }
    // A server that falls silent is noticed within seconds, not when TCP gives up after a quarter of an hour.
    let joint = if url.contains('?') { '&' } else { '?' };
    PgConnection::establish(&format!(
        "{url}{joint}connect_timeout=2&tcp_user_timeout=10000&keepalives=1&keepalives_idle=5&keepalives_interval=2\
         &keepalives_count=3"
    ))
}

/// What a PostgreSQL server has to promise before we rely on it.
mod checks {
    use chrono::Utc;
    use diesel::prelude::*;
    use diesel::sql_types::{Bool, Double};

    use super::{Error, PgConnection};

    /// Seconds by which the clocks of node and database may differ (rule 9.1).
    const CLOCKS_SECONDS_MAX: f64 = 2.0;

    #[derive(QueryableByName)]
    struct Answer {
        #[diesel(sql_type = Bool)]
        fsync: bool,
        #[diesel(sql_type = Double)]
        clock: f64,
    }

    pub(super) fn server(connection: &mut PgConnection) -> Result<(), Error> {
        let asked = seconds();
        let answer: Answer = diesel::sql_query(
            "SELECT current_setting('fsync')::boolean AS fsync, extract(epoch FROM clock_timestamp())::float8 AS clock",
        )
        .get_result(connection)?;
        verdict(answer.fsync, answer.clock, asked, seconds())
    }

    fn verdict(fsync: bool, clock: f64, asked: f64, answered: f64) -> Result<(), Error> {
        if !fsync {
            return Err(Error::Refused("PostgreSQL runs with fsync=off".to_owned()));
        }
        if clock < asked - CLOCKS_SECONDS_MAX || clock > answered + CLOCKS_SECONDS_MAX {
            return Err(Error::Refused("the clocks of this node and of PostgreSQL differ by more than 2 s".to_owned()));
        }
        Ok(())
    }

    #[allow(clippy::cast_precision_loss)] // microseconds of this century fit a double's mantissa
    fn seconds() -> f64 {
        Utc::now().timestamp_micros() as f64 / 1e6
    }

    #[cfg(test)]
    mod tests {
        use super::verdict;

        #[test]
        fn a_database_that_may_lose_commits_or_lives_in_another_time_is_refused() {
            assert!(verdict(true, 100.0, 99.9, 100.1).is_ok());
            assert!(verdict(false, 100.0, 99.9, 100.1).is_err());
            assert!(verdict(true, 97.0, 99.9, 100.1).is_err());
            assert!(verdict(true, 103.0, 99.9, 100.1).is_err());
        }
    }
}
