//! Whoever may sign documents may not therefore send messages: the lists of `[signatures]` open no door.

use std::fs;

use brama::signatures::pki::{Authority, NewKey, Statement, Usage, Wanted};
use chrono::{TimeDelta, Utc};
use openssl::nid::Nid;

use crate::batch::Person;
use crate::gateway::Gateway;
use crate::office::{Engine, Offices};
use crate::wire;

#[test]
fn a_certificate_for_documents_opens_no_door_not_even_a_registered_one() {
    let mut offices = Offices::new(Engine::Sqlite);
    let text = "[trust]\nanchors = ['pki/ca.pem']\n[signatures]\nqualified = ['pki/qca.pem']\nseals = ['pki/qca.pem']";
    offices.settings.overrides = text.parse().expect("TOML");
    let now = Utc::now();
    let authority = Authority::new("kwalifikowany", now).expect("an authority");
    let write = |name: &str, bytes: &[u8]| fs::write(offices.pki().join(name), bytes).expect("a file");
    write("qca.pem", &authority.certificate_pem().expect("PEM"));
    let wanted = Wanted {
        subject: &[(Nid::COMMONNAME, "Anna Nowak-Testowa"), (Nid::SERIALNUMBER, "PNOPL-90870112348")],
        key: NewKey::P256,
        from: now,
        to: now + TimeDelta::days(30),
        // As messages need it: nothing but the list must keep it out.
        usage: Usage::DigitalSignature,
        statements: &[Statement::Compliance, Statement::Device, Statement::TypeSignature],
        by_sha1: false,
    };
    let identity = authority.certify(&wanted).expect("a certificate");
    write("anna.pem", identity.certificate_pem());
    let question = offices.question(&identity.signing_key().expect("a key"), &Person::of(1));
    let ask =
        |gateway: &Gateway| wire::post(gateway.http, "udostepnianie", &question).expect("an answer").element("kod");

    let gateway = offices.start();
    assert_eq!(ask(&gateway), "CERTYFIKAT_NIEZNANY");
    drop(gateway);
    let file = offices.pki().join("anna.pem");
    let added = offices.brama(&["system", "certificate", "add", "pomoc", file.to_str().expect("a path")]);
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    assert_eq!(ask(&offices.start()), "CERTYFIKAT_NIEWAZNY");
    // The same certificate under a list of messages does open it.
    let text = text.replace("anchors = ['pki/ca.pem']", "anchors = ['pki/ca.pem', 'pki/qca.pem']");
    offices.settings.overrides = text.parse().expect("TOML");
    let gateway = offices.start();
    let question = offices.question(&identity.signing_key().expect("a key"), &Person::of(1));
    assert_eq!(wire::post(gateway.http, "udostepnianie", &question).expect("an answer").status, 200);
}
