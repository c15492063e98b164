//! WS-Security of a request: the X.509 signature over Body, Timestamp and addressing headers; makes [`Verified`].

mod found;
mod timestamp;
#[cfg(feature = "bench")]
mod unsigned;

use chrono::{DateTime, Utc};
use openssl::rand::rand_bytes;

use crate::config::{Security, TimestampPolicy};
use crate::problem::{Code, Problem};
use crate::signatures::{Certificate, KeyInfoError, KeyReference, Trust, sha256};
use crate::soap::envelope::Envelope;
use crate::store::{Registry, SystemRecord};
use crate::xml::names::{WSSE, WSU};
use crate::xml::{Document, Element};

use found::{find, no_token};

/// The request whose signature holds; nothing else can be decoded (rule 1.3).
///
/// Invariant: `payload` is the only child of the very Body node that the signature covers, or came over a connection
/// whose client proved its certificate; [`Proof`] says which.
#[derive(Clone, Copy)]
pub struct Verified<'d> {
    payload: Element<'d>,
}

impl<'d> Verified<'d> {
    /// The request element.
    #[must_use]
    pub const fn body(&self) -> Element<'d> {
        self.payload
    }
}

/// A verified request and who signed it.
pub struct Authenticated<'d, 'r> {
    pub verified: Verified<'d>,
    pub system: &'r SystemRecord,
    pub certificate: Certificate,
    /// SHA-256 of the canonical `SignedInfo`; of an unsigned message random, as no two of them are one.
    pub signed_info: [u8; 32],
    pub proof: Proof,
    /// Whether the message has a signed Timestamp; the answer then has one too.
    pub timestamped: bool,
    /// The header blocks for us that the signature covers; no other says anything.
    pub signed_blocks: Vec<Element<'d>>,
}

/// What shows who sent a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    Signature,
    /// The client certificate of its TLS connection alone.
    Channel,
}

/// What a message is judged by.
pub struct Judge<'a> {
    pub trust: &'a Trust,
    pub registry: &'a Registry,
    pub policy: &'a Security,
    pub now: DateTime<Utc>,
}

impl Judge<'_> {
    /// Verifies in this order: one signature with a certificate in the accepted form, the certificate's registration,
    /// the signature's form, value and digests, the certificate's chain, what is covered, the time.
    ///
    /// # Errors
    /// The codes from `BRAK_PODPISU` to `KOMUNIKAT_PRZETERMINOWANY`; details only once the certificate is known (rule 8.2).
    pub fn verify<'d>(
        &self,
        document: &'d Document,
        envelope: &Envelope<'d>,
    ) -> Result<Authenticated<'d, '_>, Problem> {
        let found = find(document, envelope).map_err(|problem| self.for_holders(envelope, problem))?;
        let system = match &found.reference {
            KeyReference::Enclosed { der, .. } => self.registry.certificate(&sha256(der)),
            KeyReference::Named(id) => self.registry.certificate_named(id),
        };
        let system = system.ok_or(Code::CertificateUnknown)?;
        check_revoked(system)?;
        let (signature, certificate, covered) = found.check(self.trust, &system.der)?;
        self.trust.check(&certificate, self.now)?;
        let timestamped = self.coverage(found.header, envelope, &covered, system)?;
        Ok(Authenticated {
            verified: Verified { payload: envelope.payload },
            system,
            proof: Proof::Signature,
            signed_info: signature.signed_info_digest(),
            certificate,
            timestamped,
            signed_blocks: envelope.blocks_for_us().filter(|block| covered.contains(block)).collect(),
        })
    }

    /// What is wrong with a message whose signer cannot be told: explained to those who send a registered certificate along,
    /// to all others the code and its sentence (rule 8.2).
    fn for_holders(&self, envelope: &Envelope<'_>, problem: Problem) -> Problem {
        let is_known = |der: Vec<u8>| self.registry.certificate(&sha256(&der)).is_some_and(|system| !system.revoked);
        if found::certificates(envelope).any(is_known) {
            return problem;
        }
        Problem { details: Vec::new(), ..problem }
    }

    /// The sender of a message without `wsse:Security` for us is who holds the TLS client certificate `peer`, DER.
    ///
    /// # Errors
    /// `CERTYFIKAT_NIEZNANY`, `CERTYFIKAT_NIEWAZNY`; `BLAD_WEWNETRZNY` when there are no random bytes.
    pub fn verify_channel<'d>(&self, envelope: &Envelope<'d>, peer: &[u8]) -> Result<Authenticated<'d, '_>, Problem> {
        let system = self.registry.certificate(&sha256(peer)).ok_or(Code::CertificateUnknown)?;
        check_revoked(system)?;
        let certificate = self.trust.certificate(peer).map_err(Problem::internal)?;
        self.trust.check(&certificate, self.now)?;
        let mut signed_info = [0; 32];
        rand_bytes(&mut signed_info).map_err(Problem::internal)?;
        Ok(Authenticated {
            verified: Verified { payload: envelope.payload },
            system,
            proof: Proof::Channel,
            signed_info,
            certificate,
            timestamped: false,
            signed_blocks: Vec::new(),
        })
    }

    /// The consumed nodes are the signed nodes, by identity; says whether a signed Timestamp is among them.
    fn coverage(
        &self,
        header: Element<'_>,
        envelope: &Envelope<'_>,
        covered: &[Element<'_>],
        system: &SystemRecord,
    ) -> Result<bool, Problem> {
        if !covered.contains(&envelope.body) {
            return Err(missing("Podpis nie obejmuje elementu soap:Body."));
        }
        let mut stamps = header.all(WSU.name("Timestamp"));
        let signed = stamps.next().filter(|stamp| covered.contains(stamp)); // rule 9.2: an unsigned one counts as none
        if stamps.next().is_some() {
            return Err(Problem::new(Code::SignatureInvalid).explain("Nagłówek ma więcej niż jeden wsu:Timestamp."));
        }
        match signed {
            Some(stamp) => timestamp::check(stamp, self.policy, self.now).map(|()| true),
            None if system.timestamp_optional || self.policy.timestamp == TimestampPolicy::Optional => Ok(false),
            None => Err(missing("Podpis nie obejmuje elementu wsu:Timestamp.")),
        }
    }
}

/// The client's half: the Body's child of a reply whose signature holds and whose signer `trust` accepts.
///
/// # Errors
/// As [`Judge::verify`], for the same reasons.
pub fn verify_reply<'d>(
    document: &'d Document,
    envelope: &Envelope<'d>,
    trust: &Trust,
    now: DateTime<Utc>,
) -> Result<Element<'d>, Problem> {
    let found = find(document, envelope)?;
    let KeyReference::Enclosed { der, .. } = &found.reference else { return Err(no_token(KeyInfoError::Unknown)) };
    let (_, certificate, covered) = found.check(trust, der)?;
    trust.check(&certificate, now)?;
    if !covered.contains(&envelope.body) {
        return Err(missing("Podpis nie obejmuje elementu soap:Body."));
    }
    Ok(envelope.payload)
}

/// Whether the message says anything about its security to us.
#[must_use]
pub fn is_secured(envelope: &Envelope<'_>) -> bool {
    envelope.blocks_for_us().any(|block| block.is(WSSE.name("Security")))
}

fn check_revoked(system: &SystemRecord) -> Result<(), Problem> {
    if system.revoked {
        return Err(Problem::new(Code::CertificateInvalid).explain("Certyfikat tego systemu został odwołany."));
    }
    Ok(())
}

fn missing(text: &str) -> Problem {
    Problem::new(Code::SignatureMissing).explain(text)
}
