//! `brama unit add`: registers a unit that asks, feeds or administers.

use clap::{Args, Subcommand};

use super::{Failure, administration};
use crate::config::Config;
use crate::store::UnitRecord;

/// Organisational units.
#[derive(Args)]
pub struct UnitArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Register a unit.
    Add(AddArgs),
}

#[derive(Args)]
struct AddArgs {
    id: String,
    #[arg(long)]
    name: String,
    /// Territorial code, 2 to 7 digits.
    #[arg(long)]
    terc: String,
    /// The administrator that this unit is; its systems may feed its sets.
    #[arg(long)]
    tenant: Option<String>,
    #[arg(long)]
    nip: Option<String>,
    #[arg(long)]
    regon: Option<String>,
    #[arg(long)]
    address: Option<String>,
}

impl UnitArgs {
    /// # Errors
    /// `Refused` when a value is malformed, the identifier taken or the administrator unknown, `Unavailable` when the
    /// platform is away.
    pub fn run(&self, config: &Config) -> Result<(), Failure> {
        let Verb::Add(add) = &self.verb;
        let unit = UnitRecord {
            id: add.id.clone(),
            name: add.name.clone(),
            terc: add.terc.clone(),
            tenant: add.tenant.clone(),
            nip: add.nip.clone(),
            regon: add.regon.clone(),
            address: add.address.clone(),
        };
        administration::open(config)?.add_unit(&unit)?;
        println!("unit {} added", unit.id);
        Ok(())
    }
}
