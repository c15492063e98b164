//! What the administrator's verbs share: opening the store as configured, and reading certificates.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Failure;
use crate::config::Config;
use crate::contract::XSD;
use crate::signatures::{Certificate, SigningKey};
use crate::store::{Error, StoreSettings, Stores};
use crate::xml::Schema;

/// Opens the platform; the first opening sets it up.
pub(super) fn open(config: &Config) -> Result<Stores, Failure> {
    Ok(Stores::open(StoreSettings::from(config))?)
}

/// The same with the gateway's seal: what is written to registers is signed (rule 3.3).
pub(super) fn open_to_write(config: &Config) -> Result<Stores, Failure> {
    let (key, certificate) = (&config.reply.key, &config.reply.certificate);
    let seal = SigningKey::load(key, certificate).map_err(|error| Failure::Unreadable(error.to_string()))?;
    Ok(Stores::open(StoreSettings { seal: Some(Arc::new(seal)), ..StoreSettings::from(config) })?)
}

/// The schema of an entry of a register.
pub(super) fn entry_schema() -> Result<Schema, Failure> {
    Schema::compile("rejestr.xsd", XSD).map_err(|error| Failure::Unreadable(error.to_string()))
}

/// Reads the certificate in each of the PEM files.
pub(super) fn certificates(files: &[PathBuf]) -> Result<Vec<Certificate>, Failure> {
    files.iter().map(|file| certificate(file)).collect()
}

/// Reads the certificate in a PEM file.
pub(super) fn certificate(file: &Path) -> Result<Certificate, Failure> {
    Certificate::load(file).map_err(|cause| Failure::Unreadable(format!("{}: {cause}", file.display())))
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Busy(_) | Error::Unavailable(_) | Error::Unwritable(_) => Self::Unavailable(error.to_string()),
            Error::Refused(_) | Error::Unknown(_) | Error::Exists(_) | Error::Sealed(_) => {
                Self::Refused(error.to_string())
            }
            Error::Internal(cause) => Self::Unavailable(format!("internal store error: {cause}")),
        }
    }
}
