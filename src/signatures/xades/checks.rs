//! The policy: every check of rule 11.4 in its order, each a plain function of the facts.

use chrono::{DateTime, SecondsFormat, Utc};

use super::Policy;
use super::facts::{Coverage, DataFault, Facts, Form, FormatFault, Naming, PropertyFault, Refused, SignaturePolicy};
use super::qualification::{SignatureKind, Statements};
use super::times::{Best, Standing, StampFault, best_time, stamp_fault, standing};
use super::verdict::SubIndication;
use crate::signatures::lists::{ChainFault, Link};
use crate::signatures::{KeyFamily, VerifyingKey};

/// RSA keys below this are accepted with a warning.
const RSA_BITS_GOOD: usize = 3072;

/// One step of the judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    Format,
    SigningCertificate,
    Policy,
    Value,
    Digests,
    Chain,
    KeyUsage,
    Revocation,
    Algorithms,
    Properties,
    Timestamps,
    BestTime,
    Coverage,
    Qualification,
}

impl Step {
    /// In the order of judgement.
    pub const ALL: [Self; 14] = [
        Self::Format,
        Self::SigningCertificate,
        Self::Policy,
        Self::Value,
        Self::Digests,
        Self::Chain,
        Self::KeyUsage,
        Self::Revocation,
        Self::Algorithms,
        Self::Properties,
        Self::Timestamps,
        Self::BestTime,
        Self::Coverage,
        Self::Qualification,
    ];

    /// The word in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Format => "FORMAT",
            Self::SigningCertificate => "CERTYFIKAT_PODPISUJACY",
            Self::Policy => "POLITYKA_PODPISU",
            Self::Value => "WARTOSC_PODPISU",
            Self::Digests => "SKROTY",
            Self::Chain => "LANCUCH",
            Self::KeyUsage => "PRZEZNACZENIE_KLUCZA",
            Self::Revocation => "UNIEWAZNIENIE",
            Self::Algorithms => "ALGORYTMY",
            Self::Properties => "WLASCIWOSCI",
            Self::Timestamps => "ZNACZNIKI_CZASU",
            Self::BestTime => "CZAS_PODPISU",
            Self::Coverage => "ZAKRES",
            Self::Qualification => "KWALIFIKACJA",
        }
    }
}

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    Failed(SubIndication),
    Warning,
    /// There was nothing to check, or an earlier step left nothing.
    Skipped,
}

/// A check with its outcome and a Polish sentence that holds no secret and no value of the content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub step: Step,
    pub outcome: Outcome,
    pub note: Option<String>,
}

type Found = (Outcome, Option<String>);

/// All checks, in order.
#[must_use]
pub fn checks(facts: &Facts, policy: &Policy) -> Vec<Check> {
    let check = |step: Step| {
        let (outcome, note) = match step {
            Step::Format => format(facts),
            _ if facts.format.is_some() => SKIPPED,
            Step::SigningCertificate => signing_certificate(facts),
            Step::Policy => signature_policy(facts),
            Step::Value => value(facts),
            Step::Digests => digests(facts),
            Step::Algorithms => algorithms(facts, policy),
            Step::Coverage => coverage(facts),
            _ if facts.chain.is_none() => SKIPPED,
            Step::Chain => chain(facts),
            Step::Properties => properties(facts, policy),
            Step::Timestamps => timestamps(facts, policy),
            _ if !matches!(facts.chain, Some(Ok(_))) => SKIPPED,
            Step::KeyUsage => key_usage(facts),
            Step::Revocation => revocation(facts, policy),
            Step::BestTime => best(facts, policy),
            Step::Qualification => qualification(facts),
        };
        Check { step, outcome, note }
    };
    Step::ALL.into_iter().map(check).collect()
}

const SKIPPED: Found = (Outcome::Skipped, None);
const OK: Found = (Outcome::Ok, None);

fn failed(reason: SubIndication, note: impl Into<String>) -> Found {
    (Outcome::Failed(reason), Some(note.into()))
}

fn warning(note: impl Into<String>) -> Found {
    (Outcome::Warning, Some(note.into()))
}

fn format(facts: &Facts) -> Found {
    let Some(fault) = facts.format else { return OK };
    failed(SubIndication::FormatFailure, match fault {
        FormatFault::Place => "Podpis stoi w niedozwolonym miejscu: ma być elementem głównym, jego dzieckiem albo kontrasygnatą takiego podpisu.",
        FormatFault::Structure => "Element podpisu nie ma budowy opisanej w XML Signature.",
        FormatFault::QualifyingProperties => "Podpis ma mieć atrybut Id i dokładnie jeden element QualifyingProperties, którego Target na niego wskazuje.",
        FormatFault::SignedProperties => "Dokładnie jedno odwołanie (Reference) rodzaju SignedProperties ma prowadzić do podpisanych właściwości tego podpisu.",
        FormatFault::Property => "Właściwość podpisu jest powtórzona albo nie da się jej odczytać.",
        FormatFault::TooMany => "Podpis ma zbyt wiele certyfikatów, znaczników czasu albo danych o unieważnieniu.",
    })
}

fn signing_certificate(facts: &Facts) -> Found {
    let reason = SubIndication::NoSigningCertificateFound;
    match facts.naming {
        Naming::Absent => failed(reason, "Podpisane właściwości nie wskazują certyfikatu (SigningCertificate, SigningCertificateV2)."),
        Naming::Differs => failed(reason, "Żaden z dołączonych certyfikatów nie ma skrótu podanego w podpisanych właściwościach."),
        Naming::Algorithm => (Outcome::Skipped, Some("Certyfikat wskazano nieznanym algorytmem skrótu.".to_owned())),
        Naming::Holds { is_issuer_right: false, .. } => warning("Wystawca albo numer w IssuerSerial różnią się od zapisanych w certyfikacie; rozstrzyga skrót."),
        Naming::Holds { .. } => OK,
    }
}

fn signature_policy(facts: &Facts) -> Found {
    match facts.policy {
        SignaturePolicy::None | SignaturePolicy::Implied => OK,
        SignaturePolicy::Explicit(_) => {
            failed(SubIndication::SignaturePolicyNotAvailable, "Podpis powołuje się na politykę podpisu, której brama nie zna.")
        }
    }
}

fn value(facts: &Facts) -> Found {
    match facts.value {
        Some(true) => OK,
        Some(false) => failed(SubIndication::SigCryptoFailure, "Wartość podpisu (SignatureValue) nie odpowiada elementowi SignedInfo i kluczowi z certyfikatu."),
        None => SKIPPED,
    }
}

fn digests(facts: &Facts) -> Found {
    if facts.value != Some(true) {
        return SKIPPED;
    }
    let first = |is: fn(&super::facts::ReferenceFact) -> bool| facts.references.iter().find(|one| is(one));
    if let Some(one) = first(|one| one.digest == Some(Ok(false))) {
        return failed(SubIndication::HashFailure, format!("Skrót w odwołaniu (Reference) nr {} nie odpowiada danym: zmieniono je po podpisaniu.", one.ordinal));
    }
    if let Some(one) = first(|one| !one.is_found) {
        return failed(SubIndication::SignedDataNotFound, format!("Danych, na które wskazuje odwołanie (Reference) nr {}, nie ma ani w dokumencie, ani wśród podanych treści.", one.ordinal));
    }
    match first(|one| matches!(one.digest, Some(Err(_)))) {
        Some(one) => failed(SubIndication::SigConstraintsFailure, match one.digest {
            Some(Err(DataFault::TooMuch)) => "Odwołania obejmują razem więcej danych, niż brama sprawdza.".to_owned(),
            _ => format!("Przekształceń z odwołania (Reference) nr {} nie da się zastosować do wskazanych danych.", one.ordinal),
        }),
        None => OK,
    }
}

fn chain(facts: &Facts) -> Found {
    match facts.chain.as_ref().map(Result::as_ref) {
        Some(Ok(_)) => OK,
        Some(Err(ChainFault::NoChain)) => failed(SubIndication::NoCertificateChainFound, "Certyfikat podpisującego nie prowadzi do żadnego wystawcy z list zaufania ([signatures])."),
        Some(Err(ChainFault::Constraints)) => failed(SubIndication::ChainConstraintsFailure, "Certyfikat na drodze do wystawcy nie dopuszcza takiego użycia albo nie jest podpisany przez następny."),
        // The weakness is told among the algorithms.
        Some(Err(ChainFault::Weak)) | None => SKIPPED,
    }
}

fn key_usage(facts: &Facts) -> Found {
    use openssl::x509::X509KeyUsage as Usage;
    let signatures = Usage::DIGITAL_SIGNATURE | Usage::NON_REPUDIATION;
    let may_sign = |signer: &Link| {
        signer.x509().key_usage().is_some_and(|usage| usage.intersects(signatures) && !usage.contains(Usage::KEY_CERT_SIGN))
    };
    if facts.signer.as_ref().is_some_and(may_sign) {
        return OK;
    }
    failed(SubIndication::ChainConstraintsFailure, "Certyfikat nie jest przeznaczony do podpisywania (keyUsage: nonRepudiation albo digitalSignature).")
}

fn revocation(facts: &Facts, policy: &Policy) -> Found {
    let Some(Ok((_, chain))) = &facts.chain else { return SKIPPED };
    let (at, _) = best_time(facts, policy);
    let mut unknown = None;
    for (place, (link, evidence)) in chain.iter().zip(&facts.evidence).enumerate() {
        match standing(link, evidence.iter(), at, facts.now, policy) {
            Standing::Revoked(since) => {
                let (reason, whose) = match place {
                    0 => (SubIndication::RevokedNoPoe, "Certyfikat podpisującego unieważniono"),
                    _ => (SubIndication::RevokedCaNoPoe, "Certyfikat pośredni unieważniono"),
                };
                return failed(reason, format!("{whose} {}, nie później niż powstał podpis.", written(since)));
            }
            Standing::NotKnown => unknown = unknown.or(Some(link)),
            Standing::Good => {}
        }
    }
    match unknown {
        None => OK,
        // What is not known of an ended certificate is told with its time.
        Some(_) if chain.first().is_some_and(|signer| !signer.is_valid_at(at)) => SKIPPED,
        Some(link) => failed(SubIndication::TryLater, format!("Brak świeżych danych o tym, czy certyfikat „{}” nie został unieważniony; można spróbować później.", link.subject())),
    }
}

fn algorithms(facts: &Facts, policy: &Policy) -> Found {
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
        return failed(reason, "Certyfikat wskazano skrótem SHA-1 (dopuszcza to ustawienie signatures.sha1_cert_digest).");
    }
    let Some(key) = facts.signer.as_ref().and_then(Link::key) else {
        return failed(reason, "Klucz w certyfikacie jest niedozwolonego rodzaju albo rozmiaru; przyjmuje się RSA od 2048 do 8192 bitów oraz ECDSA P-256, P-384 i P-521.");
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

fn properties(facts: &Facts, policy: &Policy) -> Found {
    let reason = SubIndication::SigConstraintsFailure;
    if let Some(fault) = facts.properties.first() {
        return failed(reason, match fault {
            PropertyFault::DataObjectFormat => "DataObjectFormat mówi o odwołaniu, którego w podpisie nie ma.",
            PropertyFault::Claim => "Podpis zaufany ma zawierać dokładnie jedno czytelne poświadczenie osoby (PodpisZP albo EPSignature) w podpisanej roli.",
        });
    }
    let Some(stated) = facts.signing_time else { return warning("Podpis nie podaje czasu podpisania (SigningTime).") };
    let (at, best) = best_time(facts, policy);
    if best != Best::Timestamp && stated > at + policy.clock_skew {
        return failed(reason, "Podany czas podpisania (SigningTime) jest późniejszy niż czas, w którym podpis już istniał.");
    }
    if facts.signer.as_ref().is_some_and(|signer| !signer.is_valid_at(stated)) {
        return failed(reason, "Podany czas podpisania (SigningTime) leży poza okresem ważności certyfikatu.");
    }
    OK
}

fn timestamps(facts: &Facts, policy: &Policy) -> Found {
    if facts.timestamps.is_empty() {
        return SKIPPED;
    }
    let (at, best) = best_time(facts, policy);
    if best == Best::Timestamp && facts.signing_time.is_some_and(|stated| stated > at + policy.clock_skew) {
        return failed(SubIndication::TimestampOrderFailure, "Podany czas podpisania (SigningTime) jest późniejszy niż znacznik czasu.");
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
        StampFault::Chain(_) => "certyfikat urzędu, który go wydał, nie służy do znakowania czasem albo jest zbyt słaby",
        StampFault::Validity => "certyfikat urzędu, który go wydał, nie był wtedy ważny",
        StampFault::Revoked => "certyfikat urzędu, który go wydał, unieważniono",
        StampFault::NotKnown => "brak danych z tamtego czasu, czy certyfikatu urzędu nie unieważniono",
        StampFault::Future => "jego czas jeszcze nie nadszedł",
    }
}

fn best(facts: &Facts, policy: &Policy) -> Found {
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
        return failed(reason, format!("Certyfikat jest ważny od {}, a podpis istniał {note}", written(signer.not_before)));
    }
    if at > signer.not_after {
        let evidence = facts.evidence.first().into_iter().flatten();
        let reason = match standing(signer, evidence, at, facts.now, policy) {
            Standing::Good => SubIndication::OutOfBoundsNotRevoked,
            Standing::Revoked(_) | Standing::NotKnown => SubIndication::OutOfBoundsNoPoe,
        };
        return failed(reason, format!("Certyfikat był ważny do {}, a istnienie podpisu jest pewne dopiero {note}", written(signer.not_after)));
    }
    if !chain.iter().all(|link| link.is_valid_at(at)) {
        return failed(SubIndication::OutOfBoundsNoPoe, format!("Certyfikat wystawcy nie był ważny {note}"));
    }
    (Outcome::Ok, Some(note))
}

fn coverage(facts: &Facts) -> Found {
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

fn qualification(facts: &Facts) -> Found {
    let (Some(Ok((list, _))), Some(signer)) = (&facts.chain, &facts.signer) else { return SKIPPED };
    match SignatureKind::of(*list, &Statements::of(signer)) {
        SignatureKind::Advanced => warning("Certyfikat nie poświadcza, że jest kwalifikowany i że jego klucz leży w kwalifikowanym urządzeniu."),
        _ => OK,
    }
}

fn written(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

