//! The head of a register's tree: how far it goes and the root over all of it, signed and published (rule 3.3).

use chrono::{DateTime, Utc};

use super::Error;
use super::read::{field, parse_entry};
use super::tree::Hash;
use super::write::{formatted, time_text};
use crate::signatures::{self, Certificate, SigningKey};
use crate::xml::{R, Writer};

/// What another unit signed of a head that it had checked (rule 3.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Testimony {
    pub unit: String,
    /// Over the head's bytes, as the head's own signature.
    pub signature: Vec<u8>,
    /// The witness's certificate in DER.
    pub certificate: Vec<u8>,
    /// When the gateway took it.
    pub time: DateTime<Utc>,
}

/// What a head says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeHead {
    /// The administrator whose register it is.
    pub tenant: String,
    pub epoch: u64,
    /// Number of entries, and the number of the last; at least 1.
    pub size: u64,
    /// Time of the last entry.
    pub time: DateTime<Utc>,
    /// Merkle Tree Hash of all entries (RFC 6962 §2.1).
    pub root: Hash,
}

/// A head as it is stored and published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead {
    /// A format byte and the canonical XML of `r:Glowa`.
    pub bytes: Vec<u8>,
    /// Over these bytes, in the form of `ds:SignatureValue` before base64.
    pub signature: Vec<u8>,
    /// The signer's certificate in DER; its key says which method was used.
    pub certificate: Vec<u8>,
}

impl TreeHead {
    /// Signs the head with the gateway's seal.
    ///
    /// # Errors
    /// As [`SigningKey::sign`].
    pub fn sign(&self, seal: &SigningKey) -> Result<SignedHead, signatures::Error> {
        let bytes = self.to_bytes();
        let signature = seal.sign(&bytes)?;
        Ok(SignedHead { bytes, signature, certificate: seal.certificate().der().to_vec() })
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::with_capacity(512);
        out.apex(R.name("Glowa"), &[]);
        out.text_element(R.name("administrator"), &self.tenant);
        out.text_element(R.name("epoka"), &self.epoch.to_string());
        out.text_element(R.name("rozmiar"), &self.size.to_string());
        out.text_element(R.name("czas"), &time_text(self.time));
        out.base64_element(R.name("korzen"), &self.root);
        out.close();
        formatted(out)
    }
}

impl SignedHead {
    /// What the head says, whoever signed it.
    ///
    /// # Errors
    /// As of an entry's bytes.
    pub fn read(&self) -> Result<TreeHead, Error> {
        let document = parse_entry(&self.bytes)?;
        let head = document.root();
        if !head.is(R.name("Glowa")) {
            return Err(Error::Field("Glowa"));
        }
        let number = |name| field(head, name, |text| text.parse().ok());
        Ok(TreeHead {
            tenant: field(head, "administrator", |text| Some(text.to_owned()))?,
            epoch: number("epoka")?,
            size: number("rozmiar")?,
            time: field(head, "czas", |text| Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc()))?,
            root: field(head, "korzen", |text| openssl::base64::decode_block(text).ok()?.try_into().ok())?,
        })
    }

    /// Whether the enclosed certificate's key signed the bytes. Whose certificate it is, is for the reader to judge.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        Certificate::from_der(&self.certificate).is_ok_and(|certificate| {
            let key = certificate.key();
            key.verify(key.signing_method(), &self.bytes, &self.signature)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::XSD;
    use crate::signatures::KeyFamily;
    use crate::signatures::pki::Authority;
    use crate::xml::{Method, Schema, canonical_bytes};

    fn head() -> TreeHead {
        let time = DateTime::from_timestamp_micros(1_763_640_000_000_007).unwrap();
        TreeHead { tenant: "OPS-BUSKO".to_owned(), epoch: 1, size: 7, time, root: [9; 32] }
    }

    fn seal(family: KeyFamily) -> SigningKey {
        Authority::new("test", Utc::now()).unwrap().issue("brama", family, Utc::now()).unwrap().signing_key().unwrap()
    }

    #[test]
    fn a_head_is_canonical_fits_the_schema_and_reads_back() {
        let signed = head().sign(&seal(KeyFamily::Ecdsa)).unwrap();
        let document = parse_entry(&signed.bytes).unwrap();
        let schema = Schema::compile("rejestr.xsd", XSD).unwrap();
        assert!(schema.validate(document.root(), document.root()).is_empty());
        assert_eq!(canonical_bytes(document.root(), Method::Exclusive).unwrap(), signed.bytes[1..]);
        assert_eq!(signed.read().unwrap(), head());
    }

    #[test]
    fn the_bytes_of_a_head_are_fixed() {
        let text = "\u{1}<r:Glowa xmlns:r=\"urn:brama:rejestr:1\"><r:administrator>OPS-BUSKO</r:administrator><r:epoka>1</r:epoka>\
            <r:rozmiar>7</r:rozmiar><r:czas>2025-11-20T12:00:00.000007Z</r:czas>\
            <r:korzen>CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=</r:korzen></r:Glowa>";
        assert_eq!(String::from_utf8(head().to_bytes()).unwrap(), text);
    }

    #[test]
    fn only_what_was_signed_by_the_certificate_holds() {
        for family in [KeyFamily::Ecdsa, KeyFamily::Rsa] {
            let signed = head().sign(&seal(family)).unwrap();
            assert!(signed.is_signed());
            let other = TreeHead { size: 8, ..head() }.to_bytes();
            assert!(!SignedHead { bytes: other, ..signed.clone() }.is_signed());
            let stranger = seal(family).certificate().der().to_vec();
            assert!(!SignedHead { certificate: stranger, ..signed.clone() }.is_signed());
            assert!(!SignedHead { certificate: Vec::new(), ..signed }.is_signed());
        }
    }
}
