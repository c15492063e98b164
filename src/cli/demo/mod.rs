//! `brama demo`: three invented offices on one machine, fed through the front door, ready to be asked.

mod feeding;
mod folder;
mod lists;
mod population;
mod protocols;
mod register;
mod requests;
mod signing;
mod welcome;

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use clap::Args;
use log::LevelFilter;

use super::{Failure, Serve, administration, stamping};
use crate::config::Config;
use crate::store::Stores;
use crate::xml;

use folder::Folder;
use register::{OFFICES, Office};

/// Make the demo where it is missing, serve it and feed what was never fed.
#[derive(Args)]
pub struct DemoArgs {
    /// Folder of the demo; it is made on the first start and kept.
    #[arg(long, default_value = "demo")]
    folder: PathBuf,
}

impl DemoArgs {
    /// # Errors
    /// `Unreadable` when the folder cannot be made or used, `Unavailable` when the databases cannot or an address is taken.
    pub fn run(&self, serve: Serve) -> Result<(), Failure> {
        xml::start();
        let folder = Folder { root: self.folder.clone() };
        if !folder.configuration().exists() {
            println!("Making the demo in {}: keys, invented persons, batches, sample requests.", self.folder.display());
        }
        if folder.prepare()? {
            // Making the files took memory that a gateway should not start with.
            return Err(begin_anew());
        }
        let mut config =
            Config::load(&folder.configuration()).map_err(|error| Failure::Unreadable(error.to_string()))?;
        if config.signatures.tsa_url.is_none() {
            let address =
                stamping::start(&folder.signing()).map_err(|error| Failure::Unavailable(error.to_string()))?;
            config.signatures.tsa_url = Some(format!("http://{address}/"));
        }
        let unfed = {
            let stores = administration::open(&config)?;
            register::fill(&stores, &folder.pki())?;
            let unfed = unfed(&stores);
            stores.close();
            unfed?
        };
        let address = format!("http://{}", config.listen.http);
        serve(&config, Box::new(move || begin(&folder, &address, &unfed)))
    }
}

/// Replaces this process by the same command; returns only when that fails.
fn begin_anew() -> Failure {
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_default();
    let program = std::env::current_exe().unwrap_or_else(|_| name.into());
    Failure::Unavailable(Command::new(program).args(arguments).exec().to_string())
}

/// Runs beside the server once it listens: feeds, then tells where things are.
fn begin(folder: &Folder, address: &str, unfed: &[&Office]) {
    // The requests of the demo's own feeds would bury what its user is to read.
    let usual = log::max_level();
    log::set_max_level(usual.min(LevelFilter::Warn));
    let fed = feeding::feed(folder, address, unfed);
    log::set_max_level(usual);
    match fed {
        Ok(()) => print!("{}", welcome::text(folder, address)),
        Err(failure) => eprintln!("brama: the demo could not be fed: {failure}; start it again to go on"),
    }
}

/// The offices whose sets describe no day yet: never fed, or the feed did not end.
fn unfed(stores: &Stores) -> Result<Vec<&'static Office>, Failure> {
    let mut unfed = Vec::new();
    for office in &OFFICES {
        let state = stores.tenant(office.id)?.set_state(office.set)?;
        if state.is_none_or(|state| state.as_of.is_none()) {
            unfed.push(office);
        }
    }
    Ok(unfed)
}
