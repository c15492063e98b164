//! `brama migrate`: brings the platform's and every administrator's databases up to date.

use clap::Args;

use super::{Failure, administration};
use crate::config::Config;

/// Run pending migrations everywhere; one line per owner of databases.
#[derive(Args)]
pub struct MigrateArgs {}

impl MigrateArgs {
    /// # Errors
    /// `Unavailable` when the platform or any administrator could not be migrated; the others are.
    pub fn run(&self, config: &Config) -> Result<(), Failure> {
        let stores = administration::open(config)?;
        let mut failed = 0;
        for done in stores.migrate_all()? {
            match done.steps {
                Ok(0) => println!("{}: up to date", done.owner),
                Ok(steps) => println!("{}: {steps} migrations run", done.owner),
                Err(error) => {
                    failed += 1;
                    println!("{}: not migrated: {error}", done.owner);
                }
            }
        }
        if failed == 0 { Ok(()) } else { Err(Failure::Unavailable(format!("{failed} owners were not migrated"))) }
    }
}
