//! What names a certificate that is not in the message: an index into known certificates, never a proof of anything.

use openssl::bn::BigNum;
use openssl::sha::sha1;
use openssl::x509::{X509, X509Ref};

use super::distinguished_name::DistinguishedName;
use super::{Error, der};

/// One of the ways in which a message names a certificate; two of one way are equal when they name the same one.
///
/// SHA-1 serves as an index here: the signature must hold under the key of the certificate that is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CertificateId {
    /// XML Signature §4.5.4.1; the serial number is big-endian without leading zeros.
    IssuerSerial { issuer: DistinguishedName, serial: Vec<u8> },
    /// RFC 5280 §4.2.1.2.
    KeyIdentifier(Vec<u8>),
    /// SHA-1 of the DER form (WS-Security 1.1 §7.3).
    Thumbprint([u8; 20]),
}

/// RFC 5280 §4.1.2.2: 20 octets at most, which are 49 digits.
const SERIAL_CHARACTERS_MAX: usize = 64;

impl CertificateId {
    /// Reads `X509IssuerName` and `X509SerialNumber`, the latter decimal or, as PHP writes long ones, `0x` and hexadecimal.
    #[must_use]
    pub fn issuer_serial(issuer: &str, serial: &str) -> Option<Self> {
        if serial.len() > SERIAL_CHARACTERS_MAX {
            return None;
        }
        // The library reads as far as there are digits.
        let number = match serial.strip_prefix("0x") {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => BigNum::from_hex_str(digits),
            None if serial.bytes().all(|byte| byte.is_ascii_digit()) => BigNum::from_dec_str(serial),
            _ => return None,
        };
        let serial = number.ok()?.to_vec();
        DistinguishedName::parse(issuer).map(|issuer| Self::IssuerSerial { issuer, serial })
    }

    /// Everything that names the certificate with this DER form.
    ///
    /// # Errors
    /// [`Error::Certificate`] when it is none.
    pub fn all_of(der: &[u8]) -> Result<Vec<Self>, Error> {
        let x509 = X509::from_der(der).map_err(Error::Certificate)?;
        let serial = x509.serial_number().to_bn()?.to_vec();
        let issuer = DistinguishedName::from_der(&x509.issuer_name().to_der()?);
        let named = issuer.map(|issuer| Self::IssuerSerial { issuer, serial });
        let identified = key_identifier(&x509).map(Self::KeyIdentifier);
        Ok([Some(Self::Thumbprint(sha1(der))), identified, named].into_iter().flatten().collect())
    }
}

/// The extension; without one, what RFC 5280 §4.2.1.2 (1) would have put there and senders compute.
fn key_identifier(x509: &X509Ref) -> Option<Vec<u8>> {
    if let Some(identifier) = x509.subject_key_id() {
        return Some(identifier.as_slice().to_vec());
    }
    let key = x509.public_key().ok()?.public_key_to_der().ok()?;
    let [_, bits] = der::all(der::only(&key)?.content)?[..] else { return None };
    Some(sha1(bits.content.get(1..)?).to_vec()) // the first byte of a BIT STRING counts the unused bits of its last
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use openssl::x509::X509;

    use super::*;
    use crate::signatures::pki::Authority;
    use crate::signatures::{Certificate, KeyFamily};

    #[test]
    fn a_certificate_is_named_by_issuer_and_serial_by_key_and_by_digest() {
        let identity = Authority::new("a, b", Utc::now()).unwrap().issue("x", KeyFamily::Rsa, Utc::now()).unwrap();
        let certificate = Certificate::from_pem(identity.certificate_pem()).unwrap();
        let names = CertificateId::all_of(certificate.der()).unwrap();
        let x509 = X509::from_der(certificate.der()).unwrap();
        let serial = x509.serial_number().to_bn().unwrap();
        let decimal = serial.to_dec_str().unwrap().to_string();
        let hexadecimal = format!("0x{}", serial.to_hex_str().unwrap());
        for (issuer, serial, expected) in [
            (r"CN=a\, b,O=brama", &decimal[..], true),
            ("O=brama, CN=a, b", &hexadecimal, true),
            ("O=brama, CN=a, b", &format!("00{decimal}"), true),
            ("O=brama, CN=a, b", "1", false),
            ("O=brama, CN=a", &decimal[..], false),
        ] {
            let id = CertificateId::issuer_serial(issuer, serial).unwrap();
            assert_eq!(names.contains(&id), expected, "{issuer} {serial}");
        }
        let digest = x509.digest(openssl::hash::MessageDigest::sha1()).unwrap();
        assert!(names.contains(&CertificateId::Thumbprint((*digest).try_into().unwrap())));
        let identifier = x509.subject_key_id().unwrap().as_slice().to_vec();
        assert!(names.contains(&CertificateId::KeyIdentifier(identifier)));
    }

    #[test]
    fn a_serial_number_is_a_natural_number() {
        for serial in ["", "-1", "x", "0x", "0xg", "1 2", &"1".repeat(65)] {
            assert_eq!(CertificateId::issuer_serial("CN=a", serial), None, "{serial:?}");
        }
    }
}
