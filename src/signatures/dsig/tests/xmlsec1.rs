//! The `xmlsec1` program verifies what we signed, and we what it signed.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use tempfile::TempDir;

use super::{Outcome, identity, judge, signed};
use crate::signatures::{DigestMethod, KeyFamily, SignatureMethod, VerifyingKey};

/// The `xmlsec1` program with a key pair and a document in a folder of its own.
struct Xmlsec(TempDir);

impl Xmlsec {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> (bool, String) {
        let ids = ["--id-attr:Id", "urn:test:czesc"];
        let mut command = Command::new("xmlsec1");
        command.current_dir(self.0.path()).arg(arguments[0]).args(ids).args(&arguments[1..]);
        let output = command.output().expect("xmlsec1 is installed by the set-up script");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[test]
fn xmlsec1_verifies_our_signatures_and_not_their_forgeries() {
    for family in [KeyFamily::Rsa, KeyFamily::Ecdsa] {
        let identity = identity(family);
        let text = signed(&identity.signing_key().unwrap());
        let program = Xmlsec::new(&[
            ("key.pem", identity.certificate_pem()),
            ("good.xml", text.as_bytes()),
            ("bad.xml", text.replace("gęślą", "gesla").as_bytes()),
        ]);
        let verify =
            |file| program.run(&["--verify", "--enabled-key-data", "rsa,ecdsa", "--pubkey-cert-pem", "key.pem", file]);
        let (good, log) = verify("good.xml");
        assert!(good, "{family:?}: {log}\n{text}");
        assert!(!verify("bad.xml").0, "{family:?}");
    }
}

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const INCLUSIVE_10: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const INCLUSIVE_11: &str = "http://www.w3.org/2006/12/xml-c14n11";

/// What `xmlsec1` is asked to sign with, and what the reference says.
struct Foreign<'a> {
    canonicalization: &'a str,
    method: &'a str,
    digest: &'a str,
    uri: &'a str,
    transforms: &'a str,
}

fn template(foreign: &Foreign<'_>) -> String {
    let Foreign { canonicalization, method, digest, uri, transforms } = foreign;
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><?xml-stylesheet href="x"?><!-- uwaga -->
<t:koperta xmlns:t="urn:test" xmlns="urn:domyslna" xmlns:q="urn:q" xml:lang="pl">
  <t:czesc xmlns:wsu="urn:wsu" Id="a" t:x="1" b="2" q:a="&#9;"><!-- uwaga --><tekst>zażółć &amp; <![CDATA[<b>]]>&#xD;</tekst><?pi x?><pusty/></t:czesc>
  <ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>
    <ds:CanonicalizationMethod Algorithm="{canonicalization}"/><ds:SignatureMethod Algorithm="{method}"/>
    <ds:Reference URI="{uri}">{transforms}<ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue/></ds:Reference>
  </ds:SignedInfo><ds:SignatureValue/></ds:Signature></t:koperta><?koniec?>"#,
    )
}

#[track_caller]
fn foreign(key: &PKey<Private>, foreign: &Foreign<'_>) {
    let text = template(foreign);
    let private = key.private_key_to_pem_pkcs8().unwrap();
    let program = Xmlsec::new(&[("key.pem", &private), ("template.xml", text.as_bytes())]);
    let (signed, log) = program.run(&["--sign", "--privkey-pem", "key.pem", "--output", "signed.xml", "template.xml"]);
    assert!(signed, "{log}\n{text}");
    let document = fs::read(program.path("signed.xml")).unwrap();
    let public = VerifyingKey::from_pem(&key.public_key_to_pem().unwrap()).unwrap();
    let path = if foreign.uri.is_empty() { "koperta" } else { "czesc" };
    let Outcome::Holds(paths) = judge(&document, &public) else {
        panic!("{:?}\n{}", judge(&document, &public), String::from_utf8_lossy(&document))
    };
    assert!(paths.len() == 1 && paths[0].ends_with(path), "{paths:?}");
    let forged = String::from_utf8(document).unwrap().replace("zażółć", "zazółć");
    assert!(matches!(judge(forged.as_bytes(), &public), Outcome::Fails(_)));
}

fn transforms(inside: &str) -> String {
    format!("<ds:Transforms>{inside}</ds:Transforms>")
}

fn transform(uri: &str) -> String {
    format!("<ds:Transform Algorithm=\"{uri}\"/>")
}

fn curve(name: Nid) -> PKey<Private> {
    PKey::from_ec_key(EcKey::generate(&EcGroup::from_curve_name(name).unwrap()).unwrap()).unwrap()
}

#[test]
fn signatures_of_xmlsec1_hold_for_every_signature_and_digest_method() {
    let rsa = PKey::from_rsa(openssl::rsa::Rsa::generate(2048).unwrap()).unwrap();
    let keys = [&rsa, &curve(Nid::X9_62_PRIME256V1), &curve(Nid::SECP384R1)];
    for key in keys {
        let family = VerifyingKey::from_pem(&key.public_key_to_pem().unwrap()).unwrap().family();
        // This version of xmlsec1 knows no PSS.
        let methods = SignatureMethod::ALL.iter().filter(|method| method.family() == family && !method.is_pss());
        for (method, digest) in methods.zip(DigestMethod::ALL) {
            foreign(
                key,
                &Foreign {
                    canonicalization: EXCLUSIVE,
                    method: method.uri(),
                    digest: digest.uri(),
                    uri: "#a",
                    transforms: &transforms(&transform(EXCLUSIVE)),
                },
            );
        }
    }
}

#[test]
fn signatures_of_xmlsec1_hold_for_every_canonicalization_and_transform() {
    let key = curve(Nid::X9_62_PRIME256V1);
    let enveloped = transform("http://www.w3.org/2000/09/xmldsig#enveloped-signature");
    let prefixes = format!(
        "<ds:Transform Algorithm=\"{EXCLUSIVE}\"><InclusiveNamespaces xmlns=\"{EXCLUSIVE}\" PrefixList=\"q #default wsu\"/></ds:Transform>"
    );
    for (uri, inside) in [
        ("#a", transform(EXCLUSIVE)),
        ("#a", transform(INCLUSIVE_10)),
        ("#a", transform(INCLUSIVE_11)),
        ("#a", prefixes.clone()),
        ("", enveloped.clone()),
        ("", format!("{enveloped}{}", transform(EXCLUSIVE))),
        ("", format!("{enveloped}{}", transform(INCLUSIVE_11))),
        ("", format!("{enveloped}{prefixes}")),
    ] {
        for canonicalization in [EXCLUSIVE, INCLUSIVE_10, INCLUSIVE_11] {
            foreign(
                &key,
                &Foreign {
                    canonicalization,
                    method: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
                    digest: "http://www.w3.org/2001/04/xmlenc#sha256",
                    uri,
                    transforms: &transforms(&inside),
                },
            );
        }
    }
}

#[test]
fn a_reference_without_transforms_is_canonicalized_inclusively() {
    foreign(
        &curve(Nid::X9_62_PRIME256V1),
        &Foreign {
            canonicalization: EXCLUSIVE,
            method: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            digest: "http://www.w3.org/2001/04/xmlenc#sha256",
            uri: "#a",
            transforms: "",
        },
    );
}
