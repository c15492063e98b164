//! Room `store`: the platform database, one database per administrator, sealing and migrations. No policy lives here.

mod administration;
pub mod batches;
mod connection;
mod copies;
mod erasure;
mod error;
mod files;
mod gate;
mod ledger_answers;
mod ledger_append;
mod ledger_clerks;
mod ledger_erase;
mod ledger_kept;
mod ledger_known;
mod ledger_order_answers;
mod ledger_parts;
mod ledger_persons;
mod ledger_read;
mod ledger_register;
mod ledger_seen;
mod ledger_tables;
mod ledger_tree;
mod ledger_values;
mod ledger_witness;
mod lock;
mod migrations;
mod names;
mod order_contents;
mod orders;
mod outbox;
mod platform;
mod pool;
mod postgres;
mod receipt;
mod recorder;
mod registry;
mod registry_rows;
mod schema;
mod seal;
mod seal_keys;
mod sets;
pub mod spool;
mod submission;
mod tenants;

pub use administration::{NewSystem, NewUser};
pub use connection::{Database, Db};
pub use copies::{Made, Restored};
pub use error::Error;
pub use files::{create_dir_private, create_file_private, sync_dir, write_file_private};
pub use gate::Gate;
pub use ledger_clerks::Clerks;
pub use ledger_erase::Erased;
pub use ledger_parts::Concerning;
pub use ledger_read::LedgerReader;
pub use ledger_register::Settled;
pub use ledger_witness::Shown;
pub use lock::FolderLock;
pub use migrations::{Tree, migrate};
pub use names::{is_basis_code, is_identifier, is_set_id, is_text};
pub use order_contents::WaitingQuestion;
pub use orders::{Errand, NewOrder, NewQuestion, Order, OrderContent, OrderedQuestion, Orders, QuestionState};
pub use platform::{PLATFORM, Platform};
pub use pool::{Address, Servers};
pub use receipt::Receipt;
pub use recorder::Recorder;
pub use registry::{Registry, SetRecord, SystemRecord, UnitRecord};
pub use seal::{Key, KeyRing, KeyUse, Label, MasterKey, SearchKey, WrappedKey};
pub use seal_keys::SealKey;
pub use sets::{Found, SetState, StoredRecord};
pub use submission::{Claim, OrderAnswer, RecordError, Recorded, RecorderSettings, Standing, Submission};
pub use tenants::{Migrated, Stores, Tenant};

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use crate::config::Config;
use crate::signatures::SigningKey;

/// What the store needs to know; `config` fills it from `[store]`, `[keys]` and `[limits]`.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// Folder of the SQLite databases.
    pub data: PathBuf,
    /// PostgreSQL address of the platform database; `None` keeps it in `data/platforma.sqlite`.
    pub platform_url: Option<String>,
    /// File of the master key; it must lie outside `data` (rule 4.5).
    pub master_key: PathBuf,
    /// Open connections per PostgreSQL server and node (rule 9.4).
    pub pg_connections_max: u32,
    /// How long a caller waits for a connection before it is told that we are busy (rule 1.4: at most 1 s).
    pub pool_wait: Duration,
    /// Callers inside one administrator's database at a time (rule 1.4).
    pub tenant_in_flight_max: usize,
    /// Folder outside the databases for the furthest head that is known of each register; `None` knows none at start.
    pub heads: Option<PathBuf>,
    /// How long retries get the answer of the first request (rule 2.3).
    pub answers_kept: TimeDelta,
    /// Days for which orders and their answers are kept.
    pub order_days: u32,
    /// Questions of orders of one system that may wait; while so many do, it can order nothing more.
    pub order_questions_max: u32,
    /// The key that signs the heads of registers; without it registers take no entries.
    pub seal: Option<Arc<SigningKey>>,
}

impl StoreSettings {
    /// Defaults for everything but the places.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>, master_key: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            platform_url: None,
            master_key: master_key.into(),
            pg_connections_max: 40,
            pool_wait: Duration::from_secs(1),
            tenant_in_flight_max: 64,
            heads: None,
            answers_kept: TimeDelta::hours(24),
            order_days: 25,
            order_questions_max: 1000,
            seal: None,
        }
    }
}

impl From<&Config> for StoreSettings {
    fn from(config: &Config) -> Self {
        Self {
            platform_url: config.store.platform.clone(),
            pg_connections_max: config.store.pg_connections_max,
            tenant_in_flight_max: config.limits.tenant_requests_in_flight,
            heads: Some(config.store.heads.clone()),
            answers_kept: TimeDelta::hours(config.store.answer_hours.into()),
            order_days: config.store.order_days,
            order_questions_max: config.store.order_questions_max,
            ..Self::new(&config.store.data, &config.keys.master)
        }
    }
}
