//! `brama ledger witness`: another unit checks that a register only grows, and signs its heads beside the gateway.

mod memory;
mod round;

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use chrono::Utc;
use clap::Args;

use super::Failure;
use crate::cli::caller::Caller;
use crate::ledger::time_text;
use crate::signatures::{Certificate, SigningKey, Trust};
use crate::soap::client::Client;
use crate::xml;

use memory::Memory;
use round::Round;

/// How long one question is tried again; the next round comes anyway.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Args)]
pub struct WitnessArgs {
    /// Administrator whose register it is, or `platforma`.
    #[arg(long)]
    tenant: String,
    /// Address of the gateway.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// PEM of the witness's private key.
    #[arg(long)]
    key: PathBuf,
    /// PEM of its certificate, registered for a system of the witness's unit.
    #[arg(long)]
    certificate: PathBuf,
    /// The witness's unit.
    #[arg(long)]
    unit: String,
    /// Login of an official of that unit.
    #[arg(long)]
    user: String,
    /// File with the last head that was signed; made in the first round and never lost.
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// Goes on for ever, with this many seconds between two rounds. Absent: one round.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    every: Option<u64>,
    /// PEM files of the authorities that may have issued the gateway's signing certificate.
    #[arg(long, default_value = "demo/pki/ca.pem")]
    trust: Vec<PathBuf>,
    /// PEM of the certificate with which the gateway signs heads. Absent: that of the last head, in the first round any.
    #[arg(long)]
    signer: Vec<PathBuf>,
    /// PEM of the authority of the gateway's TLS certificate, for https.
    #[arg(long)]
    tls_ca: Option<PathBuf>,
}

impl WitnessArgs {
    /// # Errors
    /// `Refused` when the register contradicts what was signed of it, and nothing is signed then; `Unavailable` when the
    /// gateway gives no answer, except with `--every`; `Unreadable` for a key, certificate or state that cannot be used.
    pub fn run(&self) -> Result<(), Failure> {
        xml::start();
        let unreadable =
            |path: &PathBuf, error: &dyn std::fmt::Display| Failure::Unreadable(format!("{}: {error}", path.display()));
        let key = || SigningKey::load(&self.key, &self.certificate).map_err(|error| unreadable(&self.key, &error));
        let trust = Trust::new(&self.trust, &[], &[], false).map_err(|error| Failure::Unreadable(error.to_string()))?;
        let client = Client::new(&self.url, key()?, trust, self.tls_ca.as_deref())
            .map_err(|error| Failure::Unreadable(error.to_string()))?;
        let signer = |path: &PathBuf| {
            let pem = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
            let certificate = Certificate::from_pem(&pem).map_err(|error| unreadable(path, &error))?;
            Ok(certificate.der().to_vec())
        };
        let round = Round {
            caller: Caller {
                client: &client,
                service: "rejestr",
                unit: &self.unit,
                user: Some(&self.user),
                patience: PATIENCE,
            },
            key: key()?,
            tenant: &self.tenant,
            signers: self.signer.iter().map(signer).collect::<Result<_, Failure>>()?,
            memory: Memory::new(&self.state),
        };
        loop {
            match (round.run(), self.every) {
                (Ok(text), _) => println!("{} {}: {text}", time_text(Utc::now()), self.tenant),
                // A gateway that is away is no contradiction; it is asked again.
                (Err(Failure::Unavailable(text)), Some(_)) => eprintln!("brama: {text}"),
                (Err(failure), _) => return Err(failure),
            }
            let Some(seconds) = self.every else { return Ok(()) };
            thread::sleep(Duration::from_secs(seconds));
        }
    }
}
