//! Checks of what a signature rests on: chain, revocation, times, and what the certificate says of itself.

use chrono::{DateTime, SecondsFormat, Utc};

use super::{Found, OK, Outcome, SKIPPED, failed, warning};
use crate::signatures::lists::{ChainFault, Link};
use crate::signatures::xades::Policy;
use crate::signatures::xades::facts::{Facts, PropertyFault};
use crate::signatures::xades::qualification::{SignatureKind, Statements};
use crate::signatures::xades::times::{Best, StampFault, Standing, best_time, stamp_fault, standing};
use crate::signatures::xades::verdict::SubIndication;

pub(super) fn chain(facts: &Facts) -> Found {
    match facts.chain.as_ref().map(Result::as_ref) {
        Some(Ok(_)) => OK,
        Some(Err(ChainFault::NoChain)) => failed(
            SubIndication::NoCertificateChainFound,
            "Certyfikat podpisującego nie prowadzi do żadnego wystawcy z list zaufania ([signatures]).",
        ),
        Some(Err(ChainFault::Constraints)) => failed(
            SubIndication::ChainConstraintsFailure,
            "Certyfikat na drodze do wystawcy nie dopuszcza takiego użycia albo nie jest podpisany przez następny.",
        ),
        // The weakness is told among the algorithms.
        Some(Err(ChainFault::Weak)) | None => SKIPPED,
    }
}

pub(super) fn key_usage(facts: &Facts) -> Found {
    use openssl::x509::X509KeyUsage as Usage;
    let signatures = Usage::DIGITAL_SIGNATURE | Usage::NON_REPUDIATION;
    let may_sign = |signer: &Link| {
        signer
            .x509()
            .key_usage()
            .is_some_and(|usage| usage.intersects(signatures) && !usage.contains(Usage::KEY_CERT_SIGN))
    };
    if facts.signer.as_ref().is_some_and(may_sign) {
        return OK;
    }
    failed(
        SubIndication::ChainConstraintsFailure,
        "Certyfikat nie jest przeznaczony do podpisywania (keyUsage: nonRepudiation albo digitalSignature).",
    )
}

pub(super) fn revocation(facts: &Facts, policy: &Policy) -> Found {
    let Some(Ok((_, chain))) = &facts.chain else { return SKIPPED };
    let (at, _) = best_time(facts, policy);
    let (mut unknown, mut is_told_by_time) = (None, false);
    for (place, (link, evidence)) in chain.iter().zip(&facts.evidence).enumerate() {
        match standing(link, evidence.iter(), at, facts.now, policy) {
            Standing::Revoked(since) => {
                let (reason, whose) = match place {
                    0 => (SubIndication::RevokedNoPoe, "Certyfikat podpisującego unieważniono"),
                    _ => (SubIndication::RevokedCaNoPoe, "Certyfikat pośredni unieważniono"),
                };
                return failed(reason, format!("{whose} {}, nie później niż powstał podpis.", written(since)));
            }
            // What is not known of an ended certificate is told with its time.
            Standing::NotKnown if !link.is_valid_at(at) => is_told_by_time = true,
            Standing::NotKnown => unknown = unknown.or(Some(link)),
            Standing::Good => {}
        }
    }
    match unknown {
        None if is_told_by_time => SKIPPED,
        None => OK,
        Some(link) => failed(
            SubIndication::TryLater,
            format!(
                "Brak świeżych danych o tym, czy certyfikat „{}” nie został unieważniony; można spróbować później.",
                link.subject()
            ),
        ),
    }
}

pub(super) fn properties(facts: &Facts, policy: &Policy) -> Found {
    let reason = SubIndication::SigConstraintsFailure;
    if let Some(fault) = facts.properties.first() {
        return failed(
            reason,
            match fault {
                PropertyFault::DataObjectFormat => "DataObjectFormat mówi o odwołaniu, którego w podpisie nie ma.",
                PropertyFault::Claim => {
                    "Podpis zaufany ma zawierać dokładnie jedno czytelne poświadczenie osoby (PodpisZP albo EPSignature) w podpisanej roli."
                }
            },
        );
    }
    let Some(stated) = facts.signing_time else { return warning("Podpis nie podaje czasu podpisania (SigningTime).") };
    let (at, best) = best_time(facts, policy);
    if best != Best::Timestamp && stated > at + policy.clock_skew {
        return failed(
            reason,
            "Podany czas podpisania (SigningTime) jest późniejszy niż czas, w którym podpis już istniał.",
        );
    }
    if facts.signer.as_ref().is_some_and(|signer| !signer.is_valid_at(stated)) {
        return failed(reason, "Podany czas podpisania (SigningTime) leży poza okresem ważności certyfikatu.");
    }
    OK
}

pub(super) fn timestamps(facts: &Facts, policy: &Policy) -> Found {
    if facts.timestamps.is_empty() {
        return SKIPPED;
    }
    let (at, best) = best_time(facts, policy);
    if best == Best::Timestamp && facts.signing_time.is_some_and(|stated| stated > at + policy.clock_skew) {
        return failed(
            SubIndication::TimestampOrderFailure,
            "Podany czas podpisania (SigningTime) jest późniejszy niż znacznik czasu.",
        );
    }
    let faults = facts.timestamps.iter().zip(1..).filter_map(|(stamp, ordinal)| {
        let reason = match stamp {
            Ok(stamp) => stamp_reason(stamp_fault(stamp, facts.now, policy)?),
            Err(_) => "nie da się go odczytać",
        };
        Some(format!("Znacznik czasu nr {ordinal} pominięto: {reason}."))
    });
    let faults: Vec<String> = faults.collect();
    if faults.is_empty() { OK } else { warning(faults.join(" ")) }
}

const fn stamp_reason(fault: StampFault) -> &'static str {
    match fault {
        StampFault::Imprint => "dotyczy czego innego niż ten podpis",
        StampFault::Algorithm => "użyto w nim niedozwolonego algorytmu",
        StampFault::Authority => "nie ma certyfikatu urzędu, który go wydał",
        StampFault::Signature => "jego podpis się nie zgadza",
        StampFault::Chain(ChainFault::NoChain) => "urzędu, który go wydał, nie ma na liście signatures.tsa",
        StampFault::Chain(_) => {
            "certyfikat urzędu, który go wydał, nie służy do znakowania czasem albo jest zbyt słaby"
        }
        StampFault::Validity => "certyfikat urzędu, który go wydał, nie był wtedy ważny",
        StampFault::Revoked => "certyfikat urzędu, który go wydał, unieważniono",
        StampFault::NotKnown => "brak danych z tamtego czasu, czy certyfikatu urzędu nie unieważniono",
        StampFault::Future => "jego czas jeszcze nie nadszedł",
    }
}

pub(super) fn best(facts: &Facts, policy: &Policy) -> Found {
    let (Some(Ok((_, chain))), Some(signer)) = (&facts.chain, &facts.signer) else { return SKIPPED };
    let (at, best) = best_time(facts, policy);
    let proof = match best {
        Best::Timestamp => "znacznik czasu",
        Best::Received => "przyjęcie dokumentu przez bramę",
        Best::Now => "chwila kontroli, bo nie ma znacznika czasu",
    };
    let note = format!("{} ({proof}).", written(at));
    if at < signer.not_before {
        let reason = if best == Best::Timestamp { SubIndication::NotYetValid } else { SubIndication::OutOfBoundsNoPoe };
        return failed(
            reason,
            format!("Certyfikat jest ważny od {}, a podpis istniał {note}", written(signer.not_before)),
        );
    }
    if at > signer.not_after {
        let evidence = facts.evidence.first().into_iter().flatten();
        let reason = match standing(signer, evidence, at, facts.now, policy) {
            Standing::Good => SubIndication::OutOfBoundsNotRevoked,
            Standing::Revoked(_) | Standing::NotKnown => SubIndication::OutOfBoundsNoPoe,
        };
        return failed(
            reason,
            format!(
                "Certyfikat był ważny do {}, a istnienie podpisu jest pewne dopiero {note}",
                written(signer.not_after)
            ),
        );
    }
    if !chain.iter().all(|link| link.is_valid_at(at)) {
        return failed(SubIndication::OutOfBoundsNoPoe, format!("Certyfikat wystawcy nie był ważny {note}"));
    }
    (Outcome::Ok, Some(note))
}

pub(super) fn qualification(facts: &Facts) -> Found {
    let (Some(Ok((list, _))), Some(signer)) = (&facts.chain, &facts.signer) else { return SKIPPED };
    match SignatureKind::of(*list, &Statements::of(signer)) {
        SignatureKind::Advanced => warning(
            "Certyfikat nie poświadcza, że jest kwalifikowany i że jego klucz leży w kwalifikowanym urządzeniu.",
        ),
        _ => OK,
    }
}

fn written(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}
