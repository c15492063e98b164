//! A message's one signature and where its certificate is; nothing of it is believed yet.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::problem::{Code, Problem};
use crate::signatures::{Certificate, KeyInfoError, KeyReference, Signature, Trust};
use crate::soap::envelope::Envelope;
use crate::xml::names::{DS, WSSE};
use crate::xml::{Document, Element, Ids, ids};

use super::missing;

/// Certificates that are looked at to see whether their sender is known.
const LOOKED_AT_MAX: usize = 3;

pub(super) struct Found<'d> {
    pub header: Element<'d>,
    pub signature: Element<'d>,
    pub ids: Ids<'d>,
    pub reference: KeyReference<'d>,
}

impl<'d> Found<'d> {
    /// Whether value and digests hold under the certificate `der`; gives the nodes that are signed.
    pub fn check(&self, trust: &Trust, der: &[u8]) -> Result<(Signature<'d>, Certificate, Vec<Element<'d>>), Problem> {
        let signature = Signature::read(self.signature)?;
        let certificate =
            trust.certificate(der).map_err(|error| no_token(KeyInfoError::Unreadable).caused_by(error))?;
        let covered = signature.verify(&certificate, &self.ids)?;
        Ok((signature, certificate, covered))
    }
}

/// Finds the only signature of the only `wsse:Security` for us.
pub(super) fn find<'d>(document: &'d Document, envelope: &Envelope<'d>) -> Result<Found<'d>, Problem> {
    let ids = ids(document).map_err(|error| invalid("Identyfikatory elementów powtarzają się.").caused_by(error))?;
    let mut headers = headers(envelope);
    let header = headers.next().ok_or_else(|| missing("Komunikat nie ma nagłówka wsse:Security."))?;
    if headers.next().is_some() {
        return Err(invalid("Komunikat ma więcej niż jeden nagłówek wsse:Security."));
    }
    let mut signatures = header.all(DS.name("Signature"));
    let signature = signatures.next().ok_or_else(|| missing("Nagłówek wsse:Security nie ma podpisu."))?;
    if signatures.next().is_some() {
        return Err(invalid("Nagłówek wsse:Security ma więcej niż jeden podpis."));
    }
    let key_info = signature.child(DS.name("KeyInfo")).ok_or_else(|| no_token(KeyInfoError::Unknown))?;
    let reference = KeyReference::read(key_info, &ids).map_err(no_token)?;
    Ok(Found { header, signature, ids, reference })
}

/// The certificates that stand in `wsse:Security`, wherever and for whatever; a few of them.
pub(super) fn certificates<'d>(envelope: &Envelope<'d>) -> impl Iterator<Item = Vec<u8>> + use<'d> {
    let holds_one = |one: &Element<'_>| one.is(WSSE.name("BinarySecurityToken")) || one.is(DS.name("X509Certificate"));
    let holders = headers(envelope).flat_map(Element::descendants).filter(holds_one).take(LOOKED_AT_MAX);
    holders.filter_map(|one| BASE64.decode(one.text().split_ascii_whitespace().collect::<String>()).ok())
}

pub(super) fn no_token(error: KeyInfoError) -> Problem {
    invalid(error.explain()).caused_by(error)
}

fn headers<'d>(envelope: &Envelope<'d>) -> impl Iterator<Item = Element<'d>> + use<'d> {
    envelope.blocks_for_us().filter(|block| block.is(WSSE.name("Security")))
}

fn invalid(text: &str) -> Problem {
    Problem::new(Code::SignatureInvalid).explain(text)
}
