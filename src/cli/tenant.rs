//! `brama tenant`: registers an administrator of data with its keys and databases; copies those and brings them back;
//! destroys the keys.

mod backup;
mod restore;

use clap::{Args, Subcommand};

use super::custody::{OfficialArgs, forgotten};
use super::{Failure, administration};
use crate::config::Config;
use crate::procedures::custody;

/// Administrators of data.
#[derive(Args)]
pub struct TenantArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Register an administrator: makes its keys and its databases.
    Add(AddArgs),
    /// Destroy the administrator's keys for good: nothing of it can be opened any more, its register can still be verified.
    DestroyKeys(DestroyKeysArgs),
    /// Copy the databases of one administrator, while it is served or not.
    Backup(backup::BackupArgs),
    /// Bring the databases of one administrator back from a copy; no node may serve it meanwhile.
    Restore(restore::RestoreArgs),
}

#[derive(Args)]
struct AddArgs {
    /// Identifier, e.g. OPS-BUSKO; also the name of its folder.
    id: String,
    #[arg(long)]
    name: String,
    /// `postgres://…` of a database for this administrator alone; it is created where the role may. Absent: `SQLite`.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

#[derive(Args)]
struct DestroyKeysArgs {
    /// The administrator.
    id: String,
    #[command(flatten)]
    official: OfficialArgs,
    /// The administrator once more.
    #[arg(long, value_name = "ID")]
    yes_destroy: String,
}

impl TenantArgs {
    /// # Errors
    /// `Refused` when the name is malformed or taken, the database is another's, or a copy does not hold or fit;
    /// `Unavailable` when a database is away or in use.
    pub fn run(&self, config: &Config) -> Result<(), Failure> {
        match &self.verb {
            Verb::Add(add) => add.run(config),
            Verb::DestroyKeys(destroy) => destroy.run(config),
            Verb::Backup(backup) => backup.run(config),
            Verb::Restore(restore) => restore.run(config),
        }
    }
}

impl AddArgs {
    fn run(&self, config: &Config) -> Result<(), Failure> {
        administration::open(config)?.add_tenant(&self.id, &self.name, self.database.as_deref())?;
        match self.database {
            Some(_) => println!("administrator {} added, on PostgreSQL", self.id),
            None => println!("administrator {} added, in {}", self.id, config.store.data.join(&self.id).display()),
        }
        Ok(())
    }
}

impl DestroyKeysArgs {
    fn run(&self, config: &Config) -> Result<(), Failure> {
        if self.yes_destroy != self.id {
            return Err(Failure::Unreadable("--yes-destroy names another administrator; nothing was done".to_owned()));
        }
        let stores = administration::open_to_write(config)?;
        let done = custody::destroy_keys(&stores, self.official.of(&self.id));
        stores.close();
        let remains = done?;
        println!("the keys of {} are destroyed", self.id);
        forgotten(remains)
    }
}
