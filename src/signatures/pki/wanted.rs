//! Certificates for documents as somebody wants them: names, keys, usages, statements, revocation lists; good and bad ones.

use chrono::{DateTime, Utc};
use openssl::asn1::{Asn1Object, Asn1OctetString};
use openssl::bn::BigNum;
use openssl::ec::{Asn1Flag, EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::{AuthorityKeyIdentifier, BasicConstraints, CrlNumber, ExtendedKeyUsage, KeyUsage};
use openssl::x509::{X509, X509CrlBuilder, X509Extension, X509NameBuilder, X509RevokedBuilder};
use zeroize::Zeroizing;

use super::{Authority, HEAD_START, Identity, asn1, certificate, key_identifiers};
use crate::signatures::{Error, der};

/// The kind of a new key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NewKey {
    Rsa(u32),
    P256,
    P384,
    P521,
    /// A curve that nobody here accepts.
    Secp256k1,
}

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Usage {
    /// `nonRepudiation` alone, as qualified certificates have it.
    Signing,
    /// `digitalSignature` alone.
    DigitalSignature,
    /// `keyEncipherment` alone: no signatures.
    Encryption,
    /// Extended usage `timeStamping`, critical.
    TimeStamping,
    /// Extended usage `OCSPSigning`.
    OcspSigning,
    /// An authority below this one.
    Authority,
}

/// `QcStatements` (EN 319 412-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Statement {
    Compliance,
    Device,
    TypeSignature,
    TypeSeal,
    TypeWeb,
}

/// A certificate to be made.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// The subject's name, attribute by attribute.
    pub subject: &'a [(Nid, &'a str)],
    pub key: NewKey,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub usage: Usage,
    pub statements: &'a [Statement],
    /// Sign it with SHA-1, as nobody does any more.
    pub by_sha1: bool,
}

/// A revocation list to be made.
#[derive(Clone)]
pub struct WantedList<'a> {
    /// Certificates and when each was revoked.
    pub revoked: &'a [(&'a Identity, DateTime<Utc>)],
    pub from: DateTime<Utc>,
    pub next: DateTime<Utc>,
    /// `expiredCertsOnCRL`.
    pub keeps_ended_since: Option<DateTime<Utc>>,
}

impl Statement {
    const fn identifier(self) -> &'static str {
        match self {
            Self::Compliance => "0.4.0.1862.1.1",
            Self::Device => "0.4.0.1862.1.4",
            Self::TypeSignature => "0.4.0.1862.1.6.1",
            Self::TypeSeal => "0.4.0.1862.1.6.2",
            Self::TypeWeb => "0.4.0.1862.1.6.3",
        }
    }

    fn der(self) -> Vec<u8> {
        const TYPE: &str = "0.4.0.1862.1.6";
        let own = der::object(self.identifier());
        match self {
            Self::Compliance | Self::Device => der::value(der::SEQUENCE, &[&own]),
            Self::TypeSignature | Self::TypeSeal | Self::TypeWeb => {
                der::value(der::SEQUENCE, &[&der::object(TYPE), &der::value(der::SEQUENCE, &[&own])])
            }
        }
    }
}

impl Authority {
    /// Makes a certificate that is valid from an hour before `wanted.from`.
    ///
    /// # Errors
    /// As [`Authority::new`].
    pub fn certify(&self, wanted: &Wanted<'_>) -> Result<Identity, Error> {
        let (key, x509) = self.certified(wanted)?;
        Ok(Identity {
            key: Zeroizing::new(key.private_key_to_pem_pkcs8()?),
            certificate: x509.to_pem()?,
            serial: x509.serial_number().to_owned()?,
        })
    }

    /// Makes an authority below this one, whatever `wanted.usage` is, with its identity for revocation.
    ///
    /// # Errors
    /// As [`Authority::new`].
    pub fn certify_authority(&self, wanted: &Wanted<'_>) -> Result<(Self, Identity), Error> {
        let (key, certificate) = self.certified(wanted)?;
        let identity = Identity {
            key: Zeroizing::new(key.private_key_to_pem_pkcs8()?),
            certificate: certificate.to_pem()?,
            serial: certificate.serial_number().to_owned()?,
        };
        Ok((Self { key, certificate }, identity))
    }

    fn certified(&self, wanted: &Wanted<'_>) -> Result<(PKey<Private>, X509), Error> {
        let key = new_key(wanted.key)?;
        let mut subject = X509NameBuilder::new()?;
        for (kind, text) in wanted.subject {
            subject.append_entry_by_nid(*kind, text)?;
        }
        let subject = subject.build();
        let issuer = self.certificate.subject_name();
        let mut builder = certificate(&key, &subject, issuer, wanted.from + HEAD_START, wanted.to)?;
        for extension in usage(wanted.usage)? {
            builder.append_extension(extension)?;
        }
        if !wanted.statements.is_empty() {
            let all: Vec<Vec<u8>> = wanted.statements.iter().map(|one| one.der()).collect();
            let parts: Vec<&[u8]> = all.iter().map(Vec::as_slice).collect();
            builder.append_extension(extension("1.3.6.1.5.5.7.1.3", false, &der::value(der::SEQUENCE, &parts))?)?;
        }
        key_identifiers(&mut builder, Some(&self.certificate))?;
        builder.sign(&self.key, if wanted.by_sha1 { MessageDigest::sha1() } else { MessageDigest::sha256() })?;
        Ok((key, builder.build()))
    }

    /// A revocation list in DER.
    ///
    /// # Errors
    /// As [`Authority::new`].
    pub fn list(&self, wanted: &WantedList<'_>) -> Result<Vec<u8>, Error> {
        let mut builder = X509CrlBuilder::new()?;
        builder.set_issuer_name(self.certificate.subject_name())?;
        builder.set_last_update(&*asn1(wanted.from)?)?;
        builder.set_next_update(&*asn1(wanted.next)?)?;
        let own = X509::builder()?;
        let context = own.x509v3_context(Some(&self.certificate), None);
        builder.append_extension(AuthorityKeyIdentifier::new().keyid(true).build(&context)?)?;
        let number = BigNum::from_slice(&wanted.from.timestamp().to_be_bytes())?;
        builder.append_extension(CrlNumber::new(number)?.build()?)?;
        if let Some(since) = wanted.keeps_ended_since {
            let text = since.format("%Y%m%d%H%M%SZ").to_string();
            builder.append_extension(extension(
                "2.5.29.60",
                false,
                &der::value(der::GENERALIZED_TIME, &[text.as_bytes()]),
            )?)?;
        }
        for (identity, since) in wanted.revoked {
            let mut entry = X509RevokedBuilder::new()?;
            entry.set_serial_number(&identity.serial)?;
            entry.set_revocation_date(&*asn1(*since)?)?;
            builder.add_revoked(entry.build())?;
        }
        builder.sort()?;
        builder.sign(&self.key, MessageDigest::sha256())?;
        Ok(builder.build()?.to_der()?)
    }

    /// Its key, for those who answer or stamp in its name.
    #[must_use]
    pub fn key(&self) -> &PKey<Private> {
        &self.key
    }
}

fn usage(usage: Usage) -> Result<Vec<X509Extension>, Error> {
    let mut key = KeyUsage::new();
    key.critical();
    let mut all = Vec::new();
    match usage {
        Usage::Signing => key.non_repudiation(),
        Usage::Encryption => key.key_encipherment(),
        Usage::Authority => key.key_cert_sign().crl_sign(),
        Usage::DigitalSignature | Usage::TimeStamping | Usage::OcspSigning => key.digital_signature(),
    };
    all.push(key.build()?);
    let mut constraints = BasicConstraints::new();
    constraints.critical();
    if usage == Usage::Authority {
        constraints.ca();
    }
    all.push(constraints.build()?);
    match usage {
        Usage::TimeStamping => all.push(ExtendedKeyUsage::new().critical().time_stamping().build()?),
        Usage::OcspSigning => all.push(ExtendedKeyUsage::new().other("OCSPSigning").build()?),
        Usage::Signing | Usage::DigitalSignature | Usage::Encryption | Usage::Authority => {}
    }
    Ok(all)
}

fn extension(identifier: &str, is_critical: bool, content: &[u8]) -> Result<X509Extension, Error> {
    let (identifier, content) = (Asn1Object::from_str(identifier)?, Asn1OctetString::new_from_bytes(content)?);
    Ok(X509Extension::new_from_der(&identifier, is_critical, &content)?)
}

fn new_key(kind: NewKey) -> Result<PKey<Private>, Error> {
    let curve = match kind {
        NewKey::Rsa(bits) => return Ok(PKey::from_rsa(Rsa::generate(bits)?)?),
        NewKey::P256 => Nid::X9_62_PRIME256V1,
        NewKey::P384 => Nid::SECP384R1,
        NewKey::P521 => Nid::SECP521R1,
        NewKey::Secp256k1 => Nid::SECP256K1,
    };
    let mut group = EcGroup::from_curve_name(curve)?;
    group.set_asn1_flag(Asn1Flag::NAMED_CURVE);
    Ok(PKey::from_ec_key(EcKey::generate(&group)?)?)
}
