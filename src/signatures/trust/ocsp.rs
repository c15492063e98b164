//! Asking one responder whether a certificate was revoked (RFC 6960), and believing only what its issuer vouches for.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use openssl::asn1::Asn1GeneralizedTimeRef;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::ocsp::{OcspCertId, OcspCertStatus, OcspFlag, OcspRequest, OcspResponse, OcspResponseStatus};
use openssl::stack::Stack;
use openssl::x509::X509;
use openssl::x509::store::X509Store;
use openssl::x509::verify::X509VerifyFlags;

use super::chains::Chains;
use super::{Certificate, Error};
use crate::signatures::der;
use crate::workers;

/// An answer is asked for anew after an hour, even when it says that it holds for longer.
const REMEMBERED: TimeDelta = TimeDelta::hours(1);
/// An answer that does not say how long it holds is remembered for so long, and must not be older than [`REMEMBERED`].
const UNLIMITED: TimeDelta = TimeDelta::minutes(5);
/// A responder that does not answer is left alone for so long, per certificate.
const SILENCE: TimeDelta = TimeDelta::seconds(30);
/// The responder's clock may be ahead by so much.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// Carries a question to the responder and brings its answer, both as DER; bounded in time.
pub trait Responder: Send + Sync {
    /// # Errors
    /// Why there is no answer, for the log.
    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, String>;
}

/// What the responder says of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Good,
    Revoked,
}

/// Why the responder's word counts for nothing.
#[derive(Debug, Clone, thiserror::Error)]
pub(in crate::signatures) enum Silence {
    #[error("no answer: {0}")]
    Transport(String),
    #[error("the answer cannot be read: {0}")]
    Unreadable(String),
    #[error("the responder refuses (status {0})")]
    Refused(i32),
    #[error("the answer's signature does not hold: {0}")]
    Unsigned(String),
    #[error("the responder does not know the certificate")]
    Unknown,
    #[error("the answer is not of this time")]
    Stale,
}

/// What was answered, and until when it need not be asked again.
#[derive(Clone)]
struct Remembered {
    until: DateTime<Utc>,
    said: Result<Status, Silence>,
}

type Slot = Arc<Mutex<Option<Remembered>>>;

/// The responder and what it said.
pub(super) struct Inquiry {
    responder: Box<dyn Responder>,
    store: X509Store,
    intermediates: Vec<X509>,
    /// By fingerprint; only certificates whose chain holds get here.
    slots: Mutex<HashMap<[u8; 32], Slot>>,
}

impl Inquiry {
    pub fn new(responder: Box<dyn Responder>, chains: &Chains) -> Result<Self, Error> {
        let store = chains.store(X509VerifyFlags::empty(), |_| Ok(()))?;
        let intermediates = chains.intermediates.iter().map(ToOwned::to_owned).collect();
        Ok(Self { responder, store, intermediates, slots: Mutex::default() })
    }

    /// The responder's word on `certificate` at `at`; who asks while the same question is on its way waits for its answer.
    pub fn ask(&self, certificate: &Certificate, issuer: &X509, at: DateTime<Utc>) -> Result<Status, Silence> {
        let slot = self.slot(certificate);
        let mut slot = workers::lock(&slot);
        if let Some(remembered) = slot.as_ref().filter(|remembered| at < remembered.until) {
            return remembered.said.clone();
        }
        let remembered = match self.inquire(certificate, issuer, at) {
            Ok((status, until)) => Remembered { until, said: Ok(status) },
            Err(silence) => {
                log::warn!("[trust] ocsp_url: {silence} (certificate of {})", certificate.subject());
                Remembered { until: at + SILENCE, said: Err(silence) }
            }
        };
        slot.insert(remembered).said.clone()
    }

    fn slot(&self, certificate: &Certificate) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= super::KNOWN_MAX {
            slots.clear();
        }
        Arc::clone(slots.entry(certificate.fingerprint()).or_default())
    }

    fn inquire(
        &self,
        certificate: &Certificate,
        issuer: &X509,
        at: DateTime<Utc>,
    ) -> Result<(Status, DateTime<Utc>), Silence> {
        let question = question(certificate, issuer).map_err(unreadable)?;
        let answer = self.responder.ask(&question).map_err(Silence::Transport)?;
        let response = OcspResponse::from_der(&answer).map_err(unreadable)?;
        if response.status() != OcspResponseStatus::SUCCESSFUL {
            return Err(Silence::Refused(response.status().as_raw()));
        }
        let basic = response.basic().map_err(unreadable)?;
        if !is_signed_by_accepted_method(&answer) {
            return Err(Silence::Unsigned("its algorithm is not accepted".to_owned()));
        }
        let mut helpers = Stack::new().map_err(unreadable)?;
        for helper in self.intermediates.iter().chain([issuer]) {
            helpers.push(helper.clone()).map_err(unreadable)?;
        }
        // The issuer itself, or who has its certificate for this purpose (RFC 6960 §4.2.2.2).
        basic.verify(&helpers, &self.store, OcspFlag::empty()).map_err(|error| Silence::Unsigned(error.to_string()))?;
        let status =
            basic.find_status(&*identifier(certificate, issuer).map_err(unreadable)?).ok_or(Silence::Unknown)?;
        let from = moment(status.this_update)?;
        let to = status.next_update().map(moment).transpose()?;
        if from > at + SKEW || to.map_or(from + REMEMBERED, |to| to) < at {
            return Err(Silence::Stale);
        }
        let until = to.map_or(at + UNLIMITED, |to| to.min(at + REMEMBERED));
        match status.status {
            OcspCertStatus::GOOD => Ok((Status::Good, until)),
            OcspCertStatus::REVOKED => Ok((Status::Revoked, until)),
            _ => Err(Silence::Unknown),
        }
    }
}

pub(super) fn question(certificate: &Certificate, issuer: &X509) -> Result<Vec<u8>, ErrorStack> {
    let mut request = OcspRequest::new()?;
    request.add_id(identifier(certificate, issuer)?)?;
    request.to_der()
}

/// SHA-1 is what every responder understands (RFC 5019 §2.1.1); it only says which certificate is meant.
fn identifier(certificate: &Certificate, issuer: &X509) -> Result<OcspCertId, ErrorStack> {
    OcspCertId::from_cert(MessageDigest::sha1(), certificate.x509(), issuer)
}

/// Whether a signature method of certificates and their kin, as a dotted number, is RSA (PKCS #1) or ECDSA with SHA-2.
pub(in crate::signatures) fn is_accepted_method(dotted: &str) -> bool {
    const ACCEPTED: [&str; 6] = [
        "1.2.840.113549.1.1.11",
        "1.2.840.113549.1.1.12",
        "1.2.840.113549.1.1.13",
        "1.2.840.10045.4.3.2",
        "1.2.840.10045.4.3.3",
        "1.2.840.10045.4.3.4",
    ];
    ACCEPTED.contains(&dotted)
}

/// Whether the `BasicOCSPResponse` inside is signed with SHA-2, by RSA (PKCS #1) or ECDSA.
pub(in crate::signatures) fn is_signed_by_accepted_method(response: &[u8]) -> bool {
    let method = || {
        // OCSPResponse { status, [0] { type, OCTET STRING { BasicOCSPResponse { data, { algorithm, … }, … } } } }
        let [_, bytes] = der::all(der::only(response)?.content)?[..] else { return None };
        let [_, octets] = der::all(der::only(bytes.content)?.content)?[..] else { return None };
        let basic = der::all(der::only(octets.content)?.content)?;
        der::dotted(*der::all(basic.get(1)?.content)?.first()?)
    };
    method().is_some_and(|method| is_accepted_method(&method))
}

pub(in crate::signatures) fn moment(time: &Asn1GeneralizedTimeRef) -> Result<DateTime<Utc>, Silence> {
    // The library gives the time as text only.
    NaiveDateTime::parse_from_str(&time.to_string(), "%b %e %H:%M:%S %Y GMT")
        .map(|time| time.and_utc())
        .map_err(unreadable)
}

fn unreadable(error: impl fmt::Display) -> Silence {
    Silence::Unreadable(error.to_string())
}
