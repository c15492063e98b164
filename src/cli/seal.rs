//! `brama seal`: seals a document or a file with a unit's key.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;

use chrono::Utc;
use clap::{Args, ValueEnum};
use uuid::Uuid;

use super::verify::{lists, read, unreadable};
use super::{Ask, Failure, Stamp, administration};
use crate::config::Config;
use crate::signatures::Error;
use crate::signatures::xades::{AugmentError, Level, Order, Policy, SealError, Sealer, is_xml, media_type};
use crate::xml::Limits;

/// Seal a document with a unit's key (XAdES): XML inside, anything else by a signature that stands beside it.
#[derive(Args)]
pub struct SealArgs {
    file: PathBuf,
    /// Whose seal.
    #[arg(long)]
    unit: String,
    /// Where to write the sealed document, or the signature beside it (FILE.xades by custom).
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// B: the signature alone; T: with a time-stamp; LT: and all that proves later what certificates were worth.
    /// The highest that [signatures] allows unless given.
    #[arg(long)]
    level: Option<Wanted>,
    /// Put the signature beside an XML document, too.
    #[arg(long)]
    detached: bool,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "UPPER")]
enum Wanted {
    B,
    T,
    Lt,
}

impl SealArgs {
    /// # Errors
    /// `Refused` when the document cannot be sealed or the unit has no key, `Unreadable` for files, `Unavailable` when the
    /// platform or the time-stamping authority is away.
    pub fn run(&self, config: &Config, ask: Ask, stamp: Stamp) -> Result<(), Failure> {
        let stores = administration::open(config)?;
        let stored = stores.seal_key(&self.unit)?;
        let unusable = |error: Error| {
            let text = format!("the key of {}: {error}", self.unit);
            if matches!(error, Error::Token(_)) { Failure::Unavailable(text) } else { Failure::Refused(text) }
        };
        let (key, certificates) = stored.open().map_err(unusable)?;
        let lists = lists(&config.signatures, ask)?;
        let url = config.signatures.tsa_url.as_deref();
        let authority = url.map(stamp).transpose().map_err(|error| Failure::Unavailable(error.to_string()))?;
        let file = read(&self.file)?;
        let name = self.file.file_name().unwrap_or(OsStr::new("")).to_string_lossy();
        let order = Order {
            file: &file,
            beside: (self.detached || !is_xml(&file)).then_some(&name),
            media_type: media_type(&name),
            level: self.level.map(Wanted::level),
            id: &format!("podpis-{}", Uuid::new_v4()),
            now: Utc::now(),
            limits: Limits { bytes: file.len().max(1), ..Limits::default() },
        };
        let sealer = Sealer::new(&key, &certificates, &lists).map_err(unusable)?;
        let sealed =
            sealer.seal(&order, authority.as_deref(), &Policy::of(config)).map_err(|error| self.failure(&error))?;
        fs::write(&self.out, &sealed.file).map_err(|error| unreadable(&self.out, error))?;
        println!("{} sealed, level {:?}", self.file.display(), sealed.level);
        Ok(())
    }

    fn failure(&self, error: &SealError) -> Failure {
        let text = format!("{}: {error}", self.file.display());
        match error {
            SealError::Augment(AugmentError::Request(_)) | SealError::Key(Error::Token(_)) => {
                Failure::Unavailable(text)
            }
            _ => Failure::Refused(text),
        }
    }
}

impl Wanted {
    const fn level(self) -> Level {
        match self {
            Self::B => Level::B,
            Self::T => Level::T,
            Self::Lt => Level::LT,
        }
    }
}
