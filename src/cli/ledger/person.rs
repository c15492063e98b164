//! `brama ledger report`, `erase` and `retire`: what officials do about persons and old entries.

use std::io::{self, Write};
use std::path::PathBuf;

use chrono::{NaiveDate, Utc};
use clap::Args;

use crate::cli::custody::{OfficialArgs, PersonArgs, forgotten};
use crate::cli::{Failure, administration};
use crate::config::Config;
use crate::contract::XSD;
use crate::disclosure::Catalogue;
use crate::procedures::custody;
use crate::store::{Stores, write_file_private};

#[derive(Args)]
pub struct ReportArgs {
    /// Administrator whose register it is.
    #[arg(long)]
    tenant: String,
    #[command(flatten)]
    official: OfficialArgs,
    #[command(flatten)]
    person: PersonArgs,
    /// As `r:Raport` instead of a text.
    #[arg(long, conflicts_with = "text")]
    xml: bool,
    /// As a Polish text; this is how it is written anyway.
    #[arg(long)]
    text: bool,
    /// A new file, readable by its owner alone, instead of the standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Args)]
pub struct EraseArgs {
    /// Administrator whose register it is.
    #[arg(long)]
    tenant: String,
    #[command(flatten)]
    official: OfficialArgs,
    #[command(flatten)]
    person: PersonArgs,
}

#[derive(Args)]
pub struct RetireArgs {
    /// Administrator whose register it is.
    #[arg(long)]
    tenant: String,
    #[command(flatten)]
    official: OfficialArgs,
    /// The first day, by the clock in Poland, of which entries stay.
    #[arg(long, value_name = "DATE")]
    before: NaiveDate,
}

impl ReportArgs {
    pub(super) fn run(&self, config: &Config) -> Result<(), Failure> {
        let catalogue = Catalogue::read(XSD).map_err(|error| Failure::Refused(error.to_string()))?;
        let official = self.official.of(&self.tenant);
        let person = self.person.fields()?;
        let report = acting(config, |stores| custody::report(stores, &catalogue, official, &person, Utc::now()))?;
        let bytes = if self.xml { report.to_xml() } else { report.to_text().into_bytes() };
        match &self.out {
            None => io::stdout().lock().write_all(&bytes).map_err(|error| Failure::Unavailable(error.to_string())),
            Some(path) => write_file_private(path, &bytes)
                .map_err(|error| Failure::Unreadable(format!("{}: {error}", path.display()))),
        }
    }
}

impl EraseArgs {
    pub(super) fn run(&self, config: &Config) -> Result<(), Failure> {
        let official = self.official.of(&self.tenant);
        let person = self.person.fields()?;
        let done = acting(config, |stores| custody::erase(stores, official, &person))?;
        let (keys, entries) = (done.erased.keys, done.erased.entries);
        println!("{}: keys destroyed: {keys}; entries whose part cannot be read any more: {entries}", self.tenant);
        println!("{}: questions of orders that were ended: {}", self.tenant, done.questions);
        forgotten(done.remains)
    }
}

impl RetireArgs {
    pub(super) fn run(&self, config: &Config) -> Result<(), Failure> {
        let official = self.official.of(&self.tenant);
        let done = acting(config, |stores| custody::retire(stores, official, self.before, Utc::now()))?;
        for span in done.spans {
            println!("{}: entries {} to {} removed", self.tenant, span.first, span.last);
        }
        forgotten(done.remains)
    }
}

/// Runs a procedure that writes to registers, and lets it end what it began there.
fn acting<T>(config: &Config, act: impl FnOnce(&Stores) -> Result<T, custody::Error>) -> Result<T, Failure> {
    let stores = administration::open_to_write(config)?;
    let done = act(&stores);
    stores.close();
    Ok(done?)
}
