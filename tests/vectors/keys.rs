//! Public keys as vectors bring them: in `KeyValue`, in certificates, in files beside them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use brama::signatures::KeyReference;
use brama::xml::{DS, Document, Element, Ids, Limits, Namespace};
use openssl::bn::{BigNum, BigNumContext};
use openssl::dsa::Dsa;
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::nid::Nid;
use openssl::pkey::{PKey, Public};
use openssl::rsa::Rsa;
use openssl::x509::X509;

/// XML Signature 1.1.
const DS11: Namespace = Namespace { prefix: "dsig11", uri: "http://www.w3.org/2009/xmldsig11#" };

pub fn parse(bytes: &[u8]) -> Option<Document> {
    let limits = Limits {
        bytes: bytes.len(),
        depth: 200,
        attributes: 1000,
        namespaces: 100,
        instructions: true,
        ..Limits::default()
    };
    Document::parse(bytes, &limits).ok()
}

pub fn base64(element: Element<'_>) -> Vec<u8> {
    let text: String = element.text().split_ascii_whitespace().collect();
    STANDARD.decode(text).expect("base64")
}

/// The first key value below `element`.
pub fn value(element: Element<'_>) -> Option<PKey<Public>> {
    element.descendants().find_map(key_value)
}

/// The first certificate below `element`.
pub fn certificate(element: Element<'_>) -> Option<X509> {
    let holder = element.descendants().find(|one| one.is(DS.name("X509Certificate")))?;
    X509::from_der(&base64(holder)).ok()
}

/// The key that a signature brings.
pub fn of<'d>(signature: Element<'d>, ids: &Ids<'d>) -> Option<PKey<Public>> {
    let key_info = signature.child(DS.name("KeyInfo"))?;
    match KeyReference::read(key_info, ids) {
        Ok(KeyReference::Enclosed { der, .. }) => X509::from_der(&der).ok()?.public_key().ok(),
        _ => value(key_info),
    }
}

/// PEM of a certificate file, whichever form it has.
pub fn pem(file: &[u8]) -> Vec<u8> {
    X509::from_pem(file).or_else(|_| X509::from_der(file)).expect("a certificate").to_pem().expect("PEM")
}

fn key_value(element: Element<'_>) -> Option<PKey<Public>> {
    let number = |name: &'static str| element.child(DS.name(name)).map(base64).map(|bytes| BigNum::from_slice(&bytes));
    let number = |name| number(name).transpose().ok().flatten();
    if element.is(DS.name("RSAKeyValue")) {
        PKey::from_rsa(Rsa::from_public_components(number("Modulus")?, number("Exponent")?).ok()?).ok()
    } else if element.is(DS.name("DSAKeyValue")) {
        let key = Dsa::from_public_components(number("P")?, number("Q")?, number("G")?, number("Y")?);
        PKey::from_dsa(key.ok()?).ok()
    } else if element.is(DS11.name("ECKeyValue")) {
        let curve = match element.child(DS11.name("NamedCurve"))?.attribute("URI")?.as_str() {
            "urn:oid:1.2.840.10045.3.1.7" => Nid::X9_62_PRIME256V1,
            "urn:oid:1.3.132.0.34" => Nid::SECP384R1,
            "urn:oid:1.3.132.0.35" => Nid::SECP521R1,
            _ => return None,
        };
        let group = EcGroup::from_curve_name(curve).ok()?;
        let bytes = base64(element.child(DS11.name("PublicKey"))?);
        let point = EcPoint::from_bytes(&group, &bytes, &mut *BigNumContext::new().ok()?).ok()?;
        PKey::from_ec_key(EcKey::from_public_key(&group, &point).ok()?).ok()
    } else if element.is(DS11.name("DEREncodedKeyValue")) {
        PKey::public_key_from_der(&base64(element)).ok()
    } else {
        None
    }
}
