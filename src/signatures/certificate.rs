//! An X.509 certificate as a value: its bytes, fingerprint, key, names and validity; whether to trust it is `trust`'s word.

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::pkey::{PKeyRef, Private};
use openssl::x509::{X509, X509NameRef, X509Ref};

use super::{Error, KeyFamily, VerifyingKey, sha256};

/// A certificate whose key is of an accepted kind; cloning is cheap.
#[derive(Clone)]
pub struct Certificate(Arc<Inner>);

struct Inner {
    x509: X509,
    der: Vec<u8>,
    fingerprint: [u8; 32],
    key: VerifyingKey,
    not_before: DateTime<Utc>,
    not_after: DateTime<Utc>,
}

impl Certificate {
    /// Reads the first certificate of a PEM file.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be read, and those of [`Certificate::from_pem`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        let pem = fs::read(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
        Self::from_pem(&pem)
    }

    /// Reads the first certificate of `pem`.
    ///
    /// # Errors
    /// [`Error::Certificate`] when there is none, [`Error::Unsupported`] for a key of another kind or size.
    pub fn from_pem(pem: &[u8]) -> Result<Self, Error> {
        Self::new(X509::from_pem(pem).map_err(Error::Certificate)?)
    }

    /// Reads a certificate from DER; bytes after its end are refused.
    ///
    /// # Errors
    /// [`Error::Certificate`] or [`Error::Unsupported`], like [`Certificate::from_pem`].
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let certificate = Self::new(X509::from_der(der).map_err(Error::Certificate)?)?;
        if certificate.der() == der { Ok(certificate) } else { Err(Error::Certificate(ErrorStack::get())) }
    }

    fn new(x509: X509) -> Result<Self, Error> {
        let der = x509.to_der().map_err(Error::Certificate)?;
        let key = VerifyingKey::new(x509.public_key().map_err(Error::Certificate)?.as_ref())?;
        Ok(Self(Arc::new(Inner {
            fingerprint: sha256(&der),
            not_before: time(x509.not_before())?,
            not_after: time(x509.not_after())?,
            x509,
            der,
            key,
        })))
    }

    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// SHA-256 of the DER form: the name under which a certificate is registered.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        self.0.fingerprint
    }

    #[must_use]
    pub fn family(&self) -> KeyFamily {
        self.0.key.family()
    }

    #[must_use]
    pub fn key(&self) -> &VerifyingKey {
        &self.0.key
    }

    /// The subject's name for people and logs, e.g. `O=Gmina, CN=syriusz`.
    #[must_use]
    pub fn subject(&self) -> String {
        name(self.0.x509.subject_name())
    }

    /// The issuer's name, in the form of [`Certificate::subject`].
    #[must_use]
    pub fn issuer(&self) -> String {
        name(self.0.x509.issuer_name())
    }

    /// First moment of validity, included.
    #[must_use]
    pub fn not_before(&self) -> DateTime<Utc> {
        self.0.not_before
    }

    /// Last moment of validity, included (RFC 5280 §4.1.2.5).
    #[must_use]
    pub fn not_after(&self) -> DateTime<Utc> {
        self.0.not_after
    }

    pub(super) fn x509(&self) -> &X509Ref {
        &self.0.x509
    }

    pub(super) fn has_key_of(&self, key: &PKeyRef<Private>) -> bool {
        self.0.x509.public_key().is_ok_and(|public| public.public_eq(key))
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.fingerprint == other.0.fingerprint
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Certificate({})", self.subject())
    }
}

pub(super) fn name(name: &X509NameRef) -> String {
    let parts = name.entries().map(|entry| {
        let kind = entry.object().nid().short_name().unwrap_or("?");
        let value = entry.data().to_string().unwrap_or_default();
        // The name is the issuer's text: it must not break a line of the log.
        format!("{kind}={}", value.replace(char::is_control, " "))
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// The moment that an ASN.1 time means.
pub(super) fn time(moment: &Asn1TimeRef) -> Result<DateTime<Utc>, Error> {
    let passed = Asn1Time::from_unix(0)?.diff(moment)?;
    let passed = TimeDelta::days(i64::from(passed.days)) + TimeDelta::seconds(i64::from(passed.secs));
    Ok(DateTime::UNIX_EPOCH + passed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signatures::pki::Authority;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_certificate_tells_its_name_and_its_days() {
        let authority = Authority::new("urząd próbny", at("2026-03-01T12:00:00Z")).unwrap();
        let identity = authority.issue("syriusz", KeyFamily::Ecdsa, at("2026-03-02T12:00:00Z")).unwrap();
        let certificate = Certificate::from_pem(identity.certificate_pem()).unwrap();
        assert_eq!(certificate.subject(), "O=brama, CN=syriusz");
        assert_eq!(certificate.issuer(), "O=brama, CN=urząd próbny");
        assert!(certificate.not_before() <= at("2026-03-02T12:00:00Z"));
        assert!(certificate.not_after() > at("2027-03-02T12:00:00Z"));
        assert_eq!(certificate, Certificate::from_der(certificate.der()).unwrap());
        assert_eq!(certificate.fingerprint(), sha256(certificate.der()));
    }

    #[test]
    fn what_is_not_exactly_one_certificate_is_refused() {
        let identity = Authority::new("a", Utc::now()).unwrap().issue("b", KeyFamily::Ecdsa, Utc::now()).unwrap();
        let der = Certificate::from_pem(identity.certificate_pem()).unwrap().der().to_vec();
        assert!(Certificate::from_der(&[]).is_err());
        assert!(Certificate::from_der(&der[..der.len() - 1]).is_err());
        assert!(Certificate::from_der(&[&der[..], b"x"].concat()).is_err());
        assert!(Certificate::from_pem(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").is_err());
    }
}
