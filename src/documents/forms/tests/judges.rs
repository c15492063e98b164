//! What other programs say of the documents that are written: xmllint of their validity, xmlsec1 of a signature in them.

use std::fs;
use std::process::Command;

use super::{forms, parse, samples, written};
use crate::documents::forms::{Form, content_digest};
use crate::xml::{Method, canonical_bytes};

/// Every document and a receipt: the name of its sample, its schema, its bytes.
fn documents() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let all = samples::all();
    let mut documents: Vec<_> =
        all.iter().map(|(name, form)| (*name, form.kind().schema_file(), written(form))).collect();
    documents.push(("upp", "upo.xsd", forms().write_receipt(&samples::upp()).expect("a receipt")));
    documents
}

fn xmllint(schema: &str, file: &str) -> (bool, String) {
    let schema = format!("xsd/{schema}");
    let output = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema", &schema, file])
        .output()
        .expect("xmllint is installed by the set-up script");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn the_samples_are_what_is_written_and_valid_to_xmllint() {
    for (name, schema, bytes) in documents() {
        let file = format!("xsd/przyklady/{name}.xml");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::create_dir_all("xsd/przyklady").expect("a folder");
            fs::write(&file, &bytes).expect("a sample");
        }
        let sample = fs::read(&file).unwrap_or_default();
        assert!(sample == bytes, "{file} is not what is written; UPDATE_EXPECT=1 writes it");
        let (is_valid, log) = xmllint(schema, &file);
        assert!(is_valid, "{log}");
    }
}

#[test]
fn xmllint_refuses_what_breaks_a_schema() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bad.xml");
    for (name, schema, bytes) in documents() {
        let text = String::from_utf8(bytes).expect("UTF-8");
        let (start, end) = text.rsplit_once("</").expect("an end");
        fs::write(&file, format!("{start}<x></x></{end}")).expect("a file");
        assert!(!xmllint(schema, &file.to_string_lossy()).0, "{name}");
    }
}

const TEMPLATE: &str = r#"<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/><ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>"#;

/// The document signed by xmlsec1, its signature last.
fn signed(bytes: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let (start, end) = text.rsplit_once("</").expect("an end");
    fs::write(folder.path().join("template.xml"), format!("{start}{TEMPLATE}</{end}")).expect("a file");
    let group = openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1).expect("P-256");
    let key = openssl::ec::EcKey::generate(&group).expect("a key");
    fs::write(folder.path().join("key.pem"), key.private_key_to_pem().expect("a key")).expect("a file");
    let arguments = ["--sign", "--privkey-pem", "key.pem", "--output", "signed.xml", "template.xml"];
    let output = Command::new("xmlsec1").current_dir(folder.path()).args(arguments).output();
    let output = output.expect("xmlsec1 is installed by the set-up script");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let verified = ["--verify", "--privkey-pem", "key.pem", "signed.xml"];
    let verified = Command::new("xmlsec1").current_dir(folder.path()).args(verified).output().expect("xmlsec1");
    assert!(verified.status.success());
    fs::read(folder.path().join("signed.xml")).expect("a signed document")
}

#[track_caller]
fn digest(bytes: &[u8]) -> [u8; 32] {
    content_digest(&parse(bytes).expect("XML")).expect("a digest")
}

#[test]
fn a_signature_changes_nothing_that_was_prepared() {
    for form in [Form::Wniosek(samples::wniosek()), Form::Zaswiadczenie(samples::zaswiadczenie())] {
        let prepared = written(&form);
        let once = signed(&prepared);
        assert_ne!(once, prepared);
        let document = parse(&once).expect("XML");
        assert!(forms().read(&document).expect("valid with a signature") == form);
        assert_eq!(digest(&prepared), digest(&once));
        assert_eq!(
            digest(&once),
            digest(&signed(&canonical_bytes(document.root(), Method::Exclusive).expect("canonical")))
        );
        let text = String::from_utf8(once).expect("UTF-8");
        for (from, to) in [("Testowa", "Testova"), ("2026", "2025"), ("</str:CID>", " </str:CID>"), ("base64", "URI")] {
            assert_ne!(digest(text.replacen(from, to, 1).as_bytes()), digest(&prepared), "{from} -> {to}");
        }
        let aside =
            text.replacen("<str:CID", "<!-- uwaga --><str:CID", 1).replace("<ds:SignedInfo>", "\n<ds:SignedInfo>");
        assert_eq!(digest(format!("{aside}<!-- uwaga -->").as_bytes()), digest(&prepared));
    }
}

#[test]
fn nothing_hides_from_the_digest_in_a_signature_elsewhere() {
    let text = String::from_utf8(written(&Form::Wniosek(samples::wniosek()))).expect("UTF-8");
    for place in ["<str:CID", "<wnio:Wniosek>", "<wnio:osoba>"] {
        let hidden = text.replacen(
            place,
            &format!("<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"></ds:Signature>{place}"),
            1,
        );
        assert!(content_digest(&parse(hidden.as_bytes()).expect("XML")).is_err(), "{place}");
    }
    let alone = parse(b"<ds:Signature xmlns:ds='http://www.w3.org/2000/09/xmldsig#'/>").expect("XML");
    assert!(content_digest(&alone).is_err());
    // A counter-signature stands inside a signature and goes with it.
    let counter =
        TEMPLATE.replace("<ds:SignatureValue/>", &format!("<ds:SignatureValue/><ds:Object>{TEMPLATE}</ds:Object>"));
    let (start, end) = text.rsplit_once("</").expect("an end");
    assert_eq!(digest(format!("{start}{counter}</{end}").as_bytes()), digest(text.as_bytes()));
}
