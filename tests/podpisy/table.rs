//! The table of the corpus: how a document is made, the verdict, and the check that fails; and what must be true of the table as a whole.

use std::collections::BTreeSet;

use brama::contract::XSD;
use brama::signatures::xades::{Judgement, Outcome, SubIndication, report};
use brama::xml::{Document, Limits, Schema};

use super::draft::Draft;
use super::{algorithms, certificates, coverage, form, times, wrapping};

/// One document of the corpus.
pub struct Case {
    pub name: &'static str,
    pub make: Box<dyn Fn() -> Draft + Sync + Send>,
    /// As in the first line of `brama verify`.
    pub verdict: &'static str,
    /// The check that fails, or one that warns; empty when there is none, or no signature.
    pub check: &'static str,
}

pub fn case(
    name: &'static str,
    verdict: &'static str,
    check: &'static str,
    make: impl Fn() -> Draft + Sync + Send + 'static,
) -> Case {
    Case { name, make: Box::new(make), verdict, check }
}

/// A case of a document signed by `signer` with something changed before it is signed.
pub fn with(
    signer: &'static str,
    name: &'static str,
    verdict: &'static str,
    check: &'static str,
    change: impl Fn(&mut Draft) + Sync + Send + 'static,
) -> Case {
    case(name, verdict, check, move || {
        let mut draft = Draft::new(signer);
        change(&mut draft);
        draft
    })
}

pub const PASSED: &str = "TOTAL_PASSED";

/// The groups and how many documents each has at least.
fn groups() -> Vec<(&'static str, usize, Vec<Case>)> {
    vec![
        ("algorithms", 25, algorithms::cases()),
        ("coverage", 25, coverage::cases()),
        ("wrapping", 30, wrapping::cases()),
        ("chains", 20, certificates::chains()),
        ("revocation", 25, certificates::revocation()),
        ("times", 20, times::cases()),
        ("identity", 20, certificates::identities()),
        ("form", 15, form::cases()),
    ]
}

fn checked(judgement: &Judgement, check: &str) -> bool {
    let outcomes = judgement.signatures.iter().flat_map(|one| &one.checks);
    check.is_empty()
        || outcomes
            .filter(|one| matches!(one.outcome, Outcome::Failed(_) | Outcome::Warning))
            .any(|one| one.step.name() == check)
}

#[test]
fn every_document_of_the_corpus_gets_its_verdict() {
    let mut wrong = Vec::new();
    let schema = Schema::compile("raport-podpisu.xsd", XSD).expect("the schema of reports");
    let mut total = 0;
    for (group, least, cases) in groups() {
        assert!(cases.len() >= least, "{group}: {} cases", cases.len());
        let names: BTreeSet<_> = cases.iter().map(|case| case.name).collect();
        assert_eq!(names.len(), cases.len(), "{group}: a name is used twice");
        total += cases.len();
        for case in cases {
            let draft = (case.make)();
            let judgement = draft.judge();
            let verdict = judgement.verdict.to_string();
            if verdict != case.verdict || !checked(&judgement, case.check) {
                let checks: Vec<_> = judgement.signatures.iter().flat_map(|one| &one.checks).collect();
                wrong.push(format!(
                    "{group}: {}: {verdict}, not {} ({}): {checks:#?} {:?}",
                    case.name, case.verdict, case.check, judgement.unreadable
                ));
            }
            let written = report(&judgement, &draft.policy);
            let document = Document::parse(&written, &Limits::default()).expect("a report");
            let violations = schema.validate(document.root(), document.root());
            if !violations.is_empty() {
                wrong.push(format!("{group}: {}: {violations:?}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {total}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(total >= 180, "{total} documents");
}

#[test]
fn every_reason_that_is_ever_given_has_a_document() {
    let verdicts: BTreeSet<&str> = groups().iter().flat_map(|(_, _, cases)| cases).map(|case| case.verdict).collect();
    for reason in SubIndication::ALL {
        let verdict = format!("{} {}", reason.indication().name(), reason.name());
        assert!(verdicts.contains(verdict.as_str()), "{verdict} has no document");
    }
}

/// The mutants of a sound document: a digit of what is signed, and one of the signature's value.
#[test]
fn every_sound_document_has_mutants_that_fail() {
    let mut sound = 0;
    for (group, _, cases) in groups() {
        for case in cases.into_iter().filter(|case| case.verdict == PASSED) {
            sound += 1;
            let draft = (case.make)();
            let text = draft.text();
            let value = text.find("<ds:SignatureValue").expect("a value");
            let value = value + text[value..].find('>').expect("its end") + 9;
            let mut mutants = vec![flipped(&text, value)];
            for inside in ["gęślą", "<xades:DigestValue", "Target=", "MIME"] {
                if let Some(place) = text.find(inside) {
                    mutants.push(flipped(&text, place + 1));
                }
            }
            for mutant in mutants {
                let verdict = draft.judge_file(mutant.as_bytes()).verdict.to_string();
                assert_ne!(verdict, PASSED, "{group}: {}: {mutant}", case.name);
            }
        }
    }
    assert!(sound > 40, "{sound} sound documents");
}

/// Another ASCII letter or digit in the place of the first one from `place` on.
fn flipped(text: &str, place: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let at = (place..bytes.len()).find(|at| bytes[*at].is_ascii_alphanumeric()).expect("a letter");
    bytes[at] = if bytes[at] == b'k' { b'm' } else { b'k' };
    String::from_utf8(bytes).expect("UTF-8")
}

impl Case {
    /// The same with another failing check.
    pub fn failing(self, check: &'static str) -> Self {
        Self { check, ..self }
    }

    /// The same with one more text replaced after signing.
    pub fn replacing(self, old: &'static str, new: &'static str) -> Self {
        let make = self.make;
        let make = Box::new(move || {
            let mut draft = make();
            draft.edits.push((old.into(), new.into()));
            draft
        });
        Self { make, ..self }
    }
}
