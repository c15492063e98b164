//! `brama set add`: registers a set of an administrator.

use clap::{Args, Subcommand};

use super::{Failure, administration};
use crate::config::Config;
use crate::store::SetRecord;
use crate::subjects::SetKind;

/// Sets of data.
#[derive(Args)]
pub struct SetArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Register a set.
    Add(AddArgs),
}

#[derive(Args)]
struct AddArgs {
    /// Identifier `<OWNER>/<name>`, e.g. OPS-BUSKO/pomoc.
    id: String,
    /// The administrator.
    #[arg(long)]
    tenant: String,
    /// Which record a person has in it.
    #[arg(long, value_name = "PUP|PS|SR", value_parser = kind)]
    kind: SetKind,
    /// Name for people; the identifier when absent.
    #[arg(long)]
    name: Option<String>,
}

impl SetArgs {
    /// # Errors
    /// `Refused` when the name is malformed or taken or the administrator unknown, `Unavailable` when the platform is away.
    pub fn run(&self, config: &Config) -> Result<(), Failure> {
        let Verb::Add(add) = &self.verb;
        let name = add.name.as_ref().unwrap_or(&add.id).clone();
        let set = SetRecord { id: add.id.clone(), tenant: add.tenant.clone(), kind: add.kind, name };
        administration::open(config)?.add_set(&set)?;
        println!("set {} of {} added", set.id, set.tenant);
        Ok(())
    }
}

fn kind(word: &str) -> Result<SetKind, String> {
    SetKind::parse(word).ok_or_else(|| "one of PUP, PS, SR is expected".to_owned())
}
