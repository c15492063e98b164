//! The verbs run on files, judged by what they print and how they end.

use chrono::TimeDelta;
use clap::Parser;
use tempfile::TempDir;

use super::*;
use crate::signatures::pki::{Authority, Identity};
use crate::signatures::{KeyFamily, sign};
use crate::xml::{Attr, W, Writer};

#[derive(Parser)]
struct Program {
    #[command(subcommand)]
    verb: Verb,
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(name), bytes).unwrap();
    }

    /// Runs with the words of `line`; a word with a dot in it is a file of this folder. Gives what it printed and its end.
    fn run(&self, line: &str) -> (String, Result<(), Failure>) {
        let path = |word: &str| {
            let file = word.contains('.').then(|| self.0.path().join(word).to_str().unwrap().to_owned());
            file.unwrap_or_else(|| word.replace('~', " "))
        };
        let arguments = std::iter::once("xml".to_owned()).chain(line.split(' ').map(path));
        let mut out = Vec::new();
        let end = match Program::try_parse_from(arguments) {
            Err(error) => Err(Failure::Unreadable(error.to_string())),
            Ok(Program { verb: Verb::Verify(verify) }) => verify.run(&mut out),
            Ok(Program { verb: Verb::Canonicalize(canonicalize) }) => canonicalize.run(&mut out),
        };
        (String::from_utf8(out).unwrap(), end)
    }

    #[track_caller]
    fn check(&self, line: &str, expected: &str) {
        let (printed, end) = self.run(line);
        assert_eq!(printed, expected, "{line}");
        end.unwrap();
    }

    #[track_caller]
    fn refused(&self, line: &str, reason: &str) {
        match self.run(line) {
            (printed, Err(Failure::Refused(text))) => {
                assert!(printed.contains(reason) || text.contains(reason), "{line}: {printed}{text}");
            }
            other => panic!("{line}: {other:?}"),
        }
    }

    #[track_caller]
    fn unreadable(&self, line: &str) {
        let (_, outcome) = self.run(line);
        assert!(matches!(outcome, Err(Failure::Unreadable(_))), "{line}: {outcome:?}");
    }
}

fn signed(identity: &Identity, attribute: &'static str) -> String {
    let key = identity.signing_key().unwrap();
    let mut part = Writer::new();
    part.apex(W.name("tresc"), &[Attr::Plain(attribute, "a")]);
    part.text("zażółć");
    part.close();
    let part = part.into_bytes();
    let mut out = Writer::new();
    out.open(W.name("koperta"));
    out.raw(&part);
    let enclose = |out: &mut Writer| {
        out.element(DS.name("X509Data"), |out| {
            out.base64_element(DS.name("X509Certificate"), key.certificate().der());
        });
    };
    sign(&key, &[("a", &part)], enclose, &mut out).unwrap();
    out.close();
    String::from_utf8(out.into_bytes()).unwrap()
}

#[test]
fn a_signature_is_verified_by_key_by_trust_or_by_itself() {
    let now = Utc::now();
    let authority = Authority::new("test", now).unwrap();
    let identity = authority.issue("syriusz", KeyFamily::Ecdsa, now).unwrap();
    let other = Authority::new("test", now).unwrap();
    let folder = Folder::new();
    let text = signed(&identity, "Id");
    folder.write("good.xml", &text);
    folder.write("bad.xml", text.replace("zażółć", "zazółć"));
    folder.write("custom.xml", signed(&identity, "Nr"));
    folder.write("twice.xml", text.replace("<w:tresc", "<x Id=\"a\"></x><w:tresc"));
    folder.write("plain.xml", "<a/>");
    folder.write("broken.xml", "<a>");
    folder.write("own.pem", identity.certificate_pem());
    folder.write("ca.pem", authority.certificate_pem().unwrap());
    folder.write("other.pem", other.issue("syriusz", KeyFamily::Ecdsa, now).unwrap().certificate_pem());
    folder.write("foreign.pem", other.certificate_pem().unwrap());

    let valid = "valid: /w:koperta/ds:Signature (EcdsaSha256)\n";
    let covers = "  covers: /w:koperta/w:tresc\n";
    folder.check("verify good.xml --key own.pem", &format!("{valid}{covers}"));
    folder.check("verify good.xml --trust ca.pem", &format!("{valid}  signer: O=brama, CN=syriusz\n{covers}"));
    let unchecked = "  signer: O=brama, CN=syriusz, not checked for trust\n";
    folder.check("verify good.xml", &format!("{valid}{unchecked}{covers}"));
    folder.check("verify custom.xml --key own.pem --id-attribute Nr", &format!("{valid}{covers}"));

    folder.refused("verify bad.xml --key own.pem", "digest of reference 1");
    folder.refused("verify good.xml --key other.pem", "signature value");
    folder.refused("verify good.xml --trust foreign.pem", "not trusted");
    folder.refused("verify custom.xml --key own.pem", "resolves to nothing");
    folder.refused("verify twice.xml --key own.pem", "identifier used twice");
    folder.refused("verify plain.xml", "no signature");
    folder.refused("verify broken.xml", "broken.xml");
    let late = (now + TimeDelta::days(4000)).format("%Y-%m-%dT%H:%M:%SZ");
    folder.refused(&format!("verify good.xml --trust ca.pem --at {late}"), "not valid after");

    folder.unreadable("verify missing.xml");
    folder.unreadable("verify good.xml --key missing.pem");
    folder.unreadable("verify good.xml --key good.xml");
    folder.unreadable("verify good.xml --key own.pem --trust ca.pem");
    folder.unreadable("verify good.xml --trust ca.pem --at yesterday");
}

#[test]
fn every_signature_of_a_document_is_judged() {
    let authority = Authority::new("test", Utc::now()).unwrap();
    let identity = authority.issue("syriusz", KeyFamily::Ecdsa, Utc::now()).unwrap();
    let folder = Folder::new();
    let good = signed(&identity, "Id");
    let bad = good.replace("zażółć", "zazółć").replace("Id=\"a\"", "Id=\"b\"").replace("#a", "#b");
    folder.write("two.xml", format!("<dwa>{bad}{good}</dwa>"));
    folder.write("own.pem", identity.certificate_pem());
    let (printed, end) = folder.run("verify two.xml --key own.pem");
    assert!(matches!(end, Err(Failure::Refused(text)) if text == "1 of 2 signatures do not hold"));
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[0], "invalid: /dwa/w:koperta[1]/ds:Signature");
    assert!(lines[1].starts_with("  the signature value does not hold"), "{printed}");
    assert_eq!(lines[2], "valid: /dwa/w:koperta[2]/ds:Signature (EcdsaSha256)");
}

#[test]
fn a_document_or_an_element_is_printed_canonical() {
    let folder = Folder::new();
    folder.write("a.xml", "<?xml version='1.0'?><?pi x?>\n<p:a xmlns:p='urn:p' xmlns:q='urn:q' xmlns='urn:d'><!--k--><b z='1' a=\"2\" Id='b'/><c Nr='7'/></p:a>");
    let root = "<p:a xmlns=\"urn:d\" xmlns:p=\"urn:p\" xmlns:q=\"urn:q\">";
    let inside = "<b Id=\"b\" a=\"2\" z=\"1\"></b><c Nr=\"7\"></c></p:a>";
    folder.check("canonicalize a.xml", &format!("<?pi x?>\n{root}{inside}"));
    folder.check("canonicalize --with-comments a.xml", &format!("<?pi x?>\n{root}<!--k-->{inside}"));
    let b = |declarations| format!("<b {declarations} Id=\"b\" a=\"2\" z=\"1\"></b>");
    folder.check("canonicalize --exclusive --subtree b a.xml", &b("xmlns=\"urn:d\""));
    folder.check("canonicalize --subtree b a.xml", &b("xmlns=\"urn:d\" xmlns:p=\"urn:p\" xmlns:q=\"urn:q\""));
    folder.check(
        "canonicalize --exclusive --prefixes q~#default --subtree b a.xml",
        &b("xmlns=\"urn:d\" xmlns:q=\"urn:q\""),
    );
    folder.check("canonicalize --exclusive --subtree 7 --id-attribute Nr a.xml", "<c xmlns=\"urn:d\" Nr=\"7\"></c>");
    folder.refused("canonicalize --subtree x a.xml", "no element");
    folder.unreadable("canonicalize --prefixes q a.xml");
    folder.unreadable("canonicalize");
    folder.unreadable("canonicalize missing.xml");
}
