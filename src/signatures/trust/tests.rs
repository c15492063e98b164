//! Trust judged on authorities made for the purpose.

mod ocsp;

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use chrono::TimeDelta;
use tempfile::TempDir;

use super::*;
use crate::signatures::KeyFamily;
use crate::signatures::pki::{Authority, Identity};

const NOON: &str = "2026-03-02T12:00:00Z";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[derive(Debug, Default)]
struct Files {
    anchors: Vec<PathBuf>,
    intermediates: Vec<PathBuf>,
    crls: Vec<PathBuf>,
    crl_required: bool,
}

impl Files {
    fn trust(&self) -> Result<Trust, Error> {
        Trust::new(&self.anchors, &self.intermediates, &self.crls, self.crl_required)
    }
}

/// An authority, one system's certificate and the folder where their files go.
struct Scene {
    folder: TempDir,
    authority: Authority,
    system: Identity,
    files: Files,
}

impl Scene {
    fn new() -> Self {
        let authority = Authority::new("test", at(NOON)).unwrap();
        let system = authority.issue("system", KeyFamily::Ecdsa, at(NOON)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut scene = Self { folder, authority, system, files: Files::default() };
        let anchor = scene.write("ca.pem", &scene.authority.certificate_pem().unwrap());
        scene.files.anchors.push(anchor);
        scene
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn list(&mut self, name: &str, revoked: &[&Identity], from: &str, to: &str) {
        let list = self.authority.revocation_list(revoked, at(from), at(to)).unwrap();
        let path = self.write(name, &list);
        self.files.crls.push(path);
    }

    #[track_caller]
    fn check(&self, identity: &Identity, moment: &str, expected: &Result<(), TrustError>) {
        let trust = self.files.trust().unwrap();
        let certificate = Certificate::from_pem(identity.certificate_pem()).unwrap();
        assert_eq!(&trust.check(&certificate, at(moment)), expected);
        assert_eq!(&trust.check(&certificate, at(moment)), expected, "the second time, from memory");
    }
}

#[test]
fn a_certificate_is_trusted_within_its_days_only() {
    let scene = Scene::new();
    let certificate = Certificate::from_pem(scene.system.certificate_pem()).unwrap();
    let second = TimeDelta::seconds(1);
    let (first, last) = (certificate.not_before(), certificate.not_after());
    let trust = scene.files.trust().unwrap();
    assert_eq!(trust.check(&certificate, first - second), Err(TrustError::Early(first)));
    assert_eq!(trust.check(&certificate, first), Ok(()));
    assert_eq!(trust.check(&certificate, last), Ok(()));
    assert_eq!(trust.check(&certificate, last + second), Err(TrustError::Late(last)));
}

#[test]
fn a_certificate_is_read_the_same_before_and_after_its_chain_was_verified() {
    let scene = Scene::new();
    let certificate = Certificate::from_pem(scene.system.certificate_pem()).unwrap();
    let trust = scene.files.trust().unwrap();
    assert_eq!(trust.certificate(certificate.der()).unwrap(), certificate);
    assert_eq!(trust.check(&certificate, at(NOON)), Ok(()));
    assert_eq!(trust.certificate(certificate.der()).unwrap(), certificate);
    assert!(trust.certificate(&certificate.der()[1..]).is_err());
}

#[test]
fn a_namesake_of_the_authority_is_nobody() {
    let scene = Scene::new();
    let foreign = Authority::new("test", at(NOON)).unwrap();
    let stranger = foreign.issue("system", KeyFamily::Ecdsa, at(NOON)).unwrap();
    let trust = scene.files.trust().unwrap();
    let certificate = Certificate::from_pem(stranger.certificate_pem()).unwrap();
    assert!(matches!(trust.check(&certificate, at(NOON)), Err(TrustError::Chain(_))));
}

#[test]
fn an_authority_signs_certificates_and_nothing_else() {
    let scene = Scene::new();
    let trust = scene.files.trust().unwrap();
    let certificate = Certificate::from_pem(&scene.authority.certificate_pem().unwrap()).unwrap();
    assert_eq!(trust.check(&certificate, at(NOON)), Err(TrustError::Usage));
}

#[test]
fn a_certificate_that_is_an_anchor_itself_needs_no_issuer() {
    let mut scene = Scene::new();
    scene.files.anchors = vec![scene.write("system.pem", scene.system.certificate_pem())];
    scene.check(&scene.system, NOON, &Ok(()));
}

#[test]
fn a_chain_passes_through_an_intermediate_that_is_not_trusted_by_itself() {
    let mut scene = Scene::new();
    let middle = scene.authority.subordinate("middle", at(NOON)).unwrap();
    let system = middle.issue("system", KeyFamily::Rsa, at(NOON)).unwrap();
    let certificate = Certificate::from_pem(system.certificate_pem()).unwrap();
    let trust = scene.files.trust().unwrap();
    assert!(matches!(trust.check(&certificate, at(NOON)), Err(TrustError::Chain(_))));
    scene.files.intermediates.push(scene.write("middle.pem", &middle.certificate_pem().unwrap()));
    scene.check(&system, NOON, &Ok(()));
    scene.list("root.crl", &[], NOON, "2026-04-01T00:00:00Z");
    scene.check(&system, NOON, &Ok(()));
    scene.files.crl_required = true;
    scene.check(&system, NOON, &Err(TrustError::NoList));
    scene.files.anchors.clear();
    let trust = scene.files.trust().unwrap();
    assert!(matches!(trust.check(&certificate, at(NOON)), Err(TrustError::Chain(_))));
}

#[test]
fn a_revoked_certificate_is_refused_whether_lists_are_required_or_not() {
    let mut scene = Scene::new();
    let other = scene.authority.issue("other", KeyFamily::Ecdsa, at(NOON)).unwrap();
    scene.files.crl_required = true;
    scene.check(&scene.system, NOON, &Err(TrustError::NoList));
    scene.list("first.crl", &[&other], NOON, "2026-03-20T00:00:00Z");
    for required in [true, false] {
        scene.files.crl_required = required;
        scene.check(&scene.system, NOON, &Ok(()));
        scene.check(&other, NOON, &Err(TrustError::Revoked));
        scene.check(&scene.system, "2026-03-21T00:00:00Z", &Err(TrustError::StaleList(at("2026-03-20T00:00:00Z"))));
    }
}

#[test]
fn of_two_lists_of_one_issuer_the_later_counts() {
    let mut scene = Scene::new();
    let system = scene.authority.issue("system", KeyFamily::Ecdsa, at(NOON)).unwrap();
    scene.list("new.crl", &[], "2026-03-09T00:00:00Z", "2026-03-30T00:00:00Z");
    scene.list("old.crl", &[], NOON, "2026-03-10T00:00:00Z");
    scene.check(&system, "2026-03-11T00:00:00Z", &Ok(()));
    scene.list("newest.crl", &[&system], "2026-03-12T00:00:00Z", "2026-04-30T00:00:00Z");
    scene.check(&system, "2026-03-11T00:00:00Z", &Err(TrustError::Revoked));
}

#[test]
fn lists_are_read_again_when_their_files_change_and_broken_ones_are_not() {
    let mut scene = Scene::new();
    let (first, second) = ("2026-03-09T00:00:00Z", "2026-03-10T00:00:00Z");
    scene.list("list.crl", &[], first, "2026-03-30T00:00:00Z");
    let certificate = Certificate::from_pem(scene.system.certificate_pem()).unwrap();
    let trust = scene.files.trust().unwrap();
    let check = || {
        thread::sleep(Duration::from_millis(1100));
        trust.check(&certificate, at("2026-03-11T00:00:00Z"))
    };
    assert_eq!(check(), Ok(()));
    scene.write("list.crl", b"-----BEGIN X509 CRL-----\nhalf of");
    assert_eq!(check(), Ok(()));
    fs::remove_file(scene.folder.path().join("list.crl")).unwrap();
    assert_eq!(check(), Ok(()));
    let revoked = scene.authority.revocation_list(&[&scene.system], at(second), at("2026-03-30T00:00:00Z")).unwrap();
    scene.write("list.crl", &revoked);
    assert_eq!(check(), Err(TrustError::Revoked));
}

#[test]
fn one_file_may_hold_several_lists() {
    let mut scene = Scene::new();
    let first = scene.authority.revocation_list(&[], at(NOON), at("2026-03-10T00:00:00Z")).unwrap();
    let second =
        scene.authority.revocation_list(&[&scene.system], at("2026-03-03T00:00:00Z"), at("2026-03-20T00:00:00Z"));
    scene.files.crls = vec![scene.write("both.crl", &[first, second.unwrap()].concat())];
    scene.check(&scene.system, NOON, &Err(TrustError::Revoked));
}

#[test]
fn a_list_that_its_issuer_did_not_sign_refuses_everybody() {
    let mut scene = Scene::new();
    let foreign = Authority::new("test", at(NOON)).unwrap();
    let list = foreign.revocation_list(&[], at(NOON), at("2026-03-20T00:00:00Z")).unwrap();
    scene.files.crls = vec![scene.write("foreign.crl", &list)];
    let trust = scene.files.trust().unwrap();
    let certificate = Certificate::from_pem(scene.system.certificate_pem()).unwrap();
    assert!(matches!(trust.check(&certificate, at(NOON)), Err(TrustError::Chain(_))));
}

#[test]
fn a_file_with_nothing_in_it_is_an_error() {
    let scene = Scene::new();
    let empty = scene.write("empty.pem", b"");
    let missing = Path::new("no/such/file.pem").to_owned();
    for path in [empty, missing] {
        for files in [
            Files { anchors: vec![path.clone()], ..Files::default() },
            Files { intermediates: vec![path.clone()], ..Files::default() },
            Files { crls: vec![path.clone()], ..Files::default() },
        ] {
            assert!(files.trust().is_err(), "{files:?}");
        }
    }
}
