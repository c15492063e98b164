//! The policy: every check of rule 11.4 in its order, each a plain function of the facts.

mod signature;
mod trust;

use super::Policy;
use super::facts::Facts;
use super::verdict::SubIndication;

use signature::{algorithms, coverage, digests, format, signature_policy, signing_certificate, value};
use trust::{best, chain, key_usage, properties, qualification, revocation, timestamps};

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
