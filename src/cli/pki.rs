//! `brama pki`: keys and certificates for development and demonstrations.

use std::path::PathBuf;

use chrono::Utc;
use clap::{Args, Subcommand};

use super::Failure;
use crate::signatures::{Error, KeyFamily, pki};

/// Make keys and certificates for development; never for real offices.
#[derive(Args)]
pub struct PkiArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make an authority (ca) and the gateway's keys (brama: ECDSA P-256, brama-rsa: RSA 2048) in a new folder.
    Init {
        /// The folder; keys in it are never overwritten.
        dir: PathBuf,
    },
    /// Make a key and certificate for a domain system, issued by the folder's authority.
    Issue {
        /// The folder made by `brama pki init`.
        dir: PathBuf,
        /// The system; its files are NAME.key and NAME.pem.
        name: String,
        /// An RSA key instead of ECDSA P-256.
        #[arg(long)]
        rsa: bool,
    },
}

impl PkiArgs {
    /// # Errors
    /// `Refused` when a file is there already, `Unreadable` for everything else.
    pub fn run(&self) -> Result<(), Failure> {
        let done = match &self.verb {
            Verb::Init { dir } => pki::init(dir, Utc::now()),
            Verb::Issue { dir, name, rsa } => {
                let family = if *rsa { KeyFamily::Rsa } else { KeyFamily::Ecdsa };
                pki::issue(dir, name, family, Utc::now())
            }
        };
        done.map_err(|error| match error {
            Error::Exists { .. } => Failure::Refused(error.to_string()),
            error => Failure::Unreadable(error.to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        pki: PkiArgs,
    }

    fn run(arguments: &[&str]) -> Result<(), Failure> {
        Program::try_parse_from(std::iter::once(&"pki").chain(arguments)).unwrap().pki.run()
    }

    #[test]
    fn a_pki_is_made_once_and_serves_many_systems() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("pki");
        let dir = folder.to_str().unwrap();
        assert!(matches!(run(&["issue", dir, "pomoc"]), Err(Failure::Unreadable(_))));
        run(&["init", dir]).unwrap();
        run(&["issue", dir, "pomoc", "--rsa"]).unwrap();
        assert!(folder.join("pomoc.pem").exists() && folder.join("pomoc.key").exists());
        assert!(matches!(run(&["init", dir]), Err(Failure::Refused(_))));
        assert!(matches!(run(&["issue", dir, "../x"]), Err(Failure::Unreadable(_))));
    }
}
