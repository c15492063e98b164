//! Revocation lists as evidence: complete and direct ones alone, under the key of the certificate's issuer.

use std::fmt;

use chrono::{DateTime, Utc};
use openssl::x509::{CrlStatus, X509Crl, X509KeyUsage};

use super::{Evidence, Kind, Source, Status};
use crate::signatures::Error;
use crate::signatures::certificate::time;
use crate::signatures::der::{self, Value};
use crate::signatures::lists::{Link, extensions};
use crate::signatures::trust::ocsp::is_accepted_method;

const DELTA: &str = "2.5.29.27";
const DISTRIBUTION_POINT: &str = "2.5.29.28";
const NUMBER: &str = "2.5.29.20";
const KEY_IDENTIFIER: &str = "2.5.29.35";
const KEEPS_ENDED: &str = "2.5.29.60";

/// A revocation list with what its extensions say.
pub struct Crl {
    list: X509Crl,
    der: Vec<u8>,
    this_update: DateTime<Utc>,
    next_update: Option<DateTime<Utc>>,
    keeps_ended_since: Option<DateTime<Utc>>,
    covers: Covers,
}

/// Of which certificates a list speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Covers {
    All,
    Authorities,
    Users,
    /// A list of changes, of other issuers, of some reasons, or one with a critical extension that nobody here knows.
    NotOurs,
}

impl fmt::Debug for Crl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Crl({:?} from {})", self.covers, self.this_update)
    }
}

impl Crl {
    /// Reads a list from DER.
    ///
    /// # Errors
    /// [`Error::Certificate`] when it is none.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        Self::new(X509Crl::from_der(der).map_err(Error::Certificate)?)
    }

    /// # Errors
    /// [`Error::Certificate`] when its times cannot be read.
    pub fn new(list: X509Crl) -> Result<Self, Error> {
        let der = list.to_der().map_err(Error::Certificate)?;
        let (covers, keeps_ended_since) = reading(&der).unwrap_or((Covers::NotOurs, None));
        let this_update = time(list.last_update())?;
        let next_update = list.next_update().map(time).transpose()?;
        Ok(Self { list, der, this_update, next_update, keeps_ended_since, covers })
    }

    #[must_use]
    pub fn der(&self) -> Vec<u8> {
        self.der.clone()
    }

    /// What the list says of `certificate`; nothing when it is not a list of `issuer`, or not about such certificates.
    #[must_use]
    pub fn about(&self, certificate: &Link, issuer: &Link, source: Source) -> Option<Evidence> {
        let is_authority =
            certificate.x509().key_usage().is_some_and(|usage| usage.contains(X509KeyUsage::KEY_CERT_SIGN));
        let speaks = match self.covers {
            Covers::All => true,
            Covers::Authorities => is_authority,
            Covers::Users => !is_authority,
            Covers::NotOurs => false,
        };
        if !speaks || !self.is_of(issuer) {
            return None;
        }
        let status = match self.list.get_by_cert(&certificate.x509().to_owned()) {
            CrlStatus::Revoked(entry) => Status::Revoked(time(entry.revocation_date()).ok()?),
            // What is taken off the list again has not been revoked (RFC 5280 §5.3.1).
            CrlStatus::NotRevoked | CrlStatus::RemoveFromCrl(_) => Status::Good,
        };
        let Self { this_update, next_update, keeps_ended_since, .. } = *self;
        Some(Evidence { source, kind: Kind::List, status, this_update, next_update, keeps_ended_since })
    }

    /// Whether `issuer` signed the list and may do so.
    fn is_of(&self, issuer: &Link) -> bool {
        let x509 = issuer.x509();
        let named = self.list.issuer_name().try_cmp(x509.subject_name()).is_ok_and(std::cmp::Ordering::is_eq);
        let may = x509.key_usage().is_none_or(|usage| usage.contains(X509KeyUsage::CRL_SIGN));
        named
            && may
            && issuer.key().is_some()
            && x509.public_key().and_then(|key| self.list.verify(&key)).unwrap_or(false)
    }
}

/// RFC 5280 §5.1: `SEQUENCE { tbs, algorithm, signature }`, extensions under `[0]` of the first.
fn reading(der: &[u8]) -> Option<(Covers, Option<DateTime<Utc>>)> {
    const EXTENSIONS: u8 = 0xa0;
    let parts = der::all(der::only(der)?.content)?;
    let [tbs, method, _] = parts[..] else { return None };
    if !is_accepted_method(&der::dotted(*der::all(method.content)?.first()?)?) {
        return None;
    }
    let (mut covers, mut keeps) = (Covers::All, None);
    let fields = der::all(tbs.content)?;
    let Some(stated) = fields.iter().find(|field| field.tag == EXTENSIONS) else { return Some((covers, keeps)) };
    for extension in extensions(stated.content)? {
        if extension.is(DISTRIBUTION_POINT) {
            covers = distribution(extension.content)?;
        } else if extension.is(KEEPS_ENDED) {
            keeps = der::moment(der::only(extension.content)?);
        } else if extension.is(DELTA) || extension.is_critical && !extension.is(NUMBER) && !extension.is(KEY_IDENTIFIER)
        {
            return None;
        }
    }
    Some((covers, keeps))
}

/// `IssuingDistributionPoint` (RFC 5280 §5.2.5); where the list was to be fetched from does not matter.
fn distribution(bytes: &[u8]) -> Option<Covers> {
    let fields = der::all(der::only(bytes)?.content)?;
    let is_set = |field: &Value<'_>| field.content.iter().any(|byte| *byte != 0);
    let mut covers = Covers::All;
    for field in fields {
        match field.tag {
            0xa0 => {}
            0x81 if is_set(&field) => covers = Covers::Users,
            0x82 if is_set(&field) => covers = Covers::Authorities,
            _ if is_set(&field) => return Some(Covers::NotOurs),
            _ => {}
        }
    }
    Some(covers)
}
