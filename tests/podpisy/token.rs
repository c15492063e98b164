//! Seals with keys in a token (SoftHSM): by many threads, while it goes and comes back, and never with another key.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use brama::signatures::xades::{Level, SealError, Sealed, Sealer};
use brama::signatures::{Error, SigningKey};

use super::draft::DOCUMENT;
use super::making::{judged, order};
use super::scene::scene;
use super::sealing::Office;
use super::table::PASSED;

/// Where Debian puts the library.
const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const CONFIGURATION: &str = "SOFTHSM2_CONF";

/// A folder with the tokens of one SoftHSM.
struct Hsm<'a>(&'a Path);

impl Hsm<'_> {
    fn set_up(&self) {
        fs::create_dir_all(self.tokens()).expect("a folder");
        let text = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            self.tokens().display()
        );
        fs::write(self.configuration(), text).expect("a configuration");
        fs::write(self.0.join("pin"), "5678\n").expect("a PIN");
        self.util(&["--init-token", "--free", "--label", "brama", "--so-pin", "1234", "--pin", "5678"]);
    }

    fn configuration(&self) -> PathBuf {
        self.0.join("softhsm2.conf")
    }

    fn tokens(&self) -> PathBuf {
        self.0.join("tokens")
    }

    /// Puts a signer's key under `label` into the token.
    fn import(&self, label: &str, id: &str, key_pem: &[u8]) {
        let file = self.0.join("import.key");
        fs::write(&file, key_pem).expect("a key");
        let file = file.to_str().expect("a path");
        self.util(&["--import", file, "--token", "brama", "--label", label, "--id", id, "--pin", "5678"]);
    }

    fn util(&self, arguments: &[&str]) {
        let mut command = Command::new("softhsm2-util");
        let output = command.env(CONFIGURATION, self.configuration()).args(arguments).output();
        let output = output.expect("softhsm2 is installed by .ci/setup");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn uri(&self, label: &str) -> String {
        let pin = self.0.join("pin");
        format!("pkcs11:token=brama;object={label};type=private?module-path={MODULE}&pin-source=file:{}", pin.display())
    }
}

/// The library reads where its tokens are from the environment once, so a process of its own runs `body` with a folder.
fn with_tokens(test: &str, body: impl FnOnce(&Path)) {
    if let Some(configuration) = std::env::var_os(CONFIGURATION) {
        let configuration = PathBuf::from(configuration);
        return body(configuration.parent().expect("its folder"));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.env(CONFIGURATION, Hsm(folder.path()).configuration()).args(["--exact", test, "--nocapture"]);
    let output = command.output().expect("this program again");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

fn certificate(signer: &str) -> &'static [u8] {
    scene().signers[signer].identity.certificate_pem()
}

fn seal(key: &SigningKey, id: &str) -> Result<Sealed, SealError> {
    let sealer = Sealer::new(key, &[], &scene().lists).expect("a sealer");
    sealer.seal(&order(DOCUMENT.as_bytes(), id, Some(Level::B)), None, &brama::signatures::xades::Policy::default())
}

#[track_caller]
fn passes(key: &SigningKey, id: &str) {
    let made = seal(key, id).expect("a seal");
    assert_eq!(judged(&made.file, &[], &scene().lists).verdict.to_string(), PASSED);
}

/// What is said instead of a seal.
#[track_caller]
fn refused(key: &SigningKey, says: &str) {
    match seal(key, "p1") {
        Err(SealError::Key(Error::Token(said))) => assert!(said.contains(says), "{said}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_token_seals_with_every_kind_of_key_and_for_many_at_once() {
    with_tokens("token::a_token_seals_with_every_kind_of_key_and_for_many_at_once", |folder| {
        let hsm = Hsm(folder);
        hsm.set_up();
        for (signer, id) in [("rsa", "01"), ("rsa-4096", "02"), ("anna", "03"), ("p384", "04")] {
            hsm.import(signer, id, scene().signers[signer].identity.key_pem());
            let uri = hsm.uri(signer).replace(";type", &format!(";id=%{id};type"));
            passes(&SigningKey::in_token(&uri, certificate(signer)).expect("a key"), "p1");
        }
        for signer in ["anna", "rsa"] {
            let key = SigningKey::in_token(&hsm.uri(signer), certificate(signer)).expect("a key");
            thread::scope(|scope| {
                for thread in 0..8 {
                    let key = &key;
                    scope.spawn(move || (0..25).for_each(|round| passes(key, &format!("p{thread}-{round}"))));
                }
            });
        }
        let other = SigningKey::in_token(&hsm.uri("rsa"), certificate("rsa-3072")).expect("a key");
        refused(&other, "another key than that of the certificate");
        let none = SigningKey::in_token(&hsm.uri("nie-ma"), certificate("anna")).expect("a key");
        refused(&none, "the token has 0 such keys");
    });
}

#[test]
fn a_token_that_is_away_is_a_refusal_until_it_is_back_and_another_in_its_place_is_no_help() {
    let name = "token::a_token_that_is_away_is_a_refusal_until_it_is_back_and_another_in_its_place_is_no_help";
    with_tokens(name, |folder| {
        let hsm = Hsm(folder);
        hsm.set_up();
        hsm.import("pieczec", "01", scene().signers["anna"].identity.key_pem());
        let key = SigningKey::in_token(&hsm.uri("pieczec"), certificate("anna")).expect("a key");
        passes(&key, "p1");
        let drawer = folder.join("drawer");
        for round in 0..3 {
            fs::rename(hsm.tokens(), &drawer).expect("the token is taken away");
            fs::create_dir(hsm.tokens()).expect("an empty slot");
            thread::sleep(Duration::from_millis(600));
            thread::scope(|scope| {
                (0..4).for_each(|_| drop(scope.spawn(|| refused(&key, "brama/pieczec: "))));
            });
            fs::remove_dir_all(hsm.tokens()).expect("an empty slot");
            fs::rename(&drawer, hsm.tokens()).expect("the token comes back");
            thread::sleep(Duration::from_millis(600));
            passes(&key, &format!("p{round}"));
        }
        // A token of the same name with another key.
        fs::rename(hsm.tokens(), &drawer).expect("the token is taken away");
        hsm.set_up();
        hsm.import("pieczec", "01", scene().signers["obcy"].identity.key_pem());
        thread::sleep(Duration::from_millis(600));
        refused(&key, "");
        thread::sleep(Duration::from_millis(600));
        refused(&key, "another key than that of the certificate");
    });
}

#[test]
fn a_unit_seals_with_a_key_in_a_token() {
    let office = Office::new("");
    let hsm = Hsm(office.folder());
    hsm.set_up();
    let key = fs::read(office.folder().join("pup1.key")).expect("a key");
    hsm.import("pieczec", "01", &key);
    fs::remove_file(office.folder().join("pup1.key")).expect("nobody has the key but the token");
    let configuration = hsm.configuration();
    let check = |arguments: &[&str], code, says: &str| {
        office.check_with(&[(CONFIGURATION, configuration.as_os_str())], arguments, code, says);
    };
    let add = |uri: &str, certificate: &str, code, says: &str| {
        check(&["seal-key", "add", "--unit", "PUP1", "--certificate", certificate, "--pkcs11", uri], code, says);
    };
    let uri = hsm.uri("pieczec");
    add("pkcs11:object=pieczec", "pup1.pem", 2, "token or serial is needed");
    add(&uri.replace("brama", "inny"), "pup1.pem", 3, "no such token");
    add(&uri, "ops1.pem", 3, "the token has 0 such keys");
    add(&uri.replace(MODULE, "/nie/ma.so"), "pup1.pem", 3, "/nie/ma.so");
    add(&uri, "pup1.pem", 0, "PUP1 seals with the key of O=Urząd Testowy, CN=pieczęć");
    let seal = ["seal", "pismo.xml", "--unit", "PUP1", "--out", "gotowe.xml"];
    check(&seal, 0, "level B");
    check(&["verify", "gotowe.xml"], 0, "TOTAL_PASSED");
    fs::remove_file(office.folder().join("gotowe.xml")).expect("a document");
    fs::write(office.folder().join("pin"), "0000").expect("a PIN");
    check(&seal, 3, "the token refuses the PIN");
    fs::write(office.folder().join("pin"), "5678").expect("a PIN");
    fs::rename(hsm.tokens(), office.folder().join("drawer")).expect("the token is taken away");
    fs::create_dir(hsm.tokens()).expect("an empty slot");
    check(&seal, 3, "no such token");
    assert!(!office.folder().join("gotowe.xml").exists(), "no other key takes its place");
}
