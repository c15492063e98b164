//! Every way in which a message may lead to the signer's certificate, and those that lead nowhere.

use chrono::Utc;
use openssl::base64::encode_block;
use openssl::x509::X509;

use super::identity;
use crate::signatures::pki::Authority;
use crate::signatures::{Certificate, CertificateId, KeyFamily, KeyInfoError, KeyReference};
use crate::xml::{self, DS, Document, Limits, WSSE, WSU};

const X509: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0";
const WSS10: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0";
const WSS11: &str = "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1";

/// What `KeyInfo` with `inside` leads to; `around` stands beside it.
fn read<T>(around: &str, inside: &str, judge: impl FnOnce(Result<KeyReference<'_>, KeyInfoError>) -> T) -> T {
    let text = format!(
        "<t xmlns:ds='{}' xmlns:wsse='{}' xmlns:wsu='{}'>{around}<ds:KeyInfo>{inside}</ds:KeyInfo></t>",
        DS.uri, WSSE.uri, WSU.uri
    );
    let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
    let key_info = document.root().child(DS.name("KeyInfo")).unwrap();
    judge(KeyReference::read(key_info, &xml::ids(&document).unwrap()))
}

#[track_caller]
fn encloses(around: &str, inside: &str, certificate: &Certificate) {
    read(around, inside, |found| match found {
        Ok(KeyReference::Enclosed { der, .. }) => assert_eq!(der, certificate.der(), "{inside}"),
        other => panic!("{inside}: {other:?}"),
    });
}

#[track_caller]
fn names(inside: &str, certificate: &Certificate) {
    let names = CertificateId::all_of(certificate.der()).unwrap();
    read("", inside, |found| match found {
        Ok(KeyReference::Named(id)) => assert!(names.contains(&id), "{inside}"),
        other => panic!("{inside}: {other:?}"),
    });
}

#[track_caller]
fn fails(around: &str, inside: &str, expected: KeyInfoError) {
    read(around, inside, |found| assert_eq!(found, Err(expected), "{around}{inside}"));
}

fn certificate() -> Certificate {
    Certificate::from_pem(identity(KeyFamily::Ecdsa).certificate_pem()).unwrap()
}

fn token_reference(inside: &str) -> String {
    format!("<wsse:SecurityTokenReference>{inside}</wsse:SecurityTokenReference>")
}

fn data(inside: &str) -> String {
    format!("<ds:X509Data>{inside}</ds:X509Data>")
}

fn binary(kind: &str, id: &str, text: &str) -> String {
    format!("<wsse:BinarySecurityToken {kind} wsu:Id='{id}'>{text}</wsse:BinarySecurityToken>")
}

fn identifier(kind: &str, text: &str) -> String {
    token_reference(&format!("<wsse:KeyIdentifier ValueType='{kind}'>{text}</wsse:KeyIdentifier>"))
}

#[test]
fn a_token_is_referred_to_directly_or_embedded() {
    let certificate = certificate();
    let text = encode_block(certificate.der());
    let direct = token_reference("<wsse:Reference URI='#x'/>");
    let v3 = format!("ValueType='{X509}#X509v3' EncodingType='{WSS10}#Base64Binary'");
    encloses(&binary(&v3, "x", &text), &direct, &certificate);
    encloses(&binary("", "x", &text.replace("MII", " M\nII")), &direct, &certificate);
    let embedded = token_reference(&format!("<wsse:Embedded>{}</wsse:Embedded>", binary(&v3, "y", &text)));
    encloses("", &embedded, &certificate);

    fails(&binary(&v3.replace("v3", "v1"), "x", &text), &direct, KeyInfoError::Type);
    fails(&binary(&v3.replace("Base64", "Hex"), "x", &text), &direct, KeyInfoError::Type);
    fails("<wsse:UsernameToken wsu:Id='x'/>", &direct, KeyInfoError::Type);
    fails(&binary(&v3, "x", "!"), &direct, KeyInfoError::Unreadable);
    fails(&binary(&v3, "z", &text), &direct, KeyInfoError::Unresolved);
    fails(&binary(&v3, "x", &text), &direct.replace("#x", "x"), KeyInfoError::Unresolved);
    fails(&binary(&v3, "x", &text), &format!("{direct}{direct}"), KeyInfoError::Unknown);
    let twice = token_reference("<wsse:Reference URI='#x'/><wsse:Reference URI='#x'/>");
    fails(&binary(&v3, "x", &text), &twice, KeyInfoError::Unknown);
    fails("", &token_reference(""), KeyInfoError::Unknown);
    fails("", &token_reference("<ds:KeyName>x</ds:KeyName>"), KeyInfoError::Unknown);
}

/// A chain of two from the authority down.
fn chain() -> (Certificate, Certificate) {
    let authority = Authority::new("test", Utc::now()).unwrap();
    let system = authority.issue("test", KeyFamily::Ecdsa, Utc::now()).unwrap();
    let certificate = |pem: &[u8]| Certificate::from_pem(pem).unwrap();
    (certificate(&authority.certificate_pem().unwrap()), certificate(system.certificate_pem()))
}

#[test]
fn the_last_certificate_of_a_path_is_the_signers() {
    let (authority, system) = chain();
    let both = [authority.der(), system.der()].concat();
    let length = u16::try_from(both.len()).unwrap().to_be_bytes();
    let path = [&[0x30, 0x82][..], &length, &both].concat();
    let direct = token_reference("<wsse:Reference URI='#x'/>");
    let kind = format!("ValueType='{X509}#X509PKIPathv1'");
    encloses(&binary(&kind, "x", &encode_block(&path)), &direct, &system);
    fails(&binary(&kind, "x", &encode_block(&path[..9])), &direct, KeyInfoError::Unreadable);
    fails(&binary(&kind, "x", "MAA="), &direct, KeyInfoError::Unreadable);
}

#[test]
fn of_enclosed_certificates_the_signers_issued_no_other() {
    let (authority, system) = chain();
    let one = |certificate: &Certificate| {
        format!("<ds:X509Certificate>\n{}\n</ds:X509Certificate>", encode_block(certificate.der()))
    };
    let (first, second) = (one(&system), one(&authority));
    encloses("", &data(&first), &system);
    encloses("", &token_reference(&data(&first)), &system);
    encloses("", &data(&format!("{first}{second}")), &system);
    encloses("", &data(&format!("{second}{first}")), &system);
    encloses("", &format!("<ds:KeyName>x</ds:KeyName>{}", data(&first)), &system);
    encloses("", &identifier(&format!("{X509}#X509v3"), &encode_block(system.der())), &system);
    fails("", &data(&format!("{first}{first}")), KeyInfoError::Unknown);
    fails("", &data(&format!("{first}{}", second.repeat(10))), KeyInfoError::Unreadable);
    fails("", &data(&format!("{first}{}", one(&certificate()))), KeyInfoError::Unknown);
    fails("", &data("<ds:X509Certificate>AAAA</ds:X509Certificate>"), KeyInfoError::Unreadable);
    fails("", &format!("{}{}", data(&first), data(&first)), KeyInfoError::Unknown);
    fails("", "", KeyInfoError::Unknown);
    fails("", "<ds:KeyValue/>", KeyInfoError::Unknown);
}

#[test]
fn a_certificate_is_named_by_issuer_and_serial() {
    let certificate = certificate();
    let x509 = X509::from_der(certificate.der()).unwrap();
    let serial = x509.serial_number().to_bn().unwrap().to_dec_str().unwrap();
    let pair = |name: &str, serial: &str| {
        data(&format!(
            "<ds:X509IssuerSerial><ds:X509IssuerName>{name}</ds:X509IssuerName>\
             <ds:X509SerialNumber>{serial}</ds:X509SerialNumber></ds:X509IssuerSerial>"
        ))
    };
    names(&token_reference(&pair("CN=test,O=brama", &serial)), &certificate);
    names(&token_reference(&pair("\n O=brama, CN=test\n", &format!(" {serial}\n"))), &certificate);
    names(&pair("CN=test,O=brama", &serial), &certificate);
    fails("", &token_reference(&pair("", &serial)), KeyInfoError::Unreadable);
    fails("", &token_reference(&pair("CN=test,O=brama", "MII=")), KeyInfoError::Unreadable);
    let bare = "<ds:X509IssuerSerial><ds:X509IssuerName>CN=a</ds:X509IssuerName></ds:X509IssuerSerial>";
    fails("", &data(bare), KeyInfoError::Unknown);
}

#[test]
fn a_certificate_is_named_by_its_key_or_its_thumbprint() {
    let certificate = certificate();
    let x509 = X509::from_der(certificate.der()).unwrap();
    let key = encode_block(x509.subject_key_id().unwrap().as_slice());
    let print = encode_block(&openssl::sha::sha1(certificate.der()));
    names(&identifier(&format!("{X509}#X509SubjectKeyIdentifier"), &key), &certificate);
    names(&data(&format!("<ds:X509SKI>{key}</ds:X509SKI>")), &certificate);
    names(&identifier(&format!("{WSS11}#ThumbprintSHA1"), &print), &certificate);
    fails("", &identifier(&format!("{WSS11}#ThumbprintSHA1"), "AAAA"), KeyInfoError::Unreadable);
    fails("", &identifier(&format!("{WSS11}#EncryptedKeySHA1"), &print), KeyInfoError::Type);
    fails("", &identifier("", &print), KeyInfoError::Type);
}
