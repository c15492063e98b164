//! STR-Transform: signing the token that a `wsse:SecurityTokenReference` leads to instead of the reference itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::signatures::{Certificate, CertificateId};
use crate::xml::{self, DS, Element, Ids, QName, WSSE};

use super::key_info::{KeyReference, X509_V3};
use super::transforms::Canonicalization;

/// WS-Security 1.1, §8.3.
pub(super) const STR_TRANSFORM: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform";

/// Reads the canonicalization of the transform from its `wsse:TransformationParameters`.
pub(super) fn canonicalization(transform: Element<'_>) -> Option<Canonicalization> {
    let parameters = only_child(transform, WSSE.name("TransformationParameters"))?;
    only_child(parameters, DS.name("CanonicalizationMethod")).and_then(Canonicalization::read)
}

fn only_child(element: Element<'_>, name: QName) -> Option<Element<'_>> {
    let mut children = element.children();
    children.next().filter(|child| child.is(name) && children.next().is_none())
}

/// What a reference to a `wsse:SecurityTokenReference` signs.
pub(super) enum Token<'d> {
    /// The token stands in the message.
    Element(Element<'d>),
    /// The token is known elsewhere: what it would look like, written canonical.
    Written(Vec<u8>),
}

/// Dereferences `reference`; a token that is not an element of the message must be the certificate of the signer.
pub(super) fn dereference<'d>(
    reference: Element<'d>,
    ids: &Ids<'d>,
    signer: Option<&Certificate>,
) -> Option<Token<'d>> {
    if !reference.is(WSSE.name("SecurityTokenReference")) {
        return None;
    }
    let own = match KeyReference::of_token(reference, ids).ok()? {
        KeyReference::Enclosed { token: Some(token), .. } => return Some(Token::Element(token)),
        KeyReference::Enclosed { der, token: None } => signer.filter(|signer| signer.der() == der),
        KeyReference::Named(id) => signer.filter(|signer| is_named(signer, &id)),
    };
    own.map(|certificate| Token::Written(written(reference.own_prefix(), certificate)))
}

fn is_named(certificate: &Certificate, id: &CertificateId) -> bool {
    CertificateId::all_of(certificate.der()).is_ok_and(|names| names.contains(id))
}

/// The token's canonical forms that senders mean, each with a default namespace declared on its apex: the one in scope, or
/// none, as seen by those who sign a token before they put it into the message.
pub(super) fn canonical_forms(
    token: Element<'_>,
    canonicalization: &Canonicalization,
) -> Result<[Vec<u8>; 2], xml::Error> {
    let mut in_scope = canonicalization.clone();
    in_scope.prefixes.push("#default".to_owned());
    Ok([in_scope.bytes(token)?, canonicalization.bytes(token)?].map(with_default_namespace))
}

/// WS-Security 1.1 §8.3: `xmlns=""` stands on every apex that declares no default namespace, so that the token means the same
/// wherever it is put. Canonical XML writes the default namespace first.
fn with_default_namespace(mut bytes: Vec<u8>) -> Vec<u8> {
    let name_end = bytes.iter().position(|byte| matches!(byte, b' ' | b'>')).unwrap_or(bytes.len());
    if !bytes[name_end..].starts_with(b" xmlns=\"") {
        bytes.splice(name_end..name_end, *b" xmlns=\"\"");
    }
    bytes
}

/// A token in the place of a reference that encloses none: the reference's own prefix, base64 without line ends.
fn written(prefix: &str, certificate: &Certificate) -> Vec<u8> {
    let text = BASE64.encode(certificate.der());
    let (name, declarations) = if prefix.is_empty() {
        ("BinarySecurityToken".to_owned(), format!("xmlns=\"{}\"", WSSE.uri))
    } else {
        (format!("{prefix}:BinarySecurityToken"), format!("xmlns=\"\" xmlns:{prefix}=\"{}\"", WSSE.uri))
    };
    format!("<{name} {declarations} ValueType=\"{X509_V3}\">{text}</{name}>").into_bytes()
}
