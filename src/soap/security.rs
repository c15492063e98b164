//! WS-Security of a request: the X.509 signature over Body, Timestamp and addressing headers; makes [`Verified`].

use chrono::{DateTime, TimeDelta, Utc};
use openssl::rand::rand_bytes;
use openssl::sha::sha256;

use crate::config::{Security, TimestampPolicy};
use crate::problem::{Code, Problem};
use crate::signatures::{Certificate, KeyInfoError, KeyReference, Signature, Trust};
use crate::soap::envelope::Envelope;
use crate::store::{Registry, SystemRecord};
use crate::xml::names::{DS, WSSE, WSU};
use crate::xml::{Document, Element, Ids, ids};

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
        let found = find(document, envelope).map_err(generic)?;
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
            Some(stamp) => self.check_time(stamp).map(|()| true),
            None if system.timestamp_optional || self.policy.timestamp == TimestampPolicy::Optional => Ok(false),
            None => Err(missing("Podpis nie obejmuje elementu wsu:Timestamp.")),
        }
    }

    fn check_time(&self, stamp: Element<'_>) -> Result<(), Problem> {
        let created =
            instant(stamp, "Created")?.ok_or_else(|| expired("Znacznik czasu nie ma elementu wsu:Created."))?;
        let expires = instant(stamp, "Expires")?;
        let skew = TimeDelta::seconds(self.policy.clock_skew_seconds.into());
        let age = TimeDelta::seconds(self.policy.message_age_seconds.into());
        let ahead = created - self.now;
        if ahead > skew {
            return Err(expired(&format!("Czas utworzenia wyprzedza zegar bramy o {} s.", ahead.num_seconds())));
        }
        if -ahead > age + skew {
            return Err(expired(&format!("Komunikat powstał {} s temu.", -ahead.num_seconds())));
        }
        match expires {
            Some(expires) if expires < created => Err(expired("Koniec ważności komunikatu poprzedza jego utworzenie.")),
            Some(expires) if self.now - expires > skew => Err(expired("Minął koniec ważności komunikatu.")),
            _ => Ok(()),
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

/// A message's one signature and the certificate that it came with; nothing of it is believed yet.
struct Found<'d> {
    header: Element<'d>,
    signature: Element<'d>,
    ids: Ids<'d>,
    reference: KeyReference<'d>,
}

impl<'d> Found<'d> {
    /// Whether value and digests hold under the certificate `der`; gives the nodes that are signed.
    fn check(&self, trust: &Trust, der: &[u8]) -> Result<(Signature<'d>, Certificate, Vec<Element<'d>>), Problem> {
        let signature = Signature::read(self.signature)?;
        let certificate =
            trust.certificate(der).map_err(|error| no_token(KeyInfoError::Unreadable).caused_by(error))?;
        let covered = signature.verify(&certificate, &self.ids)?;
        Ok((signature, certificate, covered))
    }
}

fn find<'d>(document: &'d Document, envelope: &Envelope<'d>) -> Result<Found<'d>, Problem> {
    let ids = ids(document).map_err(|error| {
        Problem::new(Code::SignatureInvalid).explain("Identyfikatory elementów powtarzają się.").caused_by(error)
    })?;
    let header = security_header(envelope)?;
    let mut signatures = header.all(DS.name("Signature"));
    let signature = signatures.next().ok_or_else(|| missing("Nagłówek wsse:Security nie ma podpisu."))?;
    if signatures.next().is_some() {
        return Err(Problem::new(Code::SignatureInvalid).explain("Nagłówek wsse:Security ma więcej niż jeden podpis."));
    }
    let key_info = signature.child(DS.name("KeyInfo")).ok_or_else(|| no_token(KeyInfoError::Unknown))?;
    let reference = KeyReference::read(key_info, &ids).map_err(no_token)?;
    Ok(Found { header, signature, ids, reference })
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

/// What a stranger is told: the code and its sentence.
fn generic(problem: Problem) -> Problem {
    Problem { details: Vec::new(), ..problem }
}

fn security_header<'d>(envelope: &Envelope<'d>) -> Result<Element<'d>, Problem> {
    let mut headers = envelope.blocks_for_us().filter(|block| block.is(WSSE.name("Security")));
    let first = headers.next().ok_or_else(|| missing("Komunikat nie ma nagłówka wsse:Security."))?;
    if headers.next().is_some() {
        return Err(
            Problem::new(Code::SignatureInvalid).explain("Komunikat ma więcej niż jeden nagłówek wsse:Security.")
        );
    }
    Ok(first)
}

fn no_token(error: KeyInfoError) -> Problem {
    Problem::new(Code::SignatureInvalid).explain(error.explain()).caused_by(error)
}

fn instant(stamp: Element<'_>, name: &'static str) -> Result<Option<DateTime<Utc>>, Problem> {
    let mut elements = stamp.all(WSU.name(name));
    let Some(element) = elements.next() else { return Ok(None) };
    if elements.next().is_some() {
        // BSP 1.1 R3203, R3224.
        return Err(expired(&format!("Znacznik czasu ma więcej niż jeden element wsu:{name}.")));
    }
    let text = element.token();
    let malformed = || expired(&format!("Element wsu:{name} nie jest chwilą w czasie UTC."));
    if !(text.as_bytes().get(4) == Some(&b'-') && text.bytes().take(4).all(|digit| digit.is_ascii_digit())) {
        return Err(malformed()); // years beyond four digits leave the range in which times can be compared
    }
    // A time without a zone is read as UTC, as WS-Security 1.1 §10 wants it to be.
    DateTime::parse_from_rfc3339(&text)
        .map(|time| time.to_utc())
        .or_else(|_| text.parse::<chrono::NaiveDateTime>().map(|time| time.and_utc()))
        .map(Some)
        .map_err(|_| malformed())
}

fn missing(text: &str) -> Problem {
    Problem::new(Code::SignatureMissing).explain(text)
}

fn expired(text: &str) -> Problem {
    Problem::new(Code::MessageExpired).explain(text)
}
