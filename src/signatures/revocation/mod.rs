//! Evidence about revocation: lists and answers of responders, each believed only when its issuer vouches for it.

mod crl;
mod ocsp;

use chrono::{DateTime, Utc};

use super::lists::{Link, Lists};

pub use crl::Crl;
pub use ocsp::question;

/// What one list or answer says of one certificate, at the time it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub source: Source,
    pub kind: Kind,
    pub status: Status,
    pub this_update: DateTime<Utc>,
    pub next_update: Option<DateTime<Utc>>,
    /// From when on a list keeps certificates that have ended (`expiredCertsOnCRL`).
    pub keeps_ended_since: Option<DateTime<Utc>>,
}

/// Where evidence was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// In the document.
    Document,
    /// In a file of the configuration.
    File,
    /// From the responder of the configuration.
    Responder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    List,
    Answer,
}

/// What is said of the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Good,
    Revoked(DateTime<Utc>),
    /// The responder does not know the certificate.
    Unknown,
}

/// Revocation data that a document brings along; unread, and unbelieved until their issuer is known.
#[derive(Debug, Default)]
pub struct Enclosed {
    pub crls: Vec<Crl>,
    /// `OCSPResponse` or `BasicOCSPResponse`, as DER.
    pub answers: Vec<Vec<u8>>,
}

/// All believable evidence about `certificate`, which `issuer` issued.
///
/// The responder is asked last; its silence is no evidence.
#[must_use]
pub fn evidence(certificate: &Link, issuer: &Link, enclosed: &Enclosed, lists: &Lists) -> Vec<Evidence> {
    let mut found = Vec::new();
    let files = lists.crls();
    for (source, crls) in [(Source::Document, enclosed.crls.as_slice()), (Source::File, files.as_slice())] {
        found.extend(crls.iter().filter_map(|list| list.about(certificate, issuer, source)));
    }
    found.extend(
        enclosed.answers.iter().filter_map(|answer| ocsp::about(answer, certificate, issuer, Source::Document)),
    );
    if let Some(responder) = lists.responder() {
        match question(certificate, issuer).map_err(|error| error.to_string()).and_then(|bytes| responder.ask(&bytes)) {
            Ok(answer) => found.extend(ocsp::about(&answer, certificate, issuer, Source::Responder)),
            Err(silence) => log::warn!("[signatures] ocsp_url: {silence} (certificate of {})", certificate.subject()),
        }
    }
    found
}
