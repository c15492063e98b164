//! `brama user add`: registers an official of a unit and the groups that give rights.

use clap::{Args, Subcommand};

use super::{Failure, administration};
use crate::config::Config;
use crate::store::NewUser;
use crate::subjects::Pesel;

/// Officials.
#[derive(Args)]
pub struct UserArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Register an official.
    Add(AddArgs),
}

#[derive(Args)]
struct AddArgs {
    login: String,
    #[arg(long)]
    unit: String,
    /// Groups of the unit whose rights the official has.
    #[arg(long, required = true, num_args = 1..)]
    group: Vec<String>,
    /// Kept sealed.
    #[arg(long)]
    pesel: Option<String>,
    /// Kept sealed.
    #[arg(long)]
    position: Option<String>,
}

impl UserArgs {
    /// # Errors
    /// `Refused` when a value is malformed, the login taken or the unit unknown, `Unavailable` when the platform is away.
    pub fn run(&self, config: &Config) -> Result<(), Failure> {
        let Verb::Add(add) = &self.verb;
        if let Some(pesel) = &add.pesel {
            Pesel::parse(pesel).map_err(|_| Failure::Refused("the PESEL is not correct".to_owned()))?;
        }
        let user = NewUser {
            unit: &add.unit,
            login: &add.login,
            groups: &add.group,
            pesel: add.pesel.as_deref(),
            position: add.position.as_deref(),
        };
        administration::open(config)?.add_user(&user)?;
        println!("user {} of unit {} added", add.login, add.unit);
        Ok(())
    }
}
