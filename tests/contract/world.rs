//! The world of the cases: registered and fed once per service and database, copied for every case.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use brama::cli::stamping;
use brama::signatures::{Certificate, SigningKey};
use brama::store::{StoreSettings, Stores};
use tempfile::TempDir;
use toml::Table;

use crate::gateway::{Gateway, Settings};
use crate::ledgers::{Ledgers, Sizes};
use crate::postgres::{Postgres, name_in};
use crate::script::Script;
use crate::verdict::Judge;

/// Which database the world lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A prepared world; nothing runs in it.
pub struct World {
    /// The keys of everybody in `world.toml`.
    signers: BTreeMap<String, SigningKey>,
    /// Entries that preparing the world left in the registers.
    pub sizes: Sizes,
    pub judge: Judge,
    /// Addresses of its PostgreSQL databases, the platform's first.
    databases: Vec<String>,
    /// Where time-stamps are to be had.
    tsa: SocketAddr,
    folder: TempDir,
}

/// A world that one case may change.
pub struct Copy<'w> {
    world: &'w World,
    folder: TempDir,
}

impl World {
    pub fn prepare(engine: Engine) -> Self {
        let script = Script::read();
        let folder = tempfile::tempdir().expect("a folder");
        let base = folder.path().join("base");
        let signers = script.issue(&base.join("pki"));
        let signing = base.join("pki/podpis");
        script.issue_for_documents(&signing);
        let tsa = stamping::start(&signing).expect("a time-stamping authority");
        let platform = (engine == Engine::Postgres).then(|| Postgres::shared().database("platforma"));
        let mut databases: Vec<String> = platform.iter().cloned().collect();
        let settings = store_settings(&base, platform.clone());
        let stores = Stores::open(settings.clone()).expect("a platform");
        databases.extend(script.register(&stores, &signers, &signing, engine));
        stores.close();
        drop(stores);
        let gateway = Gateway::start(&Settings { platform, overrides: signatures(tsa), ..Settings::new(&base) });
        script.feed(&gateway, &signers);
        let judge = Judge::new(&gateway, &base.join("pki"));
        assert!(gateway.stop().success(), "the gateway ends well");
        let sizes = Ledgers::open(settings).sizes();
        await_closed(&base.join("data"));
        for url in &databases {
            let name = name_in(url);
            Postgres::shared().cut_off(url, false);
            Postgres::shared().run(&format!("ALTER DATABASE \"{name}\" RENAME TO \"{name}-wzor\""));
        }
        Self { signers, sizes, judge, databases, tsa, folder }
    }

    /// The key of a system or of a certificate of `world.toml`.
    pub fn signer(&self, name: &str) -> &SigningKey {
        self.signers.get(name).unwrap_or_else(|| panic!("world.toml has no signer {name}"))
    }

    /// The certificate of a registered system that is not `name`.
    pub fn somebody_else(&self, name: &str) -> &Certificate {
        self.signer(if name == "syriusz" { "pomoc" } else { "syriusz" }).certificate()
    }

    pub fn copy(&self) -> Copy<'_> {
        let folder = tempfile::tempdir().expect("a folder");
        let base = self.base();
        copy_files(&base.join("data"), &folder.path().join("data"));
        fs::copy(base.join("master.key"), folder.path().join("master.key")).expect("the master key");
        symlink(base.join("pki"), folder.path().join("pki")).expect("a link");
        at_once(&self.databases, |url| {
            let name = name_in(url);
            Postgres::shared().run(&format!("CREATE DATABASE \"{name}\" TEMPLATE \"{name}-wzor\""));
        });
        Copy { world: self, folder }
    }

    fn base(&self) -> PathBuf {
        self.folder.path().join("base")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        at_once(&self.databases, |url| {
            Postgres::shared().run(&format!("DROP DATABASE \"{}-wzor\" WITH (FORCE)", name_in(url)));
        });
    }
}

/// What the gateway logs at its start of an administrator that it could not open.
const MADE_UP_LATER: &str = "entries of batches are made up for later";

/// Starts of a gateway, of which the last counts whatever it found.
const STARTS: usize = 3;

impl Copy<'_> {
    /// A gateway that has opened every administrator but the one that is `away`. On a busy machine the server may take longer
    /// to let a session in than the gateway waits, which then leaves that administrator alone for a while.
    pub fn start(&self, overrides: &Table, away: Option<&str>) -> Gateway {
        let missed = |gateway: &Gateway| {
            let log = gateway.log();
            log.lines().any(|line| line.contains(MADE_UP_LATER) && away.is_none_or(|away| !line.contains(away)))
        };
        for _ in 1..STARTS {
            let gateway = self.start_once(overrides);
            if !missed(&gateway) {
                return gateway;
            }
            gateway.kill();
        }
        self.start_once(overrides)
    }

    fn start_once(&self, overrides: &Table) -> Gateway {
        let platform = self.world.databases.first().cloned();
        let mut all = signatures(self.world.tsa);
        for (name, section) in overrides {
            let section = section.as_table().expect("a section").clone();
            all.entry(name).or_insert_with(|| Table::new().into()).as_table_mut().expect("a section").extend(section);
        }
        let signatures = all["signatures"].as_table_mut().expect("a section");
        if signatures["tsa_url"].as_str() == Some("") {
            signatures.remove("tsa_url");
        }
        Gateway::start(&Settings { platform, overrides: all, ..Settings::new(self.folder.path()) })
    }

    /// Takes the databases of an administrator away, or brings them back.
    pub fn take_away(&self, tenant: &str, away: bool) {
        let name = format!("{}-", tenant.to_lowercase());
        for url in self.world.databases.iter().filter(|url| name_in(url).starts_with(&name)) {
            Postgres::shared().cut_off(url, !away);
        }
        if self.world.databases.is_empty() {
            let (here, gone) = (self.folder.path().join("data").join(tenant), self.folder.path().join("gone"));
            let (from, to) = if away { (here, gone) } else { (gone, here) };
            fs::rename(from, to).expect("an administrator's folder");
        }
    }

    pub fn ledgers(&self) -> Ledgers {
        Ledgers::open(store_settings(self.folder.path(), self.world.databases.first().cloned()))
    }
}

impl Drop for Copy<'_> {
    fn drop(&mut self) {
        at_once(&self.world.databases, |url| Postgres::shared().drop_database(url));
    }
}

/// `[signatures]`: whom documents are believed, and who stamps.
fn signatures(tsa: SocketAddr) -> Table {
    format!(
        "[signatures]\nseals = ['pki/podpis/pieczecie.pem']\ntsa = ['pki/podpis/pieczecie.pem']\n\
         crls = ['pki/podpis/pieczecie.crl']\ntsa_url = 'http://{tsa}/'\n"
    )
    .parse()
    .expect("TOML")
}

fn store_settings(folder: &Path, platform_url: Option<String>) -> StoreSettings {
    StoreSettings { platform_url, ..StoreSettings::new(folder.join("data"), folder.join("master.key")) }
}

/// The server takes its time for each database, mostly waiting.
fn at_once(databases: &[String], work: impl Fn(&str) + Sync) {
    thread::scope(|scope| {
        for url in databases {
            scope.spawn(|| work(url));
        }
    });
}

/// Sessions of a pool end on a thread of their own, and the last of a file takes the file's log with it.
fn await_closed(data: &Path) {
    let until = Instant::now() + Duration::from_secs(30);
    while has_log(data) {
        assert!(Instant::now() < until, "a database stays open");
        thread::sleep(Duration::from_millis(10));
    }
}

fn has_log(folder: &Path) -> bool {
    let mut entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.any(|entry| if entry.is_dir() { has_log(&entry) } else { entry.to_string_lossy().ends_with("-wal") })
}

fn copy_files(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let target = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy_files(&entry, &target);
        } else {
            fs::copy(&entry, &target).expect("a copy");
        }
    }
}
