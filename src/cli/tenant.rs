//! `brama tenant add`: registers an administrator of data and makes its keys and databases.

use clap::{Args, Subcommand};

use super::{Failure, administration};
use crate::config::Config;

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

impl TenantArgs {
    /// # Errors
    /// `Refused` when the name is malformed or taken or the database is another's, `Unavailable` when a database is away.
    pub fn run(&self, config: &Config) -> Result<(), Failure> {
        let Verb::Add(add) = &self.verb;
        administration::open(config)?.add_tenant(&add.id, &add.name, add.database.as_deref())?;
        match add.database {
            Some(_) => println!("administrator {} added, on PostgreSQL", add.id),
            None => println!("administrator {} added, in {}", add.id, config.store.data.join(&add.id).display()),
        }
        Ok(())
    }
}
