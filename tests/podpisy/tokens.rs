//! Time-stamps and answers about revocation of any time, written value by value: the programs of OpenSSL know only now.

use brama::signatures::der::{self, GENERALIZED_TIME, INTEGER, OCTET_STRING, SEQUENCE, SET, object, value};
use chrono::{DateTime, Utc};
use openssl::hash::MessageDigest;
use openssl::pkey::{Id, PKey, Private};
use openssl::sha::{sha1, sha256};
use openssl::sign::Signer as Signature;
use openssl::x509::X509;

use super::scene::Signer;

const SHA256: &str = "2.16.840.1.101.3.4.2.1";
const SHA1: &str = "1.3.14.3.2.26";
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";

fn algorithm(dotted: &str) -> Vec<u8> {
    value(SEQUENCE, &[&object(dotted)])
}

fn time(moment: DateTime<Utc>) -> Vec<u8> {
    value(GENERALIZED_TIME, &[moment.format("%Y%m%d%H%M%SZ").to_string().as_bytes()])
}

fn sign(key: &PKey<Private>, bytes: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut signature = Signature::new(MessageDigest::sha256(), key).expect("a signer");
    let method = if key.id() == Id::RSA { "1.2.840.113549.1.1.11" } else { "1.2.840.10045.4.3.2" };
    (algorithm(method), signature.sign_oneshot_to_vec(bytes).expect("a signature"))
}

fn serial(x509: &X509) -> Vec<u8> {
    let mut bytes = x509.serial_number().to_bn().expect("a number").to_vec();
    if bytes.first().is_none_or(|first| *first >= 0x80) {
        bytes.insert(0, 0);
    }
    value(INTEGER, &[&bytes])
}

/// How a token departs from what it should be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flaw {
    None,
    /// Its imprint is by SHA-1.
    Sha1Imprint,
    /// It binds another certificate.
    Bound,
    /// Its signature is of something else.
    Signature,
    /// It does not enclose its certificate.
    NoCertificate,
    /// Two signers.
    Twice,
}

/// A time-stamp token of `octets`.
pub fn token(authority: &Signer, octets: &[u8], moment: DateTime<Utc>, flaw: Flaw) -> Vec<u8> {
    let (imprint_method, imprint) =
        if flaw == Flaw::Sha1Imprint { (SHA1, sha1(octets).to_vec()) } else { (SHA256, sha256(octets).to_vec()) };
    let imprint = value(SEQUENCE, &[&algorithm(imprint_method), &value(OCTET_STRING, &[&imprint])]);
    signed_token(authority, &imprint, &[], moment, flaw)
}

/// The authority's response to a `TimeStampReq`: whatever it is asked, it grants.
pub fn response(authority: &Signer, request: &[u8], moment: DateTime<Utc>, flaw: Flaw) -> Vec<u8> {
    let fields = der::all(der::only(request).expect("a request").content).expect("fields");
    let [_, imprint, nonce, _] = fields[..] else { panic!("version, imprint, nonce, certReq") };
    let token = signed_token(authority, imprint.whole, nonce.whole, moment, flaw);
    value(SEQUENCE, &[&value(SEQUENCE, &[&[INTEGER, 1, 0]]), &token])
}

fn signed_token(authority: &Signer, imprint: &[u8], nonce: &[u8], moment: DateTime<Utc>, flaw: Flaw) -> Vec<u8> {
    let policy = object("1.2.3.4.1");
    let info = value(SEQUENCE, &[&[INTEGER, 1, 1], &policy, imprint, &[INTEGER, 1, 7], &time(moment), nonce]);
    let certificate = authority.der();
    let bound = if flaw == Flaw::Bound { sha256(b"another") } else { sha256(&certificate) };
    let bound = value(SEQUENCE, &[&value(SEQUENCE, &[&value(SEQUENCE, &[&value(OCTET_STRING, &[&bound])])])]);
    let mut attributes = [
        attribute("1.2.840.113549.1.9.3", &object(TST_INFO)),
        attribute("1.2.840.113549.1.9.4", &value(OCTET_STRING, &[&sha256(&info)])),
        attribute("1.2.840.113549.1.9.16.2.47", &bound),
    ];
    attributes.sort();
    let attributes = attributes.concat();
    let signed = if flaw == Flaw::Signature { b"else".to_vec() } else { value(SET, &[&attributes]) };
    let (method, signature) = sign(&authority.key, &signed);
    let issuer = authority.x509.issuer_name().to_der().expect("a name");
    let signer = value(
        SEQUENCE,
        &[
            &[INTEGER, 1, 1],
            &value(SEQUENCE, &[&issuer, &serial(&authority.x509)]),
            &algorithm(SHA256),
            &value(0xa0, &[&attributes]),
            &method,
            &value(OCTET_STRING, &[&signature]),
        ],
    );
    let signers = if flaw == Flaw::Twice { [signer.clone(), signer].concat() } else { signer };
    let content = value(SEQUENCE, &[&object(TST_INFO), &value(0xa0, &[&value(OCTET_STRING, &[&info])])]);
    let certificates = if flaw == Flaw::NoCertificate { Vec::new() } else { value(0xa0, &[&certificate]) };
    let data = value(
        SEQUENCE,
        &[&[INTEGER, 1, 3], &value(SET, &[&algorithm(SHA256)]), &content, &certificates, &value(SET, &[&signers])],
    );
    value(SEQUENCE, &[&object(SIGNED_DATA), &value(0xa0, &[&data])])
}

fn attribute(kind: &str, inside: &[u8]) -> Vec<u8> {
    value(SEQUENCE, &[&object(kind), &value(SET, &[inside])])
}

/// What an answer says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Says {
    Good,
    Revoked(DateTime<Utc>),
    Unknown,
}

/// An `OCSPResponse` about `certificate`, issued by `issuer`, signed by `signer`.
pub fn answer(
    (certificate, issuer): (&X509, &X509),
    (key, signer): (&PKey<Private>, &X509),
    says: Says,
    (this, next): (DateTime<Utc>, DateTime<Utc>),
) -> Vec<u8> {
    let name = issuer.subject_name().to_der().expect("a name");
    let key_bits = key_bits(issuer);
    let id = value(
        SEQUENCE,
        &[
            &value(SEQUENCE, &[&object(SHA1), &[5, 0]]),
            &value(OCTET_STRING, &[&sha1(&name)]),
            &value(OCTET_STRING, &[&sha1(&key_bits)]),
            &serial(certificate),
        ],
    );
    let status = match says {
        Says::Good => vec![0x80, 0],
        Says::Revoked(since) => value(0xa1, &[&time(since)]),
        Says::Unknown => vec![0x82, 0],
    };
    let single = value(SEQUENCE, &[&id, &status, &time(this), &value(0xa0, &[&time(next)])]);
    let responder = value(0xa2, &[&value(OCTET_STRING, &[&sha1(&self::key_bits(signer))])]);
    let data = value(SEQUENCE, &[&responder, &time(this), &value(SEQUENCE, &[&single])]);
    let (method, signature) = sign(key, &data);
    let signature = value(0x03, &[&[0], &signature]);
    let certificates = value(0xa0, &[&value(SEQUENCE, &[&signer.to_der().expect("DER")])]);
    let basic = value(SEQUENCE, &[&data, &method, &signature, &certificates]);
    let bytes = value(SEQUENCE, &[&object("1.3.6.1.5.5.7.48.1.1"), &value(OCTET_STRING, &[&basic])]);
    value(SEQUENCE, &[&[0x0a, 1, 0], &value(0xa0, &[&bytes])])
}

/// The `BasicOCSPResponse` alone.
pub fn basic(answer: &[u8]) -> Vec<u8> {
    let inside = |bytes: &[u8], place: usize| -> Vec<u8> {
        let all = der::all(der::only(bytes).expect("DER").content).expect("DER");
        all[place].whole.to_vec()
    };
    let bytes = inside(answer, 1);
    let sequence = inside(&bytes, 0);
    let octets = inside(&sequence, 1);
    der::only(&octets).expect("DER").content.to_vec()
}

fn key_bits(x509: &X509) -> Vec<u8> {
    let key = x509.public_key().and_then(|key| key.public_key_to_der()).expect("a key");
    let all = der::all(der::only(&key).expect("DER").content).expect("DER");
    all[1].content[1..].to_vec()
}
