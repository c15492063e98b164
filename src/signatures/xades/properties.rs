//! Reading `xades:QualifyingProperties` (EN 319 132-1): what is signed beside the document, and what was added afterwards.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, NaiveDateTime, Utc};

use super::facts::{FormatFault, SignaturePolicy};
use super::identity::Role;
use crate::signatures::dsig::Canonicalization;
use crate::signatures::lists::Link;
use crate::signatures::revocation::{Crl, Enclosed};
use crate::signatures::{CertificateId, DigestMethod, Hash};
use crate::xml::{DS, Element, QName, XADES};

/// Certificates, lists and answers, time-stamps of one signature at most, each.
const PIECES_MAX: usize = 64;
const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";

/// Properties of one signature.
pub struct Properties<'d> {
    /// `SignedProperties`.
    pub signed: Element<'d>,
    pub signing_time: Option<DateTime<Utc>>,
    pub certificates: Vec<Named>,
    pub policy: SignaturePolicy,
    pub roles: Vec<Role>,
    /// Identifiers of the references that `DataObjectFormat` speaks of.
    pub formats: Vec<String>,
    pub timestamps: Vec<Stamp>,
    /// `CertificateValues`.
    pub enclosed_certificates: Vec<Link>,
    pub enclosed: Enclosed,
}

/// `Cert` of `SigningCertificate` or `SigningCertificateV2`.
pub struct Named {
    method: Option<Method>,
    digest: Vec<u8>,
    /// Issuer and serial number as text, in the older property alone.
    issuer_serial: Option<CertificateId>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Sha2(Hash),
    Sha1,
}

/// `SignatureTimeStamp`.
pub struct Stamp {
    /// By which the signature value is canonicalized; none when that is refused.
    pub canonicalization: Option<Canonicalization>,
    pub token: Vec<u8>,
}

impl Named {
    /// Whether this names a certificate by a hash that is known here.
    pub fn is_known(&self) -> bool {
        self.method.is_some()
    }

    pub fn is_sha1(&self) -> bool {
        self.method == Some(Method::Sha1)
    }

    /// Whether the digest is that of `certificate`.
    pub fn is_digest_of(&self, certificate: &Link) -> bool {
        match self.method {
            Some(Method::Sha2(hash)) => hash.of(certificate.der()) == self.digest,
            // An old client's habit; whether it counts is configured (rule 11.4).
            Some(Method::Sha1) => openssl::sha::sha1(certificate.der()).as_slice() == self.digest,
            None => false,
        }
    }

    /// Whether issuer and serial number, where stated, are those of `certificate`.
    pub fn is_issuer_of(&self, certificate: &Link) -> bool {
        let names = || CertificateId::all_of(certificate.der()).unwrap_or_default();
        self.issuer_serial.as_ref().is_none_or(|stated| names().contains(stated))
    }
}

impl<'d> Properties<'d> {
    /// Finds and reads the properties of `signature`.
    ///
    /// # Errors
    /// [`FormatFault`] for the first thing that is not as it should be.
    pub fn read(signature: Element<'d>) -> Result<Self, FormatFault> {
        let objects = signature.all(DS.name("Object"));
        let mut found = objects.flat_map(|object| object.all(XADES.name("QualifyingProperties")));
        let fault = FormatFault::QualifyingProperties;
        let qualifying = found.next().filter(|_| found.next().is_none()).ok_or(fault)?;
        let own = signature.attribute("Id").map(|id| format!("#{id}"));
        if own.is_none() || qualifying.attribute("Target") != own {
            return Err(fault);
        }
        let signed = one(qualifying, XADES.name("SignedProperties"))?.ok_or(FormatFault::SignedProperties)?;
        let mut properties = Self {
            signed,
            signing_time: None,
            certificates: Vec::new(),
            policy: SignaturePolicy::None,
            roles: Vec::new(),
            formats: Vec::new(),
            timestamps: Vec::new(),
            enclosed_certificates: Vec::new(),
            enclosed: Enclosed::default(),
        };
        if let Some(own) = one(signed, XADES.name("SignedSignatureProperties"))? {
            properties.read_own(own)?;
        }
        if let Some(data) = one(signed, XADES.name("SignedDataObjectProperties"))? {
            let formats = data.all(XADES.name("DataObjectFormat")).filter_map(|one| one.attribute("ObjectReference"));
            properties.formats = formats.collect();
        }
        if let Some(unsigned) = one(qualifying, XADES.name("UnsignedProperties"))?
            && let Some(unsigned) = one(unsigned, XADES.name("UnsignedSignatureProperties"))?
        {
            properties.read_unsigned(unsigned)?;
        }
        Ok(properties)
    }

    fn read_own(&mut self, own: Element<'d>) -> Result<(), FormatFault> {
        if let Some(time) = one(own, XADES.name("SigningTime"))? {
            self.signing_time = Some(moment(&time.token()).ok_or(FormatFault::Property)?);
        }
        for local in ["SigningCertificate", "SigningCertificateV2"] {
            let Some(list) = one(own, XADES.name(local))? else { continue };
            // The first is the signer's own; those after it name its chain (EN 319 132-1 §5.2.2).
            let first = list.child(XADES.name("Cert")).ok_or(FormatFault::Property)?;
            self.certificates.push(named(first)?);
        }
        if let Some(policy) = one(own, XADES.name("SignaturePolicyIdentifier"))? {
            self.policy = match policy.child(XADES.name("SignaturePolicyImplied")) {
                Some(_) => SignaturePolicy::Implied,
                None => SignaturePolicy::Explicit(identifier(policy).unwrap_or_default()),
            };
        }
        for local in ["SignerRole", "SignerRoleV2"] {
            let Some(role) = one(own, XADES.name(local))? else { continue };
            let claimed = role.all(XADES.name("ClaimedRoles")).flat_map(|list| list.all(XADES.name("ClaimedRole")));
            self.roles.extend(claimed.map(Role::read));
        }
        Ok(())
    }

    fn read_unsigned(&mut self, unsigned: Element<'d>) -> Result<(), FormatFault> {
        for stamp in unsigned.all(XADES.name("SignatureTimeStamp")) {
            let method = stamp.child(DS.name("CanonicalizationMethod"));
            let canonicalization = method.map_or_else(|| Some(Canonicalization::inclusive()), Canonicalization::read);
            for token in stamp.all(XADES.name("EncapsulatedTimeStamp")) {
                let canonicalization = canonicalization.clone();
                self.timestamps.push(Stamp { canonicalization, token: base64(token)? });
            }
        }
        for values in unsigned.all(XADES.name("CertificateValues")) {
            for certificate in values.all(XADES.name("EncapsulatedX509Certificate")) {
                self.enclosed_certificates.extend(Link::from_der(&base64(certificate)?).ok());
            }
        }
        for values in unsigned.all(XADES.name("RevocationValues")) {
            let pieces = |list, piece| values.all(XADES.name(list)).flat_map(move |list| list.all(XADES.name(piece)));
            for list in pieces("CRLValues", "EncapsulatedCRLValue") {
                self.enclosed.crls.extend(Crl::from_der(&base64(list)?).ok());
            }
            for answer in pieces("OCSPValues", "EncapsulatedOCSPValue") {
                self.enclosed.answers.push(base64(answer)?);
            }
        }
        let counts = [
            self.timestamps.len(),
            self.enclosed_certificates.len(),
            self.enclosed.crls.len() + self.enclosed.answers.len(),
        ];
        if counts.iter().any(|count| *count > PIECES_MAX) { Err(FormatFault::TooMany) } else { Ok(()) }
    }
}

/// `CounterSignature` elements of `signature`, as signatures.
pub fn counter_signatures(signature: Element<'_>) -> impl Iterator<Item = Element<'_>> {
    let steps = ["QualifyingProperties", "UnsignedProperties", "UnsignedSignatureProperties", "CounterSignature"];
    let start: Vec<Element<'_>> = signature.all(DS.name("Object")).collect();
    let found = steps.iter().fold(start, |level, step| {
        level.into_iter().flat_map(|element| element.all(XADES.name(step))).collect::<Vec<_>>()
    });
    found.into_iter().flat_map(|counter| counter.all(DS.name("Signature")))
}

/// The certificates of `ds:KeyInfo`, in whatever order.
///
/// # Errors
/// [`FormatFault`] for text that is not base64, and for too many of them.
pub fn key_info_certificates(signature: Element<'_>) -> Result<Vec<Link>, FormatFault> {
    let data = signature.all(DS.name("KeyInfo")).flat_map(|info| info.all(DS.name("X509Data")));
    let all: Vec<_> = data.flat_map(|data| data.all(DS.name("X509Certificate"))).take(PIECES_MAX + 1).collect();
    if all.len() > PIECES_MAX {
        return Err(FormatFault::TooMany);
    }
    let all: Vec<Vec<u8>> = all.into_iter().map(base64).collect::<Result<_, _>>()?;
    Ok(all.iter().filter_map(|der| Link::from_der(der).ok()).collect())
}

fn named(certificate: Element<'_>) -> Result<Named, FormatFault> {
    let fault = FormatFault::Property;
    let digest = one(certificate, XADES.name("CertDigest"))?.ok_or(fault)?;
    let method = one(digest, DS.name("DigestMethod"))?.and_then(|method| method.attribute("Algorithm")).ok_or(fault)?;
    let value = one(digest, DS.name("DigestValue"))?.ok_or(fault)?;
    let pair = one(certificate, XADES.name("IssuerSerial"))?;
    let issuer_serial = pair.and_then(|pair| {
        let text = |local| pair.child(DS.name(local)).map(Element::token);
        CertificateId::issuer_serial(&text("X509IssuerName")?, &text("X509SerialNumber")?)
    });
    let sha2 = DigestMethod::from_uri(&method).map(|method| Method::Sha2(method.hash()));
    let method = sha2.or_else(|| (method == SHA1).then_some(Method::Sha1));
    Ok(Named { method, digest: base64(value)?, issuer_serial })
}

fn identifier(policy: Element<'_>) -> Option<String> {
    let id = policy.child(XADES.name("SignaturePolicyId"))?.child(XADES.name("SigPolicyId"))?;
    id.child(XADES.name("Identifier")).map(Element::token)
}

/// `xs:dateTime`; without a zone UTC is meant, as in messages.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let zoned = DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
    zoned.or_else(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok().map(|time| time.and_utc()))
}

fn one(parent: Element<'_>, name: QName) -> Result<Option<Element<'_>>, FormatFault> {
    let mut all = parent.all(name);
    let first = all.next();
    if all.next().is_some() { Err(FormatFault::Property) } else { Ok(first) }
}

fn base64(element: Element<'_>) -> Result<Vec<u8>, FormatFault> {
    let mut text = element.text();
    text.retain(|character| !matches!(character, ' ' | '\t' | '\n' | '\r'));
    BASE64.decode(text).map_err(|_| FormatFault::Property)
}
