//! The report about a file's signatures: `urn:brama:raport-podpisu:1` (rule 11.6), written canonical.

use chrono::{DateTime, SecondsFormat, Utc};

use super::checks::Outcome;
use super::facts::{Coverage, Form};
use super::qualification::{SignatureKind, Statements};
use super::times::{best_time, level, stamp_fault};
use super::{Judged, Judgement, Policy, Verdict, identify};
use crate::signatures::lists::Link;
use crate::xml::{Attr, RP, Writer};

/// Writes `Raport`.
#[must_use]
pub fn report(judgement: &Judgement, policy: &Policy) -> Vec<u8> {
    let mut out = Writer::new();
    out.open_with(RP.name("Raport"), &[Attr::Plain("uri", judgement.verdict.indication().uri())]);
    verdict(&mut out, judgement.verdict);
    out.base64_element(RP.name("skrotPliku"), &judgement.digest);
    time(&mut out, "czasKontroli", judgement.now);
    for judged in &judgement.signatures {
        signature(&mut out, judged, policy);
    }
    out.close();
    out.into_bytes()
}

fn verdict(out: &mut Writer, verdict: Verdict) {
    out.text_element(RP.name("werdykt"), verdict.indication().name());
    if let Some(reason) = verdict.reason() {
        out.text_element(RP.name("przyczyna"), reason.name());
    }
}

fn signature(out: &mut Writer, judged: &Judged, policy: &Policy) {
    let facts = &judged.facts;
    let list = match &facts.chain {
        Some(Ok((list, _))) => Some(*list),
        _ => None,
    };
    out.open_with(RP.name("podpis"), &[Attr::Plain("uri", judged.verdict.indication().uri())]);
    out.text_element(RP.name("id"), &facts.id);
    verdict(out, judged.verdict);
    out.text_element(RP.name("poziom"), level(facts, policy).name());
    out.text_element(RP.name("postac"), form(facts.form));
    out.text_element(RP.name("obejmuje"), coverage(facts.coverage));
    if let (Some(list), Some(signer)) = (list, &facts.signer) {
        out.text_element(RP.name("rodzaj"), SignatureKind::of(list, &Statements::of(signer)).name());
    }
    signer(out, judged);
    if let Some(signer) = &facts.signer {
        certificate(out, signer);
    }
    times(out, judged, policy);
    for check in &judged.checks {
        out.open(RP.name("kontrola"));
        out.text_element(RP.name("nazwa"), check.step.name());
        out.text_element(RP.name("wynik"), outcome(check.outcome));
        if let Some(note) = &check.note {
            out.text_element(RP.name("opis"), note);
        }
        out.close();
    }
    out.close();
}

/// Who signed: told only of a signature that holds, with a chain to a list, for anybody may write a name.
fn signer(out: &mut Writer, judged: &Judged) {
    let (identity, declared) = identify(&judged.facts);
    let is_known = matches!(judged.facts.chain, Some(Ok(_)));
    out.open(RP.name("podpisujacy"));
    let known = [
        ("nazwisko", &identity.surname),
        ("imie", &identity.given_name),
        ("pesel", &identity.pesel),
        ("organizacja", &identity.organization),
        ("jednostka", &identity.unit),
    ];
    for (name, value) in known.into_iter().filter(|_| is_known) {
        if let Some(value) = value {
            out.text_element(RP.name(name), value);
        }
    }
    if let Some(declared) = declared {
        out.text_element(RP.name("rolaDeklarowana"), &declared);
    }
    out.close();
}

fn certificate(out: &mut Writer, signer: &Link) {
    let statements = Statements::of(signer);
    let yes_no = |value: bool| if value { "true" } else { "false" };
    out.open(RP.name("certyfikat"));
    out.text_element(RP.name("wystawca"), &signer.issuer());
    out.text_element(RP.name("numer"), &signer.serial());
    time(out, "od", signer.not_before);
    time(out, "do", signer.not_after);
    out.text_element(RP.name("qcZgodnosc"), yes_no(statements.compliance));
    out.text_element(RP.name("qcUrzadzenie"), yes_no(statements.device));
    out.text_element(RP.name("qcRodzaj"), &statements.types.join(" "));
    out.close();
}

fn times(out: &mut Writer, judged: &Judged, policy: &Policy) {
    let facts = &judged.facts;
    out.open(RP.name("czas"));
    if let Some(stated) = facts.signing_time {
        time(out, "deklarowany", stated);
    }
    time(out, "najlepszy", best_time(facts, policy).0);
    for stamp in facts.timestamps.iter().flatten() {
        let result = if stamp_fault(stamp, facts.now, policy).is_none() { "OK" } else { "BLAD" };
        out.open(RP.name("znacznik"));
        time(out, "czas", stamp.time);
        out.text_element(RP.name("wynik"), result);
        out.close();
    }
    out.close();
}

const fn form(form: Form) -> &'static str {
    match form {
        Form::Enveloped => "OTOCZONY",
        Form::Enveloping => "OTACZAJACY",
        Form::Detached => "ZEWNETRZNY",
        Form::Counter => "KONTRASYGNATA",
    }
}

const fn coverage(coverage: Coverage) -> &'static str {
    match coverage {
        Coverage::Whole => "CALOSC",
        Coverage::Part => "CZESC",
        Coverage::Other { .. } => "INNE",
    }
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "OK",
        Outcome::Failed(_) => "BLAD",
        Outcome::Warning => "OSTRZEZENIE",
        Outcome::Skipped => "POMINIETA",
    }
}

fn time(out: &mut Writer, name: &'static str, moment: DateTime<Utc>) {
    out.text_element(RP.name(name), &written(moment));
}

fn written(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}
