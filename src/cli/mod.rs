//! The command line: one file per verb; a verb calls the same procedures as every other door.

mod administration;
mod basis;
mod caller;
mod custody;
mod demo;
pub mod feed;
mod grant;
mod ledger;
mod migrate;
mod pki;
mod right;
mod seal;
mod seal_key;
mod serve;
mod set;
mod sign;
pub mod stamping;
mod system;
mod template;
mod tenant;
mod unit;
mod user;
mod verify;
mod xml;
mod xsd;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::signatures::Responder;
use crate::signatures::timestamps::TimeAuthority;

/// The gateway through which offices exchange beneficiary data over signed SOAP.
#[derive(Parser)]
#[command(name = "brama", version)]
struct Arguments {
    /// Configuration file.
    #[arg(long, global = true, default_value = "brama.toml")]
    config: PathBuf,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Serve(serve::ServeArgs),
    Demo(demo::DemoArgs),
    Migrate(migrate::MigrateArgs),
    Tenant(tenant::TenantArgs),
    Set(set::SetArgs),
    Unit(unit::UnitArgs),
    System(system::SystemArgs),
    User(user::UserArgs),
    Basis(basis::BasisArgs),
    Grant(grant::GrantArgs),
    Right(right::RightArgs),
    Ledger(ledger::LedgerArgs),
    Sign(sign::SignArgs),
    Seal(seal::SealArgs),
    SealKey(seal_key::SealKeyArgs),
    Verify(verify::VerifyArgs),
    Feed(feed::FeedArgs),
    Template(template::TemplateArgs),
    Pki(pki::PkiArgs),
    Xml(xml::XmlArgs),
    #[command(hide = true)]
    Xsd(xsd::XsdArgs),
}

/// How a verb ended without doing what it was asked for; the exit codes are part of the contract.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Refused or invalid: exit code 1.
    #[error("{0}")]
    Refused(String),
    /// Wrong usage or an unreadable file: exit code 2.
    #[error("{0}")]
    Unreadable(String),
    /// A database, a server or a lock is away: exit code 3.
    #[error("{0}")]
    Unavailable(String),
}

/// How a node is run; the composition root hands it in, since it stands after all rooms.
pub type Serve = fn(&Config, Box<dyn FnOnce() + Send>) -> Result<(), Failure>;

/// Starts a client of the responder at an address (OCSP); from the composition root as well.
pub type Ask = fn(&str) -> std::io::Result<Box<dyn Responder>>;

/// Starts a client of the time-stamping authority at an address (RFC 3161).
pub type Stamp = fn(&str) -> std::io::Result<Box<dyn TimeAuthority>>;

/// Runs the verb that the process's arguments name.
#[must_use]
pub fn main(serve: Serve, ask: Ask, stamp: Stamp) -> ExitCode {
    let arguments = Arguments::parse();
    let config = || Config::load(&arguments.config).map_err(|error| Failure::Unreadable(error.to_string()));
    let done = match &arguments.verb {
        Verb::Serve(verb) => config().and_then(|config| verb.run(&config, serve)),
        Verb::Demo(verb) => verb.run(serve),
        Verb::Migrate(verb) => config().and_then(|config| verb.run(&config)),
        Verb::Tenant(verb) => config().and_then(|config| verb.run(&config)),
        Verb::Set(verb) => config().and_then(|config| verb.run(&config)),
        Verb::Unit(verb) => config().and_then(|config| verb.run(&config)),
        Verb::System(verb) => config().and_then(|config| verb.run(&config)),
        Verb::User(verb) => config().and_then(|config| verb.run(&config)),
        Verb::Basis(verb) => config().and_then(|config| verb.run(&config)),
        Verb::Grant(verb) => config().and_then(|config| verb.run(&config)),
        Verb::Right(verb) => config().and_then(|config| verb.run(&config)),
        Verb::Ledger(verb) => verb.run(config),
        Verb::Sign(verb) => verb.run(),
        Verb::Seal(verb) => config().and_then(|config| verb.run(&config, ask, stamp)),
        Verb::SealKey(verb) => config().and_then(|config| verb.run(&config)),
        Verb::Verify(verb) => config().and_then(|config| verb.run(&config, ask)),
        Verb::Feed(verb) => verb.run(),
        Verb::Template(verb) => verb.run(),
        Verb::Pki(verb) => verb.run(),
        Verb::Xml(verb) => verb.run(),
        Verb::Xsd(verb) => verb.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("brama: {failure}");
            ExitCode::from(match failure {
                Failure::Refused(_) => 1,
                Failure::Unreadable(_) => 2,
                Failure::Unavailable(_) => 3,
            })
        }
    }
}
