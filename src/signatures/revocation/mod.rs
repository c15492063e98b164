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

/// Where evidence came from that does not stand in the document, so that it can be enclosed in one.
#[derive(Debug)]
pub enum Piece<'c> {
    List(&'c Crl),
    /// `OCSPResponse` as DER.
    Answer(Vec<u8>),
}

/// All believable evidence about `certificate`, which `issuer` issued.
///
/// The responder is asked last; its silence is no evidence.
#[must_use]
pub fn evidence(certificate: &Link, issuer: &Link, enclosed: &Enclosed, lists: &Lists) -> Vec<Evidence> {
    let crls = enclosed.crls.iter().filter_map(|list| list.about(certificate, issuer, Source::Document));
    let answers = enclosed.answers.iter();
    let answers = answers.filter_map(|answer| ocsp::about(answer, certificate, issuer, Source::Document));
    let mut found: Vec<Evidence> = crls.chain(answers).collect();
    found.extend(pieces(certificate, issuer, &lists.crls(), lists).into_iter().map(|(evidence, _)| evidence));
    found
}

/// The evidence that no document brings along: `files` are the lists of `lists`; its responder is asked last.
#[must_use]
pub fn pieces<'c>(certificate: &Link, issuer: &Link, files: &'c [Crl], lists: &Lists) -> Vec<(Evidence, Piece<'c>)> {
    let crls =
        files.iter().filter_map(|list| Some((list.about(certificate, issuer, Source::File)?, Piece::List(list))));
    let mut found: Vec<_> = crls.collect();
    if let Some(responder) = lists.responder() {
        match question(certificate, issuer).map_err(|error| error.to_string()).and_then(|bytes| responder.ask(&bytes)) {
            Ok(answer) => found.extend(
                ocsp::about(&answer, certificate, issuer, Source::Responder)
                    .map(|evidence| (evidence, Piece::Answer(answer))),
            ),
            Err(silence) => log::warn!("[signatures] ocsp_url: {silence} (certificate of {})", certificate.subject()),
        }
    }
    found
}
