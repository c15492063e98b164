//! A fresh platform with fresh administrators on either database, gone when dropped.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use brama::signatures::pki::Authority;
use brama::signatures::{KeyFamily, SigningKey};
use brama::store::{Address, StoreSettings, Stores};
use chrono::Utc;
use tempfile::TempDir;

use super::postgres::Postgres;

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A place for one platform.
pub struct Place {
    pub engine: Engine,
    pub settings: StoreSettings,
    folder: TempDir,
}

impl Place {
    pub fn new(engine: Engine) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut settings = StoreSettings::new(folder.path().join("data"), folder.path().join("master.key"));
        settings.seal = Some(seal());
        if engine == Engine::Postgres {
            settings.platform_url = Some(Postgres::shared().database("platform"));
        }
        Self { engine, settings, folder }
    }

    /// Opens the platform, as one node does.
    pub fn open(&self) -> Stores {
        Stores::open(self.settings.clone()).expect("the platform opens")
    }

    /// Opens the platform with one new administrator.
    pub fn with_tenant(&self, id: &str) -> Stores {
        let stores = self.open();
        stores.add_tenant(id, "Administrator danych", self.tenant_url(id).as_deref()).expect("an administrator");
        stores
    }

    /// Where a new administrator's database goes; `None` means into the data folder.
    pub fn tenant_url(&self, id: &str) -> Option<String> {
        (self.engine == Engine::Postgres).then(|| Postgres::shared().address(&id.to_lowercase()))
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// All that the databases of `addresses` and the data folder hold, byte for byte.
    pub fn at_rest(&self, addresses: &[&Address]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for file in files(&self.settings.data) {
            bytes.extend(fs::read(file).expect("a file"));
        }
        let tenants = addresses.iter().filter_map(|address| match address {
            Address::Postgres(url) => Some(url),
            Address::File(_) => None,
        });
        for url in self.settings.platform_url.iter().chain(tenants) {
            bytes.extend(Postgres::shared().dump(url).into_bytes());
        }
        bytes
    }
}

/// Every file below `folder`.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() { found.extend(files(&entry)) } else { found.push(entry) }
    }
    found
}

/// A key that signs heads of registers; one for the whole program.
pub fn seal() -> Arc<SigningKey> {
    static SEAL: LazyLock<Arc<SigningKey>> = LazyLock::new(|| {
        let now = Utc::now();
        let authority = Authority::new("Urząd próbny", now).expect("an authority");
        Arc::new(authority.issue("brama", KeyFamily::Ecdsa, now).and_then(|one| one.signing_key()).expect("a key"))
    });
    Arc::clone(&SEAL)
}
