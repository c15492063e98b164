//! A signed document as a case wants it: sound unless told otherwise, written by string and signed by the library's primitives.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use brama::signatures::xades::{Judgement, Policy, Question, judge};
use brama::xml::{self, DS, Document, Element, Limits, Method, Omitted, QName, canonicalize_omitting};
use chrono::{DateTime, Utc};
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::Id;
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Signer as Signature};

use super::scene::{NOW, Scene, Signer, at, scene};
use super::tokens::{Flaw, token};

pub const ENVELOPED: &str = r#"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>"#;
pub const XPATH: &str = r#"<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath></ds:Transform>"#;
pub const EXCLUSIVE: &str = r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"#;
pub const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
pub const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
pub const ECDSA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
const PROPERTIES: &str = "http://uri.etsi.org/01903#SignedProperties";

/// What a reference is over.
#[derive(Clone)]
pub enum Over {
    /// The document without this signature.
    Own,
    /// The document without any signature.
    All,
    /// The element with this `Id`.
    Id(String),
    /// These octets.
    Octets(Vec<u8>),
}

#[derive(Clone)]
pub struct Reference {
    pub uri: String,
    pub attributes: String,
    pub transforms: String,
    pub over: Over,
    pub c14n: Method,
    pub digest: String,
}

/// A time-stamp to be put in.
#[derive(Clone)]
pub struct Stamp {
    pub by: &'static str,
    pub at: String,
    pub flaw: Flaw,
    /// Whether it is of this signature.
    pub is_own: bool,
}

#[derive(Clone)]
pub struct Draft {
    pub signer: &'static str,
    /// Further certificates in `KeyInfo`.
    pub helpers: Vec<&'static str>,
    pub id: String,
    /// The document before it is signed.
    pub document: String,
    /// Before which text of it the signature goes.
    pub before: String,
    pub method: String,
    pub c14n: String,
    pub references: Vec<Reference>,
    pub properties_transforms: String,
    pub properties_attributes: String,
    pub certificate: String,
    pub signing_time: Option<String>,
    /// Behind the certificate among the signed properties.
    pub signed: String,
    pub data: String,
    pub objects: String,
    pub unsigned: String,
    pub stamps: Vec<Stamp>,
    pub now: DateTime<Utc>,
    pub received: Option<DateTime<Utc>>,
    pub contents: Vec<(String, Vec<u8>)>,
    pub policy: Policy,
    /// Texts replaced in what has been signed; one with `$` at its end is the end of the document.
    pub edits: Vec<(String, String)>,
}

pub const DOCUMENT: &str = "<t:wniosek xmlns:t=\"urn:test\" Id=\"dok\"><t:tresc Id=\"tresc\">Zażółć gęślą jaźń</t:tresc><t:kwota>100</t:kwota></t:wniosek>";

impl Reference {
    pub fn whole() -> Self {
        Self {
            uri: String::new(),
            attributes: " Id=\"r1\"".to_owned(),
            transforms: format!("{ENVELOPED}{XPATH}{EXCLUSIVE}"),
            over: Over::All,
            c14n: Method::Exclusive,
            digest: SHA256.to_owned(),
        }
    }

    pub fn id(id: &str) -> Self {
        Self {
            uri: format!("#{id}"),
            attributes: String::new(),
            transforms: EXCLUSIVE.to_owned(),
            over: Over::Id(id.to_owned()),
            ..Self::whole()
        }
    }

    pub fn content(uri: &str, bytes: &[u8]) -> Self {
        Self { uri: uri.to_owned(), transforms: String::new(), over: Over::Octets(bytes.to_vec()), ..Self::whole() }
    }
}

impl Draft {
    pub fn new(signer: &'static str) -> Self {
        Self {
            signer,
            helpers: Vec::new(),
            id: "s1".to_owned(),
            document: DOCUMENT.to_owned(),
            before: "</t:wniosek>".to_owned(),
            method: method_of(&scene().signers[signer]).to_owned(),
            c14n: Method::Exclusive.uri().to_owned(),
            references: vec![Reference::whole()],
            properties_transforms: EXCLUSIVE.to_owned(),
            properties_attributes: format!(" Type=\"{PROPERTIES}\""),
            certificate: certificate_v2(scene(), signer, SHA256),
            signing_time: Some("2026-03-01T10:00:00Z".to_owned()),
            signed: String::new(),
            data: String::new(),
            objects: String::new(),
            unsigned: String::new(),
            stamps: Vec::new(),
            now: at(NOW),
            received: None,
            contents: Vec::new(),
            policy: Policy::default(),
            edits: Vec::new(),
        }
    }

    /// A second signature under a document that has one.
    pub fn under(document: String, signer: &'static str, id: &str) -> Self {
        let reference = Reference { attributes: String::new(), ..Reference::whole() };
        Self { id: id.to_owned(), document, references: vec![reference], ..Self::new(signer) }
    }

    /// The document with its signature.
    pub fn text(&self) -> String {
        let signature = self.signature();
        let place = self.document.rfind(&self.before).expect("a place for the signature");
        let (head, tail) = self.document.split_at(place);
        let mut text = format!("{head}{signature}{tail}");
        for (ordinal, reference) in self.references.iter().enumerate() {
            let digest = BASE64.encode(self.digest(&text, reference));
            text = text.replace(&format!("@DIGEST{}{ordinal}@", self.id), &digest);
        }
        let properties = Reference { digest: SHA256.to_owned(), ..Reference::id(&format!("{}-p", self.id)) };
        text = text.replace(&format!("@PROPERTIES{}@", self.id), &BASE64.encode(self.digest(&text, &properties)));
        let method = Method::from_uri(&self.c14n).unwrap_or(Method::Exclusive);
        let signed_info = self.inside(&text, DS.name("SignedInfo"), method);
        let value = sign(&scene().signers[self.signer], &self.method, &signed_info);
        text = text.replace(&format!("@VALUE{}@", self.id), &BASE64.encode(value));
        for (ordinal, stamp) in self.stamps.iter().enumerate() {
            let octets = self.inside(&text, DS.name("SignatureValue"), Method::Inclusive10);
            let octets = if stamp.is_own { octets } else { b"else".to_vec() };
            let token = token(&scene().signers[stamp.by], &octets, at(&stamp.at), stamp.flaw);
            text = text.replace(&format!("@STAMP{}{ordinal}@", self.id), &BASE64.encode(token));
        }
        for (old, new) in &self.edits {
            if let Some(end) = old.strip_suffix('$') {
                text = text.strip_suffix(end).map(|head| format!("{head}{new}")).expect("the end that is to be edited");
                continue;
            }
            assert!(text.contains(old), "{old} is to be edited: {text}");
            text = text.replacen(old, new, 1);
        }
        text
    }

    /// The document with a signature whose digests and value are left to another program.
    pub fn template(&self) -> String {
        let signature = self.signature();
        let place = self.document.rfind(&self.before).expect("a place for the signature");
        let (head, tail) = self.document.split_at(place);
        let pieces = format!("{head}{signature}{tail}");
        pieces.split('@').step_by(2).collect()
    }

    pub fn judge(&self) -> Judgement {
        self.judge_file(self.text().as_bytes())
    }

    pub fn judge_file(&self, file: &[u8]) -> Judgement {
        let Self { now, received, contents, .. } = self;
        let question = Question { file, contents, now: *now, received: *received, limits: Limits::default() };
        judge(&question, &scene().lists, &self.policy)
    }

    fn signature(&self) -> String {
        let Self { id, method, c14n, certificate, signed, data, objects, .. } = self;
        let references = self.references.iter().enumerate().map(|(ordinal, one)| {
            let Reference { uri, attributes, transforms, digest, .. } = one;
            format!(
                "<ds:Reference URI=\"{uri}\"{attributes}>{}<ds:DigestMethod Algorithm=\"{digest}\"/><ds:DigestValue>@DIGEST{id}{ordinal}@</ds:DigestValue></ds:Reference>",
                wrapped("ds:Transforms", transforms),
            )
        });
        let references: String = references.collect();
        let certificates = std::iter::once(&self.signer).chain(&self.helpers).map(|name| {
            let der = BASE64.encode(scene().signers[name].der());
            format!("<ds:X509Certificate>{der}</ds:X509Certificate>")
        });
        let certificates: String = certificates.collect();
        let time = self.signing_time.as_ref().map(|time| format!("<xades:SigningTime>{time}</xades:SigningTime>"));
        let stamps = (0..self.stamps.len()).map(|ordinal| {
            format!("<xades:SignatureTimeStamp><xades:EncapsulatedTimeStamp>@STAMP{id}{ordinal}@</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp>")
        });
        let unsigned = stamps.collect::<String>() + &self.unsigned;
        let unsigned = wrapped("xades:UnsignedProperties", &wrapped("xades:UnsignedSignatureProperties", &unsigned));
        format!(
            "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Id=\"{id}\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{c14n}\"/><ds:SignatureMethod Algorithm=\"{method}\"/>{references}<ds:Reference URI=\"#{id}-p\"{}>{}<ds:DigestMethod Algorithm=\"{SHA256}\"/><ds:DigestValue>@PROPERTIES{id}@</ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue Id=\"{id}-v\">@VALUE{id}@</ds:SignatureValue><ds:KeyInfo><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo>{objects}<ds:Object><xades:QualifyingProperties xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\" Target=\"#{id}\"><xades:SignedProperties Id=\"{id}-p\"><xades:SignedSignatureProperties>{}{certificate}{signed}</xades:SignedSignatureProperties>{}</xades:SignedProperties>{unsigned}</xades:QualifyingProperties></ds:Object></ds:Signature>",
            self.properties_attributes,
            wrapped("ds:Transforms", &self.properties_transforms),
            time.unwrap_or_default(),
            wrapped("xades:SignedDataObjectProperties", data),
        )
    }

    fn digest(&self, text: &str, reference: &Reference) -> Vec<u8> {
        let octets = match &reference.over {
            Over::Octets(bytes) => bytes.clone(),
            over => self.parsed(text, |signature, ids| {
                let (apex, omitted) = match over {
                    Over::Id(id) => (Some(ids.get(id).expect("an element")), Omitted::Nothing),
                    Over::Own => (None, Omitted::Subtree(signature)),
                    _ => (None, Omitted::Every(DS.name("Signature"))),
                };
                let mut bytes = Vec::new();
                let mut sink = |chunk: &[u8]| bytes.extend_from_slice(chunk);
                canonicalize_omitting(apex, signature, reference.c14n, &[], omitted, &mut sink).expect("a form");
                bytes
            }),
        };
        let digest = match reference.digest.rsplit('#').next() {
            Some("sha384") => MessageDigest::sha384(),
            Some("sha512") => MessageDigest::sha512(),
            Some("sha1") => MessageDigest::sha1(),
            _ => MessageDigest::sha256(),
        };
        hash(digest, &octets).expect("a digest").to_vec()
    }

    /// The canonical form of a part of this signature.
    fn inside(&self, text: &str, name: QName, method: Method) -> Vec<u8> {
        self.parsed(text, |signature, _| {
            let part = signature.child(name).expect("a part of the signature");
            xml::canonical_bytes(part, method).expect("a form")
        })
    }

    fn parsed<T>(&self, text: &str, then: impl FnOnce(Element<'_>, &xml::Ids<'_>) -> T) -> T {
        let document = Document::parse(text.as_bytes(), &Limits::default()).expect("XML");
        let ids = xml::ids(&document).expect("identifiers");
        let signature = ids.get(&self.id).expect("the signature");
        then(signature, &ids)
    }
}

fn wrapped(name: &str, inside: &str) -> String {
    if inside.is_empty() { String::new() } else { format!("<{name}>{inside}</{name}>") }
}

pub fn certificate_v2(scene: &Scene, signer: &str, method: &str) -> String {
    let digest = if method == SHA1 { MessageDigest::sha1() } else { MessageDigest::sha256() };
    let digest = BASE64.encode(hash(digest, &scene.signers[signer].der()).expect("a digest"));
    format!(
        "<xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm=\"{method}\"/><ds:DigestValue>{digest}</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2>"
    )
}

pub fn certificate_v1(scene: &Scene, signer: &str, issuer: &str, serial: &str) -> String {
    certificate_v2(scene, signer, SHA256)
        .replace("SigningCertificateV2", "SigningCertificate")
        .replace("</xades:CertDigest>", &format!("</xades:CertDigest><xades:IssuerSerial><ds:X509IssuerName>{issuer}</ds:X509IssuerName><ds:X509SerialNumber>{serial}</ds:X509SerialNumber></xades:IssuerSerial>"))
}

fn method_of(signer: &Signer) -> &'static str {
    match signer.key.id() {
        Id::RSA => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        _ => ECDSA256,
    }
}

fn sign(signer: &Signer, method: &str, bytes: &[u8]) -> Vec<u8> {
    let digest = if method.contains("512") {
        MessageDigest::sha512()
    } else if method.contains("384") {
        MessageDigest::sha384()
    } else {
        MessageDigest::sha256()
    };
    let mut signature = Signature::new(digest, &signer.key).expect("a signer");
    if method.contains("MGF1") {
        signature.set_rsa_padding(Padding::PKCS1_PSS).expect("a padding");
        signature.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).expect("a salt");
    }
    let value = signature.sign_oneshot_to_vec(bytes).expect("a signature");
    let Ok(key) = signer.key.ec_key() else { return value };
    let width = i32::try_from(key.group().degree().div_ceil(8)).expect("a width");
    let pair = openssl::ecdsa::EcdsaSig::from_der(&value).expect("a pair");
    let mut raw = pair.r().to_vec_padded(width).expect("r");
    raw.extend(pair.s().to_vec_padded(width).expect("s"));
    raw
}
