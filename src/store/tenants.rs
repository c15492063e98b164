//! All administrators of this node: opened in parallel at start or on first use, each failing alone.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::ledger_known::Known;
use super::ledger_register::{self, Owner};
use super::migrations::{self, Tree};
use super::platform::{self, PLATFORM, Platform};
use super::{
    Address, Clerks, Database, Error, Gate, KeyRing, LedgerReader, Recorder, RecorderSettings, Servers, StoreSettings,
    files,
};
use crate::workers::waiting;

/// How long an administrator that could not be opened is left alone.
const REST: Duration = Duration::from_secs(2);

/// How long a caller waits while another one opens the same administrator.
const PATIENCE: Duration = Duration::from_secs(1);

/// Names in an administrator's folder. The ledger has a file of its own, so that a long feed never blocks an answer.
pub(super) const SETS_FILE: &str = "zbiory.sqlite";
pub(super) const LEDGER_FILE: &str = "rejestr.sqlite";

/// Threads that write the ledgers of all administrators (rule 3.3).
const LEDGER_THREADS: usize = 4;

/// Administrators opened at the same time at start.
const OPENERS: usize = 8;

/// One administrator of data: its keys and its databases. No value of this type reaches another's data.
pub struct Tenant {
    pub id: String,
    pub keys: Arc<KeyRing>,
    /// Records and batches.
    pub sets: Arc<Database>,
    /// The register of disclosures; on PostgreSQL the same database as `sets`.
    pub ledger: Arc<Database>,
    /// The one writer of that register.
    pub recorder: Recorder,
}

/// The platform and every administrator's storage.
pub struct Stores {
    pub(super) settings: StoreSettings,
    pub(super) servers: Servers,
    platform: Platform,
    platform_ledger: Arc<Database>,
    platform_recorder: Recorder,
    clerks: Clerks,
    slots: Mutex<HashMap<String, Arc<Slot>>>,
}

/// The databases of sets and of the ledger, and how many migrations were run.
type Databases = (Arc<Database>, Arc<Database>, usize);

/// An administrator's identifier and, when it could be opened, its storage.
pub type Opened = (String, Result<Arc<Tenant>, Error>);

/// What `migrate` did to one owner's databases.
#[derive(Debug)]
pub struct Migrated {
    pub owner: String,
    pub steps: Result<usize, Error>,
}

impl Stores {
    /// Opens the platform; administrators are opened by [`Stores::open_all`] or on first use.
    ///
    /// # Errors
    /// `Refused` or `Unavailable` when the platform database or the master key cannot be used: nothing can work then.
    pub fn open(settings: StoreSettings) -> Result<Self, Error> {
        make_folder(&settings.data)?;
        let servers = Servers::new(&settings);
        let address = |name| match &settings.platform_url {
            None => Ok(Address::File(settings.data.join(name))),
            Some(url) => Address::postgres(url),
        };
        let database = open_database(&servers, &settings, address("platforma.sqlite")?)?;
        let platform_ledger = open_database(&servers, &settings, address("platforma-rejestr.sqlite")?)?;
        let platform = Platform::open(database, &settings)?;
        migrations::migrate(&platform_ledger, Tree::Ledger)?;
        let clerks = Clerks::start(LEDGER_THREADS).map_err(Error::internal)?;
        let keys = Arc::clone(platform.keys());
        let platform_recorder = recorder(&clerks, &settings, PLATFORM, keys, &platform_ledger)?;
        Ok(Self { settings, servers, platform, platform_ledger, platform_recorder, clerks, slots: Mutex::default() })
    }

    /// Writes what is queued for the ledgers and takes nothing more.
    pub fn close(&self) {
        self.clerks.stop();
    }

    pub(super) const fn settings(&self) -> &StoreSettings {
        &self.settings
    }

    #[must_use]
    pub const fn platform(&self) -> &Platform {
        &self.platform
    }

    /// The database of the platform's own register.
    #[must_use]
    pub const fn platform_ledger(&self) -> &Arc<Database> {
        &self.platform_ledger
    }

    /// The writer of the platform's own register.
    #[must_use]
    pub const fn platform_recorder(&self) -> &Recorder {
        &self.platform_recorder
    }

    /// The administrator `id`, opened and migrated on first use (rule 9.5).
    ///
    /// # Errors
    /// `Unknown` when it is not registered; `Unavailable`, at once for a while after a failure, when its databases are away, and
    /// when the platform's is.
    pub fn tenant(&self, id: &str) -> Result<Arc<Tenant>, Error> {
        // A tenant that is open holds its keys in memory; destroyed ones are not used for longer than a second (rule 9.3).
        // Nor are any while nobody can say whether they were.
        if self.platform.registry()?.is_keyless(id) {
            lock(&self.slots).remove(id);
            return Err(Error::Refused(format!("the keys of {id} were destroyed")));
        }
        let slot = Arc::clone(lock(&self.slots).entry(id.to_owned()).or_default());
        let opened = slot.get_or_open(|| self.open_tenant(id));
        if matches!(opened, Err(Error::Unknown(_))) {
            lock(&self.slots).remove(id);
        }
        opened
    }

    /// The administrator `id` when it is open already; never opens, never waits.
    #[must_use]
    pub fn opened(&self, id: &str) -> Option<Arc<Tenant>> {
        let slot = Arc::clone(lock(&self.slots).get(id)?);
        match &*lock(&slot.state) {
            State::Open(tenant) => Some(Arc::clone(tenant)),
            State::Closed | State::Opening | State::Failed(..) => None,
        }
    }

    /// Opens every administrator in parallel; one that fails is reported and stays unavailable alone.
    ///
    /// # Errors
    /// `Unavailable` when the platform does not say who the administrators are.
    pub fn open_all(&self) -> Result<Vec<Opened>, Error> {
        let ids = self.platform.tenant_ids()?;
        Ok(in_parallel(&ids, |id| self.tenant(id)))
    }

    /// Runs pending migrations of every administrator; the platform's ran when it was opened.
    ///
    /// # Errors
    /// `Unavailable` when the platform does not say who the administrators are.
    pub fn migrate_all(&self) -> Result<Vec<Migrated>, Error> {
        let ids = self.platform.tenant_ids()?;
        let done = in_parallel(&ids, |id| self.open_databases(id).map(|(.., steps)| steps));
        Ok(done.into_iter().map(|(owner, steps)| Migrated { owner, steps }).collect())
    }

    /// Makes the databases of a new administrator; they must hold nothing yet.
    pub(super) fn prepare(&self, id: &str, address: Option<&Address>) -> Result<(), Error> {
        if let Some(Address::Postgres(url)) = address {
            super::postgres::create_database(url)?;
        }
        if address.is_none() {
            make_folder(&self.folder(id))?;
        }
        let (sets, ledger) = self.databases(id, address)?;
        migrations::migrate(&sets, Tree::Sets)?;
        platform::claim(&sets, id)?;
        migrations::migrate(&ledger, Tree::Ledger)?;
        sets.read(super::sets::require_empty)
    }

    /// The register of `id`, an administrator or the platform. It can be read and verified also when the keys were destroyed.
    ///
    /// # Errors
    /// As [`Stores::tenant`].
    pub fn register(&self, id: &str) -> Result<LedgerReader, Error> {
        self.ledger(id).map(|ledger| LedgerReader::new(id, ledger))
    }

    /// Whether the register of `id` goes on from what this node knows of it (rule 3.5).
    ///
    /// # Errors
    /// `Refused` when it does not, else as [`Stores::register`].
    pub fn check_known(&self, id: &str) -> Result<(), Error> {
        let known = Known::open(self.settings.heads.as_deref(), id)?;
        ledger_register::check_known(id, known.last(), &*self.ledger(id)?)
    }

    fn ledger(&self, id: &str) -> Result<Arc<Database>, Error> {
        match id {
            PLATFORM => Ok(Arc::clone(&self.platform_ledger)),
            id => self.open_databases(id).map(|(_, ledger, _)| ledger),
        }
    }

    fn open_tenant(&self, id: &str) -> Result<Arc<Tenant>, Error> {
        let address = self.platform.tenant_address(id)?;
        let keys = Arc::new(self.platform.tenant_keys(id)?);
        let (sets, ledger, _) = self.open_at(id, address.as_ref())?;
        let recorder = recorder(&self.clerks, &self.settings, id, Arc::clone(&keys), &ledger)?;
        Ok(Arc::new(Tenant { id: id.to_owned(), keys, sets, ledger, recorder }))
    }

    /// Both databases of an administrator, migrated, and how many steps that took; no key is needed.
    fn open_databases(&self, id: &str) -> Result<Databases, Error> {
        self.open_at(id, self.platform.tenant_address(id)?.as_ref())
    }

    fn open_at(&self, id: &str, address: Option<&Address>) -> Result<Databases, Error> {
        if address.is_none() {
            self.require_files(id)?;
        }
        let (sets, ledger) = self.databases(id, address)?;
        let mut steps = migrations::migrate(&sets, Tree::Sets)?;
        sets.read(|db| platform::check_owner(db, id))?;
        steps += migrations::migrate(&ledger, Tree::Ledger)?;
        LedgerReader::new(id, Arc::clone(&ledger)).check_owner()?;
        Ok((sets, ledger, steps))
    }

    /// The databases of an administrator. Even where both are one, each has its own pool and gate: readers never keep
    /// the ledger's writer waiting.
    pub(super) fn databases(
        &self,
        id: &str,
        address: Option<&Address>,
    ) -> Result<(Arc<Database>, Arc<Database>), Error> {
        let folder = self.folder(id);
        let file = |name| address.cloned().unwrap_or_else(|| Address::File(folder.join(name)));
        Ok((self.database(file(SETS_FILE))?, self.database(file(LEDGER_FILE))?))
    }

    fn database(&self, address: Address) -> Result<Arc<Database>, Error> {
        open_database(&self.servers, &self.settings, address)
    }

    /// A file that is gone is not made anew: its successor would answer that nobody is known.
    fn require_files(&self, id: &str) -> Result<(), Error> {
        let folder = self.folder(id);
        match [SETS_FILE, LEDGER_FILE].into_iter().find(|name| !folder.join(name).is_file()) {
            None => Ok(()),
            Some(name) => Err(Error::Unavailable(format!("{} is missing", folder.join(name).display()))),
        }
    }

    pub(super) fn folder(&self, id: &str) -> PathBuf {
        self.settings.data.join(id)
    }
}

fn recorder(
    clerks: &Clerks,
    settings: &StoreSettings,
    owner: &str,
    keys: Arc<KeyRing>,
    ledger: &Arc<Database>,
) -> Result<Recorder, Error> {
    let known = Known::open(settings.heads.as_deref(), owner)?;
    let owner = Owner { tenant: owner.to_owned(), keys, seal: settings.seal.clone(), known };
    let answers = RecorderSettings { answers_kept: settings.answers_kept, ..RecorderSettings::default() };
    let recorder = Recorder::of(clerks, owner, Arc::clone(ledger), answers);
    recorder.cover()?;
    Ok(recorder)
}

fn open_database(servers: &Servers, settings: &StoreSettings, address: Address) -> Result<Arc<Database>, Error> {
    let gate = Arc::new(Gate::new(settings.tenant_in_flight_max));
    Database::new(servers, address, gate).map(Arc::new)
}

fn make_folder(path: &Path) -> Result<(), Error> {
    files::create_dir_private(path).map_err(|cause| Error::Unavailable(format!("{}: {cause}", path.display())))
}

/// Runs `work` for every id on a few threads; the results keep the order.
fn in_parallel<T: Send>(ids: &[String], work: impl Fn(&str) -> T + Sync) -> Vec<(String, T)> {
    let results: Vec<Mutex<Option<T>>> = ids.iter().map(|_| Mutex::new(None)).collect();
    let queue = Mutex::new(0..ids.len());
    thread::scope(|scope| {
        for _ in 0..ids.len().min(OPENERS) {
            scope.spawn(|| {
                loop {
                    let Some(index) = lock(&queue).next() else { return };
                    let result = work(&ids[index]);
                    *lock(&results[index]) = Some(result);
                }
            });
        }
    });
    let results = results.into_iter().map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner));
    ids.iter().cloned().zip(results).filter_map(|(id, result)| Some((id, result?))).collect()
}

/// The place of one administrator in memory; only its own callers wait while it is opened.
#[derive(Default)]
struct Slot {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
enum State {
    #[default]
    Closed,
    Opening,
    Open(Arc<Tenant>),
    Failed(Instant, String),
}

impl Slot {
    fn get_or_open(&self, open: impl FnOnce() -> Result<Arc<Tenant>, Error>) -> Result<Arc<Tenant>, Error> {
        let deadline = Instant::now() + PATIENCE;
        let mut state = lock(&self.state);
        loop {
            match &*state {
                State::Open(tenant) => return Ok(Arc::clone(tenant)),
                State::Failed(at, why) if at.elapsed() < REST => return Err(Error::Unavailable(why.clone())),
                State::Closed | State::Failed(..) => break,
                State::Opening => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Err(Error::Busy("the administrator is being opened"));
                    }
                    let woken = waiting(|| self.changed.wait_timeout(state, left));
                    state = woken.unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
        *state = State::Opening;
        drop(state);
        let mut opening = Opening { slot: self, next: State::Closed };
        let opened = open();
        opening.next = match &opened {
            Ok(tenant) => State::Open(Arc::clone(tenant)),
            Err(Error::Unknown(_)) => State::Closed,
            Err(error) => State::Failed(Instant::now(), error.to_string()),
        };
        opened
    }
}

/// Leaves the slot in its next state, also when opening panicked.
struct Opening<'s> {
    slot: &'s Slot,
    next: State,
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        *lock(&self.slot.state) = std::mem::take(&mut self.next);
        self.slot.changed.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
