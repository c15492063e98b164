//! `brama basis add`: registers a legal basis.

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::{Failure, administration};
use crate::config::Config;
use crate::disclosure::LegalBasis;

/// Legal bases.
#[derive(Args)]
pub struct BasisArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Register a legal basis.
    Add(AddArgs),
}

#[derive(Args)]
struct AddArgs {
    /// Code, e.g. UPS-105.
    code: String,
    /// The provision in words.
    #[arg(long)]
    title: String,
    /// First day in force, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    from: NaiveDate,
    /// Last day in force; no end when absent.
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,
}

impl BasisArgs {
    /// # Errors
    /// `Refused` when a value is malformed or the code taken, `Unavailable` when the platform is away.
    pub fn run(&self, config: &Config) -> Result<(), Failure> {
        let Verb::Add(add) = &self.verb;
        let basis =
            LegalBasis { code: add.code.clone(), title: add.title.clone(), valid_from: add.from, valid_to: add.to };
        administration::open(config)?.add_basis(&basis)?;
        println!("legal basis {} added", basis.code);
        Ok(())
    }
}
