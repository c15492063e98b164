//! `brama tenant add|destroy-keys`: registers an administrator of data with its keys and databases; destroys those keys.

use clap::{Args, Subcommand};

use super::custody::OfficialArgs;
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
    /// `Refused` when the name is malformed or taken or the database is another's, `Unavailable` when a database is away.
    pub fn run(&self, config: &Config) -> Result<(), Failure> {
        let add = match &self.verb {
            Verb::Add(add) => add,
            Verb::DestroyKeys(destroy) => return destroy.run(config),
        };
        administration::open(config)?.add_tenant(&add.id, &add.name, add.database.as_deref())?;
        match add.database {
            Some(_) => println!("administrator {} added, on PostgreSQL", add.id),
            None => println!("administrator {} added, in {}", add.id, config.store.data.join(&add.id).display()),
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
        done?;
        println!("the keys of {} are destroyed", self.id);
        Ok(())
    }
}
