//! References that sign the token behind a `wsse:SecurityTokenReference`, their octets written out as the norm has them.

use openssl::base64::encode_block;
use openssl::sha::{sha1, sha256};

use super::{Outcome, judge_by, key};
use crate::signatures::{KeyFamily, Signer, SigningKey};
use crate::xml::{DS, WSSE, WSU};

const X509: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0";
const STR: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform";
const THUMBPRINT: &str = "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const DIRECT: &str = "<wsse:Reference URI=\"#token\"/>";

/// A message whose one reference signs `octets` through the STR-Transform; `around` are further declarations of its root.
fn message(key: &SigningKey, around: &str, token: &str, reference: &str, octets: &str) -> String {
    let algorithm =
        |local: &str, uri: &str, inside: &str| format!("<ds:{local} Algorithm=\"{uri}\">{inside}</ds:{local}>");
    let parameters = format!(
        "<wsse:TransformationParameters xmlns:wsse=\"{}\">{}</wsse:TransformationParameters>",
        WSSE.uri,
        algorithm("CanonicalizationMethod", EXCLUSIVE, "")
    );
    let signed_info = format!(
        "<ds:SignedInfo xmlns:ds=\"{}\">{}{}<ds:Reference URI=\"#reference\"><ds:Transforms>{}</ds:Transforms>{}\
         <ds:DigestValue>{}</ds:DigestValue></ds:Reference></ds:SignedInfo>",
        DS.uri,
        algorithm("CanonicalizationMethod", EXCLUSIVE, ""),
        algorithm("SignatureMethod", key.method().uri(), ""),
        algorithm("Transform", STR, &parameters),
        algorithm("DigestMethod", "http://www.w3.org/2001/04/xmlenc#sha256", ""),
        encode_block(&sha256(octets.as_bytes())),
    );
    let value = encode_block(&key.sign(signed_info.as_bytes()).unwrap());
    format!(
        "<t:t xmlns:t=\"urn:test\" xmlns:wsse=\"{}\" xmlns:wsu=\"{}\"{around}>{token}<ds:Signature xmlns:ds=\"{}\">{signed_info}\
         <ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo><wsse:SecurityTokenReference wsu:Id=\"reference\">\
         {reference}</wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature></t:t>",
        WSSE.uri, WSU.uri, DS.uri
    )
}

fn token(key: &SigningKey) -> String {
    let text = encode_block(key.certificate().der());
    format!("<wsse:BinarySecurityToken ValueType=\"{X509}#X509v3\" wsu:Id=\"token\">{text}</wsse:BinarySecurityToken>")
}

/// The canonical form of [`token`] with `default` declared on it.
fn canonical_token(key: &SigningKey, default: &str) -> String {
    let declared = format!("xmlns=\"{default}\" xmlns:wsse=\"{}\" xmlns:wsu=\"{}\" Value", WSSE.uri, WSU.uri);
    token(key).replace("Value", &declared)
}

/// What stands for a token that is not in the message.
fn written_token(key: &SigningKey) -> String {
    let text = encode_block(key.certificate().der());
    format!(
        "<wsse:BinarySecurityToken xmlns=\"\" xmlns:wsse=\"{}\" ValueType=\"{X509}#X509v3\">{text}</wsse:BinarySecurityToken>",
        WSSE.uri
    )
}

fn identifier(kind: &str, value: &[u8]) -> String {
    format!("<wsse:KeyIdentifier ValueType=\"{kind}\">{}</wsse:KeyIdentifier>", encode_block(value))
}

#[track_caller]
fn covers(message: &str, signer: &dyn Signer, expected: &[&str]) {
    let Outcome::Holds(paths) = judge_by(message.as_bytes(), signer) else {
        panic!("{:?}\n{message}", judge_by(message.as_bytes(), signer))
    };
    assert_eq!(paths, expected);
}

#[track_caller]
fn fails(message: &str, signer: &dyn Signer, reason: &str) {
    match judge_by(message.as_bytes(), signer) {
        Outcome::Fails(text) => assert!(text.contains(reason), "{text}"),
        other => panic!("{other:?}\n{message}"),
    }
}

#[test]
fn a_token_in_the_message_is_signed_with_a_default_namespace_declared() {
    let key = key(KeyFamily::Ecdsa);
    let covered = ["/*:t/wsse:BinarySecurityToken"];
    let good = message(&key, "", &token(&key), DIRECT, &canonical_token(&key, ""));
    covers(&good, key.certificate(), &covered);
    covers(&good, key.certificate().key(), &covered);
    let around = " xmlns=\"urn:other\"";
    for default in ["urn:other", ""] {
        covers(
            &message(&key, around, &token(&key), DIRECT, &canonical_token(&key, default)),
            key.certificate(),
            &covered,
        );
    }
    let plain = canonical_token(&key, "").replace("xmlns=\"\" ", "");
    fails(&message(&key, "", &token(&key), DIRECT, &plain), key.certificate(), "digest of reference 1");
    fails(&good.replace("ValueType=", "x=\"\" ValueType="), key.certificate(), "digest of reference 1");
}

#[test]
fn a_token_elsewhere_is_signed_as_if_it_were_in_the_message() {
    let (own, other) = (key(KeyFamily::Ecdsa), key(KeyFamily::Ecdsa));
    let reference = identifier(THUMBPRINT, &sha1(own.certificate().der()));
    let good = message(&own, "", "", &reference, &written_token(&own));
    covers(&good, own.certificate(), &[]);
    fails(&good, own.certificate().key(), "no security token");
    let of_other = identifier(THUMBPRINT, &sha1(other.certificate().der()));
    let foreign = message(&own, "", "", &of_other, &written_token(&other));
    fails(&foreign, own.certificate(), "no security token");
    let enclosed = identifier(&format!("{X509}#X509v3"), own.certificate().der());
    covers(&message(&own, "", "", &enclosed, &written_token(&own)), own.certificate(), &[]);
}

#[test]
fn a_reference_that_leads_to_no_token_is_refused() {
    let key = key(KeyFamily::Ecdsa);
    let missing = message(&key, "", "", DIRECT, &canonical_token(&key, ""));
    fails(&missing, key.certificate(), "no security token");
    let good = message(&key, "", &token(&key), DIRECT, &canonical_token(&key, ""));
    let elsewhere = good.replace(" wsu:Id=\"reference\"", "").replace("wsu:Id=\"token\"", "wsu:Id=\"reference\"");
    fails(&elsewhere, key.certificate(), "no security token");
}

#[test]
fn the_transform_names_one_canonicalization_of_the_whitelist() {
    let key = key(KeyFamily::Ecdsa);
    let good = message(&key, "", &token(&key), DIRECT, &canonical_token(&key, ""));
    let method = format!("<ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></ds:CanonicalizationMethod></wsse");
    for to in ["</wsse", &method.replace("c14n#", "c14n#WithComments"), &method.replace("</wsse", "<ds:x/></wsse")] {
        let text = good.replace(&method, to);
        assert_ne!(text, good);
        assert_eq!(judge_by(text.as_bytes(), key.certificate()), Outcome::Refused(super::Reason::Transform), "{to}");
    }
}
