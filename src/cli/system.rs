//! `brama system`: registers domain systems, adds certificates to them and revokes them.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Failure, administration};
use crate::config::Config;
use crate::signatures::KeyFamily;
use crate::store::NewSystem;

/// Domain systems and their certificates.
#[derive(Args)]
pub struct SystemArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Register a domain system.
    Add(AddArgs),
    /// Add or revoke a certificate.
    Certificate {
        #[command(subcommand)]
        verb: CertificateVerb,
    },
}

#[derive(Args)]
struct AddArgs {
    id: String,
    #[arg(long)]
    unit: String,
    /// PEM files of its certificates.
    #[arg(long, value_name = "F.pem", required = true, num_args = 1..)]
    certificate: Vec<PathBuf>,
    /// Whether its messages need a signed Timestamp.
    #[arg(long, value_enum, default_value = "required")]
    timestamp: Timestamp,
    /// Key family of replies; that of the caller's certificate when absent.
    #[arg(long, value_enum)]
    reply: Option<Reply>,
}

#[derive(Subcommand)]
enum CertificateVerb {
    /// Give a system one more certificate.
    Add { id: String, file: PathBuf },
    /// Refuse a certificate from now on.
    Revoke { id: String, file: PathBuf },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Timestamp {
    Required,
    Optional,
}

#[derive(Clone, Copy, ValueEnum)]
enum Reply {
    Rsa,
    Ecdsa,
}

impl SystemArgs {
    /// # Errors
    /// `Unreadable` for a file that holds no certificate, `Refused` when a name is malformed, unknown or taken,
    /// `Unavailable` when the platform is away.
    pub fn run(&self, config: &Config) -> Result<(), Failure> {
        match &self.verb {
            Verb::Add(add) => add.run(config),
            Verb::Certificate { verb: CertificateVerb::Add { id, file } } => {
                let certificate = administration::certificate(file)?;
                administration::open(config)?.add_certificate(id, &certificate)?;
                println!("certificate {} added to system {id}", certificate.subject());
                Ok(())
            }
            Verb::Certificate { verb: CertificateVerb::Revoke { id, file } } => {
                let certificate = administration::certificate(file)?;
                administration::open(config)?.revoke_certificate(id, &certificate)?;
                println!("certificate {} of system {id} revoked", certificate.subject());
                Ok(())
            }
        }
    }
}

impl AddArgs {
    fn run(&self, config: &Config) -> Result<(), Failure> {
        let certificates = administration::certificates(&self.certificate)?;
        let system = NewSystem {
            id: &self.id,
            unit: &self.unit,
            timestamp_optional: self.timestamp == Timestamp::Optional,
            reply_family: self.reply.map(|reply| match reply {
                Reply::Rsa => KeyFamily::Rsa,
                Reply::Ecdsa => KeyFamily::Ecdsa,
            }),
            certificates: &certificates,
        };
        administration::open(config)?.add_system(&system)?;
        println!("system {} of unit {} added, certificates: {}", self.id, self.unit, certificates.len());
        Ok(())
    }
}
