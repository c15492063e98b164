//! Certificates that their issuer takes back: said by a responder on the loopback, or by a list that is exchanged.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use brama::signatures::KeyFamily;
use brama::signatures::pki::{Authority, Identity};
use chrono::{TimeDelta, Utc};
use openssl::x509::X509;

use crate::batch::Person;
use crate::gateway::Gateway;
use crate::office::{Engine, Offices};
use crate::wire;

/// The offices, and a certificate of the social-assistance unit that can be revoked.
struct Scene {
    offices: Offices,
    identity: Identity,
}

impl Scene {
    fn new(trust: &str) -> Self {
        let mut offices = Offices::new(Engine::Sqlite);
        let text = format!("[trust]\nanchors = ['pki/ca.pem']\n{trust}");
        offices.settings.overrides = text.parse().expect("TOML");
        let identity = authority(&offices).issue("pomoc-2", KeyFamily::Rsa, Utc::now()).expect("a certificate");
        let file = offices.pki().join("pomoc-2.pem");
        fs::write(&file, identity.certificate_pem()).expect("a certificate");
        let added = offices.brama(&["system", "certificate", "add", "pomoc", file.to_str().expect("a path")]);
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        Self { offices, identity }
    }

    /// What the gateway says to a question signed with the certificate: `OK`, or the fault's code and explanation.
    fn ask(&self, gateway: &Gateway) -> String {
        let key = self.identity.signing_key().expect("a key");
        let question = self.offices.question(&key, &Person::of(1));
        let answer = wire::post(gateway.http, "udostepnianie", &question).expect("an answer");
        if answer.status == 200 {
            "OK".into()
        } else {
            format!("{}: {}", answer.element("kod"), answer.element("opis"))
        }
    }

    /// Puts a list of the authority where the gateway reads it.
    fn list(&self, revoked: &[&Identity]) {
        let (from, to) = (Utc::now() - TimeDelta::hours(1), Utc::now() + TimeDelta::days(1));
        let list = authority(&self.offices).revocation_list(revoked, from, to).expect("a list");
        // At once, as operators should: half a list is none.
        let file = self.offices.pki().join("list.new");
        fs::write(&file, list).expect("a list");
        fs::rename(file, self.offices.pki().join("list.crl")).expect("a list");
    }
}

fn authority(offices: &Offices) -> Authority {
    Authority::load(&offices.pki()).expect("the authority")
}

/// `openssl ocsp` as a server, stopped when dropped.
struct Responder(Child);

impl Responder {
    /// Answers about the certificate at `port`.
    fn start(scene: &Scene, port: u16, revoked: bool) -> Self {
        let pki = scene.offices.pki();
        let x509 = X509::from_pem(scene.identity.certificate_pem()).expect("a certificate");
        let serial = x509.serial_number().to_bn().and_then(|number| number.to_hex_str()).expect("a number");
        let (letter, since) = if revoked { ("R", "260101000000Z") } else { ("V", "") };
        let line = format!("{letter}\t491231235959Z\t{since}\t{serial}\tunknown\t/CN=pomoc-2\n");
        fs::write(pki.join("index.txt"), line).expect("an index");
        let mut command = Command::new("openssl");
        command.current_dir(&pki).args(["ocsp", "-index", "index.txt", "-CA", "ca.pem", "-rsigner", "ca.pem"]);
        command.args(["-rkey", "ca.key", "-ndays", "1", "-port", &port.to_string()]);
        let log = pki.join("ocsp.log");
        let sink = File::create(&log).expect("a log");
        let child = command.stdout(Stdio::null()).stderr(sink).spawn().expect("openssl");
        // It serves one connection after another: one that only looks whether it listens would hold it up.
        let begun = Instant::now();
        while !fs::read_to_string(&log).expect("a log").contains("waiting for OCSP client connections") {
            assert!(begun.elapsed() < Duration::from_secs(20), "the responder does not listen");
            thread::sleep(Duration::from_millis(50));
        }
        Self(child)
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

fn asking(port: u16, more: &str) -> String {
    format!("ocsp_url = 'http://127.0.0.1:{port}'\n{more}")
}

#[test]
fn the_responders_word_on_a_caller_counts() {
    for (revoked, expected) in [(false, "OK"), (true, "CERTYFIKAT_NIEWAZNY: Certyfikat został unieważniony.")] {
        let port = free_port();
        let scene = Scene::new(&asking(port, ""));
        let _responder = Responder::start(&scene, port, revoked);
        let gateway = scene.offices.start();
        assert_eq!(scene.ask(&gateway), expected);
        assert_eq!(scene.ask(&gateway), expected, "the second time, from memory");
    }
}

#[test]
fn without_an_answer_only_a_list_lets_a_caller_in() {
    let port = free_port();
    let scene = Scene::new(&asking(port, ""));
    let gateway = scene.offices.start();
    assert!(scene.ask(&gateway).starts_with("CERTYFIKAT_NIEWAZNY: Nie udało się sprawdzić"), "{}", scene.ask(&gateway));
    drop(gateway);

    // A server that takes the question and says nothing.
    let silent = TcpListener::bind(("127.0.0.1", port)).expect("the port");
    let mut scene = scene;
    scene.list(&[]);
    let text = format!("[trust]\nanchors = ['pki/ca.pem']\n{}", asking(port, "crls = ['pki/list.crl']"));
    scene.offices.settings.overrides = text.parse().expect("TOML");
    let gateway = scene.offices.start();
    let begun = Instant::now();
    assert_eq!(scene.ask(&gateway), "OK");
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    assert_eq!(scene.ask(&gateway), "OK");
    drop(silent);
}

#[test]
fn a_list_that_is_exchanged_counts_without_a_restart() {
    let scene = Scene::new("crls = ['pki/list.crl']\ncrl_required = true");
    scene.list(&[]);
    let gateway = scene.offices.start();
    assert_eq!(scene.ask(&gateway), "OK");
    let broken: PathBuf = scene.offices.pki().join("list.crl");
    fs::write(broken, "-----BEGIN X509 CRL-----").expect("half a list");
    thread::sleep(Duration::from_millis(1100));
    assert_eq!(scene.ask(&gateway), "OK", "what was read before stays in force");
    scene.list(&[&scene.identity]);
    thread::sleep(Duration::from_millis(1100));
    assert_eq!(scene.ask(&gateway), "CERTYFIKAT_NIEWAZNY: Certyfikat został unieważniony.");
}
