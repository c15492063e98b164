//! `brama tenant restore`: brings one administrator's databases back from a copy and says what is to be done next.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{Failure, administration};
use crate::config::Config;

#[derive(Args)]
pub(super) struct RestoreArgs {
    /// Administrator.
    id: String,
    /// Folder of the copy.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// `postgres://…` of the database to restore to, and to serve from afterwards. Absent: the registered one.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

impl RestoreArgs {
    /// A register that ends before what is known of it was restored all the same: that is said, and is no failure.
    pub(super) fn run(&self, config: &Config) -> Result<(), Failure> {
        let schema = administration::entry_schema()?;
        let stores = administration::open(config)?;
        let restored = stores.restore(&self.id, &self.from, self.database.as_deref(), &schema)?;
        println!("{}: restored: {} entries, epoch {}: whole", self.id, restored.size, restored.epoch);
        if let Some(aside) = restored.aside {
            println!("{}: what was there before is kept in {aside}", self.id);
        }
        if let Some(why) = restored.fenced {
            println!("{}: takes no entries and answers nobody: {why}", self.id);
            println!(
                "{0}: when nothing newer can be found: brama ledger open-epoch --tenant {0} --reason TEXT",
                self.id
            );
        }
        Ok(())
    }
}
