//! WS-Security of a request: the X.509 signature over Body, Timestamp and addressing headers; makes [`Verified`].

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};

use crate::config::{Security, TimestampPolicy};
use crate::problem::{Code, Problem};
use crate::signatures::{self, Certificate, Signature, Trust};
use crate::soap::envelope::{Envelope, for_us};
use crate::soap::reply::X509_TOKEN;
use crate::store::{Registry, SystemRecord};
use crate::xml::names::{DS, WSA, WSSE, WSU};
use crate::xml::{Document, Element, Ids, ids};

/// The request whose signature holds; nothing else can be decoded (rule 1.3).
///
/// Invariant: `payload` is the only child of the very Body node that the signature covers.
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
    /// SHA-256 of the canonical `SignedInfo`.
    pub signed_info: [u8; 32],
    /// Whether the message has a signed Timestamp; the answer then has one too.
    pub timestamped: bool,
}

/// What a message is judged by.
pub struct Judge<'a> {
    pub trust: &'a Trust,
    pub registry: &'a Registry,
    pub policy: &'a Security,
    pub now: DateTime<Utc>,
}

impl Judge<'_> {
    /// Verifies in this order: one signature of the accepted form, a registered certificate, the signature value and the
    /// digests, the certificate's chain, what is covered, the time.
    ///
    /// # Errors
    /// The codes from `BRAK_PODPISU` to `KOMUNIKAT_PRZETERMINOWANY`; details only once the certificate is known (rule 8.2).
    pub fn verify<'d>(
        &self,
        document: &'d Document,
        envelope: &Envelope<'d>,
    ) -> Result<Authenticated<'d, '_>, Problem> {
        let ids = unique_ids(document)?;
        let header = security_header(envelope)?;
        let signature = read_signature(header)?;
        let certificate = token(&signature, header, &ids, self.trust)?;
        let system = self.registry.certificate(&certificate.fingerprint()).ok_or(Code::CertificateUnknown)?;
        if system.revoked {
            return Err(Problem::new(Code::CertificateInvalid).explain("Certyfikat tego systemu został odwołany."));
        }
        let covered = signature.verify(&certificate, &ids).map_err(unverified)?;
        self.trust.check(&certificate, self.now).map_err(untrusted)?;
        let timestamped = self.coverage(header, envelope, &covered, system)?;
        Ok(Authenticated {
            timestamped,
            verified: Verified { payload: envelope.payload },
            system,
            signed_info: signature.signed_info_digest(),
            certificate,
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
        let addressing =
            envelope.header.into_iter().flat_map(Element::children).filter(|block| block.namespace() == WSA.uri);
        for block in addressing {
            if !covered.contains(&block) {
                return Err(missing("Podpis nie obejmuje nagłówków WS-Addressing, które są w komunikacie."));
            }
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
            Some(expires) if expires + skew < self.now => Err(expired("Minął koniec ważności komunikatu.")),
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
) -> Result<Verified<'d>, Problem> {
    let ids = unique_ids(document)?;
    let header = security_header(envelope)?;
    let signature = read_signature(header)?;
    let certificate = token(&signature, header, &ids, trust)?;
    let covered = signature.verify(&certificate, &ids).map_err(unverified)?;
    trust.check(&certificate, now).map_err(untrusted)?;
    if !covered.contains(&envelope.body) {
        return Err(missing("Podpis nie obejmuje elementu soap:Body."));
    }
    Ok(Verified { payload: envelope.payload })
}

fn unique_ids(document: &Document) -> Result<Ids<'_>, Problem> {
    ids(document).map_err(|error| {
        Problem::new(Code::SignatureInvalid).explain("Identyfikatory elementów powtarzają się.").caused_by(error)
    })
}

fn untrusted(error: signatures::TrustError) -> Problem {
    Problem::new(Code::CertificateInvalid).explain(error.explain()).caused_by(error)
}

fn security_header<'d>(envelope: &Envelope<'d>) -> Result<Element<'d>, Problem> {
    let mut headers =
        envelope.header.into_iter().flat_map(|header| header.all(WSSE.name("Security"))).filter(|block| for_us(*block));
    let first = headers.next().ok_or_else(|| missing("Komunikat nie ma nagłówka wsse:Security."))?;
    if headers.next().is_some() {
        return Err(
            Problem::new(Code::SignatureInvalid).explain("Komunikat ma więcej niż jeden nagłówek wsse:Security.")
        );
    }
    Ok(first)
}

fn read_signature(header: Element<'_>) -> Result<Signature<'_>, Problem> {
    let mut signatures = header.all(DS.name("Signature"));
    let element = signatures.next().ok_or_else(|| missing("Nagłówek wsse:Security nie ma podpisu."))?;
    if signatures.next().is_some() {
        return Err(Problem::new(Code::SignatureInvalid).explain("Nagłówek wsse:Security ma więcej niż jeden podpis."));
    }
    Signature::read(element).map_err(|error| Problem::new(Code::SignatureInvalid).caused_by(error))
}

/// The certificate of the `BinarySecurityToken` that `KeyInfo` refers to directly.
fn token(signature: &Signature<'_>, header: Element<'_>, ids: &Ids<'_>, trust: &Trust) -> Result<Certificate, Problem> {
    let invalid =
        || Problem::new(Code::SignatureInvalid).explain("Podpis nie wskazuje certyfikatu w wsse:BinarySecurityToken.");
    let uri = signature
        .key_info()
        .and_then(|info| info.child(WSSE.name("SecurityTokenReference")))
        .and_then(|reference| reference.child(WSSE.name("Reference")))
        .and_then(|reference| reference.attribute("URI"))
        .ok_or_else(invalid)?;
    let token = uri.strip_prefix('#').and_then(|id| ids.get(id)).ok_or_else(invalid)?;
    let ours = token.is(WSSE.name("BinarySecurityToken"))
        && token.parent() == Some(header)
        && token.attribute("ValueType").is_none_or(|kind| kind == X509_TOKEN);
    if !ours {
        return Err(invalid());
    }
    let text: String = token.text().split_ascii_whitespace().collect();
    let der = STANDARD.decode(text).map_err(|error| invalid().caused_by(error))?;
    trust.certificate(&der).map_err(|error| invalid().caused_by(error))
}

fn instant(stamp: Element<'_>, name: &'static str) -> Result<Option<DateTime<Utc>>, Problem> {
    let Some(element) = stamp.child(WSU.name(name)) else { return Ok(None) };
    let text = element.token();
    // A time without a zone is read as UTC, as WS-Security 1.1 §10 wants it to be.
    DateTime::parse_from_rfc3339(&text)
        .map(|time| time.to_utc())
        .or_else(|_| text.parse::<chrono::NaiveDateTime>().map(|time| time.and_utc()))
        .map(Some)
        .map_err(|_| expired(&format!("Element wsu:{name} nie jest chwilą w czasie UTC.")))
}

fn unverified(failure: signatures::Failure) -> Problem {
    Problem::new(Code::SignatureInvalid).explain(failure.explain()).caused_by(failure)
}

fn missing(text: &str) -> Problem {
    Problem::new(Code::SignatureMissing).explain(text)
}

fn expired(text: &str) -> Problem {
    Problem::new(Code::MessageExpired).explain(text)
}
