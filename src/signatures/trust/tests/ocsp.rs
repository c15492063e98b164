//! The responder of the `openssl` program, asked without a network, and responders that nobody should believe.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// The answers of an authority about its certificates, made by `openssl ocsp`.
struct Program {
    folder: TempDir,
    /// Further arguments.
    arguments: Vec<String>,
}

impl Program {
    /// `signer` answers about certificates of `authority`, of which `revoked` are.
    fn new(authority: &Authority, signer: &Authority, known: &[&Identity], revoked: &[&Identity]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let line = |identity: &&Identity, revoked: bool| {
            let x509 = X509::from_pem(identity.certificate_pem()).unwrap();
            let serial = x509.serial_number().to_bn().unwrap().to_hex_str().unwrap().to_string();
            let (letter, since) = if revoked { ("R", "260101000000Z") } else { ("V", "") };
            format!("{letter}\t491231235959Z\t{since}\t{serial}\tunknown\t/CN=x\n")
        };
        let lines = known.iter().map(|one| line(one, false)).chain(revoked.iter().map(|one| line(one, true)));
        let files = [
            ("index.txt", lines.collect::<String>().into_bytes()),
            ("ca.pem", authority.certificate_pem().unwrap()),
            ("signer.pem", signer.certificate_pem().unwrap()),
            ("signer.key", signer.key_pem().unwrap().to_vec()),
        ];
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        Self { folder, arguments: Vec::new() }.with("-ndays 1")
    }

    /// The same, signed by a key to which the authority gave a certificate for this purpose.
    fn delegated(authority: &Authority, known: &[&Identity], purpose: &str) -> Self {
        let program = Self::new(authority, authority, known, &[]);
        let folder = program.folder.path();
        fs::rename(folder.join("signer.key"), folder.join("ca.key")).unwrap();
        fs::write(folder.join("extensions"), format!("extendedKeyUsage={purpose}\nkeyUsage=digitalSignature")).unwrap();
        for line in [
            "req -newkey rsa:2048 -nodes -keyout signer.key -subj /CN=ocsp -out request",
            "x509 -req -in request -CA ca.pem -CAkey ca.key -days 1 -extfile extensions -out signer.pem",
        ] {
            let output = Command::new("openssl").current_dir(folder).args(line.split(' ')).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        program
    }

    fn with(mut self, arguments: &str) -> Self {
        self.arguments = arguments.split_whitespace().map(str::to_owned).collect();
        self
    }
}

impl Responder for Program {
    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, String> {
        fs::write(self.folder.path().join("question"), question).unwrap();
        let mut command = Command::new("openssl");
        command.current_dir(self.folder.path()).args(["ocsp", "-index", "index.txt", "-CA", "ca.pem"]);
        command.args(["-rsigner", "signer.pem", "-rkey", "signer.key", "-reqin", "question", "-respout", "answer"]);
        let output = command.args(&self.arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(fs::read(self.folder.path().join("answer")).unwrap())
    }
}

/// A responder that says what it is told to.
struct Says(Result<Vec<u8>, String>);

impl Responder for Says {
    fn ask(&self, _: &[u8]) -> Result<Vec<u8>, String> {
        self.0.clone()
    }
}

/// An authority and a system of it, of this time: answers are about now.
fn scene() -> Scene {
    let now = Utc::now();
    let mut scene = Scene::new();
    scene.authority = Authority::new("test", now).unwrap();
    scene.system = scene.authority.issue("system", KeyFamily::Ecdsa, now).unwrap();
    scene.write("ca.pem", &scene.authority.certificate_pem().unwrap());
    scene
}

fn certificate(scene: &Scene) -> Certificate {
    Certificate::from_pem(scene.system.certificate_pem()).unwrap()
}

fn check(scene: &Scene, responder: impl Responder + 'static) -> Result<(), TrustError> {
    let trust = scene.files.trust().unwrap().asking(Box::new(responder)).unwrap();
    trust.check(&certificate(scene), Utc::now())
}

#[track_caller]
fn silent(scene: &Scene, responder: impl Responder + 'static, reason: &str) {
    match check(scene, responder) {
        Err(TrustError::NoAnswer(text)) => assert!(text.contains(reason), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_responders_word_counts() {
    let scene = scene();
    let (authority, system) = (&scene.authority, &scene.system);
    assert_eq!(check(&scene, Program::new(authority, authority, &[system], &[])), Ok(()));
    assert_eq!(check(&scene, Program::new(authority, authority, &[], &[system])), Err(TrustError::Revoked));
}

#[test]
fn an_authority_may_have_somebody_answer_for_it() {
    let scene = scene();
    let answers = |purpose| Program::delegated(&scene.authority, &[&scene.system], purpose);
    assert_eq!(check(&scene, answers("OCSPSigning")), Ok(()));
    silent(&scene, answers("clientAuth"), "signature does not hold");
}

#[test]
fn an_answer_without_an_end_holds_too() {
    let scene = scene();
    let program = Program::new(&scene.authority, &scene.authority, &[&scene.system], &[]);
    assert_eq!(check(&scene, program.with("")), Ok(()));
}

#[test]
fn whose_word_does_not_count_says_nothing() {
    let scene = scene();
    let (authority, system) = (&scene.authority, &scene.system);
    silent(&scene, Program::new(authority, authority, &[], &[]), "does not know");
    let namesake = Authority::new("test", Utc::now()).unwrap();
    silent(&scene, Program::new(authority, &namesake, &[system], &[]), "signature does not hold");
    let below = authority.subordinate("below", Utc::now()).unwrap();
    silent(&scene, Program::new(authority, &below, &[system], &[]), "signature does not hold");
    let weak = Program::new(authority, authority, &[system], &[]).with("-ndays 1 -rmd sha1");
    silent(&scene, weak, "not accepted");
    silent(&scene, Says(Err("away".into())), "away");
    silent(&scene, Says(Ok(b"<html/>".to_vec())), "cannot be read");
    silent(&scene, Says(Ok(vec![0x30, 3, 0x0a, 1, 3])), "status 3");
}

#[test]
fn an_old_answer_says_nothing() {
    let scene = scene();
    let issuer = X509::from_pem(&scene.authority.certificate_pem().unwrap()).unwrap();
    let question = super::super::ocsp::question(&certificate(&scene), &issuer).unwrap();
    let answer = Program::new(&scene.authority, &scene.authority, &[&scene.system], &[]).ask(&question).unwrap();
    let trust = scene.files.trust().unwrap().asking(Box::new(Says(Ok(answer)))).unwrap();
    let now = Utc::now();
    assert_eq!(trust.check(&certificate(&scene), now + TimeDelta::hours(23)), Ok(()));
    let late = trust.check(&certificate(&scene), now + TimeDelta::hours(25));
    assert!(matches!(late, Err(TrustError::NoAnswer(text)) if text.contains("not of this time")));
}

#[test]
fn silence_is_covered_by_a_list_of_the_issuer_and_revocation_is_not() {
    let mut scene = scene();
    let now = Utc::now();
    let list = scene.authority.revocation_list(&[], now - TimeDelta::hours(1), now + TimeDelta::hours(1)).unwrap();
    let path = scene.write("list.crl", &list);
    scene.files.crls.push(path);
    assert_eq!(check(&scene, Says(Err("away".into()))), Ok(()));
    let program = Program::new(&scene.authority, &scene.authority, &[], &[&scene.system]);
    assert_eq!(check(&scene, program), Err(TrustError::Revoked));
}

/// Counts how often it is asked.
struct Counting(Arc<AtomicUsize>, Program);

impl Responder for Counting {
    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, String> {
        self.0.fetch_add(1, Ordering::Relaxed);
        self.1.ask(question)
    }
}

#[test]
fn an_answer_is_remembered_for_as_long_as_it_holds() {
    let scene = scene();
    let asked = Arc::default();
    let program = Program::new(&scene.authority, &scene.authority, &[&scene.system], &[]);
    let responder = Counting(Arc::clone(&asked), program);
    let trust = scene.files.trust().unwrap().asking(Box::new(responder)).unwrap();
    let now = Utc::now();
    for (minutes, times) in [(0, 1), (1, 1), (59, 1), (61, 2)] {
        assert_eq!(trust.check(&certificate(&scene), now + TimeDelta::minutes(minutes)), Ok(()));
        assert_eq!(asked.load(Ordering::Relaxed), times, "after {minutes} minutes");
    }
}
