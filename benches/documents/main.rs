//! What it costs to verify and to seal a document, beside `xmlsec1` and OpenSSL alone, in one run and one thread.
//!
//! `cargo bench --features bench --bench documents -- --short` takes a tenth of the rounds, for a first look.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use brama::signatures::SigningKey;
use brama::signatures::lists::{Files, Lists};
use brama::signatures::pki::{Authority, Identity, NewKey, Usage, Wanted, WantedList};
use brama::signatures::xades::{Level, Order, Policy, Question, Sealer, Verdict, judge};
use brama::xml::Limits;
use chrono::{DateTime, TimeDelta, Utc};
use openssl::nid::Nid;
use openssl::x509::X509Crl;
use tempfile::TempDir;

#[allow(dead_code, reason = "other programs use the rest")]
#[path = "../gateway/process.rs"]
mod process;
#[allow(dead_code, reason = "other programs use the rest")]
#[path = "../gateway/openssl.rs"]
mod speed;

const SIZES: [usize; 2] = [5_000, 87_000];
const KEYS: [(&str, NewKey, &str); 2] =
    [("RSA-2048", NewKey::Rsa(2048), "rsa2048"), ("ECDSA P-256", NewKey::P256, "ecdsap256")];

fn main() {
    let rounds = if std::env::args().any(|argument| argument == "--short") { 300 } else { 3_000 };
    let world = World::new();
    println!("\n{rounds} rounds each\n\n| document | CPU µs | xmlsec1 | OpenSSL alone |\n|---|---|---|---|");
    for size in SIZES {
        for (name, kind, algorithm) in KEYS {
            let key = world.key(kind);
            let document = document(size);
            let (sign, verify) = speed::speed(algorithm);
            let row = |verb: &str, ours: Duration, xmlsec1: Duration, openssl: Duration| {
                let [ours, xmlsec1, openssl] = [ours, xmlsec1, openssl].map(|time| time.as_secs_f64() * 1e6);
                println!("| {} KB, {name}: {verb} | {ours:.0} | {xmlsec1:.0} | {openssl:.0} |", size / 1000);
            };
            let sealed = world.seal(&key, document.as_bytes());
            row("verify", timed(rounds, || world.verify(&sealed)), world.xmlsec1_verify(&sealed, rounds), verify);
            let ours = timed(rounds, || drop(world.seal(&key, document.as_bytes())));
            row("seal", ours, world.xmlsec1_sign(&sealed, rounds), sign);
        }
    }
}

/// An authority that is believed, its list, and a folder for `xmlsec1`.
struct World {
    folder: TempDir,
    authority: Authority,
    lists: Lists,
    now: DateTime<Utc>,
}

impl World {
    fn new() -> Self {
        let now = Utc::now();
        let folder = tempfile::tempdir().expect("a folder");
        let authority = Authority::new("pieczecie", now).expect("an authority");
        let (anchor, crl) = (folder.path().join("ca.pem"), folder.path().join("ca.crl"));
        fs::write(&anchor, authority.certificate_pem().expect("PEM")).expect("a file");
        let (from, next) = (now - TimeDelta::hours(1), now + TimeDelta::days(1));
        let list = authority.list(&WantedList { revoked: &[], from, next, keeps_ended_since: None }).expect("a list");
        let list = X509Crl::from_der(&list).and_then(|list| list.to_pem()).expect("a list");
        fs::write(&crl, list).expect("a file");
        let files = Files { seals: vec![anchor], crls: vec![crl], ..Files::default() };
        Self { lists: Lists::read(&files).expect("lists"), folder, authority, now }
    }

    /// A new key with a certificate; `xmlsec1` finds it as `key.pem`.
    fn key(&self, key: NewKey) -> SigningKey {
        let wanted = Wanted {
            subject: &[(Nid::COMMONNAME, "pieczęć")],
            key,
            from: self.now,
            to: self.now + TimeDelta::days(30),
            usage: Usage::Signing,
            statements: &[],
            by_sha1: false,
        };
        let identity: Identity = self.authority.certify(&wanted).expect("a certificate");
        fs::write(self.folder.path().join("key.pem"), identity.key_pem()).expect("a file");
        identity.signing_key().expect("a key")
    }

    fn seal(&self, key: &SigningKey, document: &[u8]) -> Vec<u8> {
        let (level, limits) = (Some(Level::B), Limits::default());
        let order =
            Order { file: document, beside: None, media_type: "text/xml", level, id: "podpis", now: self.now, limits };
        let sealer = Sealer::new(key, &[], &self.lists).expect("a sealer");
        sealer.seal(&order, None, &Policy::default()).expect("a seal").file
    }

    fn verify(&self, sealed: &[u8]) {
        let question =
            Question { file: sealed, contents: &[], now: self.now, received: None, limits: Limits::default() };
        assert_eq!(judge(&question, &self.lists, &Policy::default()).verdict, Verdict::Passed);
    }

    fn xmlsec1_verify(&self, sealed: &[u8], rounds: u32) -> Duration {
        fs::write(self.folder.path().join("sealed.xml"), sealed).expect("a file");
        xmlsec1(self.folder.path(), rounds, &["--verify", "--trusted-pem", "ca.pem"], "sealed.xml")
    }

    /// What was sealed serves as template, without digests and value.
    fn xmlsec1_sign(&self, sealed: &[u8], rounds: u32) -> Duration {
        let mut template = String::from_utf8(sealed.to_vec()).expect("UTF-8");
        let signed_info = template.find("<ds:SignedInfo").expect("a signature");
        // That of the certificate, further on, stays.
        for (element, places) in [("ds:DigestValue", 2), ("ds:SignatureValue", 1)] {
            let mut at = signed_info;
            for _ in 0..places {
                let open = at + template[at..].find(&format!("<{element}")).expect("an element");
                let from = open + template[open..].find('>').expect("its end") + 1;
                let to = from + template[from..].find('<').expect("its end");
                template.replace_range(from..to, "");
                at = from;
            }
        }
        fs::write(self.folder.path().join("template.xml"), template).expect("a file");
        let arguments = ["--sign", "--privkey-pem", "key.pem", "--output", "signed.xml"];
        xmlsec1(self.folder.path(), rounds, &arguments, "template.xml")
    }
}

/// CPU time of one round of `xmlsec1`, its start taken off.
fn xmlsec1(folder: &Path, rounds: u32, arguments: &[&str], file: &str) -> Duration {
    let run = |rounds: u32| {
        let before = process::children_cpu();
        let mut command = Command::new("xmlsec1");
        command.current_dir(folder).args(arguments).args(["--repeat", &rounds.to_string()]);
        command.args(["--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"]);
        let output = command.arg(file).output().expect("xmlsec1 is installed by .ci/setup bench");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        process::children_cpu().saturating_sub(before)
    };
    run(rounds + 1).saturating_sub(run(1)) / rounds
}

fn timed(rounds: u32, work: impl Fn()) -> Duration {
    (0..rounds / 10).for_each(|_| work());
    let before = process::own_cpu();
    (0..rounds).for_each(|_| work());
    process::own_cpu().saturating_sub(before) / rounds
}

/// A letter of about `size` bytes.
fn document(size: usize) -> String {
    let mut text = String::from("<p:pismo xmlns:p=\"urn:test:pismo\">");
    let mut line = 0;
    while text.len() < size {
        line += 1;
        let _ = write!(
            text,
            "\n  <p:wiersz nr=\"{line}\"><p:nazwa>Zażółć gęślą jaźń</p:nazwa><p:kwota>{line}.00</p:kwota></p:wiersz>"
        );
    }
    text + "\n</p:pismo>\n"
}
