//! `brama right add`: gives a group of a unit a right over the unit's own administrator.

use clap::{Args, Subcommand};

use super::{Failure, administration};
use crate::config::Config;
use crate::disclosure::Right;

/// Rights beside those to data.
#[derive(Args)]
pub struct RightArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Give a right to a group.
    Add(AddArgs),
}

#[derive(Args)]
struct AddArgs {
    /// The unit, whose own administrator the right is about.
    #[arg(long)]
    unit: String,
    /// The group of its officials.
    #[arg(long)]
    group: String,
    #[arg(long, value_parser = right)]
    right: Right,
}

impl RightArgs {
    /// # Errors
    /// `Refused` when the unit is unknown or the right was given before; `Unavailable` when the platform is away.
    pub fn run(&self, config: &Config) -> Result<(), Failure> {
        let Verb::Add(AddArgs { unit, group, right }) = &self.verb;
        administration::open(config)?.add_right(unit, group, *right)?;
        println!("right {} to group {group} of {unit} added", right.word());
        Ok(())
    }
}

fn right(word: &str) -> Result<Right, String> {
    Right::parse(word).ok_or_else(|| format!("one of {}", Right::ALL.map(Right::word).join(", ")))
}
