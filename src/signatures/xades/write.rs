//! Writing a signature (rule 11.3): canonical by construction, so nothing is canonicalized but the document itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, SecondsFormat, Utc};

use crate::signatures::dsig::{NewReference, NewTransform, signed_info};
use crate::signatures::lists::Link;
use crate::signatures::xades::SIGNED_PROPERTIES;
use crate::signatures::{DigestMethod, Error, SigningKey};
use crate::xml::{Attr, DS, Writer, XADES};

/// Everything but certificates and unsigned properties, roughly.
const SIGNATURE_BYTES: usize = 4096;

/// What is signed.
#[derive(Debug, Clone)]
pub struct Content<'a> {
    /// Empty for the document that will hold the signature.
    pub uri: &'a str,
    /// By the hash of the key's method.
    pub digest: Vec<u8>,
    /// Media type.
    pub media_type: &'a str,
}

/// A signature made, to which unsigned properties can still be added.
pub struct Draft<'a> {
    id: &'a str,
    signed_info: Vec<u8>,
    /// `ds:SignatureValue`.
    value: Vec<u8>,
    /// `xades:SignedProperties`.
    properties: Vec<u8>,
}

impl<'a> Draft<'a> {
    /// Signs `content` as of `time`; `id` begins every identifier in the signature.
    ///
    /// # Errors
    /// Those of [`SigningKey::sign`].
    pub fn sign(key: &SigningKey, id: &'a str, time: DateTime<Utc>, content: &Content<'_>) -> Result<Self, Error> {
        let hash = key.method().hash();
        let method = DigestMethod::of(hash);
        let reference = format!("{id}-tresc");
        let properties = properties(key, id, time, &reference, content.media_type);
        let own = [NewTransform::Enveloped, NewTransform::WithoutSignatures, NewTransform::Exclusive];
        let references = [
            NewReference {
                uri: content.uri,
                id: Some(&reference),
                kind: None,
                // What stands beside the signature is signed octet by octet.
                transforms: if content.uri.is_empty() { &own } else { &[] },
                digest: &content.digest,
            },
            NewReference {
                uri: &format!("#{}", of_properties(id)),
                id: None,
                kind: Some(SIGNED_PROPERTIES),
                transforms: &[NewTransform::Exclusive],
                digest: &hash.of(&properties),
            },
        ];
        let signed_info = signed_info(key, method, &references);
        let mut value = Writer::new();
        value.apex(DS.name("SignatureValue"), &[Attr::Plain("Id", &format!("{id}-wartosc"))]);
        value.raw(BASE64.encode(key.sign(&signed_info)?).as_bytes());
        value.close();
        Ok(Self { id, signed_info, value: value.into_bytes(), properties })
    }

    /// The exclusive canonical form of `ds:SignatureValue`: what a time-stamp is of.
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// `ds:Signature`, with `certificates` in `ds:KeyInfo` and what `unsigned` writes as unsigned properties.
    pub fn finish(&self, certificates: &[Link], unsigned: Option<&[u8]>) -> Vec<u8> {
        let certificate_bytes: usize = certificates.iter().map(|one| one.der().len() * 2).sum();
        let room = SIGNATURE_BYTES + certificate_bytes + unsigned.map_or(0, <[u8]>::len);
        let mut out = Writer::with_capacity(room);
        out.apex(DS.name("Signature"), &[Attr::Plain("Id", self.id)]);
        out.raw(&self.signed_info);
        out.raw(&self.value);
        out.open(DS.name("KeyInfo"));
        out.open(DS.name("X509Data"));
        certificates.iter().for_each(|one| out.base64_element(DS.name("X509Certificate"), one.der()));
        out.close();
        out.close();
        out.open(DS.name("Object"));
        out.open_with(XADES.name("QualifyingProperties"), &[Attr::Plain("Target", &format!("#{}", self.id))]);
        out.raw(&self.properties);
        if let Some(unsigned) = unsigned {
            out.open(XADES.name("UnsignedProperties"));
            out.raw(unsigned);
            out.close();
        }
        out.close();
        out.close();
        out.close();
        out.into_bytes()
    }
}

fn of_properties(id: &str) -> String {
    format!("{id}-wlasciwosci")
}

/// `xades:SignedProperties` (EN 319 132-1 §5.2).
fn properties(key: &SigningKey, id: &str, time: DateTime<Utc>, reference: &str, media_type: &str) -> Vec<u8> {
    let hash = key.method().hash();
    let mut out = Writer::with_capacity(SIGNATURE_BYTES / 2);
    out.apex(XADES.name("SignedProperties"), &[Attr::Plain("Id", &of_properties(id))]);
    out.open(XADES.name("SignedSignatureProperties"));
    out.text_element(XADES.name("SigningTime"), &time.to_rfc3339_opts(SecondsFormat::Secs, true));
    out.open(XADES.name("SigningCertificateV2"));
    out.open(XADES.name("Cert"));
    out.open(XADES.name("CertDigest"));
    out.open_with(DS.name("DigestMethod"), &[Attr::Plain("Algorithm", DigestMethod::of(hash).uri())]);
    out.close();
    out.base64_element(DS.name("DigestValue"), &hash.of(key.certificate().der()));
    (0..4).for_each(|_| out.close());
    out.open(XADES.name("SignedDataObjectProperties"));
    out.open_with(XADES.name("DataObjectFormat"), &[Attr::Plain("ObjectReference", &format!("#{reference}"))]);
    out.text_element(XADES.name("MimeType"), media_type);
    (0..3).for_each(|_| out.close());
    out.into_bytes()
}
