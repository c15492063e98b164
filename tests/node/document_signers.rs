//! Whoever may sign documents may not therefore send messages, nor the other way round: `[signatures]` opens no door, and
//! `[trust]` vouches for no document.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use brama::signatures::lists::{Files, Lists};
use brama::signatures::pki::{Authority, NewKey, Statement, Usage, Wanted};
use brama::signatures::xades::{Order, Policy, Sealer};
use brama::xml::Limits;
use chrono::{TimeDelta, Utc};
use openssl::nid::Nid;
use uuid::Uuid;

use crate::batch::Person;
use crate::gateway::Gateway;
use crate::office::{Engine, Offices, signed};
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

#[test]
fn a_certificate_for_messages_signs_no_document_not_even_that_of_whoever_asks() {
    let mut offices = Offices::new(Engine::Sqlite);
    let key = offices.key("pomoc");
    let nobody = Lists::read(&Files::default()).expect("lists");
    let order = Order {
        file: b"<pismo/>",
        beside: None,
        media_type: "text/xml",
        level: None,
        id: "p1",
        now: Utc::now(),
        limits: Limits::default(),
    };
    let sealer = Sealer::new(&key, &[], &nobody).expect("a sealer");
    let letter = BASE64.encode(sealer.seal(&order, None, &Policy::default()).expect("a signature").file);
    let judged = |offices: &Offices| {
        let request = format!(
            "<p:WeryfikujPodpis xmlns:p=\"urn:brama:podpis:1\" xmlns:w=\"urn:brama:wspolne:1\"><p:kontekst><w:idZadania>{}</w:idZadania>\
             <w:jednostka>OPS-BUSKO</w:jednostka><w:uzytkownik>urzednik</w:uzytkownik></p:kontekst><p:dokument>{letter}</p:dokument></p:WeryfikujPodpis>",
            Uuid::new_v4()
        );
        let answer = wire::post(offices.start().http, "podpis", &signed(&key, &request)).expect("an answer");
        (answer.element("werdykt"), answer.element("przyczyna"))
    };
    let found = |verdict: &str, reason: &str| (verdict.to_owned(), reason.to_owned());
    assert_eq!(judged(&offices), found("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND"));
    // The same authority among those of documents is believed as far as its revocation list goes.
    offices.settings.overrides = "[signatures]\nseals = ['pki/ca.pem']".parse().expect("TOML");
    assert_eq!(judged(&offices), found("INDETERMINATE", "TRY_LATER"));
}
