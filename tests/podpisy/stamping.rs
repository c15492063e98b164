//! Time-stamps under signatures that are there already: nothing else changes, and what would break is left alone.

use brama::signatures::timestamps::TimeAuthority;
use brama::signatures::xades::{Level, Means, Policy, StampError, level, stamp};
use brama::xml::Limits;

use super::coverage::detached;
use super::draft::{DOCUMENT, Draft, ENVELOPED, EXCLUSIVE, Over, Reference};
use super::making::{Authority, judged, order, sealed};
use super::scene::{NOW, at, scene};
use super::table::PASSED;
use super::tokens::{Flaw, response};

fn stamped_by(document: &[u8], authority: &dyn TimeAuthority) -> Result<String, StampError> {
    let means = Means { authority, lists: &scene().lists, policy: &Policy::default(), now: at(NOW) };
    stamp(document, &means, Limits::default()).map(|file| String::from_utf8(file).expect("UTF-8"))
}

fn stamped(document: &str) -> String {
    stamped_by(document.as_bytes(), &Authority::new("tsa")).expect("a stamp")
}

/// The levels of all signatures, each of which has to pass.
#[track_caller]
fn levels(document: &str) -> Vec<Level> {
    let judgement = judged(document.as_bytes(), &[], &scene().lists);
    assert_eq!(judgement.verdict.to_string(), PASSED, "{judgement:#?}");
    judgement.signatures.iter().map(|one| level(&one.facts, &Policy::default())).collect()
}

/// A document whose second signature covers all of the first.
fn dependent() -> String {
    let alone = Reference {
        transforms: format!("{ENVELOPED}{EXCLUSIVE}"),
        over: Over::Own,
        attributes: String::new(),
        ..Reference::whole()
    };
    Draft { references: vec![alone], ..Draft::under(Draft::new("anna").text(), "rsa", "s2") }.text()
}

#[test]
fn every_signature_without_a_stamp_gets_one_and_nothing_else_changes() {
    let one = Draft::new("anna").text();
    let two = String::from_utf8(sealed("rsa", &order(one.as_bytes(), "p2", Some(Level::B))).file).expect("UTF-8");
    for (document, count) in [(one, 1), (two, 2)] {
        assert_eq!(levels(&document), vec![Level::B; count]);
        let found = stamped(&document);
        assert_eq!(levels(&found), vec![Level::T; count]);
        let mut rest = found;
        while let (Some(from), Some(to)) =
            (rest.find("<xades:UnsignedProperties"), rest.find("</xades:UnsignedProperties>"))
        {
            rest.replace_range(from..to + "</xades:UnsignedProperties>".len(), "");
        }
        assert_eq!(rest, document);
    }
}

#[test]
fn a_stamp_worth_believing_is_enough_and_another_is_not() {
    let good = sealed("anna", &order(DOCUMENT.as_bytes(), "p1", Some(Level::T))).file;
    let good = String::from_utf8(good).expect("UTF-8");
    assert_eq!(stamped(&good), good);
    // Of another value: it proves nothing, stays where it is, and gets company.
    let (bare, other) = (Draft::new("anna").text(), stamped(&Draft::new("rsa").text()));
    let from = other.find("<xades:UnsignedProperties").expect("properties");
    let to = other.find("</xades:QualifyingProperties>").expect("their end");
    let foreign = bare.replacen(
        "</xades:QualifyingProperties>",
        &format!("{}</xades:QualifyingProperties>", &other[from..to]),
        1,
    );
    assert_eq!(levels(&foreign), [Level::B]);
    let found = stamped(&foreign);
    assert_eq!(levels(&found), [Level::T]);
    assert_eq!(found.matches("<xades:SignatureTimeStamp").count(), 2);
}

#[test]
fn content_beside_the_signature_is_not_needed() {
    let draft = detached("pismo.pdf", b"%PDF");
    let found = stamped(&draft.text());
    let contents = [("pismo.pdf".to_owned(), b"%PDF".to_vec())];
    let judgement = judged(found.as_bytes(), &contents, &scene().lists);
    assert_eq!(judgement.verdict.to_string(), PASSED);
    assert_eq!(level(&judgement.signatures[0].facts, &Policy::default()), Level::T);
}

#[track_caller]
fn check(document: &str, expected: &str) {
    let refused = stamped_by(document.as_bytes(), &Authority::new("tsa")).expect_err("a refusal");
    assert_eq!(refused.to_string(), expected);
}

#[test]
fn what_cannot_be_stamped_is_refused() {
    check("<a/>", "the document has no signature");
    check(&Draft::new("anna").text().replacen(">100<", ">900<", 1), "signature s1 of the document does not verify");
    assert_eq!(levels(&dependent()), [Level::B, Level::B]);
    check(&dependent(), "signature s2 of the document does not verify once another one is stamped");
    let taken = Draft::new("anna").text().replacen(
        "</xades:QualifyingProperties>",
        "<xades:UnsignedProperties><xades:UnsignedDataObjectProperties/></xades:UnsignedProperties></xades:QualifyingProperties>",
        1,
    );
    check(&taken, "signature s1 of the document takes no time-stamp");
    check(
        "<!DOCTYPE a><a/>",
        &brama::xml::prescan(b"<!DOCTYPE a><a/>", &Limits::default()).expect_err("a DOCTYPE").to_string(),
    );
}

#[test]
fn a_worthless_stamp_is_not_put_in() {
    struct Foreign;
    impl TimeAuthority for Foreign {
        fn stamp(&self, request: &[u8]) -> Result<Vec<u8>, String> {
            Ok(response(&scene().signers["tsa-obca"], request, at(NOW), Flaw::None))
        }
    }
    let refused = stamped_by(Draft::new("anna").text().as_bytes(), &Foreign).expect_err("a refusal");
    assert!(matches!(refused, StampError::Augment(_)), "{refused}");
}
