//! Keys that sign: a private key, in this process or in a token, with the certificate it belongs to.

use std::fmt;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use openssl::ec::EcKey;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use zeroize::Zeroizing;

use super::{TokenKey, TokenUri, VerifyingKey, md};
use crate::signatures::{Certificate, Error, KeyFamily, SignatureMethod};

/// Who holds a private key and uses it for others.
pub trait Holder: Send + Sync {
    /// Signs a digest by the hash of `method`; the value has the form of `ds:SignatureValue` before base64.
    ///
    /// # Errors
    /// [`Error::Library`] of a key in this process, [`Error::Token`] of one in a token.
    fn sign(&self, method: SignatureMethod, digest: &[u8]) -> Result<Vec<u8>, Error>;
}

/// A private key with the certificate it belongs to; one kind of key signs by one method only.
pub struct SigningKey {
    holder: Box<dyn Holder>,
    method: SignatureMethod,
    certificate: Certificate,
    certificate_base64: String,
}

/// A key in this process.
enum Secret {
    Rsa(PKey<Private>),
    Ecdsa { key: EcKey<Private>, width: i32 },
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SigningKey").field("method", &self.method).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Reads both PEM files.
    ///
    /// # Errors
    /// [`Error::File`] when one cannot be read, and those of [`SigningKey::from_pem`].
    pub fn load(key: &Path, certificate: &Path) -> Result<Self, Error> {
        let read = |path: &Path| fs::read(path).map_err(|source| Error::File { path: path.to_owned(), source });
        Self::from_pem(&Zeroizing::new(read(key)?), &read(certificate)?)
    }

    /// A key as it is handed in: the address of one in a token, else PEM.
    ///
    /// # Errors
    /// Those of [`SigningKey::in_token`] or of [`SigningKey::from_pem`].
    pub fn from_secret(secret: &[u8], certificates: &[u8]) -> Result<Self, Error> {
        match std::str::from_utf8(secret) {
            Ok(uri) if uri.starts_with("pkcs11:") => Self::in_token(uri, certificates),
            _ => Self::from_pem(secret, certificates),
        }
    }

    /// Joins a private key with the first certificate of `certificates`; further ones (its chain) are not needed here.
    ///
    /// # Errors
    /// [`Error::Key`] for an unreadable or encrypted key, [`Error::Unsupported`] for other kinds of keys,
    /// [`Error::Mismatch`] when the two do not belong together.
    pub fn from_pem(key: &[u8], certificates: &[u8]) -> Result<Self, Error> {
        let certificate = Certificate::from_pem(certificates)?;
        // An encrypted key must fail: without a callback the library would ask at the terminal.
        let key = PKey::private_key_from_pem_callback(key, |_| Err(ErrorStack::get())).map_err(Error::Key)?;
        if !certificate.has_key_of(&key) {
            return Err(Error::Mismatch);
        }
        let secret = match certificate.key() {
            VerifyingKey::Rsa(_) => Secret::Rsa(key),
            VerifyingKey::Ecdsa { width, .. } => {
                let width = i32::try_from(*width).map_err(|_| Error::Unsupported)?;
                Secret::Ecdsa { key: key.ec_key()?, width }
            }
        };
        Ok(Self::held(Box::new(secret), certificate))
    }

    /// The key in a token, with the first certificate of `certificates`. The token may come later: whether the key is
    /// there and belongs to the certificate shows when it signs.
    ///
    /// # Errors
    /// [`Error::Uri`] for an address that names no key, [`Error::Token`] when the library of the token cannot be used, and
    /// those of [`Certificate::from_pem`].
    pub fn in_token(uri: &str, certificates: &[u8]) -> Result<Self, Error> {
        let certificate = Certificate::from_pem(certificates)?;
        let key = TokenKey::new(TokenUri::parse(uri)?, certificate.key().clone())?;
        Ok(Self::held(Box::new(key), certificate))
    }

    fn held(holder: Box<dyn Holder>, certificate: Certificate) -> Self {
        let method = certificate.key().signing_method();
        let certificate_base64 = BASE64.encode(certificate.der());
        Self { holder, method, certificate, certificate_base64 }
    }

    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The certificate as it stands in every message that the key signs.
    #[must_use]
    pub fn certificate_base64(&self) -> &str {
        &self.certificate_base64
    }

    #[must_use]
    pub fn family(&self) -> KeyFamily {
        self.method.family()
    }

    /// As of [`VerifyingKey::signing_method`].
    #[must_use]
    pub fn method(&self) -> SignatureMethod {
        self.method
    }

    /// Signs `bytes`; the value has the form of `ds:SignatureValue` before base64.
    ///
    /// # Errors
    /// [`Error::Library`], which only a broken key or a lack of randomness causes; [`Error::Token`] when the token is away
    /// or refuses.
    pub fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        self.holder.sign(self.method, &self.method.hash().of(bytes))
    }
}

impl Holder for Secret {
    fn sign(&self, method: SignatureMethod, digest: &[u8]) -> Result<Vec<u8>, Error> {
        match self {
            Self::Rsa(key) => {
                let mut context = PkeyCtx::new(key)?;
                context.sign_init()?;
                context.set_rsa_padding(Padding::PKCS1)?;
                context.set_signature_md(md(method.hash()))?;
                let mut value = Vec::new();
                context.sign_to_vec(digest, &mut value)?;
                Ok(value)
            }
            Self::Ecdsa { key, width } => {
                let signature = EcdsaSig::sign(digest, key)?;
                let mut value = signature.r().to_vec_padded(*width)?;
                value.extend(signature.s().to_vec_padded(*width)?);
                Ok(value)
            }
        }
    }
}
