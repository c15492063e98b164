//! Time-stamps (RFC 3161): the token as facts; whether it counts as proof of a time, the policy says.

mod request;
mod token;

use chrono::{DateTime, Utc};
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::stack::Stack;

use super::lists::{ChainFault, Link, Lists};
use super::revocation::{Enclosed, Evidence, evidence};
use super::trust::ocsp::is_accepted_method;

pub use request::{RequestError, TimeAuthority, request};
pub use token::{Imprint, Token, TokenError};

/// A time-stamp token under a signature, with everything that decides about it.
#[derive(Debug, Clone)]
pub struct Timestamp {
    pub time: DateTime<Utc>,
    /// The authority's certificate; none when the token names one that nobody knows.
    pub authority: Option<Link>,
    /// Whether the imprint is that of what is stamped.
    pub covers: bool,
    /// Whether hash and signature method are accepted.
    pub is_strong: bool,
    /// Whether the token's signature holds under the authority's key.
    pub is_signed: bool,
    pub chain: Result<Vec<Link>, ChainFault>,
    /// Evidence about each certificate of the chain but the anchor.
    pub evidence: Vec<Vec<Evidence>>,
}

/// Examines `der`, which is to stamp `octets`.
///
/// # Errors
/// [`TokenError`] when it is no token.
pub fn examine(
    der: &[u8],
    octets: impl FnOnce() -> Option<Vec<u8>>,
    helpers: &[Link],
    enclosed: &Enclosed,
    lists: &Lists,
) -> Result<Timestamp, TokenError> {
    let token = Token::read(der)?;
    let known: Vec<Link> = lists.known().collect();
    let authority = token.certificates.iter().chain(helpers).chain(&known).find(|one| token.is_signed_by(one)).cloned();
    let hash = token.imprint.hash();
    let covers = hash.zip(octets()).is_some_and(|(hash, octets)| hash.of(&octets) == token.imprint.digest);
    let mut chain = Err(ChainFault::NoChain);
    let mut is_signed = false;
    if let Some(authority) = &authority {
        is_signed = authority.key().is_some() && holds(der, authority);
        let helpers: Vec<Link> = token.certificates.iter().chain(helpers).cloned().collect();
        chain = lists.tsa(authority, &helpers);
    }
    let evidence = match &chain {
        Ok(chain) if covers && is_signed => {
            chain.windows(2).map(|pair| evidence(&pair[0], &pair[1], enclosed, lists)).collect()
        }
        _ => Vec::new(),
    };
    let is_strong = hash.is_some() && token.is_strong && is_accepted_method_of(&token);
    Ok(Timestamp { time: token.time, authority, covers, is_strong, is_signed, chain, evidence })
}

/// RSA by PKCS #1 names the bare algorithm in CMS and leaves the hash to a field of its own (RFC 3370 §3.2).
fn is_accepted_method_of(token: &Token) -> bool {
    const RSA: &str = "1.2.840.113549.1.1.1";
    const RSA_PSS: &str = "1.2.840.113549.1.1.10";
    token.method == RSA || token.method == RSA_PSS || is_accepted_method(&token.method)
}

/// Whether the token is signed under the key of exactly this certificate; its chain is another question.
fn holds(der: &[u8], authority: &Link) -> bool {
    let verified = || {
        let mut cms = CmsContentInfo::from_der(der)?;
        let mut signers = Stack::new()?;
        signers.push(authority.x509().to_owned())?;
        let options = CMSOptions::NO_SIGNER_CERT_VERIFY | CMSOptions::NOINTERN | CMSOptions::BINARY;
        let mut content = Vec::new();
        cms.verify(Some(&signers), None, None, Some(&mut content), options)
    };
    verified().is_ok()
}
