//! Reading a token: `SignedData` (RFC 5652 §5) around `TSTInfo` (RFC 3161 §2.4.2); nothing of it is believed yet.

use chrono::{DateTime, Utc};

use crate::signatures::Hash;
use crate::signatures::der::{self, Value};
use crate::signatures::lists::Link;

const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
const SIGNING_CERTIFICATE: &str = "1.2.840.113549.1.9.16.2.12";
const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";
/// Certificates of one token at most.
const CERTIFICATES_MAX: usize = 16;

/// What is wrong with a token's build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no time-stamp token of RFC 3161 in DER")]
pub struct TokenError;

/// A token taken apart.
#[derive(Debug, Clone)]
pub struct Token {
    pub time: DateTime<Utc>,
    pub imprint: Imprint,
    /// The number by which the authority says what it answers.
    pub nonce: Option<Vec<u8>>,
    pub certificates: Vec<Link>,
    /// Signature method of the one signer, dotted.
    pub method: String,
    /// Whether the signer's hash is SHA-2.
    pub is_strong: bool,
    signer: SignerId,
    /// Hash of the signer's certificate in a signed attribute (RFC 5035); an older one by SHA-1 (RFC 2634).
    bound: Bound,
}

/// The digest that was stamped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imprint {
    method: String,
    pub digest: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum SignerId {
    /// `issuerAndSerialNumber`: both as DER.
    IssuerSerial {
        issuer: Vec<u8>,
        serial: Vec<u8>,
    },
    KeyIdentifier(Vec<u8>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Bound {
    By(Hash, Vec<u8>),
    BySha1(Vec<u8>),
}

impl Imprint {
    /// Its hash, when that is accepted.
    #[must_use]
    pub fn hash(&self) -> Option<Hash> {
        Hash::from_identifier(&self.method)
    }
}

impl Token {
    /// Reads `der`, a `ContentInfo`.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn read(der: &[u8]) -> Result<Self, TokenError> {
        read(der).ok_or(TokenError)
    }

    /// Whether `certificate` is the one that the token names, and binds by its hash.
    #[must_use]
    pub fn is_signed_by(&self, certificate: &Link) -> bool {
        let x509 = certificate.x509();
        let is_named = match &self.signer {
            SignerId::IssuerSerial { issuer, serial } => {
                x509.issuer_name().to_der().is_ok_and(|name| name == *issuer)
                    && x509.serial_number().to_bn().is_ok_and(|number| number.to_vec() == unsigned(serial))
            }
            SignerId::KeyIdentifier(identifier) => {
                x509.subject_key_id().is_some_and(|own| own.as_slice() == identifier)
            }
        };
        is_named
            && match &self.bound {
                Bound::By(hash, digest) => hash.of(certificate.der()) == *digest,
                Bound::BySha1(digest) => openssl::sha::sha1(certificate.der()).as_slice() == digest,
            }
    }
}

fn read(der: &[u8]) -> Option<Token> {
    let content = explicit(der::only(der)?, SIGNED_DATA)?;
    let fields = der::all(content.content)?;
    let [_, _, encapsulated, ..] = fields[..] else { return None };
    let octets = explicit(encapsulated, TST_INFO).filter(|octets| octets.tag == der::OCTET_STRING)?;
    let (imprint, time, nonce) = info(octets.content)?;
    let certificates = fields.iter().find(|field| field.tag == 0xa0);
    let certificates = certificates.map_or(Some(Vec::new()), |set| der::all(set.content))?;
    if certificates.len() > CERTIFICATES_MAX {
        return None;
    }
    let certificates = certificates.iter().filter_map(|one| Link::from_der(one.whole).ok()).collect();
    let signers = der::all(fields.last().filter(|field| field.tag == der::SET)?.content)?;
    // RFC 3161 §2.4.2: the token has no signature but that of the authority.
    let [signer] = signers[..] else { return None };
    let fields = der::all(signer.content)?;
    let [_, id, hash, attributes, method, ..] = fields[..] else { return None };
    Some(Token {
        time,
        imprint,
        nonce,
        certificates,
        method: algorithm(method)?,
        is_strong: Hash::from_identifier(&algorithm(hash)?).is_some(),
        signer: signer_id(id)?,
        bound: bound(attributes)?,
    })
}

/// `SEQUENCE { type, [0] { value } }`: the value of that type.
fn explicit<'a>(value: Value<'a>, kind: &str) -> Option<Value<'a>> {
    let [stated, tagged] = der::all(value.content)?[..] else { return None };
    (der::dotted(stated)? == kind && tagged.tag == 0xa0).then_some(())?;
    der::only(tagged.content)
}

/// `TSTInfo { version, policy, messageImprint, serialNumber, genTime, accuracy?, ordering?, nonce?, … }`.
fn info(bytes: &[u8]) -> Option<(Imprint, DateTime<Utc>, Option<Vec<u8>>)> {
    let fields = der::all(der::only(bytes)?.content)?;
    let [version, _, imprint, _, time, ref more @ ..] = fields[..] else { return None };
    let [method, digest] = der::all(imprint.content)?[..] else { return None };
    let imprint = Imprint { method: algorithm(method)?, digest: digest.content.to_vec() };
    let nonce = more.iter().find(|field| field.tag == der::INTEGER).map(|nonce| nonce.content.to_vec());
    (version.content == [1] && time.tag == der::GENERALIZED_TIME).then_some((imprint, der::moment(time)?, nonce))
}

fn signer_id(value: Value<'_>) -> Option<SignerId> {
    match value.tag {
        der::SEQUENCE => {
            let [issuer, serial] = der::all(value.content)?[..] else { return None };
            Some(SignerId::IssuerSerial { issuer: issuer.whole.to_vec(), serial: serial.content.to_vec() })
        }
        0x80 => Some(SignerId::KeyIdentifier(value.content.to_vec())),
        _ => None,
    }
}

/// The first `ESSCertID` of the attribute `signingCertificate`, which a token must have (RFC 3161 §2.4.2).
fn bound(attributes: Value<'_>) -> Option<Bound> {
    if attributes.tag != 0xa0 {
        return None;
    }
    let first_of = |values: Value<'_>| -> Option<Vec<u8>> {
        let certificates = *der::all(der::only(values.content)?.content)?.first()?;
        Some(der::all(certificates.content)?.first()?.content.to_vec())
    };
    let mut found = None;
    for attribute in der::all(attributes.content)? {
        let [kind, values] = der::all(attribute.content)?[..] else { return None };
        match der::dotted(kind)?.as_str() {
            SIGNING_CERTIFICATE_V2 => {
                let bytes = first_of(values)?;
                let fields = der::all(&bytes)?;
                // RFC 5035 §4: without an algorithm SHA-256 is meant.
                let (hash, digest) = match fields[..] {
                    [method, digest, ..] if method.tag == der::SEQUENCE => {
                        (Hash::from_identifier(&algorithm(method)?)?, digest)
                    }
                    [digest, ..] => (Hash::Sha256, digest),
                    [] => return None,
                };
                return Some(Bound::By(hash, digest.content.to_vec()));
            }
            SIGNING_CERTIFICATE => found = Some(Bound::BySha1(der::all(&first_of(values)?)?.first()?.content.to_vec())),
            _ => {}
        }
    }
    found
}

fn algorithm(value: Value<'_>) -> Option<String> {
    der::dotted(*der::all(value.content)?.first()?)
}

fn unsigned(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|byte| **byte == 0).count();
    &serial[zeros..]
}
