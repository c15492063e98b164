//! Keys: one signs, its public half verifies; values have the form XML signatures want (ECDSA as r‖s, not as DER).

mod signing;
mod token;
mod uri;

use openssl::bn::BigNum;
use openssl::ec::EcKey;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::md::{Md, MdRef};
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, PKeyRef, Public};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use openssl::sign::RsaPssSaltlen;

use super::{Certificate, Error, Hash, KeyFamily, SignatureMethod};

pub use signing::{Holder, SigningKey};
use token::TokenKey;
pub use uri::{TokenUri, UriError};

const RSA_BITS_MIN: u32 = 2048;
/// Verification time grows with the key, and a caller chooses the key.
const RSA_BITS_MAX: u32 = 8192;

/// The public half of a key, of an accepted kind and size.
#[derive(Clone)]
pub enum VerifyingKey {
    /// Modulus of 2048 to 8192 bits.
    Rsa(PKey<Public>),
    /// P-256 or P-384, for documents P-521 too; `width` is the length of r and of s in bytes.
    Ecdsa { key: EcKey<Public>, width: usize },
}

/// Whom a signature is verified with: a key, and its certificate where one is known.
pub trait Signer {
    fn key(&self) -> &VerifyingKey;

    /// What a reference signs that names the certificate without enclosing it.
    fn certificate(&self) -> Option<&Certificate>;
}

impl Signer for VerifyingKey {
    fn key(&self) -> &VerifyingKey {
        self
    }

    fn certificate(&self) -> Option<&Certificate> {
        None
    }
}

impl Signer for Certificate {
    fn key(&self) -> &VerifyingKey {
        self.key()
    }

    fn certificate(&self) -> Option<&Certificate> {
        Some(self)
    }
}

impl VerifyingKey {
    /// Reads a public key, or the key of the first certificate, in PEM.
    ///
    /// # Errors
    /// [`Error::NoPem`] when there is neither, [`Error::Unsupported`] for a key of another kind or size.
    pub fn from_pem(pem: &[u8]) -> Result<Self, Error> {
        match PKey::public_key_from_pem(pem) {
            Ok(key) => Self::new(&key),
            Err(_) => match Certificate::from_pem(pem) {
                Ok(certificate) => Ok(certificate.key().clone()),
                Err(Error::Certificate(_)) => Err(Error::NoPem("PUBLIC KEY")),
                Err(error) => Err(error),
            },
        }
    }

    /// The key of a certificate that signs messages: RSA, P-256 or P-384.
    pub(super) fn new(key: &PKeyRef<Public>) -> Result<Self, Error> {
        match Self::of_document(key)? {
            Self::Ecdsa { width, .. } if width > 48 => Err(Error::Unsupported),
            key => Ok(key),
        }
    }

    /// The key of a certificate that signs documents (rule 11.4), which may be of P-521 besides.
    pub(super) fn of_document(key: &PKeyRef<Public>) -> Result<Self, Error> {
        match key.id() {
            Id::RSA if (RSA_BITS_MIN..=RSA_BITS_MAX).contains(&key.bits()) => Ok(Self::Rsa(key.to_owned())),
            Id::EC => {
                let key = key.ec_key()?;
                let width = coordinate_bytes(key.group().curve_name())?;
                Ok(Self::Ecdsa { key, width })
            }
            _ => Err(Error::Unsupported),
        }
    }

    #[must_use]
    pub fn family(&self) -> KeyFamily {
        match self {
            Self::Rsa(_) => KeyFamily::Rsa,
            Self::Ecdsa { .. } => KeyFamily::Ecdsa,
        }
    }

    /// The one method by which the holder of such a key signs here: RSA-SHA256, ECDSA-SHA256 (P-256) or ECDSA-SHA384
    /// (P-384).
    #[must_use]
    pub fn signing_method(&self) -> SignatureMethod {
        match self {
            Self::Rsa(_) => SignatureMethod::RsaSha256,
            Self::Ecdsa { width, .. } if *width > 32 => SignatureMethod::EcdsaSha384,
            Self::Ecdsa { .. } => SignatureMethod::EcdsaSha256,
        }
    }

    /// Whether `value` (in the XML form) is this key's signature under `bytes`; a method of the other family never is.
    #[must_use]
    pub fn verify(&self, method: SignatureMethod, bytes: &[u8], value: &[u8]) -> bool {
        self.verify_digest(method, &method.hash().of(bytes), value)
    }

    /// The same of a digest by the hash of `method`.
    fn verify_digest(&self, method: SignatureMethod, digest: &[u8], value: &[u8]) -> bool {
        match self {
            Self::Rsa(key) if method.family() == KeyFamily::Rsa => {
                verify_rsa(key, method, digest, value).unwrap_or(false)
            }
            Self::Ecdsa { key, width } if method.family() == KeyFamily::Ecdsa => {
                verify_ecdsa(key, *width, digest, value).unwrap_or(false)
            }
            Self::Rsa(_) | Self::Ecdsa { .. } => false,
        }
    }

    /// Length of every signature value of this key.
    #[must_use]
    pub fn value_bytes(&self) -> usize {
        match self {
            Self::Rsa(key) => key.size(),
            Self::Ecdsa { width, .. } => 2 * width,
        }
    }

    /// Whether `value` is an ECDSA signature in DER, which XML Signature does not accept and many libraries make.
    #[must_use]
    pub fn verify_der(&self, method: SignatureMethod, bytes: &[u8], value: &[u8]) -> bool {
        let Self::Ecdsa { key, .. } = self else { return false };
        let digest = method.hash().of(bytes);
        EcdsaSig::from_der(value).and_then(|value| value.verify(&digest, key)).unwrap_or(false)
    }
}

fn verify_rsa(key: &PKey<Public>, method: SignatureMethod, digest: &[u8], value: &[u8]) -> Result<bool, ErrorStack> {
    let md = md(method.hash());
    let mut context = PkeyCtx::new(key)?;
    context.verify_init()?;
    if method.is_pss() {
        context.set_rsa_padding(Padding::PKCS1_PSS)?;
        context.set_rsa_mgf1_md(md)?;
        context.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
    } else {
        context.set_rsa_padding(Padding::PKCS1)?;
    }
    context.set_signature_md(md)?;
    context.verify(digest, value)
}

// RFC 6931 §2.3.6: r and s, each padded to the width of the curve's order, side by side.
fn verify_ecdsa(key: &EcKey<Public>, width: usize, digest: &[u8], value: &[u8]) -> Result<bool, ErrorStack> {
    if value.len() != 2 * width {
        return Ok(false);
    }
    let (r, s) = value.split_at(width);
    EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?.verify(digest, key)
}

fn coordinate_bytes(curve: Option<Nid>) -> Result<usize, Error> {
    match curve {
        Some(Nid::X9_62_PRIME256V1) => Ok(32),
        Some(Nid::SECP384R1) => Ok(48),
        Some(Nid::SECP521R1) => Ok(66),
        _ => Err(Error::Unsupported),
    }
}

fn md(hash: Hash) -> &'static MdRef {
    match hash {
        Hash::Sha256 => Md::sha256(),
        Hash::Sha384 => Md::sha384(),
        Hash::Sha512 => Md::sha512(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;
    use crate::signatures::pki::Authority;

    fn key(family: KeyFamily) -> SigningKey {
        Authority::new("test", Utc::now()).unwrap().issue("test", family, Utc::now()).unwrap().signing_key().unwrap()
    }

    #[test]
    fn each_family_verifies_what_it_signed_and_nothing_else() {
        let keys = [key(KeyFamily::Rsa), key(KeyFamily::Ecdsa)];
        for signer in &keys {
            let value = signer.sign(b"abc").unwrap();
            for verifier in &keys {
                let own = signer.family() == verifier.family();
                assert_eq!(verifier.certificate().key().verify(signer.method(), b"abc", &value), own);
            }
            let public = signer.certificate().key();
            assert!(!public.verify(signer.method(), b"abd", &value));
            assert!(!public.verify(signer.method(), b"abc", &value[1..]));
            assert!(!public.verify(signer.method(), b"abc", b""));
            for other in SignatureMethod::ALL.iter().filter(|method| **method != signer.method()) {
                assert!(!public.verify(*other, b"abc", &value), "{other:?}");
            }
        }
    }

    #[test]
    fn an_ecdsa_value_has_a_fixed_width() {
        let key = key(KeyFamily::Ecdsa);
        for round in 0..600_u32 {
            assert_eq!(key.sign(&round.to_be_bytes()).unwrap().len(), 64);
        }
    }

    #[test]
    fn a_der_encoded_ecdsa_value_is_refused() {
        let key = key(KeyFamily::Ecdsa);
        let value = key.sign(b"abc").unwrap();
        let number = |bytes| BigNum::from_slice(bytes).unwrap();
        let der =
            EcdsaSig::from_private_components(number(&value[..32]), number(&value[32..])).unwrap().to_der().unwrap();
        assert!(!key.certificate().key().verify(key.method(), b"abc", &der));
    }

    #[test]
    fn a_key_and_the_certificate_of_another_do_not_join() {
        let authority = Authority::new("test", Utc::now()).unwrap();
        let one = authority.issue("one", KeyFamily::Ecdsa, Utc::now()).unwrap();
        let other = authority.issue("other", KeyFamily::Ecdsa, Utc::now()).unwrap();
        assert!(matches!(SigningKey::from_pem(one.key_pem(), other.certificate_pem()), Err(Error::Mismatch)));
        assert!(matches!(SigningKey::from_pem(b"", one.certificate_pem()), Err(Error::Key(_))));
    }

    #[test]
    fn a_public_key_is_read_alone_or_from_a_certificate() {
        let identity = Authority::new("test", Utc::now()).unwrap().issue("one", KeyFamily::Rsa, Utc::now()).unwrap();
        let alone = PKey::private_key_from_pem(identity.key_pem()).unwrap().public_key_to_pem().unwrap();
        for pem in [&alone, identity.certificate_pem()] {
            assert_eq!(VerifyingKey::from_pem(pem).unwrap().family(), KeyFamily::Rsa);
        }
        for pem in [identity.key_pem(), b"", b"x"] {
            assert!(matches!(VerifyingKey::from_pem(pem), Err(Error::NoPem(_))));
        }
        let small = PKey::from_rsa(openssl::rsa::Rsa::generate(1024).unwrap()).unwrap().public_key_to_pem().unwrap();
        assert!(matches!(VerifyingKey::from_pem(&small), Err(Error::Unsupported)));
    }

    #[test]
    fn an_encrypted_key_is_refused_without_asking() {
        let identity = Authority::new("test", Utc::now()).unwrap().issue("one", KeyFamily::Ecdsa, Utc::now()).unwrap();
        let key = PKey::private_key_from_pem(identity.key_pem()).unwrap();
        let cipher = openssl::symm::Cipher::aes_256_cbc();
        let locked = key.private_key_to_pem_pkcs8_passphrase(cipher, b"secret").unwrap();
        assert!(matches!(SigningKey::from_pem(&locked, identity.certificate_pem()), Err(Error::Key(_))));
    }
}
