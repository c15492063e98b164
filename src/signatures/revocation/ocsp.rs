//! Answers of responders as evidence (RFC 6960): signed by the certificate's issuer, or by whom it named for that.

use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::ocsp::{
    OcspBasicResponse, OcspCertId, OcspCertStatus, OcspFlag, OcspRequest, OcspResponse, OcspResponseStatus,
};
use openssl::stack::Stack;
use openssl::x509::X509;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};

use chrono::{DateTime, Utc};

use super::{Evidence, Kind, Source, Status};
use crate::signatures::der;
use crate::signatures::lists::Link;
use crate::signatures::trust::chains::SECURITY_LEVEL;
use crate::signatures::trust::ocsp::{is_signed_by_accepted_method, moment};

const BASIC: &str = "1.3.6.1.5.5.7.48.1.1";

/// The question about `certificate`.
///
/// # Errors
/// The library's own.
pub fn question(certificate: &Link, issuer: &Link) -> Result<Vec<u8>, ErrorStack> {
    let mut request = OcspRequest::new()?;
    request.add_id(identifier(MessageDigest::sha1(), certificate, issuer)?)?;
    request.to_der()
}

/// What an answer says of `certificate`; nothing when it is not about it, or nobody vouches for it.
pub(super) fn about(answer: &[u8], certificate: &Link, issuer: &Link, source: Source) -> Option<Evidence> {
    let answer = whole(answer)?;
    let response = OcspResponse::from_der(&answer).ok()?;
    if response.status() != OcspResponseStatus::SUCCESSFUL || !is_signed_by_accepted_method(&answer) {
        return None;
    }
    let basic = response.basic().ok()?;
    // The hash only says which certificate is meant; SHA-1 is what most responders use (RFC 5019 §2.1.1).
    let status = [MessageDigest::sha1(), MessageDigest::sha256()].into_iter().find_map(|hash| {
        let status = basic.find_status(&*identifier(hash, certificate, issuer).ok()?)?;
        let revoked = || status.revocation_time.and_then(|time| moment(time).ok());
        let meaning = match status.status {
            OcspCertStatus::GOOD => Status::Good,
            OcspCertStatus::REVOKED => Status::Revoked(revoked()?),
            _ => Status::Unknown,
        };
        let next = status.next_update().map(moment).transpose().ok()?;
        Some((meaning, moment(status.this_update).ok()?, next))
    });
    let (status, this_update, next_update) = status?;
    if !is_vouched_for(&basic, issuer, this_update) {
        return None;
    }
    Some(Evidence { source, kind: Kind::Answer, status, this_update, next_update, keeps_ended_since: None })
}

/// `EncapsulatedOCSPValue` holds an `OCSPResponse`, or with some programs only the `BasicOCSPResponse` of one.
fn whole(answer: &[u8]) -> Option<Vec<u8>> {
    const ENUMERATED: u8 = 0x0a;
    let first = *der::all(der::only(answer)?.content)?.first()?;
    if first.tag == ENUMERATED {
        return Some(answer.to_vec());
    }
    let bytes = der::value(der::SEQUENCE, &[&der::object(BASIC), &der::value(der::OCTET_STRING, &[answer])]);
    Some(der::value(der::SEQUENCE, &[&[ENUMERATED, 1, 0], &der::value(0xa0, &[&bytes])]))
}

/// RFC 6960 §4.2.2.2: the issuer itself, or who has its certificate for this purpose, valid when the answer was made.
fn is_vouched_for(basic: &OcspBasicResponse, issuer: &Link, at: DateTime<Utc>) -> bool {
    let verified = || -> Result<(), ErrorStack> {
        let mut helpers: Stack<X509> = Stack::new()?;
        helpers.push(issuer.x509().to_owned())?;
        basic.verify(&helpers, &*store(issuer, at)?, OcspFlag::empty())
    };
    issuer.key().is_some() && verified().is_ok()
}

fn store(issuer: &Link, at: DateTime<Utc>) -> Result<X509Store, ErrorStack> {
    let mut parameters = X509VerifyParam::new()?;
    parameters.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
    parameters.set_time(at.timestamp());
    parameters.set_auth_level(SECURITY_LEVEL);
    let mut builder = X509StoreBuilder::new()?;
    builder.set_param(&parameters)?;
    builder.add_cert(issuer.x509().to_owned())?;
    Ok(builder.build())
}

fn identifier(hash: MessageDigest, certificate: &Link, issuer: &Link) -> Result<OcspCertId, ErrorStack> {
    OcspCertId::from_cert(hash, certificate.x509(), issuer.x509())
}
