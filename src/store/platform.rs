//! The platform database: wrapped keys, the registers, and the picture of them that is at most a second old.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::Utc;
use diesel::prelude::*;

use super::migrations::{self, Tree};
use super::schema::{generation, identity, master_key, tenants, wrapped_keys};
use super::seal::{KeyRing, KeyUse, Label, MasterKey, WrappedKey};
use super::{Address, Database, Db, Error, Registry, StoreSettings, erasure, registry_rows};
use crate::workers;

/// Owner name of the platform's own keys and register; no administrator may have it.
pub const PLATFORM: &str = "platforma";

/// Age at which the picture is compared with the database again: with the time of the look itself it stays below 1 s (rule 9.3).
const FRESH: Duration = Duration::from_millis(700);

/// How long callers are refused after a look that failed, so that they do not queue up behind a dead database.
const REST: Duration = Duration::from_millis(500);

/// The table of wrapped keys, written anew when some are destroyed.
const KEYS: &str = "wrapped_keys";

/// The platform database, opened with the master key.
pub struct Platform {
    database: Arc<Database>,
    master: MasterKey,
    keys: Arc<KeyRing>,
    picture: Mutex<Picture>,
}

#[derive(Default)]
struct Picture {
    registry: Option<(Instant, Arc<Registry>)>,
    failed: Option<Instant>,
}

impl Platform {
    /// Opens and migrates the platform in `database`. Its first opening makes the platform's keys, and the master key
    /// when its file does not exist; later openings accept no other master key (rule 4.5).
    ///
    /// # Errors
    /// `Refused` for a master key that is missing, exposed or another one, or a database of another owner.
    pub(super) fn open(database: Arc<Database>, settings: &StoreSettings) -> Result<Self, Error> {
        migrations::migrate(&database, Tree::Platform)?;
        claim(&database, PLATFORM)?;
        let starts: i64 = database.read(|db| Ok(master_key::table.count().get_result(db)?))?;
        let master = find_master_key(&settings.master_key, &settings.data, starts == 0)?;
        database.write(|db| establish(db, &master))?;
        let keys = database.read(|db| load_keys(db, PLATFORM))?;
        let keys = Arc::new(KeyRing::unwrap(PLATFORM, &keys, &master)?);
        Ok(Self { database, master, keys, picture: Mutex::default() })
    }

    /// The registers, at most one second old (rule 9.3).
    ///
    /// # Errors
    /// `Busy` or `Unavailable` when the platform database cannot be read: older rights are never used.
    pub fn registry(&self) -> Result<Arc<Registry>, Error> {
        let mut picture = workers::lock(&self.picture);
        let looked = Instant::now();
        match &picture.registry {
            Some((at, registry)) if looked - *at < FRESH => return Ok(Arc::clone(registry)),
            _ => {}
        }
        if picture.failed.is_some_and(|at| looked - at < REST) {
            return Err(Error::Unavailable("the platform database has just failed".to_owned()));
        }
        let known = picture.registry.as_ref().map(|(_, registry)| Arc::clone(registry));
        let read = self.database.read(|db| match known {
            Some(known) if registry_rows::generation_number(db)? == known.generation() => Ok(known),
            _ => registry_rows::load(db).map(Arc::new),
        });
        picture.failed = read.is_err().then(Instant::now);
        let registry = read?;
        picture.registry = Some((looked, Arc::clone(&registry)));
        Ok(registry)
    }

    /// The platform's own keys.
    #[must_use]
    pub const fn keys(&self) -> &Arc<KeyRing> {
        &self.keys
    }

    /// The platform database; the registers are changed only by the methods of [`Platform`].
    #[must_use]
    pub const fn database(&self) -> &Arc<Database> {
        &self.database
    }

    /// Whether the database answers and the registers can be read: what readiness asks.
    ///
    /// # Errors
    /// As [`Platform::registry`].
    pub fn check(&self) -> Result<(), Error> {
        self.database.read(|db| registry_rows::generation_number(db).map(drop))
    }

    /// The keys of an administrator.
    ///
    /// # Errors
    /// `Refused` when it has none, or none any more, `Sealed` when they do not open.
    pub(super) fn tenant_keys(&self, id: &str) -> Result<KeyRing, Error> {
        let keys = self.database.read(|db| load_keys(db, id))?;
        KeyRing::unwrap(id, &keys, &self.master)
    }

    /// The PostgreSQL address of an administrator's database, if it has one.
    ///
    /// # Errors
    /// `Unknown` when there is no such administrator.
    pub(super) fn tenant_address(&self, id: &str) -> Result<Option<Address>, Error> {
        let sealed: Option<Option<Vec<u8>>> = self
            .database
            .read(|db| Ok(tenants::table.find(id).select(tenants::database_sealed).first(db).optional()?))?;
        let sealed = sealed.ok_or_else(|| Error::Unknown(format!("there is no administrator {id}")))?;
        let address = sealed.map(|sealed| self.open_text("baza", id, &sealed)).transpose()?;
        address.as_deref().map(Address::postgres).transpose()
    }

    /// Destroys the wrapped keys of an administrator: from then on nobody opens what they sealed. Says how many there were.
    ///
    /// # Errors
    /// `Unknown` when there is no such administrator, else as of the database.
    pub fn destroy_keys(&self, id: &str) -> Result<usize, Error> {
        self.tenant_address(id)?;
        self.change(|db| {
            erasure::begin(db)?;
            Ok(diesel::delete(wrapped_keys::table.filter(wrapped_keys::owner.eq(id))).execute(db)?)
        })
    }

    /// Makes the database's own files forget keys that were destroyed.
    ///
    /// # Errors
    /// `Busy` when somebody reads all the time or has an older snapshot, else as of the database.
    pub fn settle(&self) -> Result<(), Error> {
        erasure::settle(&self.database, &[KEYS], &[])
    }

    /// An administrator's name and wrapped keys, for keeping elsewhere.
    ///
    /// # Errors
    /// `Unknown` when there is no such administrator.
    pub(super) fn wrapped(&self, id: &str) -> Result<(String, Vec<WrappedKey>), Error> {
        self.database.read(|db| {
            let name = tenants::table.find(id).select(tenants::name).first(db).optional()?;
            let name = name.ok_or_else(|| Error::Unknown(format!("there is no administrator {id}")))?;
            Ok((name, load_keys(db, id)?))
        })
    }

    /// The keys of `owner` from elsewhere, if our master key wrapped them.
    ///
    /// # Errors
    /// As [`KeyRing::unwrap`].
    pub(super) fn unwrap_keys(&self, owner: &str, keys: &[WrappedKey]) -> Result<KeyRing, Error> {
        KeyRing::unwrap(owner, keys, &self.master)
    }

    /// The identifiers of all administrators, in order.
    ///
    /// # Errors
    /// `Busy` or `Unavailable` as of the database.
    pub fn tenant_ids(&self) -> Result<Vec<String>, Error> {
        self.database.read(|db| Ok(tenants::table.select(tenants::id).order(tenants::id).load(db)?))
    }

    /// Runs `work` in a transaction that bumps the generation, so that every cache notices.
    pub(super) fn change<T>(&self, work: impl FnOnce(&mut Db) -> Result<T, Error>) -> Result<T, Error> {
        let done = self.database.write(|db| {
            // First of all, since this row's lock puts changes in order.
            diesel::update(generation::table).set(generation::number.eq(generation::number + 1)).execute(db)?;
            work(db)
        })?;
        self.picture.lock().unwrap_or_else(PoisonError::into_inner).registry = None;
        Ok(done)
    }

    /// Stores the keys of a new owner.
    pub(super) fn keep_keys(&self, db: &mut Db, ring: &KeyRing) -> Result<(), Error> {
        keep_keys(db, ring, &self.master)
    }

    pub(super) fn seal_text(&self, purpose: &str, row: &str, text: &str) -> Result<Vec<u8>, Error> {
        let label = Label { purpose, set: "", row: row.as_bytes() };
        self.keys.seal(KeyUse::Data, label, text.as_bytes(), 64)
    }

    fn open_text(&self, purpose: &str, row: &str, sealed: &[u8]) -> Result<String, Error> {
        let label = Label { purpose, set: "", row: row.as_bytes() };
        let clear = self.keys.open(KeyUse::Data, label, sealed)?;
        String::from_utf8(clear.to_vec()).map_err(|_| Error::Sealed("not a text"))
    }
}

/// Writes the owner's name into a new database; one of somebody else is refused (administrators never mix).
pub(super) fn claim(database: &Database, owner: &str) -> Result<(), Error> {
    database.write(|db| {
        let row = diesel::sql_query("INSERT INTO identity (only_row, owner) VALUES (1, '') ON CONFLICT DO NOTHING");
        if row.execute(db)? == 1 {
            diesel::update(identity::table).set(identity::owner.eq(owner)).execute(db)?;
        }
        check_owner(db, owner)
    })
}

/// Refuses a database of somebody else, and one that was never set up: an empty one would answer that nobody is known.
pub(super) fn check_owner(db: &mut Db, owner: &str) -> Result<(), Error> {
    let found: Option<String> = identity::table.select(identity::owner).first(db).optional()?;
    match found.as_deref() {
        Some(found) if found == owner => Ok(()),
        Some(found) => Err(Error::Refused(format!("the database of {owner} belongs to {found}"))),
        None => Err(Error::Refused(format!("the database of {owner} is empty and not the one that was set up"))),
    }
}

fn find_master_key(path: &Path, data: &Path, first_start: bool) -> Result<MasterKey, Error> {
    if first_start && !path.exists() {
        match MasterKey::create(path, data) {
            Ok(key) => {
                log::warn!("made a new master key in {}; keep a copy apart from the backups", path.display());
                return Ok(key);
            }
            // Another process may have been faster.
            Err(error) if !path.exists() => return Err(error),
            Err(_) => {}
        }
    }
    MasterKey::load(path, data)
}

/// Compares the master key with the one that was used first; the first opening keeps its check value and the platform's keys.
fn establish(db: &mut Db, master: &MasterKey) -> Result<(), Error> {
    let value = master.check_value();
    // The row's lock puts two first openings in order.
    diesel::update(generation::table).set(generation::number.eq(generation::number)).execute(db)?;
    let known: Option<Vec<u8>> = master_key::table.select(master_key::check_value).first(db).optional()?;
    match known {
        Some(known) if known == value => Ok(()),
        Some(_) => Err(Error::Refused("the master key is not the one that this platform was set up with".to_owned())),
        None => {
            let row = (master_key::only_row.eq(1), master_key::check_value.eq(value.as_slice()));
            diesel::insert_into(master_key::table).values(row).execute(db)?;
            keep_keys(db, &KeyRing::generate(PLATFORM)?, master)
        }
    }
}

fn keep_keys(db: &mut Db, ring: &KeyRing, master: &MasterKey) -> Result<(), Error> {
    let created_at = Utc::now().to_rfc3339();
    for key in ring.wrap(master)? {
        let row = (
            wrapped_keys::owner.eq(ring.owner()),
            wrapped_keys::key_id.eq(i64::from(key.id)),
            wrapped_keys::key_use.eq(key.key_use.word()),
            wrapped_keys::wrapped.eq(&key.wrapped),
            wrapped_keys::created_at.eq(&created_at),
        );
        diesel::insert_into(wrapped_keys::table).values(row).execute(db)?;
    }
    Ok(())
}

fn load_keys(db: &mut Db, owner: &str) -> Result<Vec<WrappedKey>, Error> {
    let rows: Vec<(i64, String, Vec<u8>)> = wrapped_keys::table
        .filter(wrapped_keys::owner.eq(owner))
        .select((wrapped_keys::key_id, wrapped_keys::key_use, wrapped_keys::wrapped))
        .order(wrapped_keys::key_id)
        .load(db)?;
    rows.into_iter()
        .map(|(id, key_use, wrapped)| {
            Ok(WrappedKey {
                id: u32::try_from(id).map_err(Error::internal)?,
                key_use: KeyUse::parse(&key_use)?,
                wrapped,
            })
        })
        .collect()
}
