//! A certificate of a chain under a document: any key, any age; what of it is good enough is for the policy to say.

use std::fmt;

use chrono::{DateTime, Utc};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::x509::{X509, X509NameRef, X509Ref};

use crate::signatures::certificate::{name, time};
use crate::signatures::der::{self, Value};
use crate::signatures::{Error, VerifyingKey, sha256};

/// A certificate as a document holds it.
#[derive(Clone)]
pub struct Link {
    x509: X509,
    der: Vec<u8>,
    pub not_before: DateTime<Utc>,
    pub not_after: DateTime<Utc>,
}

/// One extension of a certificate or of a revocation list.
#[derive(Debug, Clone, Copy)]
pub struct Extension<'a> {
    identifier: Value<'a>,
    pub is_critical: bool,
    /// The DER inside the octet string.
    pub content: &'a [u8],
}

impl Link {
    /// Reads a certificate from DER; bytes after its end are refused.
    ///
    /// # Errors
    /// [`Error::Certificate`].
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let link = Self::new(X509::from_der(der).map_err(Error::Certificate)?)?;
        if link.der == der { Ok(link) } else { Err(Error::Certificate(ErrorStack::get())) }
    }

    /// # Errors
    /// [`Error::Certificate`].
    pub fn new(x509: X509) -> Result<Self, Error> {
        let (not_before, not_after) = (time(x509.not_before())?, time(x509.not_after())?);
        Ok(Self { der: x509.to_der().map_err(Error::Certificate)?, x509, not_before, not_after })
    }

    /// Every certificate of a PEM file's text, in its order.
    ///
    /// # Errors
    /// [`Error::NoPem`] when there is none, [`Error::Certificate`].
    pub fn all_from_pem(pem: &[u8]) -> Result<Vec<Self>, Error> {
        let found = X509::stack_from_pem(pem).map_err(Error::Certificate)?;
        if found.is_empty() { Err(Error::NoPem("CERTIFICATE")) } else { found.into_iter().map(Self::new).collect() }
    }

    #[must_use]
    pub fn x509(&self) -> &X509Ref {
        &self.x509
    }

    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The key, when it is of a kind and size that documents may be signed with.
    #[must_use]
    pub fn key(&self) -> Option<VerifyingKey> {
        VerifyingKey::of_document(self.x509.public_key().ok()?.as_ref()).ok()
    }

    /// Whether the certificate was valid at `at`, both ends included.
    #[must_use]
    pub fn is_valid_at(&self, at: DateTime<Utc>) -> bool {
        (self.not_before..=self.not_after).contains(&at)
    }

    /// The subject's name, e.g. `O=Gmina, CN=syriusz`.
    #[must_use]
    pub fn subject(&self) -> String {
        name(self.x509.subject_name())
    }

    #[must_use]
    pub fn issuer(&self) -> String {
        name(self.x509.issuer_name())
    }

    /// The serial number in decimal.
    #[must_use]
    pub fn serial(&self) -> String {
        let number =
            self.x509.serial_number().to_bn().and_then(|number| number.to_dec_str().map(|text| text.to_string()));
        number.unwrap_or_default()
    }

    /// The first value of an attribute of the subject's name.
    #[must_use]
    pub fn subject_entry(&self, kind: Nid) -> Option<String> {
        entry(self.x509.subject_name(), kind)
    }

    /// The content of the extension with this dotted identifier.
    #[must_use]
    pub fn extension(&self, identifier: &str) -> Option<&[u8]> {
        let extensions = self.extensions()?;
        extensions.into_iter().find(|one| one.is(identifier)).map(|one| one.content)
    }

    fn extensions(&self) -> Option<Vec<Extension<'_>>> {
        const EXTENSIONS: u8 = 0xa3;
        let parts = der::all(der::only(&self.der)?.content)?;
        let fields = der::all(parts.first()?.content)?;
        extensions(fields.into_iter().find(|field| field.tag == EXTENSIONS)?.content)
    }
}

impl Extension<'_> {
    #[must_use]
    pub fn is(&self, identifier: &str) -> bool {
        der::dotted(self.identifier).as_deref() == Some(identifier)
    }
}

impl PartialEq for Link {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Link {}

impl fmt::Debug for Link {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Link({}, {:02x?})", self.subject(), &sha256(&self.der)[..4])
    }
}

/// The extensions of an `Extensions` value (RFC 5280 §4.1).
#[must_use]
pub fn extensions(bytes: &[u8]) -> Option<Vec<Extension<'_>>> {
    der::all(der::only(bytes)?.content)?.into_iter().map(extension).collect()
}

fn extension(value: Value<'_>) -> Option<Extension<'_>> {
    let parts = der::all(value.content)?;
    let (identifier, content) = (*parts.first()?, *parts.last()?);
    let is_critical = matches!(parts[..], [_, critical, _] if critical.tag == der::BOOLEAN && critical.content != [0]);
    let extension = Extension { identifier, is_critical, content: content.content };
    (content.tag == der::OCTET_STRING).then_some(extension)
}

fn entry(name: &X509NameRef, kind: Nid) -> Option<String> {
    let entry = name.entries_by_nid(kind).next()?;
    entry.data().to_string().ok().map(|text| text.replace(char::is_control, " "))
}
