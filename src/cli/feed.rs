//! `brama feed`: sends a batch file part by part, resumes where an earlier attempt ended, and prints the protocol.

mod messages;
mod send;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

pub use messages::{Finding, Report, Summary};
pub use send::{Progress, send};

use super::Failure;
use crate::signatures::{SigningKey, Trust};
use crate::soap::client::Client;
use crate::xml;

/// Send a batch file, wait for its verdict and print the protocol.
#[derive(Args)]
pub struct FeedArgs {
    /// The batch file: a document with root Paczka.
    file: PathBuf,
    /// Address of the gateway.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// PEM of the system's private key.
    #[arg(long, default_value = "demo/pki/pomoc.key")]
    key: PathBuf,
    /// PEM of its certificate.
    #[arg(long, default_value = "demo/pki/pomoc.pem")]
    certificate: PathBuf,
    /// PEM files of the authorities that may have issued the gateway's signing certificate.
    #[arg(long, default_value = "demo/pki/ca.pem")]
    trust: Vec<PathBuf>,
    /// PEM of the authority of the gateway's TLS certificate, for https.
    #[arg(long)]
    tls_ca: Option<PathBuf>,
    /// The sending unit; by default the administrator that the set's name begins with.
    #[arg(long, visible_alias = "tenant")]
    unit: Option<String>,
    /// No progress bar.
    #[arg(long)]
    quiet: bool,
}

impl FeedArgs {
    /// # Errors
    /// `Unreadable` for a file or key that cannot be used, `Unavailable` when the gateway gives no answer, `Refused`
    /// when it refuses a message or the whole batch.
    pub fn run(&self) -> Result<(), Failure> {
        xml::start();
        let client = self.client()?;
        let bar = Bar::new(self.quiet);
        let report = send(&client, self.unit.as_deref(), &self.file, &mut |progress| bar.show(progress))?;
        bar.0.finish_and_clear();
        print!("{report}");
        if report.is_refused() { Err(Failure::Refused("paczka została odrzucona".to_owned())) } else { Ok(()) }
    }

    fn client(&self) -> Result<Client, Failure> {
        let key = SigningKey::load(&self.key, &self.certificate)
            .map_err(|error| Failure::Unreadable(format!("{}: {error}", self.key.display())))?;
        let trust = Trust::new(&self.trust, &[], &[], false).map_err(|error| Failure::Unreadable(error.to_string()))?;
        Client::new(&self.url, key, trust, self.tls_ca.as_deref())
            .map_err(|error| Failure::Unreadable(error.to_string()))
    }
}

/// The bar on standard error.
struct Bar(ProgressBar);

impl Bar {
    fn new(quiet: bool) -> Self {
        let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(0) };
        let style = ProgressStyle::with_template("{msg:14} [{wide_bar}] {pos}/{len} {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(250));
        Self(bar)
    }

    fn show(&self, progress: Progress) {
        let (message, done, all) = match progress {
            Progress::Sending { bytes, of } => ("wysyłanie", bytes, of),
            Progress::Waiting => ("oczekiwanie", 0, 0),
            Progress::Loading { persons, of } => ("przetwarzanie", persons, of),
        };
        self.0.set_message(message);
        self.0.set_length(all);
        self.0.set_position(done);
    }
}
