//! The authorities of the corpus, made anew for every run: qualified, personal, trusted-profile, seals, time-stamping.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use brama::signatures::lists::{Files, Lists};
use brama::signatures::pki::{Authority, Identity, NewKey, Statement, Usage, Wanted, WantedList};
use chrono::{DateTime, Utc};
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use tempfile::TempDir;

/// The time for which the corpus is judged.
pub const NOW: &str = "2026-03-02T12:00:00Z";

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// Who signs: a key and its certificate.
pub struct Signer {
    pub key: PKey<Private>,
    pub x509: X509,
    pub identity: Identity,
}

pub struct Scene {
    folder: TempDir,
    pub files: Files,
    pub authorities: HashMap<&'static str, Authority>,
    pub signers: HashMap<&'static str, Signer>,
    pub lists: Lists,
}

const PERSON: [(Nid, &str); 5] = [
    (Nid::COUNTRYNAME, "PL"),
    (Nid::SURNAME, "Nowak-Testowa"),
    (Nid::GIVENNAME, "Anna"),
    (Nid::SERIALNUMBER, "PNOPL-90870112348"),
    (Nid::COMMONNAME, "Anna Nowak-Testowa"),
];
const OLD: [(Nid, &str); 2] = [(Nid::COMMONNAME, "Jan Testowy"), (Nid::SERIALNUMBER, "PESEL: 90870112348")];
const NOBODY: [(Nid, &str); 2] = [(Nid::COMMONNAME, "Jan Testowy"), (Nid::SERIALNUMBER, "IDCPL-ABC123456")];
const OFFICE: [(Nid, &str); 3] =
    [(Nid::COUNTRYNAME, "PL"), (Nid::ORGANIZATIONNAME, "Urząd Testowy"), (Nid::COMMONNAME, "Urząd Testowy")];
const QUALIFIED: [Statement; 3] = [Statement::Compliance, Statement::Device, Statement::TypeSignature];
const SEAL: [Statement; 3] = [Statement::Compliance, Statement::Device, Statement::TypeSeal];

fn wanted(key: NewKey) -> Wanted<'static> {
    Wanted {
        subject: &PERSON,
        key,
        from: at("2025-01-01T00:00:00Z"),
        to: at("2027-01-01T00:00:00Z"),
        usage: Usage::Signing,
        statements: &QUALIFIED,
        by_sha1: false,
    }
}

/// One scene for all cases: nothing in it changes.
pub fn scene() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(Scene::new)
}

impl Scene {
    fn new() -> Self {
        let start = at("2022-01-01T00:00:00Z");
        let mut authorities: HashMap<&'static str, Authority> = HashMap::new();
        for name in ["kwalifikowany", "osobisty", "zaufany", "pieczecie", "tsa", "obcy", "posredni-obcego"] {
            authorities.insert(name, Authority::new(name, start).expect("an authority"));
        }
        let authority = |usage| Wanted { subject: &OFFICE, usage, statements: &[], ..wanted(NewKey::P256) };
        let mut signers = HashMap::new();
        for name in ["posredni", "posredni-uniewazniony", "posredni-bez-listy", "posredni-dawny", "posredni-nie-ca"] {
            let usage = if name == "posredni-nie-ca" { Usage::Signing } else { Usage::Authority };
            let mut wanted = Wanted { from: start, to: at("2030-01-01T00:00:00Z"), ..authority(usage) };
            if name == "posredni-dawny" {
                wanted.to = at("2026-01-01T00:00:00Z");
            }
            let subject = [(Nid::COMMONNAME, name)];
            wanted.subject = &subject;
            let (below, identity) = authorities["kwalifikowany"].certify_authority(&wanted).expect("an authority");
            signers.insert(name, Signer::of(identity));
            authorities.insert(name, below);
        }
        let mut scene = Self {
            folder: tempfile::tempdir().expect("a folder"),
            files: Files::default(),
            authorities,
            signers,
            lists: Lists::read(&Files::default()).expect("no lists"),
        };
        scene.people();
        scene.files();
        scene.lists = Lists::read(&scene.files).expect("the lists");
        scene
    }

    fn people(&mut self) {
        let p256 = || wanted(NewKey::P256);
        let of_office = |statements| Wanted { subject: &OFFICE, statements, ..p256() };
        let tsa = || Wanted { usage: Usage::TimeStamping, to: at("2030-01-01T00:00:00Z"), ..of_office(&[]) };
        let ended = || Wanted { to: at("2026-02-01T00:00:00Z"), ..p256() };
        let q = "kwalifikowany";
        for (name, by, wanted) in [
            ("anna", q, p256()),
            ("rsa", q, wanted(NewKey::Rsa(2048))),
            ("rsa-3072", q, wanted(NewKey::Rsa(3072))),
            ("rsa-4096", q, wanted(NewKey::Rsa(4096))),
            ("rsa-1024", q, wanted(NewKey::Rsa(1024))),
            ("p384", q, wanted(NewKey::P384)),
            ("p521", q, wanted(NewKey::P521)),
            ("secp256k1", q, wanted(NewKey::Secp256k1)),
            ("sha1", q, Wanted { by_sha1: true, ..p256() }),
            ("cyfrowy", q, Wanted { usage: Usage::DigitalSignature, ..p256() }),
            ("szyfrujacy", q, Wanted { usage: Usage::Encryption, ..p256() }),
            ("wystawca", q, Wanted { usage: Usage::Authority, ..p256() }),
            ("uniewazniona", q, p256()),
            ("uniewazniona-jutro", q, p256()),
            ("dawna", q, ended()),
            ("dawna-na-liscie", q, ended()),
            ("dawna-uniewazniona", q, ended()),
            ("przyszla", q, Wanted { from: at("2026-03-02T11:00:00Z"), ..p256() }),
            ("jutrzejsza", q, Wanted { from: at("2026-03-03T11:00:00Z"), ..p256() }),
            ("posrednio", "posredni", p256()),
            ("posrednio-uniewazniony", "posredni-uniewazniony", p256()),
            ("posrednio-bez-listy", "posredni-bez-listy", p256()),
            ("posrednio-dawny", "posredni-dawny", p256()),
            ("posrednio-nie-ca", "posredni-nie-ca", p256()),
            ("obcy", "obcy", p256()),
            ("bez-typu", q, Wanted { statements: &QUALIFIED[..2], ..p256() }),
            ("bez-urzadzenia", q, Wanted { statements: &[Statement::Compliance, Statement::TypeSignature], ..p256() }),
            ("bez-zgodnosci", q, Wanted { statements: &[], ..p256() }),
            (
                "strona",
                q,
                Wanted { statements: &[Statement::Compliance, Statement::Device, Statement::TypeWeb], ..p256() },
            ),
            ("pieczec-kwalifikowana", q, of_office(&SEAL)),
            ("pieczec", "pieczecie", of_office(&[])),
            ("osobisty", "osobisty", Wanted { statements: &[], ..p256() }),
            ("zaufany", "zaufany", of_office(&[])),
            ("dawny-zapis", q, Wanted { subject: &OLD, ..p256() }),
            ("bez-pesel", q, Wanted { subject: &NOBODY, ..p256() }),
            ("tsa", "tsa", tsa()),
            ("tsa-rsa", "tsa", Wanted { key: NewKey::Rsa(2048), ..tsa() }),
            ("tsa-uniewazniona", "tsa", tsa()),
            ("tsa-dawna", "tsa", Wanted { to: at("2026-02-15T00:00:00Z"), ..tsa() }),
            ("tsa-nie-tsa", "tsa", Wanted { usage: Usage::Signing, ..tsa() }),
            ("tsa-obca", "obcy", tsa()),
            ("ocsp", q, Wanted { usage: Usage::OcspSigning, ..of_office(&[]) }),
            ("ocsp-nie-ocsp", q, of_office(&[])),
            ("ocsp-obcy", "obcy", Wanted { usage: Usage::OcspSigning, ..of_office(&[]) }),
        ] {
            let identity = self.authorities[by].certify(&wanted).expect("a certificate");
            self.signers.insert(name, Signer::of(identity));
        }
    }

    fn files(&mut self) {
        let path = |name: &str, bytes: &[u8]| -> PathBuf {
            let path = self.folder.path().join(name);
            std::fs::write(&path, bytes).expect("a file");
            path
        };
        let anchor =
            |name: &str| vec![path(&format!("{name}.pem"), &self.authorities[name].certificate_pem().expect("PEM"))];
        let mut files = Files {
            qualified: anchor("kwalifikowany"),
            personal: anchor("osobisty"),
            trusted_profile: anchor("zaufany"),
            seals: anchor("pieczecie"),
            tsa: anchor("tsa"),
            intermediates: vec![path("posredni.pem", self.signers["posredni"].identity.certificate_pem())],
            crls: Vec::new(),
        };
        let revoked = |name: &str, since: &str| (&self.signers[name].identity, at(since));
        let yesterday = "2026-03-01T00:00:00Z";
        for (name, revoked) in [
            (
                "kwalifikowany",
                vec![
                    revoked("uniewazniona", yesterday),
                    revoked("uniewazniona-jutro", "2026-03-01T12:00:00Z"),
                    revoked("dawna-uniewazniona", "2026-01-15T00:00:00Z"),
                    revoked("posredni-uniewazniony", yesterday),
                ],
            ),
            ("posredni", vec![]),
            ("posredni-uniewazniony", vec![]),
            ("posredni-dawny", vec![]),
            ("osobisty", vec![]),
            ("zaufany", vec![]),
            ("pieczecie", vec![]),
            ("tsa", vec![revoked("tsa-uniewazniona", "2026-03-01T18:00:00Z")]),
        ] {
            let list = self.list(name, &revoked, "2026-03-02T06:00:00Z", "2026-03-03T06:00:00Z", None);
            files.crls.push(path(&format!("{name}.crl"), &pem(&list)));
        }
        self.files = files;
    }

    /// A revocation list in DER.
    pub fn list(
        &self,
        by: &str,
        revoked: &[(&Identity, DateTime<Utc>)],
        from: &str,
        next: &str,
        keeps: Option<&str>,
    ) -> Vec<u8> {
        let wanted = WantedList { revoked, from: at(from), next: at(next), keeps_ended_since: keeps.map(at) };
        self.authorities[by].list(&wanted).expect("a list")
    }
}

impl Signer {
    pub fn of(identity: Identity) -> Self {
        Self {
            key: PKey::private_key_from_pem(identity.key_pem()).expect("a key"),
            x509: X509::from_pem(identity.certificate_pem()).expect("a certificate"),
            identity,
        }
    }

    pub fn der(&self) -> Vec<u8> {
        self.x509.to_der().expect("DER")
    }
}

fn pem(list: &[u8]) -> Vec<u8> {
    openssl::x509::X509Crl::from_der(list).and_then(|list| list.to_pem()).expect("a list")
}
