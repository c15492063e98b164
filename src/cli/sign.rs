//! `brama sign`: puts a WS-Security signature around a request, as a domain system would.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use chrono::Utc;
use clap::Args;
use uuid::Uuid;

use super::Failure;
use crate::signatures::SigningKey;
use crate::soap::reply::{self, Form};
use crate::xml::names::{SOAP11, W};
use crate::xml::{Document, Element, Limits, Method, canonical_bytes};

/// Sign a request (a SOAP envelope or the bare request element) and print the signed envelope.
#[derive(Args)]
pub struct SignArgs {
    /// The request.
    file: PathBuf,
    /// PEM of the system's private key.
    #[arg(long, default_value = "demo/pki/pomoc.key")]
    key: PathBuf,
    /// PEM of its certificate.
    #[arg(long, default_value = "demo/pki/pomoc.pem")]
    certificate: PathBuf,
    /// Put a fresh idZadania in, so that the request is a new one and not a retry.
    #[arg(long)]
    new_task_id: bool,
    /// Sign the Body alone.
    #[arg(long)]
    no_timestamp: bool,
}

impl SignArgs {
    /// # Errors
    /// `Unreadable` for a file that cannot be read or is not a request.
    pub fn run(&self) -> Result<(), Failure> {
        let key = SigningKey::load(&self.key, &self.certificate)
            .map_err(|error| Failure::Unreadable(format!("{}: {error}", self.key.display())))?;
        let unreadable =
            |error: &dyn std::fmt::Display| Failure::Unreadable(format!("{}: {error}", self.file.display()));
        let bytes = read(&self.file)?;
        let document = Document::parse(&bytes, &Limits { bytes: bytes.len(), ..Limits::default() })
            .map_err(|error| unreadable(&error))?;
        let request = request(document.root())
            .ok_or_else(|| unreadable(&"an envelope with one request in its Body and no header blocks is needed"))?;
        let mut element = canonical_bytes(request, Method::Exclusive).map_err(|error| unreadable(&error))?;
        if self.new_task_id {
            element = renewed(request, element).ok_or_else(|| unreadable(&"the request has no idZadania"))?;
        }
        let form = Form { timestamp: !self.no_timestamp, ..Form::default() };
        let message =
            reply::signed(&key, Utc::now(), &form, |out| out.raw(&element)).map_err(|error| unreadable(&error))?;
        std::io::stdout().write_all(&message).map_err(|error| Failure::Unreadable(error.to_string()))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::Unreadable(format!("{}: {error}", path.display())))
}

fn request(root: Element<'_>) -> Option<Element<'_>> {
    if !root.is(SOAP11.name("Envelope")) {
        return Some(root);
    }
    let blocks = root.child(SOAP11.name("Header")).into_iter().flat_map(Element::children).count();
    let mut requests = root.child(SOAP11.name("Body"))?.children();
    requests.next().filter(|_| requests.next().is_none() && blocks == 0)
}

/// The canonical bytes with another `idZadania`.
fn renewed(request: Element<'_>, canonical: Vec<u8>) -> Option<Vec<u8>> {
    let task = request.children().next()?.child(W.name("idZadania"))?;
    let text = String::from_utf8(canonical).ok()?;
    let (old, new) = (format!(">{}</", task.text()), format!(">{}</", Uuid::new_v4()));
    text.contains(&old).then(|| text.replacen(&old, &new, 1).into_bytes())
}
