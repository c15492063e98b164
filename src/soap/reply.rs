//! Outgoing envelopes: written canonical, so that signing digests the very bytes that leave (rule 6.1).

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use crate::signatures::{self, KeyFamily, SigningKey};
use crate::soap::Version;
use crate::xml::names::{WSA, WSSE, WSU};
use crate::xml::{Attr, Writer};

/// The gateway's own signing keys.
pub struct ReplyKeys {
    pub default: Arc<SigningKey>,
    pub rsa: Option<SigningKey>,
}

impl ReplyKeys {
    /// The key for a caller of this family (rule 6.2), or the default when there is none.
    #[must_use]
    pub fn of(&self, family: KeyFamily) -> &SigningKey {
        match (&self.rsa, family) {
            (Some(rsa), KeyFamily::Rsa) => rsa,
            _ => &self.default,
        }
    }
}

const BODY_ID: &str = "Tresc";
const TIMESTAMP_ID: &str = "Czas";
const TOKEN_ID: &str = "Certyfikat";
const LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// Value of `BinarySecurityToken/@ValueType` for one X.509 certificate (X.509 Token Profile 1.1 §3.1).
pub const X509_TOKEN: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3";
const BASE64_ENCODING: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

/// What an envelope is beside its Body.
#[derive(Debug, Clone, Default)]
pub struct Form {
    pub version: Version,
    /// Whether it gets a signed Timestamp.
    pub timestamp: bool,
    /// Header blocks to be signed: `wsu:Id` and the bytes of an apex that bears it.
    pub blocks: Vec<(&'static str, Vec<u8>)>,
}

/// An envelope around what `content` writes into the Body, without a signature; `blocks` writes its header.
pub fn unsigned(version: Version, blocks: impl FnOnce(&mut Writer), content: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut header = Writer::new();
    header.element(version.namespace().name("Header"), blocks);
    assemble(version, &header.into_bytes(), &body(version, content))
}

/// An envelope with Body, Timestamp and the blocks of `form` signed by `key`.
///
/// # Errors
/// When the key refuses to sign.
pub fn signed(
    key: &SigningKey,
    now: DateTime<Utc>,
    form: &Form,
    content: impl FnOnce(&mut Writer),
) -> Result<Vec<u8>, signatures::Error> {
    let soap = form.version.namespace();
    let body = body(form.version, content);
    let mut header = Writer::new();
    header.open(soap.name("Header"));
    for (_, block) in &form.blocks {
        header.raw(block);
    }
    header.open_with(WSSE.name("Security"), &[Attr::Named(soap.name("mustUnderstand"), "1")]);
    token(key, &mut header);
    let stamp = form.timestamp.then(|| stamp(now));
    if let Some(stamp) = &stamp {
        header.raw(stamp);
    }
    let mut parts = vec![(BODY_ID, body.as_slice())];
    parts.extend(stamp.as_deref().map(|stamp| (TIMESTAMP_ID, stamp)));
    parts.extend(form.blocks.iter().map(|(id, block)| (*id, block.as_slice())));
    signatures::sign(key, &parts, token_reference, &mut header)?;
    header.close();
    header.close();
    Ok(assemble(form.version, &header.into_bytes(), &body))
}

fn body(version: Version, content: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut out = Writer::with_capacity(8192);
    out.apex(version.namespace().name("Body"), &[Attr::Named(WSU.name("Id"), BODY_ID)]);
    content(&mut out);
    out.close();
    out.into_bytes()
}

fn stamp(now: DateTime<Utc>) -> Vec<u8> {
    let mut out = Writer::new();
    out.apex(WSU.name("Timestamp"), &[Attr::Named(WSU.name("Id"), TIMESTAMP_ID)]);
    for (name, time) in [("Created", now), ("Expires", now + LIFETIME)] {
        out.text_element(WSU.name(name), &time.to_rfc3339_opts(SecondsFormat::Millis, true));
    }
    out.close();
    out.into_bytes()
}

fn token(key: &SigningKey, out: &mut Writer) {
    let attributes = [
        Attr::Plain("EncodingType", BASE64_ENCODING),
        Attr::Plain("ValueType", X509_TOKEN),
        Attr::Named(WSU.name("Id"), TOKEN_ID),
    ];
    out.open_with(WSSE.name("BinarySecurityToken"), &attributes);
    out.raw(key.certificate_base64().as_bytes());
    out.close();
}

fn token_reference(out: &mut Writer) {
    out.element(WSSE.name("SecurityTokenReference"), |out| {
        let attributes = [Attr::Plain("URI", "#Certyfikat"), Attr::Plain("ValueType", X509_TOKEN)];
        out.open_with(WSSE.name("Reference"), &attributes);
        out.close();
    });
}

/// The prefixes `wsse` and `wsa` are declared for the codes of faults.
fn assemble(version: Version, header: &[u8], body: &[u8]) -> Vec<u8> {
    let soap = version.namespace();
    let start = format!(
        "<{0}:Envelope xmlns:{0}=\"{1}\" xmlns:wsa=\"{2}\" xmlns:wsse=\"{3}\">",
        soap.prefix, soap.uri, WSA.uri, WSSE.uri
    );
    let end = format!("</{}:Envelope>", soap.prefix);
    [start.as_bytes(), header, body, end.as_bytes()].concat()
}
