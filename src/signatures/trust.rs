//! Whom to trust: chains to configured anchors, validity at a given time, revocation by lists from files and by one
//! responder; no address from a certificate is ever opened.

pub(super) mod chains;
pub(super) mod lists;
pub(super) mod ocsp;
pub(super) mod pem;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, SecondsFormat, Utc};
use openssl::x509::{X509, X509KeyUsage, X509Ref};

use super::certificate::time;
use super::{Certificate, Error, sha256};
use crate::problem::{Code, Problem};
use crate::workers::waiting;

use chains::Chains;
use lists::{Lists, Watch};
use ocsp::Inquiry;
pub use ocsp::Responder;

/// Certificates whose chain is remembered; more than any network of offices has systems.
const KNOWN_MAX: usize = 10_000;

/// Why a certificate is not trusted at the time asked about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    #[error("no chain to an anchor: {0}")]
    Chain(String),
    #[error("not meant for signing")]
    Usage,
    #[error("revoked")]
    Revoked,
    #[error("not valid before {0}")]
    Early(DateTime<Utc>),
    #[error("not valid after {0}")]
    Late(DateTime<Utc>),
    #[error("no revocation list of its issuer")]
    NoList,
    #[error("the issuer's revocation list ended {0}")]
    StaleList(DateTime<Utc>),
    /// The responder was asked, and neither it nor a list says anything.
    #[error("no answer about revocation: {0}")]
    NoAnswer(String),
}

impl TrustError {
    /// The reason for the caller, in Polish.
    #[must_use]
    pub fn explain(&self) -> String {
        let since = |moment: &DateTime<Utc>| moment.to_rfc3339_opts(SecondsFormat::Secs, true);
        match self {
            Self::Chain(_) => "Certyfikat nie pochodzi od zaufanego wystawcy.".to_owned(),
            Self::Usage => "Certyfikat nie jest przeznaczony do podpisywania.".to_owned(),
            Self::Revoked => "Certyfikat został unieważniony.".to_owned(),
            Self::Early(from) => format!("Certyfikat nie jest jeszcze ważny, lecz dopiero od {}.", since(from)),
            Self::Late(to) => format!("Certyfikat stracił ważność {}.", since(to)),
            Self::NoList => "Brama nie ma listy certyfikatów unieważnionych tego wystawcy.".to_owned(),
            Self::StaleList(to) => {
                format!("Lista certyfikatów unieważnionych tego wystawcy jest nieaktualna od {}.", since(to))
            }
            Self::NoAnswer(_) => {
                "Nie udało się sprawdzić (OCSP), czy certyfikat nie został unieważniony; można spróbować później."
                    .to_owned()
            }
        }
    }
}

impl From<TrustError> for Problem {
    fn from(error: TrustError) -> Self {
        Self::new(Code::CertificateInvalid).explain(error.explain()).caused_by(error)
    }
}

/// Anchors and intermediates, read once; revocation lists, read again when their files change; perhaps a responder.
///
/// A chain that holds is remembered with the time it holds for, so the usual check is two comparisons.
pub struct Trust {
    chains: Chains,
    crl_required: bool,
    watch: Watch,
    current: RwLock<Arc<Current>>,
    inquiry: Option<Inquiry>,
}

/// What one reading of the lists says, and the certificates that were judged by it.
struct Current {
    lists: Lists,
    known: RwLock<HashMap<[u8; 32], Known>>,
}

/// A certificate whose chain holds; strangers never get here, so they cannot fill the memory.
#[derive(Clone)]
struct Known {
    certificate: Certificate,
    period: Period,
    /// Absent when the certificate is an anchor itself.
    issuer: Option<X509>,
    /// Whether there is a revocation list of the issuer.
    listed: bool,
}

/// When everything a chain stands on is valid, apart from revocation; both ends included.
#[derive(Clone, Copy)]
struct Period {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    lists_to: Option<DateTime<Utc>>,
}

impl Period {
    fn check(self, at: DateTime<Utc>) -> Result<(), TrustError> {
        if at < self.from {
            return Err(TrustError::Early(self.from));
        }
        if at > self.to {
            return Err(TrustError::Late(self.to));
        }
        match self.lists_to {
            Some(end) if at > end => Err(TrustError::StaleList(end)),
            _ => Ok(()),
        }
    }
}

impl Trust {
    /// Reads PEM files, each of which may hold several certificates or lists.
    ///
    /// `anchors` are trusted in themselves and need not be roots; `intermediates` only help to build a chain. With
    /// `crl_required` a certificate whose issuer has no list in `crls` is refused.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::NoPem`] for the first file that cannot be read or holds nothing of its kind.
    pub fn new(
        anchors: &[PathBuf],
        intermediates: &[PathBuf],
        crls: &[PathBuf],
        crl_required: bool,
    ) -> Result<Self, Error> {
        let chains = Chains::read(anchors, intermediates)?;
        let watch = Watch::new(crls); // before the files are read, so that no change is missed
        let current = RwLock::new(Arc::new(Current::read(&chains, crls)?));
        Ok(Self { chains, crl_required, watch, current, inquiry: None })
    }

    /// The same, which also asks `responder` whether the certificate in question was revoked.
    ///
    /// # Errors
    /// [`Error::Library`].
    pub fn asking(mut self, responder: Box<dyn Responder>) -> Result<Self, Error> {
        self.inquiry = Some(Inquiry::new(responder, &self.chains)?);
        Ok(self)
    }

    /// Whether a signature made by `certificate` may be trusted at `at`; may wait for the responder.
    ///
    /// A list newer than `at` counts: what is revoked today is not trusted for yesterday either.
    ///
    /// # Errors
    /// The first reason found: usage, chain, lists, validity, age of the lists, the responder's answer.
    pub fn check(&self, certificate: &Certificate, at: DateTime<Utc>) -> Result<(), TrustError> {
        let current = self.current();
        let known = match current.known(&certificate.fingerprint()) {
            Some(known) => known,
            None => current.remember(self.examine(certificate, &current.lists)?),
        };
        known.period.check(at)?;
        let (Some(inquiry), Some(issuer)) = (&self.inquiry, &known.issuer) else { return Ok(()) };
        match inquiry.ask(&known.certificate, issuer, at) {
            Ok(ocsp::Status::Good) => Ok(()),
            Ok(ocsp::Status::Revoked) => Err(TrustError::Revoked),
            Err(_) if known.listed => Ok(()),
            Err(silence) => Err(TrustError::NoAnswer(silence.to_string())),
        }
    }

    /// Reads a certificate like [`Certificate::from_der`], at no cost when its chain was found to hold before.
    ///
    /// Decoding a public key takes OpenSSL 3 longer than verifying a signature.
    ///
    /// # Errors
    /// As [`Certificate::from_der`]; nothing is said about trust.
    pub fn certificate(&self, der: &[u8]) -> Result<Certificate, Error> {
        match self.current().known(&sha256(der)) {
            Some(known) => Ok(known.certificate),
            None => Certificate::from_der(der),
        }
    }

    /// The lists as the files have them; when those cannot be read, as they had them last.
    fn current(&self) -> Arc<Current> {
        if let Some(paths) = self.watch.changed() {
            match waiting(|| Current::read(&self.chains, paths)) {
                Ok(current) => {
                    log::info!("read {} revocation lists anew", current.lists.len());
                    *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(current);
                }
                Err(error) => log::error!("[trust] crls: {error}; the lists read before stay in force"),
            }
        }
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Finds the chain and everything about it that no clock changes.
    fn examine(&self, certificate: &Certificate, lists: &Lists) -> Result<Known, TrustError> {
        if !may_sign(certificate.x509()) {
            return Err(TrustError::Usage);
        }
        let mut chain = self.chains.verify(certificate.x509())?;
        let issuer = chain.get(1).cloned();
        let broken = |error: Error| TrustError::Chain(error.to_string());
        let anchor = chain.pop().ok_or_else(|| TrustError::Chain("empty".to_owned()))?;
        // RFC 5280 §6.1: an anchor's dates are not part of a path, yet one that has ended is no anchor for us.
        let mut period =
            Period { from: DateTime::UNIX_EPOCH, to: time(anchor.not_after()).map_err(broken)?, lists_to: None };
        for link in &chain {
            period.from = period.from.max(time(link.not_before()).map_err(broken)?);
            period.to = period.to.min(time(link.not_after()).map_err(broken)?);
            match lists.newest(link) {
                Some(list) => {
                    lists.check(&self.chains, link)?;
                    let end = list.next_update().map(time).transpose().map_err(broken)?;
                    period.lists_to = period.lists_to.into_iter().chain(end).min();
                }
                None if self.crl_required => return Err(TrustError::NoList),
                None => {}
            }
        }
        let listed = lists.newest(certificate.x509()).is_some();
        Ok(Known { certificate: certificate.clone(), period, issuer, listed })
    }
}

impl Current {
    fn read(chains: &Chains, crls: &[PathBuf]) -> Result<Self, Error> {
        Ok(Self { lists: Lists::read(chains, crls)?, known: RwLock::default() })
    }

    fn known(&self, fingerprint: &[u8; 32]) -> Option<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(fingerprint).cloned()
    }

    fn remember(&self, one: Known) -> Known {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < KNOWN_MAX {
            known.insert(one.certificate.fingerprint(), one.clone());
        }
        one
    }
}

/// A certificate that states its key usage must allow signatures; one that issues certificates signs nothing else.
fn may_sign(certificate: &X509Ref) -> bool {
    let signatures = X509KeyUsage::DIGITAL_SIGNATURE | X509KeyUsage::NON_REPUDIATION;
    certificate
        .key_usage()
        .is_none_or(|usage| usage.intersects(signatures) && !usage.contains(X509KeyUsage::KEY_CERT_SIGN))
}

#[cfg(test)]
mod tests;
