//! `brama tenant backup`: a copy of one administrator's databases, with its wrapped keys and without the master key.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{Failure, administration};
use crate::config::Config;
use crate::store::Made;

#[derive(Args)]
pub(super) struct BackupArgs {
    /// Administrator.
    id: String,
    /// Folder of the copy; it must not exist, or be empty.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

impl BackupArgs {
    pub(super) fn run(&self, config: &Config) -> Result<(), Failure> {
        let schema = administration::entry_schema()?;
        let Made { epoch, size } = administration::open(config)?.back_up(&self.id, &self.to, &schema)?;
        println!("{}: copied to {}: {size} entries, epoch {epoch}: whole", self.id, self.to.display());
        Ok(())
    }
}
