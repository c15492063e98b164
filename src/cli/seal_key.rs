//! `brama seal-key add`: gives a unit the key with which its documents are sealed.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use zeroize::Zeroizing;

use super::verify::read;
use super::{Failure, administration};
use crate::config::Config;
use crate::signatures::{Error, SigningKey};

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
    #[arg(long, value_name = "FILE", required_unless_present = "pkcs11", conflicts_with = "pkcs11")]
    key: Option<PathBuf>,
    /// A key of those kinds in a token: pkcs11:token=T;object=K?module-path=LIBRARY&pin-source=file:PIN (RFC 7512).
    #[arg(long, value_name = "URI")]
    pkcs11: Option<String>,
}

impl SealKeyArgs {
    /// # Errors
    /// `Unreadable` for files, also when they do not belong together; `Refused` when the unit is unknown; `Unavailable`
    /// when the platform is away, or the token.
    pub fn run(&self, config: &Config) -> Result<(), Failure> {
        let Verb::Add(AddArgs { unit, certificate, key, pkcs11 }) = &self.verb;
        let (certificates, secret) = (read(certificate)?, secret(key.as_deref(), pkcs11.as_deref())?);
        let joined = SigningKey::from_secret(&secret, &certificates).and_then(|key| {
            // Whether a token has the key of the certificate shows when it signs.
            key.sign(b"brama").map(|_| key)
        });
        let joined = joined.map_err(|error| match error {
            Error::Token(_) => Failure::Unavailable(error.to_string()),
            _ => Failure::Unreadable(error.to_string()),
        })?;
        administration::open(config)?.set_seal_key(unit, &certificates, &secret)?;
        println!("{unit} seals with the key of {}", joined.certificate().subject());
        Ok(())
    }
}

/// What is kept sealed: the key itself, or where it is.
fn secret(key: Option<&Path>, pkcs11: Option<&str>) -> Result<Zeroizing<Vec<u8>>, Failure> {
    Ok(Zeroizing::new(match (key, pkcs11) {
        (Some(file), _) => read(file)?,
        (None, uri) => uri.unwrap_or_default().as_bytes().to_vec(),
    }))
}
