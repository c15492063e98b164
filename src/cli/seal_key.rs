//! `brama seal-key add`: gives a unit the key with which its documents are sealed.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use zeroize::Zeroizing;

use super::verify::{read, unreadable};
use super::{Failure, administration};
use crate::config::Config;
use crate::signatures::SigningKey;

/// Keys for seals.
#[derive(Args)]
pub struct SealKeyArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Give a unit its key, in the place of the one it had; nobody gets it out again.
    Add(AddArgs),
}

#[derive(Args)]
struct AddArgs {
    #[arg(long)]
    unit: String,
    /// PEM: the certificate first, then those above it without the root.
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    /// PEM, not encrypted: RSA of 2048 bits and more, P-256 or P-384.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

impl SealKeyArgs {
    /// # Errors
    /// `Unreadable` for files, also when they do not belong together; `Refused` when the unit is unknown; `Unavailable`
    /// when the platform is away.
    pub fn run(&self, config: &Config) -> Result<(), Failure> {
        let Verb::Add(AddArgs { unit, certificate, key }) = &self.verb;
        let (certificates, secret) = (read(certificate)?, Zeroizing::new(read(key)?));
        let joined = SigningKey::from_pem(&secret, &certificates).map_err(|error| unreadable(key, error))?;
        administration::open(config)?.set_seal_key(unit, &certificates, &secret)?;
        println!("{unit} seals with the key of {}", joined.certificate().subject());
        Ok(())
    }
}
