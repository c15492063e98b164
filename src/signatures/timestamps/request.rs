//! Asking an authority for a time-stamp (RFC 3161 §2.4): the request, and what of the response is a token.

use openssl::error::ErrorStack;
use openssl::rand::rand_bytes;

use super::token::Token;
use crate::signatures::der::{self, BOOLEAN, INTEGER, OCTET_STRING, SEQUENCE};
use crate::signatures::{Hash, sha256};

/// Carries a request to the time-stamping authority and brings its response, both as DER; bounded in time.
pub trait TimeAuthority: Send + Sync {
    /// # Errors
    /// Why there is no response, for the log.
    fn stamp(&self, request: &[u8]) -> Result<Vec<u8>, String>;
}

/// Why there is no token to look at.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    #[error("no response: {0}")]
    Transport(String),
    #[error("the response cannot be read")]
    Unreadable,
    #[error("the authority refuses (PKIStatus {0})")]
    Refused(u8),
    #[error("the token answers another request")]
    Another,
    #[error("cryptographic library: {0}")]
    Library(#[from] ErrorStack),
}

/// Has `authority` stamp `octets`, by SHA-256; whether the token is worth anything is for the caller to judge.
///
/// # Errors
/// [`RequestError`] when what comes is no token for this very request.
pub fn request(octets: &[u8], authority: &dyn TimeAuthority) -> Result<Vec<u8>, RequestError> {
    let nonce = nonce()?;
    let imprint =
        value(&[&value(&[&der::object(Hash::Sha256.identifier())]), &der::value(OCTET_STRING, &[&sha256(octets)])]);
    // Its certificate is wanted in the token: who judges later may know only its issuer.
    let request = value(&[&[INTEGER, 1, 1], &imprint, &der::value(INTEGER, &[&nonce]), &[BOOLEAN, 1, 0xff]]);
    let response = authority.stamp(&request).map_err(RequestError::Transport)?;
    let token = granted(&response)?;
    let read = Token::read(token).map_err(|_| RequestError::Unreadable)?;
    if read.nonce.as_deref() == Some(&nonce[..]) { Ok(token.to_vec()) } else { Err(RequestError::Another) }
}

/// A positive number of eight bytes that nobody can guess.
fn nonce() -> Result<[u8; 8], ErrorStack> {
    let mut nonce = [0; 8];
    rand_bytes(&mut nonce)?;
    // DER writes a number in as few bytes as hold it.
    nonce[0] = nonce[0] & 0x3f | 0x40;
    Ok(nonce)
}

/// `TimeStampResp { status { status, … }, token? }`: the token, when it was granted, with modifications or without.
fn granted(response: &[u8]) -> Result<&[u8], RequestError> {
    let read = || {
        let parts = der::all(der::only(response)?.content)?;
        let status = *der::all(parts.first()?.content)?.first().filter(|status| status.tag == INTEGER)?;
        let [status] = status.content else { return None };
        Some((*status, parts.get(1).map(|token| token.whole)))
    };
    match read().ok_or(RequestError::Unreadable)? {
        (0 | 1, Some(token)) => Ok(token),
        (0 | 1, None) => Err(RequestError::Unreadable),
        (status, _) => Err(RequestError::Refused(status)),
    }
}

fn value(parts: &[&[u8]]) -> Vec<u8> {
    der::value(SEQUENCE, parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a response whatever is asked.
    struct Parrot(Vec<u8>);

    impl TimeAuthority for Parrot {
        fn stamp(&self, _: &[u8]) -> Result<Vec<u8>, String> {
            if self.0.is_empty() { Err("nobody listens".to_owned()) } else { Ok(self.0.clone()) }
        }
    }

    #[test]
    fn what_is_no_token_is_told_apart() {
        let status = |status| value(&[&value(&[&[INTEGER, 1, status]])]);
        for (response, expected) in [
            (vec![], "no response: nobody listens"),
            (vec![1, 2], "the response cannot be read"),
            (status(0), "the response cannot be read"),
            (status(2), "the authority refuses (PKIStatus 2)"),
            (value(&[&value(&[&[INTEGER, 1, 0]]), &value(&[])]), "the response cannot be read"),
        ] {
            let error = request(b"x", &Parrot(response.clone())).expect_err("no token");
            assert_eq!(error.to_string(), expected, "{response:02x?}");
        }
    }

    #[test]
    fn no_two_requests_have_one_nonce() {
        let nonces: std::collections::HashSet<_> = (0..100).map(|_| nonce().expect("a number")).collect();
        assert_eq!(nonces.len(), 100);
        assert!(nonces.iter().all(|nonce| (0x40..0x80).contains(&nonce[0])));
    }
}
