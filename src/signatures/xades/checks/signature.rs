//! Checks of the signature itself: form, certificate named, value, digests, algorithms, coverage.

use super::{Found, OK, Outcome, SKIPPED, failed, warning};
use crate::signatures::lists::{ChainFault, Link};
use crate::signatures::xades::Policy;
use crate::signatures::xades::facts::{
    Coverage, DataFault, Facts, Form, FormatFault, Naming, ReferenceFact, Refused, SignaturePolicy,
};
use crate::signatures::xades::verdict::SubIndication;
use crate::signatures::{KeyFamily, VerifyingKey};

/// RSA keys below this are accepted with a warning.
const RSA_BITS_GOOD: usize = 3072;

pub(super) fn format(facts: &Facts) -> Found {
    let Some(fault) = facts.format else { return OK };
    failed(
        SubIndication::FormatFailure,
        match fault {
            FormatFault::Place => {
                "Podpis stoi w niedozwolonym miejscu: ma być elementem głównym, jego dzieckiem albo kontrasygnatą takiego podpisu."
            }
            FormatFault::Structure => "Element podpisu nie ma budowy opisanej w XML Signature.",
            FormatFault::QualifyingProperties => {
                "Podpis ma mieć atrybut Id i dokładnie jeden element QualifyingProperties, którego Target na niego wskazuje."
            }
            FormatFault::SignedProperties => {
                "Dokładnie jedno odwołanie (Reference) rodzaju SignedProperties ma prowadzić do podpisanych właściwości tego podpisu."
            }
            FormatFault::Property => "Właściwość podpisu jest powtórzona albo nie da się jej odczytać.",
            FormatFault::TooMany => "Podpis ma zbyt wiele certyfikatów, znaczników czasu albo danych o unieważnieniu.",
        },
    )
}

pub(super) fn signing_certificate(facts: &Facts) -> Found {
    let reason = SubIndication::NoSigningCertificateFound;
    match facts.naming {
        Naming::Absent => {
            failed(reason, "Podpisane właściwości nie wskazują certyfikatu (SigningCertificate, SigningCertificateV2).")
        }
        Naming::Differs => {
            failed(reason, "Żaden z dołączonych certyfikatów nie ma skrótu podanego w podpisanych właściwościach.")
        }
        Naming::Algorithm => (Outcome::Skipped, Some("Certyfikat wskazano nieznanym algorytmem skrótu.".to_owned())),
        Naming::Holds { is_issuer_right: false, .. } => {
            warning("Wystawca albo numer w IssuerSerial różnią się od zapisanych w certyfikacie; rozstrzyga skrót.")
        }
        Naming::Holds { .. } => OK,
    }
}

pub(super) fn signature_policy(facts: &Facts) -> Found {
    match facts.policy {
        SignaturePolicy::None | SignaturePolicy::Implied => OK,
        SignaturePolicy::Explicit(_) => failed(
            SubIndication::SignaturePolicyNotAvailable,
            "Podpis powołuje się na politykę podpisu, której brama nie zna.",
        ),
    }
}

pub(super) fn value(facts: &Facts) -> Found {
    match facts.value {
        Some(true) => OK,
        Some(false) => failed(
            SubIndication::SigCryptoFailure,
            "Wartość podpisu (SignatureValue) nie odpowiada elementowi SignedInfo i kluczowi z certyfikatu.",
        ),
        None => SKIPPED,
    }
}

pub(super) fn digests(facts: &Facts) -> Found {
    if facts.value != Some(true) {
        return SKIPPED;
    }
    let first = |is: fn(&ReferenceFact) -> bool| facts.references.iter().find(|one| is(one));
    if let Some(one) = first(|one| one.digest == Some(Ok(false))) {
        return failed(
            SubIndication::HashFailure,
            format!(
                "Skrót w odwołaniu (Reference) nr {} nie odpowiada danym: zmieniono je po podpisaniu.",
                one.ordinal
            ),
        );
    }
    if let Some(one) = first(|one| !one.is_found) {
        return failed(
            SubIndication::SignedDataNotFound,
            format!(
                "Danych, na które wskazuje odwołanie (Reference) nr {}, nie ma ani w dokumencie, ani wśród podanych treści.",
                one.ordinal
            ),
        );
    }
    match first(|one| matches!(one.digest, Some(Err(_)))) {
        Some(one) => failed(
            SubIndication::SigConstraintsFailure,
            match one.digest {
                Some(Err(DataFault::TooMuch)) => {
                    "Odwołania obejmują razem więcej danych, niż brama sprawdza.".to_owned()
                }
                _ => format!(
                    "Przekształceń z odwołania (Reference) nr {} nie da się zastosować do wskazanych danych.",
                    one.ordinal
                ),
            },
        ),
        None => OK,
    }
}

pub(super) fn algorithms(facts: &Facts, policy: &Policy) -> Found {
    let reason = SubIndication::CryptoConstraintsFailure;
    match &facts.refused {
        Some(Refused::Algorithm(text)) => return failed(reason, text.clone()),
        Some(Refused::Transform(text)) => return failed(SubIndication::SigConstraintsFailure, text.clone()),
        None => {}
    }
    let is_sha1 = match facts.naming {
        Naming::Algorithm => return failed(reason, "Certyfikat wskazano skrótem, którego algorytm jest niedozwolony."),
        Naming::Holds { is_sha1, .. } => is_sha1,
        Naming::Absent | Naming::Differs => return SKIPPED,
    };
    if is_sha1 && !policy.sha1_cert_digest {
        return failed(
            reason,
            "Certyfikat wskazano skrótem SHA-1 (dopuszcza to ustawienie signatures.sha1_cert_digest).",
        );
    }
    let Some(key) = facts.signer.as_ref().and_then(Link::key) else {
        return failed(
            reason,
            "Klucz w certyfikacie jest niedozwolonego rodzaju albo rozmiaru; przyjmuje się RSA od 2048 do 8192 bitów oraz ECDSA P-256, P-384 i P-521.",
        );
    };
    if facts.method.is_some_and(|method| method.family() != key.family()) {
        return failed(reason, "Algorytm podpisu (SignatureMethod) nie pasuje do klucza w certyfikacie.");
    }
    if matches!(facts.chain, Some(Err(ChainFault::Weak))) {
        return failed(reason, "Certyfikat na drodze do wystawcy ma zbyt słaby klucz albo podpis.");
    }
    let mut notes = Vec::new();
    if is_sha1 {
        notes.push("certyfikat wskazano skrótem SHA-1");
    }
    if is_short(&key) {
        notes.push("klucz RSA jest krótszy niż 3072 bity");
    }
    if notes.is_empty() { OK } else { warning(format!("Przyjęto, choć {}.", notes.join(" oraz "))) }
}

fn is_short(key: &VerifyingKey) -> bool {
    key.family() == KeyFamily::Rsa && 8 * key.value_bytes() < RSA_BITS_GOOD
}

pub(super) fn coverage(facts: &Facts) -> Found {
    if facts.value != Some(true) {
        return SKIPPED;
    }
    let reason = SubIndication::SigConstraintsFailure;
    match (facts.coverage, facts.form) {
        (Coverage::Whole, _) | (Coverage::Other { is_countersigned: true }, Form::Counter) => OK,
        (_, Form::Counter) => failed(reason, "Kontrasygnata nie obejmuje wartości podpisu, przy którym stoi."),
        (Coverage::Part, _) => failed(reason, "Podpis obejmuje tylko część dokumentu."),
        (Coverage::Other { .. }, _) => failed(reason, "Podpis nie obejmuje dokumentu."),
    }
}
