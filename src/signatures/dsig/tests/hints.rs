//! Signatures made in ways that senders often choose and that do not hold: the failure says which way it was.

use openssl::base64::encode_block;
use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::sha::{sha1, sha256};

use super::key;
use crate::signatures::{Failure, Form, Hint, KeyFamily, Signature, SignatureMethod, SigningKey};
use crate::xml::{self, DS, Document, Limits, Method};

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const PART: &str = "<a xmlns=\"urn:a\" Id=\"a\">\n  <!-- uwaga --><b>1&#xD;</b>\n</a>";

/// What became of a document whose `SignedInfo`, as `signed` makes it from its canonical form, has the value that `sign` makes.
fn failure(digest: &[u8], key: &SigningKey, method: SignatureMethod, sign: impl Fn(&str) -> Vec<u8>) -> Failure {
    let signed_info = format!(
        "<ds:SignedInfo xmlns:ds=\"{}\"><ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"{}\"></ds:SignatureMethod><ds:Reference URI=\"#a\"><ds:Transforms>\
         <ds:Transform Algorithm=\"{EXCLUSIVE}\"></ds:Transform></ds:Transforms><ds:DigestMethod \
         Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod><ds:DigestValue>{}</ds:DigestValue>\
         </ds:Reference></ds:SignedInfo>",
        DS.uri,
        method.uri(),
        encode_block(digest),
    );
    let value = encode_block(&sign(&signed_info));
    let text = format!(
        "<t xmlns:n=\"urn:n\">{PART}<ds:Signature xmlns:ds=\"{}\">{signed_info}<ds:SignatureValue>{value}</ds:SignatureValue>\
         </ds:Signature></t>",
        DS.uri
    );
    let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
    let signature = Signature::read(document.root().child(DS.name("Signature")).unwrap()).unwrap();
    signature.verify(key.certificate(), &xml::ids(&document).unwrap()).unwrap_err()
}

#[track_caller]
fn digest_of(octets: &str, form: Form) {
    digest(&sha256(octets.as_bytes()), Some(Hint::Element(form)));
}

#[track_caller]
fn digest(digest: &[u8], expected: Option<Hint>) {
    let key = key(KeyFamily::Ecdsa);
    let failure = failure(digest, &key, key.method(), |signed_info| key.sign(signed_info.as_bytes()).unwrap());
    let Failure::Digest { hint, .. } = &failure else { panic!("{failure}") };
    assert_eq!(*hint, expected);
    assert!(hint.is_none_or(|hint| failure.explain().ends_with(&hint.explain())));
}

#[test]
fn a_digest_of_another_form_is_recognised() {
    let own = "<a xmlns=\"urn:a\" Id=\"a\">\n  <b>1&#xD;</b>\n</a>";
    let commented = PART;
    digest_of(&own.replace("urn:a\"", "urn:a\" xmlns:n=\"urn:n\""), Form::Canonical(Method::Inclusive10));
    digest_of(commented, Form::Canonical(Method::ExclusiveWithComments));
    digest_of(
        &commented.replace("urn:a\"", "urn:a\" xmlns:n=\"urn:n\""),
        Form::Canonical(Method::Inclusive10WithComments),
    );
    digest_of(&own.replace("&#xD;", ""), Form::NoReturns);
    digest_of(&own.replace('\n', "&#xD;\n"), Form::Returns);
    digest_of("<a xmlns=\"urn:a\" Id=\"a\"><b>1&#xD;</b></a>", Form::NoIndentation);
    digest_of("\n  <b>1&#xD;</b>\n", Form::Content);
    digest(&sha256(b""), None);
    digest(&sha1(own.as_bytes()), Some(Hint::Hash("SHA-1")));
    digest(&openssl::sha::sha512(own.as_bytes()), Some(Hint::Hash("SHA-512")));
    digest(&[0; 20], Some(Hint::DigestLength { found: 20, expected: 32 }));
}

#[track_caller]
fn value(family: KeyFamily, expected: Option<Hint>, sign: impl Fn(&SigningKey, &str) -> Vec<u8>) {
    let key = key(family);
    let failure = failure(&[0; 32], &key, key.method(), |signed_info| sign(&key, signed_info));
    let Failure::Value { hint, .. } = &failure else { panic!("{failure}") };
    assert_eq!(*hint, expected);
    assert!(hint.is_none_or(|hint| failure.explain().ends_with(&hint.explain())));
}

#[test]
fn a_value_in_another_form_or_of_another_form_is_recognised() {
    let number = |bytes: &[u8]| BigNum::from_slice(bytes).unwrap();
    value(KeyFamily::Ecdsa, Some(Hint::Der { width: 32 }), |key, signed_info| {
        let value = key.sign(signed_info.as_bytes()).unwrap();
        let (r, s) = value.split_at(32);
        EcdsaSig::from_private_components(number(r), number(s)).unwrap().to_der().unwrap()
    });
    value(KeyFamily::Rsa, Some(Hint::ValueLength { found: 64, expected: 256 }), |_, _| vec![1; 64]);
    let inclusive = Hint::SignedInfo(Form::Canonical(Method::Inclusive10));
    value(KeyFamily::Rsa, Some(inclusive), |key, signed_info| {
        let inherited = signed_info.replacen("xmldsig#\"", "xmldsig#\" xmlns:n=\"urn:n\"", 1);
        key.sign(inherited.as_bytes()).unwrap()
    });
    value(KeyFamily::Ecdsa, None, |key, _| key.sign(b"").unwrap());
}

#[test]
fn a_value_by_another_method_of_the_family_is_recognised() {
    let key = key(KeyFamily::Rsa);
    let failure = failure(&[0; 32], &key, SignatureMethod::RsaPssSha256, |info| key.sign(info.as_bytes()).unwrap());
    let Failure::Value { hint, .. } = failure else { panic!("{failure}") };
    assert_eq!(hint, Some(Hint::Method(SignatureMethod::RsaSha256)));
}
