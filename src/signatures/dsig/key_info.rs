//! How `ds:KeyInfo` leads to the signer's certificate: it is enclosed, or named so that whoever knows it can find it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use openssl::x509::{X509, X509VerifyResult};

use crate::signatures::{CertificateId, der};
use crate::xml::{DS, Element, Ids, WSSE};

// X.509 Certificate Token Profile 1.1, §3.1 and §3.2; WS-Security 1.1, §7.3.
/// `ValueType` of a token that is one certificate.
pub const X509_V3: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3";
const PKI_PATH: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509PKIPathv1";
const KEY_IDENTIFIER: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509SubjectKeyIdentifier";
const THUMBPRINT: &str = "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1";
const BASE64_BINARY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

/// Base64 characters of a token: a path of certificates takes some tens of thousands.
const TOKEN_CHARACTERS_MAX: usize = 128 << 10;
/// Certificates of one chain at most.
const CHAIN_MAX: usize = 10;

/// Where the signer's certificate is; nothing of it is trusted yet.
#[derive(Debug, PartialEq, Eq)]
pub enum KeyReference<'d> {
    /// In the message, as DER; `token` is the `wsse:BinarySecurityToken` that holds it.
    Enclosed { der: Vec<u8>, token: Option<Element<'d>> },
    /// Elsewhere, under this name.
    Named(CertificateId),
}

/// Why `ds:KeyInfo` leads to no certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyInfoError {
    #[error("KeyInfo has not exactly one reference of a known kind to a certificate")]
    Unknown,
    #[error("KeyInfo refers to a token that is not in the message")]
    Unresolved,
    #[error("the type or encoding of the token is not accepted")]
    Type,
    #[error("the certificate or its name cannot be read")]
    Unreadable,
}

impl KeyInfoError {
    /// The reason for the caller, in Polish.
    #[must_use]
    pub const fn explain(self) -> &'static str {
        match self {
            Self::Unknown => "Element ds:KeyInfo nie wskazuje dokładnie jednego certyfikatu w znany sposób.",
            Self::Unresolved => "Element ds:KeyInfo wskazuje certyfikat, którego nie ma w komunikacie.",
            Self::Type => "Rodzaj albo kodowanie wskazanego certyfikatu (ValueType, EncodingType) jest niedozwolone.",
            Self::Unreadable => "Nie można odczytać certyfikatu wskazanego w ds:KeyInfo albo jego nazwy.",
        }
    }
}

impl<'d> KeyReference<'d> {
    /// Reads `ds:KeyInfo`: a `wsse:SecurityTokenReference`, or else `ds:X509Data`.
    ///
    /// # Errors
    /// See [`KeyInfoError`]; other hints, such as `ds:KeyValue`, are passed over.
    pub fn read(key_info: Element<'d>, ids: &Ids<'d>) -> Result<Self, KeyInfoError> {
        match key_info.child(WSSE.name("SecurityTokenReference")) {
            Some(_) => Self::of_token(only(key_info.all(WSSE.name("SecurityTokenReference")))?, ids),
            None => Self::of_data(only(key_info.all(DS.name("X509Data")))?),
        }
    }

    /// Reads `wsse:SecurityTokenReference`.
    ///
    /// # Errors
    /// See [`KeyInfoError`].
    pub fn of_token(reference: Element<'d>, ids: &Ids<'d>) -> Result<Self, KeyInfoError> {
        let inside = only(reference.children())?;
        if inside.is(WSSE.name("Reference")) {
            let uri = inside.attribute("URI").ok_or(KeyInfoError::Unknown)?;
            let token = uri.strip_prefix('#').and_then(|id| ids.get(id)).ok_or(KeyInfoError::Unresolved)?;
            Self::of_binary(token)
        } else if inside.is(WSSE.name("Embedded")) {
            Self::of_binary(only(inside.children())?)
        } else if inside.is(WSSE.name("KeyIdentifier")) {
            Self::of_identifier(inside)
        } else if inside.is(DS.name("X509Data")) {
            Self::of_data(inside)
        } else {
            Err(KeyInfoError::Unknown)
        }
    }

    fn of_binary(token: Element<'d>) -> Result<Self, KeyInfoError> {
        if !token.is(WSSE.name("BinarySecurityToken")) {
            return Err(KeyInfoError::Type);
        }
        let bytes = encoded(token)?;
        let der = match token.attribute("ValueType").as_deref() {
            None | Some(X509_V3) => bytes,
            // The profile's §3.1.2: from the authority down to the signer.
            Some(PKI_PATH) => {
                let path = der::only(&bytes).and_then(|path| der::all(path.content));
                path.and_then(|path| Some(path.last()?.whole.to_vec())).ok_or(KeyInfoError::Unreadable)?
            }
            Some(_) => return Err(KeyInfoError::Type),
        };
        Ok(Self::Enclosed { der, token: Some(token) })
    }

    fn of_identifier(identifier: Element<'d>) -> Result<Self, KeyInfoError> {
        let bytes = encoded(identifier)?;
        match identifier.attribute("ValueType").as_deref() {
            Some(KEY_IDENTIFIER) => Ok(Self::Named(CertificateId::KeyIdentifier(bytes))),
            Some(THUMBPRINT) => {
                let digest = bytes.try_into().map_err(|_| KeyInfoError::Unreadable)?;
                Ok(Self::Named(CertificateId::Thumbprint(digest)))
            }
            Some(X509_V3) => Ok(Self::Enclosed { der: bytes, token: None }),
            _ => Err(KeyInfoError::Type),
        }
    }

    fn of_data(data: Element<'d>) -> Result<Self, KeyInfoError> {
        let certificates: Vec<_> = data.all(DS.name("X509Certificate")).map(base64).collect::<Result<_, _>>()?;
        if !certificates.is_empty() {
            return Ok(Self::Enclosed { der: signer_of(certificates)?, token: None });
        }
        let id = if let Some(pair) = data.child(DS.name("X509IssuerSerial")) {
            let text = |local| only(pair.all(DS.name(local))).map(Element::token);
            CertificateId::issuer_serial(&text("X509IssuerName")?, &text("X509SerialNumber")?)
                .ok_or(KeyInfoError::Unreadable)?
        } else {
            CertificateId::KeyIdentifier(base64(only(data.all(DS.name("X509SKI")))?)?)
        };
        Ok(Self::Named(id))
    }
}

/// Of the certificates of one chain, in whatever order (XML Signature §4.5.4), the one that issued none of the others.
fn signer_of(mut certificates: Vec<Vec<u8>>) -> Result<Vec<u8>, KeyInfoError> {
    if certificates.len() > CHAIN_MAX {
        return Err(KeyInfoError::Unreadable);
    }
    let unreadable = |_| KeyInfoError::Unreadable;
    let parsed: Vec<X509> =
        certificates.iter().map(|der| X509::from_der(der)).collect::<Result<_, _>>().map_err(unreadable)?;
    let issued_another = |place: usize| {
        let mut others = parsed.iter().enumerate().filter(|(other, _)| *other != place);
        others.any(|(_, other)| parsed[place].issued(other) == X509VerifyResult::OK)
    };
    let last = only((0..parsed.len()).filter(|place| !issued_another(*place)))?;
    Ok(certificates.swap_remove(last))
}

fn encoded(element: Element<'_>) -> Result<Vec<u8>, KeyInfoError> {
    match element.attribute("EncodingType") {
        Some(encoding) if encoding != BASE64_BINARY => Err(KeyInfoError::Type),
        _ => base64(element),
    }
}

fn base64(element: Element<'_>) -> Result<Vec<u8>, KeyInfoError> {
    let mut text = element.text();
    if text.len() > TOKEN_CHARACTERS_MAX {
        return Err(KeyInfoError::Unreadable);
    }
    text.retain(|character| !matches!(character, ' ' | '\t' | '\n' | '\r'));
    BASE64.decode(text).map_err(|_| KeyInfoError::Unreadable)
}

fn only<T>(mut all: impl Iterator<Item = T>) -> Result<T, KeyInfoError> {
    all.next().filter(|_| all.next().is_none()).ok_or(KeyInfoError::Unknown)
}
