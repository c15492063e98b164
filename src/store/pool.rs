//! Where a database lives, the pools of its connections, and the one bound per PostgreSQL server.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use diesel::r2d2::R2D2Connection;
use r2d2::ManageConnection;
use scheduled_thread_pool::ScheduledThreadPool;

use super::connection::{self, Db};
use super::{Error, StoreSettings};
use crate::workers::waiting;

/// Sessions of one pool at most (rule 9.4): a database on a server has one pool, a SQLite file one for each [`Access`].
const POOL_MAX: u32 = 4;

/// After this long an unused connection is closed.
const IDLE: Duration = Duration::from_mins(1);

/// Where one database lives.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// A SQLite file.
    File(PathBuf),
    /// A `postgres://` address; it may hold a password and is therefore never shown.
    Postgres(String),
}

impl Address {
    /// Reads `url` as a PostgreSQL address.
    ///
    /// # Errors
    /// `Refused` when it is not `postgres://` or `postgresql://`.
    pub fn postgres(url: &str) -> Result<Self, Error> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Self::Postgres(url.to_owned()))
        } else {
            Err(Error::Refused("the address of a database begins with postgres://".to_owned()))
        }
    }

    /// The server behind the address: what its connections are counted by.
    fn server(&self) -> Option<String> {
        let Self::Postgres(url) = self else { return None };
        let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        let (base, query) = rest.split_once('?').unwrap_or((rest, ""));
        let authority = base.split('/').next().unwrap_or_default();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let named = query.split('&').filter(|pair| pair.starts_with("host") || pair.starts_with("port="));
        Some(named.fold(host.to_owned(), |name, pair| name + "&" + pair))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(out, "{}", path.display()),
            Self::Postgres(_) => write!(out, "postgres at {}", self.server().unwrap_or_default()),
        }
    }
}

/// What the sessions of a pool may do to a SQLite file. A server is told with every transaction instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
    /// Nothing, not even taking a lock or making a file beside it: for files that nobody writes.
    Frozen,
}

/// All servers of this node; databases on one server share its bound and its helper thread.
pub struct Servers {
    hosts: Mutex<HashMap<Option<String>, Arc<Server>>>,
    pg_connections_max: usize,
    wait: Duration,
}

impl Servers {
    #[must_use]
    pub fn new(settings: &StoreSettings) -> Self {
        Self {
            hosts: Mutex::default(),
            pg_connections_max: settings.pg_connections_max.max(1) as usize,
            wait: settings.pool_wait,
        }
    }

    /// A pool for `address`; nothing is connected before the first use.
    pub(super) fn pool(&self, address: Address, access: Access) -> Result<Pool, Error> {
        let name = address.server();
        let max = if name.is_some() { self.pg_connections_max } else { usize::MAX };
        let server = Arc::clone(lock(&self.hosts).entry(name).or_insert_with(|| Arc::new(Server::new(max))));
        let failing = Arc::new(AtomicBool::new(false));
        let manager = Manager { address, access, server: Arc::clone(&server), failing: Arc::clone(&failing) };
        let sessions = r2d2::Pool::builder()
            .max_size(POOL_MAX)
            .min_idle(Some(0))
            .idle_timeout(Some(IDLE))
            .connection_timeout(self.wait) // Also bounds the pauses between attempts, so that a server that is back is noticed.
            .test_on_check_out(false) // BEGIN is the test: `Database` takes another session when it fails.
            .error_handler(Box::new(Quiet))
            .thread_pool(Arc::clone(&server.helpers))
            .build(manager)
            .map_err(Error::internal)?;
        let sessions = Arc::new(sessions);
        lock(&server.pools).push(Arc::downgrade(&sessions));
        Ok(Pool { sessions, server, failing, wait: self.wait })
    }
}

/// Sessions of one database.
pub(super) struct Pool {
    sessions: Arc<r2d2::Pool<Manager>>,
    server: Arc<Server>,
    failing: Arc<AtomicBool>,
    wait: Duration,
}

impl Pool {
    /// Takes a session, waiting as long as callers may.
    pub(super) fn take(&self) -> Result<Taken<'_>, Error> {
        let deadline = Instant::now() + self.wait;
        let permit = self.server.permit(deadline)?;
        if let Some(session) = self.sessions.try_get() {
            return Ok(Taken { session, _permit: permit });
        }
        let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        match waiting(|| self.sessions.get_timeout(left)) {
            Ok(session) => Ok(Taken { session, _permit: permit }),
            Err(cause) if self.failing.load(Ordering::Acquire) => Err(Error::Unavailable(cause.to_string())),
            Err(_) => Err(Error::Busy("no connection became free")),
        }
    }
}

/// A session in use; dropping gives it back, or closes it when it broke.
pub(super) struct Taken<'p> {
    session: r2d2::PooledConnection<Manager>,
    _permit: Permit<'p>,
}

impl Taken<'_> {
    pub(super) fn db(&mut self) -> &mut Db {
        &mut self.session.db
    }

    /// Closes the session instead of giving it back.
    pub(super) fn retire(mut self) {
        self.session.retired = true;
    }
}

/// One PostgreSQL server, or the file system: how much may be open there.
struct Server {
    max: usize,
    in_use: Mutex<usize>,
    freed: Condvar,
    open: AtomicUsize,
    pools: Mutex<Vec<Weak<r2d2::Pool<Manager>>>>,
    helpers: Arc<ScheduledThreadPool>,
}

impl Server {
    fn new(max: usize) -> Self {
        // A thread per server, so that one that hangs while connecting never holds up the others (rule 1.4).
        let helpers = ScheduledThreadPool::builder().num_threads(1).thread_name_pattern("store-connect-{}").build();
        Self {
            max,
            in_use: Mutex::new(0),
            freed: Condvar::new(),
            open: AtomicUsize::new(0),
            pools: Mutex::default(),
            helpers: Arc::new(helpers),
        }
    }

    fn permit(&self, deadline: Instant) -> Result<Permit<'_>, Error> {
        let mut in_use = lock(&self.in_use);
        while *in_use >= self.max {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::Busy("all connections of the server are in use"));
            }
            let woken = waiting(|| self.freed.wait_timeout(in_use, left));
            in_use = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        *in_use += 1;
        Ok(Permit(self))
    }

    /// Closes an idle session of some database when the server has as many open as it may.
    fn make_room(&self) {
        if self.open.load(Ordering::Acquire) < self.max {
            return;
        }
        let pools: Vec<_> = {
            let mut pools = lock(&self.pools);
            pools.retain(|pool| pool.strong_count() > 0);
            pools.iter().filter_map(Weak::upgrade).collect()
        };
        if let Some(mut idle) = pools.iter().find_map(|pool| pool.try_get()) {
            idle.retired = true;
        }
    }
}

/// The right to use one connection of a server.
struct Permit<'s>(&'s Server);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *lock(&self.0.in_use) -= 1;
        self.0.freed.notify_one();
    }
}

/// Makes the sessions of one database.
struct Manager {
    address: Address,
    access: Access,
    server: Arc<Server>,
    failing: Arc<AtomicBool>,
}

/// An open connection, counted with its server.
struct Session {
    db: Db,
    retired: bool,
    server: Arc<Server>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.server.open.fetch_sub(1, Ordering::AcqRel);
    }
}

impl ManageConnection for Manager {
    type Connection = Session;
    type Error = Error;

    fn connect(&self) -> Result<Session, Error> {
        self.server.make_room();
        let connected = connection::connect(&self.address, self.access);
        self.failing.store(connected.is_err(), Ordering::Release);
        let db = connected?;
        self.server.open.fetch_add(1, Ordering::AcqRel);
        Ok(Session { db, retired: false, server: Arc::clone(&self.server) })
    }

    fn is_valid(&self, _: &mut Session) -> Result<(), Error> {
        Ok(())
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        session.retired || std::thread::panicking() || session.db.is_broken()
    }
}

/// Failed attempts to connect reach the caller that waited for them; they are logged where they are handled.
#[derive(Debug)]
struct Quiet;

impl r2d2::HandleError<Error> for Quiet {
    fn handle_error(&self, _: Error) {}
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, server: &str) {
        assert_eq!(Address::postgres(url).expect("an address").server().as_deref(), Some(server));
    }

    #[test]
    fn databases_of_one_server_are_counted_together() {
        check("postgres://u:p@db.example:5433/a?sslmode=require", "db.example:5433");
        check("postgresql://db.example:5433/b", "db.example:5433");
        check("postgres:///a?host=/run/pg&port=5433", "&host=/run/pg&port=5433");
    }

    #[test]
    fn an_address_never_shows_its_password() {
        let address = Address::postgres("postgres://u:tajne@db.example/a").expect("an address");
        assert!(!format!("{address:?}").contains("tajne"));
    }
}
