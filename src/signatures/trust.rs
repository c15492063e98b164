//! Whom to trust: chains to configured anchors, validity at a given time, revocation by lists from files; nothing is ever fetched.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};

use chrono::{DateTime, SecondsFormat, Utc};
use openssl::error::ErrorStack;
use openssl::sha::sha256;
use openssl::stack::Stack;
use openssl::x509::store::{X509Lookup, X509Store, X509StoreBuilder};
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509Crl, X509KeyUsage, X509Ref, X509StoreContext, X509VerifyResult};

use super::certificate::time;
use super::{Certificate, Error};
use crate::problem::{Code, Problem};

/// Certificates whose chain is remembered; more than any network of offices has systems.
const KNOWN_MAX: usize = 10_000;
/// OpenSSL's level 2: at least 112 bits of security, so no RSA below 2048 bits and no SHA-1 in the chain.
const SECURITY_LEVEL: i32 = 2;

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
        }
    }
}

impl From<TrustError> for Problem {
    fn from(error: TrustError) -> Self {
        Self::new(Code::CertificateInvalid).explain(error.explain()).caused_by(error)
    }
}

/// Anchors, intermediates and revocation lists, read once; a change of files asks for a new value.
///
/// A chain that holds is remembered with the time it holds for, so the usual check is two comparisons.
pub struct Trust {
    chains: X509Store,
    /// Like `chains`, but the certificate in question must also be absent from its issuer's list.
    revocation: X509Store,
    intermediates: Stack<X509>,
    lists: Vec<X509Crl>,
    crl_required: bool,
    known: RwLock<HashMap<[u8; 32], Known>>,
}

/// A certificate whose chain holds; strangers never get here, so they cannot fill the memory.
#[derive(Clone)]
struct Known {
    certificate: Certificate,
    period: Period,
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
        let anchors = latest(certificates(anchors)?)?;
        let mut helpers = Stack::new()?;
        for certificate in latest(certificates(intermediates)?)? {
            helpers.push(certificate)?;
        }
        let mut lists = Vec::new();
        for path in crls {
            lists.extend(revocation_lists(&read(path)?)?);
        }
        Ok(Self {
            chains: store(&anchors, &[], X509VerifyFlags::empty())?,
            revocation: store(&anchors, crls, X509VerifyFlags::CRL_CHECK)?,
            intermediates: helpers,
            lists,
            crl_required,
            known: RwLock::default(),
        })
    }

    /// Whether a signature made by `certificate` may be trusted at `at`.
    ///
    /// A list newer than `at` counts: what is revoked today is not trusted for yesterday either.
    ///
    /// # Errors
    /// The first reason found: usage, chain, revocation, validity, age of the lists.
    pub fn check(&self, certificate: &Certificate, at: DateTime<Utc>) -> Result<(), TrustError> {
        if let Some(known) = self.known(certificate.fingerprint()) {
            return known.period.check(at);
        }
        let period = self.examine(certificate.x509())?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < KNOWN_MAX {
            known.insert(certificate.fingerprint(), Known { certificate: certificate.clone(), period });
        }
        drop(known);
        period.check(at)
    }

    /// Reads a certificate like [`Certificate::from_der`], at no cost when its chain was found to hold before.
    ///
    /// Decoding a public key takes OpenSSL 3 longer than verifying a signature.
    ///
    /// # Errors
    /// As [`Certificate::from_der`]; nothing is said about trust.
    pub fn certificate(&self, der: &[u8]) -> Result<Certificate, Error> {
        match self.known(sha256(der)) {
            Some(known) => Ok(known.certificate),
            None => Certificate::from_der(der),
        }
    }

    fn known(&self, fingerprint: [u8; 32]) -> Option<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(&fingerprint).cloned()
    }

    /// Finds the chain and everything about it that no clock changes.
    fn examine(&self, certificate: &X509Ref) -> Result<Period, TrustError> {
        if !may_sign(certificate) {
            return Err(TrustError::Usage);
        }
        let mut chain = self.verify(&self.chains, certificate)?;
        let broken = |error: Error| TrustError::Chain(error.to_string());
        let anchor = chain.pop().ok_or_else(|| TrustError::Chain("empty".to_owned()))?;
        // RFC 5280 §6.1: an anchor's dates are not part of a path, yet one that has ended is no anchor for us.
        let mut period =
            Period { from: DateTime::UNIX_EPOCH, to: time(anchor.not_after()).map_err(broken)?, lists_to: None };
        for link in &chain {
            period.from = period.from.max(time(link.not_before()).map_err(broken)?);
            period.to = period.to.min(time(link.not_after()).map_err(broken)?);
            match self.newest_list(link) {
                Some(list) => {
                    self.verify(&self.revocation, link)?;
                    let end = list.next_update().map(time).transpose().map_err(broken)?;
                    period.lists_to = period.lists_to.into_iter().chain(end).min();
                }
                None if self.crl_required => return Err(TrustError::NoList),
                None => {}
            }
        }
        Ok(period)
    }

    fn verify(&self, store: &X509Store, certificate: &X509Ref) -> Result<Vec<X509>, TrustError> {
        let outcome = X509StoreContext::new().and_then(|mut context| {
            context.init(store, certificate, &self.intermediates, |context| {
                Ok(if context.verify_cert()? {
                    Ok(context.chain().map(|chain| chain.iter().map(ToOwned::to_owned).collect()).unwrap_or_default())
                } else {
                    Err(context.error())
                })
            })
        });
        match outcome {
            Ok(Ok(chain)) => Ok(chain),
            Ok(Err(reason)) if is_revoked(reason) => Err(TrustError::Revoked),
            Ok(Err(reason)) => Err(TrustError::Chain(reason.error_string().to_owned())),
            Err(error) => Err(TrustError::Chain(error.to_string())),
        }
    }

    // OpenSSL prefers the same one: of two lists of one issuer the later counts.
    fn newest_list(&self, certificate: &X509Ref) -> Option<&X509Crl> {
        let issuer = certificate.issuer_name();
        let own = |list: &&X509Crl| list.issuer_name().try_cmp(issuer).is_ok_and(std::cmp::Ordering::is_eq);
        self.lists.iter().filter(own).max_by_key(|list| time(list.last_update()).unwrap_or_default())
    }
}

/// A certificate that states its key usage must allow signatures; one that issues certificates signs nothing else.
fn may_sign(certificate: &X509Ref) -> bool {
    let signatures = X509KeyUsage::DIGITAL_SIGNATURE | X509KeyUsage::NON_REPUDIATION;
    certificate
        .key_usage()
        .is_none_or(|usage| usage.intersects(signatures) && !usage.contains(X509KeyUsage::KEY_CERT_SIGN))
}

fn is_revoked(reason: X509VerifyResult) -> bool {
    const CERT_REVOKED: i32 = 23; // X509_V_ERR_CERT_REVOKED
    reason.as_raw() == CERT_REVOKED
}

/// Time is left to [`Period`], so that what was verified once need not be verified again.
fn store(anchors: &[X509], lists: &[PathBuf], flags: X509VerifyFlags) -> Result<X509Store, Error> {
    let mut builder = X509StoreBuilder::new()?;
    let mut parameters = X509VerifyParam::new()?;
    parameters.set_flags(flags | X509VerifyFlags::PARTIAL_CHAIN | X509VerifyFlags::NO_CHECK_TIME)?;
    parameters.set_auth_level(SECURITY_LEVEL);
    builder.set_param(&parameters)?;
    for anchor in anchors {
        builder.add_cert(anchor.clone())?;
    }
    if !lists.is_empty() {
        let lookup = builder.add_lookup(X509Lookup::file())?;
        for path in lists {
            lookup.load_crl_file(path, openssl::ssl::SslFiletype::PEM)?;
        }
    }
    Ok(builder.build())
}

fn certificates(paths: &[PathBuf]) -> Result<Vec<X509>, Error> {
    let mut all = Vec::new();
    for path in paths {
        let found = X509::stack_from_pem(&read(path)?).map_err(Error::Certificate)?;
        if found.is_empty() {
            return Err(Error::NoPem("CERTIFICATE"));
        }
        all.extend(found);
    }
    Ok(all)
}

/// Of certificates with one name and one key (a renewed authority) keeps the one that ends last.
fn latest(all: Vec<X509>) -> Result<Vec<X509>, ErrorStack> {
    let mut kept: Vec<X509> = Vec::new();
    for one in all {
        let same = |other: &X509| -> Result<bool, ErrorStack> {
            Ok(one.subject_name().try_cmp(other.subject_name())?.is_eq()
                && one.public_key()?.public_eq(&*other.public_key()?))
        };
        let mut twin = None;
        for (place, other) in kept.iter().enumerate() {
            if same(other)? {
                twin = Some(place);
            }
        }
        match twin {
            Some(place) if one.not_after() > kept[place].not_after() => kept[place] = one,
            Some(_) => {}
            None => kept.push(one),
        }
    }
    Ok(kept)
}

/// Every list of a PEM file; the library's own reader stops after the first.
fn revocation_lists(pem: &[u8]) -> Result<Vec<X509Crl>, Error> {
    const BEGIN: &str = "-----BEGIN X509 CRL-----";
    let text = String::from_utf8_lossy(pem);
    let blocks = text.match_indices(BEGIN).map(|(start, _)| &text[start..]);
    let lists = blocks.map(|block| X509Crl::from_pem(block.as_bytes())).collect::<Result<Vec<_>, _>>();
    let lists = lists.map_err(Error::Certificate)?;
    if lists.is_empty() { Err(Error::NoPem("X509 CRL")) } else { Ok(lists) }
}

fn read(path: &PathBuf) -> Result<Vec<u8>, Error> {
    let unreadable = |source| Error::File { path: path.clone(), source };
    // The library takes paths as C strings of UTF-8 and panics over others.
    if path.to_str().is_none_or(|text| text.contains('\0')) {
        return Err(unreadable(std::io::ErrorKind::InvalidFilename.into()));
    }
    fs::read(path).map_err(unreadable)
}

#[cfg(test)]
mod tests;
