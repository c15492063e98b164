//! What the gateway signs: its own judge passes it, and so do programs that know nothing of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use brama::signatures::lists::{Files, Link, Lists};
use brama::signatures::timestamps::TimeAuthority;
use brama::signatures::xades::{Judgement, Level, Order, Policy, Question, SealError, Sealed, Sealer, judge, level};
use brama::xml::Limits;
use chrono::{DateTime, TimeDelta, Utc};

use super::draft::{DOCUMENT, Draft, ENVELOPED, EXCLUSIVE, Over, Reference};
use super::scene::{NOW, at, scene};
use super::table::PASSED;
use super::tokens::{Flaw, response};

/// A time-stamping authority in process.
pub struct Authority {
    by: &'static str,
    at: DateTime<Utc>,
    flaw: Flaw,
}

impl Authority {
    pub fn new(by: &'static str) -> Self {
        Self { by, at: at(NOW), flaw: Flaw::None }
    }
}

impl TimeAuthority for Authority {
    fn stamp(&self, request: &[u8]) -> Result<Vec<u8>, String> {
        Ok(response(&scene().signers[self.by], request, self.at, self.flaw))
    }
}

/// An authority that gives one response for ever.
struct Stale(Vec<u8>);

impl TimeAuthority for Stale {
    fn stamp(&self, _: &[u8]) -> Result<Vec<u8>, String> {
        Ok(self.0.clone())
    }
}

pub fn order<'a>(file: &'a [u8], id: &'a str, level: Option<Level>) -> Order<'a> {
    Order { file, beside: None, media_type: "text/xml", level, id, now: at(NOW), limits: Limits::default() }
}

fn sealed_by(
    lists: &Lists,
    signer: &str,
    order: &Order<'_>,
    authority: Option<&dyn TimeAuthority>,
) -> Result<Sealed, SealError> {
    let key = scene().signers[signer].identity.signing_key().expect("a key");
    Sealer::new(&key, &[], lists).expect("a sealer").seal(order, authority, &Policy::default())
}

pub fn sealed(signer: &str, order: &Order<'_>) -> Sealed {
    sealed_by(&scene().lists, signer, order, Some(&Authority::new("tsa"))).expect("a seal")
}

pub fn judged(file: &[u8], contents: &[(String, Vec<u8>)], lists: &Lists) -> Judgement {
    let question = Question { file, contents, now: at(NOW), received: None, limits: Limits::default() };
    judge(&question, lists, &Policy::default())
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().expect("the program is installed by .ci/setup");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}{}", String::from_utf8_lossy(&output.stdout));
}

/// `xmlsec1` on a file of `folder`; `node` is the identifier of the signature meant, the first one unless given.
#[track_caller]
fn xmlsec1(folder: &Path, file: &str, node: Option<&str>) {
    let mut command = Command::new("xmlsec1");
    command.current_dir(folder).args(["--verify", "--trusted-pem"]).arg(&scene().files.qualified[0]);
    command.args(["--verification-gmt-time", "2026-03-02 12:00:00", "--enabled-key-data", "x509"]);
    command.args(["--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"]);
    command.args(["--id-attr:Id", "http://www.w3.org/2000/09/xmldsig#:Signature"]);
    if let Some(node) = node {
        command.args(["--node-id", node]);
    }
    run(command.arg(file));
}

/// Python's `signxml` on a file of `folder`, all signatures but the one meant taken out.
#[track_caller]
fn signxml(folder: &Path, file: &str, node: &str, signer: &str) {
    fs::write(folder.join("signer.pem"), scene().signers[signer].identity.certificate_pem()).expect("a certificate");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(root.join(".venv/bin/python"));
    command.current_dir(folder).arg(root.join("tests/podpisy/verify.py")).args([file, node, NOW, "signer.pem"]);
    run(&mut command);
}

#[test]
fn every_key_level_and_shape_verifies_with_xmlsec1_and_what_is_inside_with_signxml() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("pismo.pdf"), b"%PDF-1.7 pismo").expect("a file");
    let mut files = 0;
    for signer in ["rsa", "rsa-4096", "anna", "p384"] {
        for level in [Level::B, Level::T, Level::LT] {
            for beside in [None, Some("pismo.pdf")] {
                let what = format!("{signer} {level:?} {beside:?}");
                let content = if beside.is_some() { b"%PDF-1.7 pismo" } else { DOCUMENT.as_bytes() };
                let made = sealed(signer, &Order { beside, ..order(content, "p1", Some(level)) });
                assert_eq!(made.level, level, "{what}");
                let name = format!("{signer}-{level:?}-{}.xml", beside.is_some());
                fs::write(folder.path().join(&name), &made.file).expect("a file");
                xmlsec1(folder.path(), &name, None);
                if beside.is_none() {
                    signxml(folder.path(), &name, "p1", signer);
                }
                check(&made, beside.map(|name| (name.to_owned(), content.to_vec())), &what);
                files += 1;
            }
        }
    }
    assert_eq!(files, 24);
}

/// Our judge passes what was made, tells its level, and finds a change of the content.
#[track_caller]
fn check(made: &Sealed, content: Option<(String, Vec<u8>)>, what: &str) {
    let contents: Vec<_> = content.into_iter().collect();
    let judgement = judged(&made.file, &contents, &scene().lists);
    assert_eq!(judgement.verdict.to_string(), PASSED, "{what}: {:#?}", judgement.signatures[0].checks);
    assert_eq!(level(&judgement.signatures[0].facts, &Policy::default()), made.level, "{what}");
    let text = String::from_utf8(made.file.clone()).expect("UTF-8").replacen(">100<", ">900<", 1);
    let others = [("pismo.pdf".to_owned(), b"%PDF-1.7 inne".to_vec())];
    let changed = judged(text.as_bytes(), if contents.is_empty() { &[] } else { &others }, &scene().lists);
    assert_eq!(changed.verdict.to_string(), "TOTAL_FAILED HASH_FAILURE", "{what}");
}

#[test]
fn two_and_three_sign_one_document_and_each_signature_holds_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let signers = [("anna", "p1"), ("rsa", "p2"), ("p384", "p3")];
    // signxml knows nothing of what stands around the root, though it is signed with it.
    let around =
        format!("<?xml version=\"1.0\"?>\n<?xml-stylesheet href=\"a.xsl\"?>\n{DOCUMENT}\n<!-- koniec -->\n<?p <?>");
    for (document, is_bare) in [(DOCUMENT.to_owned(), true), (around, false)] {
        let mut file = document.into_bytes();
        for (count, (signer, id)) in signers.iter().enumerate() {
            file = sealed(signer, &order(&file, id, [None, Some(Level::B), Some(Level::T)][count])).file;
            fs::write(folder.path().join("wspolny.xml"), &file).expect("a file");
            for (signer, id) in &signers[..=count] {
                xmlsec1(folder.path(), "wspolny.xml", Some(id));
                if is_bare {
                    signxml(folder.path(), "wspolny.xml", id, signer);
                }
            }
            let judgement = judged(&file, &[], &scene().lists);
            assert_eq!((judgement.verdict.to_string().as_str(), judgement.signatures.len()), (PASSED, count + 1));
        }
    }
}

#[test]
fn a_signature_that_another_one_would_break_keeps_it_out() {
    // It leaves only itself out, so that a second signature changes what it signs.
    let alone = Reference { transforms: format!("{ENVELOPED}{EXCLUSIVE}"), over: Over::Own, ..Reference::whole() };
    let draft = Draft { references: vec![alone], ..Draft::new("anna") };
    assert_eq!(draft.judge().verdict.to_string(), PASSED);
    let broken = Draft::new("anna").text().replacen(">100<", ">900<", 1);
    let detached = Draft { references: vec![Reference::content("pismo.pdf", b"%PDF")], ..Draft::new("anna") };
    for (document, id) in [(draft.text(), "s1"), (broken, "s1"), (detached.text(), "s1")] {
        let refused = sealed_by(&scene().lists, "rsa", &order(document.as_bytes(), "p2", Some(Level::B)), None);
        assert!(matches!(&refused, Err(SealError::BreaksOthers(found)) if found == id), "{refused:?}");
    }
    let sound = Draft::new("anna").text();
    let both = sealed("rsa", &order(sound.as_bytes(), "p2", Some(Level::B)));
    assert_eq!(judged(&both.file, &[], &scene().lists).verdict.to_string(), PASSED);
    // An identifier that is taken already would make both ambiguous.
    let twice = sealed_by(&scene().lists, "rsa", &order(sound.as_bytes(), "s1", Some(Level::B)), None);
    assert!(matches!(twice, Err(SealError::BreaksOthers(_))), "{twice:?}");
}

#[test]
fn what_cannot_be_signed_is_refused() {
    let beside = sealed("anna", &Order { beside: Some("a"), ..order(b"a", "p1", Some(Level::B)) }).file;
    let refused = |file: &[u8], now: &str| {
        let order = Order { now: at(now), ..order(file, "p1", Some(Level::B)) };
        sealed_by(&scene().lists, "anna", &order, None).expect_err("a refusal").to_string()
    };
    assert_eq!(refused(&beside, NOW), "the document is a signature itself");
    assert!(refused(b"<!DOCTYPE a><a/>", NOW).contains("Doctype"), "{}", refused(b"<!DOCTYPE a><a/>", NOW));
    let ended = "the certificate is valid from 2025-01-01 00:00:00 UTC to 2027-01-01 00:00:00 UTC";
    assert_eq!(refused(b"<a/>", "2024-12-31T23:59:59Z"), ended);
    assert_eq!(refused(b"<a/>", "2027-01-01T00:00:01Z"), ended);
}

/// The level reached, or why none was.
#[track_caller]
fn reached(lists: &Lists, wanted: Option<Level>, authority: Option<&dyn TimeAuthority>, expected: &str) {
    let found = match sealed_by(lists, "anna", &order(DOCUMENT.as_bytes(), "p1", wanted), authority) {
        Ok(made) => format!("{:?}", made.level),
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected);
}

#[test]
fn the_level_is_the_highest_that_can_be_had_or_exactly_the_one_asked() {
    let lists = &scene().lists;
    let files = |crls: &[&str]| {
        let keep = |path: &&PathBuf| crls.iter().any(|name| path.ends_with(name));
        let crls = scene().files.crls.iter().filter(keep).cloned().collect();
        Lists::read(&Files { crls, ..scene().files.clone() }).expect("lists")
    };
    let authority = &Authority::new("tsa");
    let not_known = "nothing fresh is known about the revocation of the certificate of C=PL, SN=Nowak-Testowa, GN=Anna, serialNumber=PNOPL-90870112348, CN=Anna Nowak-Testowa";
    reached(lists, None, None, "B");
    reached(lists, None, Some(authority), "LT");
    reached(lists, Some(Level::B), Some(authority), "B");
    reached(lists, Some(Level::T), Some(authority), "T");
    reached(lists, Some(Level::T), None, "a time-stamp needs signatures.tsa_url");
    reached(lists, Some(Level::LT), None, "a time-stamp needs signatures.tsa_url");
    let of_stamps = files(&["tsa.crl"]);
    reached(&of_stamps, None, Some(authority), "T");
    reached(&of_stamps, Some(Level::LT), Some(authority), not_known);
    let unknown = Lists::read(&Files { qualified: Vec::new(), ..scene().files.clone() }).expect("lists");
    reached(&unknown, None, Some(authority), "T");
    reached(&unknown, Some(Level::LT), Some(authority), "the certificate leads to no authority of [signatures]");
    // A stamp by somebody of whose revocation nothing is known would be ignored by every verifier.
    reached(&files(&["kwalifikowany.crl"]), None, Some(authority), "the time-stamp proves nothing: NotKnown");
}

#[test]
fn a_revoked_certificate_gets_no_lasting_seal() {
    let order = order(DOCUMENT.as_bytes(), "p1", None);
    let refused =
        sealed_by(&scene().lists, "uniewazniona", &order, Some(&Authority::new("tsa"))).expect_err("a refusal");
    assert!(refused.to_string().ends_with("was revoked"), "{refused}");
}

#[test]
fn a_stamp_is_judged_before_it_is_used() {
    let stamps = |by, at, flaw, expected: &str| {
        reached(&scene().lists, None, Some(&Authority { by, at, flaw }), expected);
    };
    let now = at(NOW);
    let worthless = |fault: &str| format!("the time-stamp proves nothing: {fault}");
    stamps("tsa", now + TimeDelta::seconds(59), Flaw::None, "LT");
    stamps("tsa-rsa", now, Flaw::None, "LT");
    stamps("tsa", now - TimeDelta::minutes(5), Flaw::None, "the time-stamp says 2026-03-02 11:55:00 UTC");
    stamps("tsa", now + TimeDelta::minutes(5), Flaw::None, &worthless("Future"));
    stamps("tsa", now, Flaw::Signature, &worthless("Signature"));
    stamps("tsa", now, Flaw::Bound, &worthless("Authority"));
    stamps("tsa", now, Flaw::Twice, "time-stamp: the response cannot be read");
    stamps("tsa-obca", now, Flaw::None, &worthless("Chain(NoChain)"));
    stamps("tsa-nie-tsa", now, Flaw::None, &worthless("Chain(Constraints)"));
    stamps("tsa-uniewazniona", now, Flaw::None, &worthless("Revoked"));
    stamps("tsa-dawna", now, Flaw::None, &worthless("Validity"));
    // What was given to another request is refused by its nonce.
    let earlier = Stale(response(&scene().signers["tsa"], &request_of_another(), now, Flaw::None));
    reached(&scene().lists, None, Some(&earlier), "time-stamp: the token answers another request");
}

/// A request that nobody here made.
fn request_of_another() -> Vec<u8> {
    struct Ear(std::sync::Mutex<Vec<u8>>);
    impl TimeAuthority for Ear {
        fn stamp(&self, request: &[u8]) -> Result<Vec<u8>, String> {
            *self.0.lock().expect("a request") = request.to_vec();
            Err("only listening".to_owned())
        }
    }
    let ear = Ear(std::sync::Mutex::default());
    assert!(brama::signatures::timestamps::request(b"else", &ear).is_err());
    ear.0.into_inner().expect("a request")
}

/// The certificates that came with a key are enclosed when the lists know no chain, roots aside.
#[test]
fn intermediates_are_enclosed_and_roots_are_not() {
    let link = |name: &str| Link::new(scene().signers[name].x509.clone()).expect("a certificate");
    let pem = scene().authorities["kwalifikowany"].certificate_pem().expect("PEM");
    let root = Link::all_from_pem(&pem).expect("certificates").remove(0);
    let nobody = Lists::read(&Files::default()).expect("no lists");
    let key = scene().signers["posrednio"].identity.signing_key().expect("a key");
    for (lists, certificates) in
        [(&nobody, vec![link("posrednio"), root.clone(), link("posredni")]), (&scene().lists, Vec::new())]
    {
        let sealer = Sealer::new(&key, &certificates, lists).expect("a sealer");
        let made = sealer.seal(&order(b"<a/>", "p1", Some(Level::B)), None, &Policy::default()).expect("a seal");
        let text = String::from_utf8(made.file).expect("UTF-8");
        assert_eq!(text.matches("<ds:X509Certificate>").count(), 2, "{text}");
        // Who knows the root alone can follow the chain.
        let bare = Files { intermediates: Vec::new(), ..scene().files.clone() };
        let judgement = judged(text.as_bytes(), &[], &Lists::read(&bare).expect("lists"));
        assert_eq!(judgement.verdict.to_string(), PASSED, "{:#?}", judgement.signatures[0].checks);
    }
}
