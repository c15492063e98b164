//! `brama seal-key add` and `brama seal` as an office runs them, with a time-stamping authority behind HTTP.

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use brama::signatures::pki::{Authority, NewKey, Usage, Wanted, WantedList};
use chrono::{TimeDelta, Utc};
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::x509::X509Crl;
use tempfile::TempDir;

use super::draft::DOCUMENT;
use super::scene::Signer;
use super::tokens::{Flaw, response};

/// A folder in which the units PUP1 and OPS1 are registered, with authorities of today.
pub struct Office {
    folder: TempDir,
    tsa: Signer,
}

const SEAL: [(Nid, &str); 2] = [(Nid::ORGANIZATIONNAME, "Urząd Testowy"), (Nid::COMMONNAME, "pieczęć")];

impl Office {
    pub fn new(tsa_url: &str) -> Self {
        let now = Utc::now();
        let folder = tempfile::tempdir().expect("a folder");
        let wanted = |key, usage| Wanted {
            subject: &SEAL,
            key,
            from: now,
            to: now + TimeDelta::days(30),
            usage,
            statements: &[],
            by_sha1: false,
        };
        let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).expect("a file");
        let authority = |name: &str| {
            let authority = Authority::new(name, now).expect("an authority");
            write(&format!("{name}.pem"), &authority.certificate_pem().expect("PEM"));
            let (from, next) = (now - TimeDelta::hours(1), now + TimeDelta::days(1));
            let list = authority.list(&WantedList { revoked: &[], from, next, keeps_ended_since: None });
            let list = X509Crl::from_der(&list.expect("a list")).and_then(|list| list.to_pem()).expect("a list");
            write(&format!("{name}.crl"), &list);
            authority
        };
        let (seals, tsa) = (authority("pieczecie"), authority("znaczniki"));
        for (name, key) in [("pup1", NewKey::P256), ("ops1", NewKey::Rsa(2048))] {
            let identity = seals.certify(&wanted(key, Usage::Signing)).expect("a certificate");
            write(&format!("{name}.key"), identity.key_pem());
            write(&format!("{name}.pem"), identity.certificate_pem());
        }
        let tsa = Signer::of(tsa.certify(&wanted(NewKey::P256, Usage::TimeStamping)).expect("a certificate"));
        let config = format!(
            "[signatures]\nseals = ['pieczecie.pem']\ntsa = ['znaczniki.pem']\ncrls = ['pieczecie.crl', 'znaczniki.crl']\n{tsa_url}\n"
        );
        write("brama.toml", config.as_bytes());
        write("pismo.xml", DOCUMENT.as_bytes());
        write("pismo 1.pdf", b"%PDF-1.7 pismo");
        let office = Self { folder, tsa };
        for unit in ["PUP1", "OPS1"] {
            office.check(&["unit", "add", unit, "--name", unit, "--terc", "1465011"], 0, "added");
        }
        office
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs `brama`; its exit code, and a part of what it says.
    #[track_caller]
    fn check(&self, arguments: &[&str], code: i32, says: &str) {
        self.check_with(&[], arguments, code, says);
    }

    /// The same with variables in its environment.
    #[track_caller]
    pub fn check_with(&self, variables: &[(&str, &OsStr)], arguments: &[&str], code: i32, says: &str) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_brama"));
        command.envs(variables.iter().copied());
        let output = command.current_dir(self.folder.path()).args(arguments).output().expect("brama");
        let said = String::from_utf8(output.stdout).expect("UTF-8") + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(says), "{arguments:?}: {said}");
    }

    #[track_caller]
    fn add_key(&self, unit: &str, name: &str) {
        let (certificate, key) = (format!("{name}.pem"), format!("{name}.key"));
        let line = ["seal-key", "add", "--unit", unit, "--certificate", &certificate, "--key", &key];
        self.check(&line, 0, &format!("{unit} seals with the key of O=Urząd Testowy, CN=pieczęć"));
    }
}

/// Answers requests for time-stamps at a port of its own, as long as the test lasts.
fn stamping(tsa: Signer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut request = Vec::new();
            let mut chunk = [0; 4096];
            let body = loop {
                let read = stream.read(&mut chunk).expect("a request");
                request.extend_from_slice(&chunk[..read]);
                let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
                let length = text.split_once("content-length: ").and_then(|(_, rest)| rest.split("\r\n").next());
                let (Some(length), Some(head)) = (length, request.windows(4).position(|four| four == b"\r\n\r\n"))
                else {
                    continue;
                };
                assert!(text.contains("content-type: application/timestamp-query"), "{text}");
                let body = &request[head + 4..];
                if body.len() == length.parse::<usize>().expect("a length") {
                    break body.to_vec();
                }
            };
            let answer = response(&tsa, &body, Utc::now(), Flaw::None);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                answer.len()
            );
            stream.write_all(&[head.as_bytes(), &answer].concat()).expect("an answer");
        }
    });
    format!("tsa_url = 'http://{address}/'")
}

#[test]
fn a_unit_seals_documents_and_files_with_its_own_key() {
    let mut office = Office::new("");
    let seal = ["seal", "pismo.xml", "--unit", "PUP1", "--out", "gotowe.xml"];
    office.check(&seal, 1, "unit PUP1 has no key for seals");
    office.add_key("PUP1", "pup1");
    office.check(&["seal", "pismo.xml", "--unit", "OPS1", "--out", "gotowe.xml"], 1, "unit OPS1 has no key for seals");
    office.check(&seal, 0, "pismo.xml sealed, level B");
    office.check(&["verify", "gotowe.xml"], 0, "TOTAL_PASSED");
    office.check(&[&seal[..], &["--level", "LT"]].concat(), 1, "a time-stamp needs signatures.tsa_url");

    let tsa_url = stamping(std::mem::replace(&mut office.tsa, Office::new("").tsa));
    let config = fs::read_to_string(office.path("brama.toml")).expect("a configuration");
    fs::write(office.path("brama.toml"), config + &tsa_url).expect("a configuration");
    office.check(&seal, 0, "level LT");
    office.check(&["verify", "gotowe.xml", "--report", "raport.xml"], 0, "TOTAL_PASSED");
    let report = fs::read_to_string(office.path("raport.xml")).expect("a report");
    for part in [
        "<rp:poziom>LT</rp:poziom>",
        "<rp:rodzaj>PIECZEC</rp:rodzaj>",
        "<rp:organizacja>Urząd Testowy</rp:organizacja>",
    ] {
        assert!(report.contains(part), "{report}");
    }
    // Another unit signs beside it, with a key of its own.
    office.add_key("OPS1", "ops1");
    office.check(&["seal", "gotowe.xml", "--unit", "OPS1", "--out", "wspolne.xml", "--level", "T"], 0, "level T");
    office.check(&["verify", "wspolne.xml"], 0, "TOTAL_PASSED");

    office.check(&["seal", "pismo 1.pdf", "--unit", "PUP1", "--out", "pismo 1.pdf.xades"], 0, "level LT");
    office.check(&["verify", "pismo 1.pdf.xades", "--content", "pismo%201.pdf=pismo 1.pdf"], 0, "TOTAL_PASSED");
    office.check(&["seal", "pismo.xml", "--unit", "PUP1", "--out", "obok.xades", "--detached"], 0, "level LT");
    office.check(&["verify", "obok.xades", "--content", "pismo.xml=pismo.xml"], 0, "TOTAL_PASSED");
    office.check(&["verify", "obok.xades", "--content", "pismo.xml=gotowe.xml"], 1, "TOTAL_FAILED HASH_FAILURE");
}

#[test]
fn a_key_that_was_handed_in_is_nowhere_to_be_read() {
    let office = Office::new("");
    office.add_key("PUP1", "ops1");
    let pem = fs::read(office.path("ops1.key")).expect("a key");
    let der = PKey::private_key_from_pem(&pem).and_then(|key| key.private_key_to_pkcs8()).expect("a key");
    let text = BASE64.encode(&der);
    let traces = [&der[40..72], &text.as_bytes()[80..112]];
    let holds = |path: &Path| {
        let bytes = fs::read(path).expect("a file");
        traces.iter().any(|trace| bytes.windows(32).any(|window| window == *trace))
    };
    let files = fs::read_dir(office.path("data")).expect("the data").map(|entry| entry.expect("a file").path());
    let files: Vec<_> = files.filter(|path| path.is_file()).collect();
    assert!(!files.is_empty());
    assert!(!files.iter().any(|path| holds(path)), "{files:?}");
    // The newest key counts.
    office.add_key("PUP1", "pup1");
    office.check(&["seal", "pismo.xml", "--unit", "PUP1", "--out", "gotowe.xml"], 0, "level B");
    let sealed = fs::read_to_string(office.path("gotowe.xml")).expect("a document");
    assert!(sealed.contains("ecdsa-sha256") && !sealed.contains("rsa-sha256"), "{sealed}");
}

#[test]
fn what_does_not_fit_is_refused_and_nothing_is_written() {
    let office = Office::new("tsa_url = 'http://127.0.0.1:9/'");
    let add = |unit: &'static str, key: &'static str, certificate: &'static str| {
        ["seal-key", "add", "--unit", unit, "--key", key, "--certificate", certificate]
    };
    office.check(&add("PUP1", "pup1.key", "ops1.pem"), 2, "does not belong");
    office.check(&add("PUP1", "pup1.key", "nie-ma.pem"), 2, "nie-ma.pem");
    office.check(&add("PUP1", "pup1.pem", "pup1.pem"), 2, "cannot be read");
    office.check(&add("SR1", "pup1.key", "pup1.pem"), 1, "there is no unit SR1");
    office.add_key("PUP1", "pup1");
    let seal = ["seal", "pismo.xml", "--unit", "PUP1", "--out", "gotowe.xml"];
    // An authority that is away costs the seal, never the level.
    office.check(&seal, 3, "time-stamp: no response");
    office.check(&["seal", "nie-ma.xml", "--unit", "PUP1", "--out", "gotowe.xml"], 2, "nie-ma.xml");
    fs::write(office.path("zly.xml"), "<a><b></a>").expect("a file");
    office.check(&["seal", "zly.xml", "--unit", "PUP1", "--out", "gotowe.xml", "--level", "B"], 1, "zly.xml");
    assert!(!office.path("gotowe.xml").exists());
    office.check(&[&seal[..], &["--level", "B"]].concat(), 0, "level B");
}
