//! A development PKI: an authority, the gateway's keys and those of systems. For demonstrations and tests, never for real offices.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{Asn1Flag, EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, CrlNumber, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName,
    SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509Builder, X509CrlBuilder, X509Name, X509NameBuilder, X509NameRef, X509RevokedBuilder};
use zeroize::Zeroizing;

use super::{Error, KeyFamily, SigningKey};

mod wanted;

pub use wanted::{NewKey, Statement, Usage, Wanted, WantedList};

const AUTHORITY_DAYS: i64 = 3650;
const IDENTITY_DAYS: i64 = 825;
/// Certificates start a little in the past, so that a neighbour's slow clock accepts them.
const HEAD_START: TimeDelta = TimeDelta::hours(1);
const RSA_BITS: u32 = 2048;
/// Development servers answer under these names.
const HOST_NAMES: [&str; 1] = ["localhost"];
const HOST_ADDRESSES: [&str; 2] = ["127.0.0.1", "::1"];

/// Makes `folder` and in it `ca`, `brama` (ECDSA P-256) and `brama-rsa` (RSA 2048), each as `.key` and `.pem`.
///
/// # Errors
/// [`Error::Exists`] when one of the files is there already: keys are never overwritten.
pub fn init(folder: &Path, now: DateTime<Utc>) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|source| Error::File { path: folder.to_owned(), source })?;
    let authority = Authority::new("Urząd certyfikacji deweloperskiej bramy", now)?;
    authority.save(folder, "ca")?;
    for (name, family) in [("brama", KeyFamily::Ecdsa), ("brama-rsa", KeyFamily::Rsa)] {
        authority.issue(name, family, now)?.save(folder, name)?;
    }
    Ok(())
}

/// Makes a key and certificate for the system `name` by the authority in `folder`: `<name>.key`, `<name>.pem`.
///
/// # Errors
/// [`Error::Name`] when `name` is not made of ASCII letters, digits, `-` and `_`; [`Error::Exists`] like [`init`];
/// [`Error::File`] when `folder` has no authority.
pub fn issue(folder: &Path, name: &str, family: KeyFamily, now: DateTime<Utc>) -> Result<(), Error> {
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return Err(Error::Name(name.to_owned()));
    }
    Authority::load(folder)?.issue(name, family, now)?.save(folder, name)
}

/// Who issues certificates: a key and its own certificate.
pub struct Authority {
    key: PKey<Private>,
    certificate: X509,
}

impl Authority {
    /// A new root with an ECDSA P-256 key, valid for ten years.
    ///
    /// # Errors
    /// [`Error::Library`]; likewise wherever this type names no other.
    pub fn new(name: &str, now: DateTime<Utc>) -> Result<Self, Error> {
        let key = new_key(KeyFamily::Ecdsa)?;
        let subject = name_of(name)?;
        let mut builder = certificate(&key, &subject, &subject, now, now + TimeDelta::days(AUTHORITY_DAYS))?;
        authority_extensions(&mut builder, None)?;
        builder.sign(&key, MessageDigest::sha256())?;
        Ok(Self { certificate: builder.build(), key })
    }

    /// Reads `ca.key` and `ca.pem` of `folder`.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::Key`] or [`Error::Certificate`].
    pub fn load(folder: &Path) -> Result<Self, Error> {
        Self::load_as(folder, "ca")
    }

    /// The same of `<name>.key` and `<name>.pem`.
    ///
    /// # Errors
    /// As [`Authority::load`].
    pub fn load_as(folder: &Path, name: &str) -> Result<Self, Error> {
        let read = |ending| {
            let path = folder.join(format!("{name}.{ending}"));
            fs::read(&path).map_err(|source| Error::File { path, source })
        };
        let key = PKey::private_key_from_pem(&Zeroizing::new(read("key")?)).map_err(Error::Key)?;
        let certificate = X509::from_pem(&read("pem")?).map_err(Error::Certificate)?;
        Ok(Self { key, certificate })
    }

    /// Writes `<name>.key` and `<name>.pem`.
    ///
    /// # Errors
    /// As [`Identity::save`].
    pub fn save(&self, folder: &Path, name: &str) -> Result<(), Error> {
        write_pair(folder, name, &self.key_pem()?, &self.certificate_pem()?)
    }

    /// An authority below this one.
    ///
    /// # Errors
    /// As [`Authority::new`].
    pub fn subordinate(&self, name: &str, now: DateTime<Utc>) -> Result<Self, Error> {
        let key = new_key(KeyFamily::Ecdsa)?;
        let issuer = self.certificate.subject_name();
        let mut builder = certificate(&key, &*name_of(name)?, issuer, now, now + TimeDelta::days(AUTHORITY_DAYS))?;
        authority_extensions(&mut builder, Some(&self.certificate))?;
        builder.sign(&self.key, MessageDigest::sha256())?;
        Ok(Self { certificate: builder.build(), key })
    }

    /// A key and certificate for signing and for TLS on this machine, valid from `now` for 825 days.
    ///
    /// # Errors
    /// As [`Authority::new`].
    pub fn issue(&self, name: &str, family: KeyFamily, now: DateTime<Utc>) -> Result<Identity, Error> {
        self.issue_until(name, family, now, now + TimeDelta::days(IDENTITY_DAYS))
    }

    /// Like [`Authority::issue`], with an end of its own.
    ///
    /// # Errors
    /// As [`Authority::new`].
    pub fn issue_until(
        &self,
        name: &str,
        family: KeyFamily,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Identity, Error> {
        let key = new_key(family)?;
        let mut builder = certificate(&key, &*name_of(name)?, self.certificate.subject_name(), from, to)?;
        builder.append_extension(BasicConstraints::new().critical().build()?)?;
        builder.append_extension(KeyUsage::new().critical().digital_signature().non_repudiation().build()?)?;
        builder.append_extension(ExtendedKeyUsage::new().client_auth().server_auth().build()?)?;
        let mut hosts = SubjectAlternativeName::new();
        for host in HOST_NAMES {
            hosts.dns(host);
        }
        for address in HOST_ADDRESSES {
            hosts.ip(address);
        }
        let hosts = hosts.build(&builder.x509v3_context(Some(&self.certificate), None))?;
        builder.append_extension(hosts)?;
        key_identifiers(&mut builder, Some(&self.certificate))?;
        builder.sign(&self.key, MessageDigest::sha256())?;
        let certificate = builder.build();
        Ok(Identity {
            key: Zeroizing::new(key.private_key_to_pem_pkcs8()?),
            certificate: certificate.to_pem()?,
            serial: certificate.serial_number().to_owned()?,
        })
    }

    /// A revocation list in PEM.
    ///
    /// # Errors
    /// As [`Authority::new`].
    pub fn revocation_list(
        &self,
        revoked: &[&Identity],
        from: DateTime<Utc>,
        next: DateTime<Utc>,
    ) -> Result<Vec<u8>, Error> {
        let mut builder = X509CrlBuilder::new()?;
        builder.set_issuer_name(self.certificate.subject_name())?;
        builder.set_last_update(&*asn1(from)?)?;
        builder.set_next_update(&*asn1(next)?)?;
        // RFC 5280 §5.2.1.
        let own = X509::builder()?;
        let context = own.x509v3_context(Some(&self.certificate), None);
        builder.append_extension(AuthorityKeyIdentifier::new().keyid(true).build(&context)?)?;
        // RFC 5280 §5.2.3: numbers grow; the seconds of a list's start do.
        let number = BigNum::from_slice(&from.timestamp().to_be_bytes())?;
        builder.append_extension(CrlNumber::new(number)?.build()?)?;
        for identity in revoked {
            let mut entry = X509RevokedBuilder::new()?;
            entry.set_serial_number(&identity.serial)?;
            entry.set_revocation_date(&*asn1(from)?)?;
            builder.add_revoked(entry.build())?;
        }
        builder.sort()?;
        builder.sign(&self.key, MessageDigest::sha256())?;
        Ok(builder.build()?.to_pem()?)
    }

    /// # Errors
    /// As [`Authority::new`].
    pub fn certificate_pem(&self) -> Result<Vec<u8>, Error> {
        Ok(self.certificate.to_pem()?)
    }

    pub(super) fn key_pem(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        Ok(Zeroizing::new(self.key.private_key_to_pem_pkcs8()?))
    }
}

/// A private key and its certificate as an authority hands them out.
pub struct Identity {
    key: Zeroizing<Vec<u8>>,
    certificate: Vec<u8>,
    serial: Asn1Integer,
}

impl Identity {
    #[must_use]
    pub fn key_pem(&self) -> &[u8] {
        &self.key
    }

    #[must_use]
    pub fn certificate_pem(&self) -> &[u8] {
        &self.certificate
    }

    /// # Errors
    /// Those of [`SigningKey::from_pem`].
    pub fn signing_key(&self) -> Result<SigningKey, Error> {
        SigningKey::from_pem(&self.key, &self.certificate)
    }

    /// Writes `<name>.key` and `<name>.pem`.
    ///
    /// # Errors
    /// [`Error::Exists`] when there is such a file, [`Error::File`] when it cannot be written.
    pub fn save(&self, folder: &Path, name: &str) -> Result<(), Error> {
        write_pair(folder, name, &self.key, &self.certificate)
    }
}

fn new_key(family: KeyFamily) -> Result<PKey<Private>, Error> {
    Ok(match family {
        KeyFamily::Rsa => PKey::from_rsa(Rsa::generate(RSA_BITS)?)?,
        KeyFamily::Ecdsa => {
            let mut group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
            group.set_asn1_flag(Asn1Flag::NAMED_CURVE);
            PKey::from_ec_key(EcKey::generate(&group)?)?
        }
    })
}

fn name_of(name: &str) -> Result<X509Name, Error> {
    let mut builder = X509NameBuilder::new()?;
    builder.append_entry_by_nid(Nid::ORGANIZATIONNAME, "brama")?;
    builder.append_entry_by_nid(Nid::COMMONNAME, name)?;
    Ok(builder.build())
}

fn certificate(
    key: &PKey<Private>,
    subject: &X509NameRef,
    issuer: &X509NameRef,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<X509Builder, Error> {
    let mut serial = BigNum::new()?;
    serial.rand(127, MsbOption::ONE, false)?;
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_serial_number(&*serial.to_asn1_integer()?)?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer)?;
    builder.set_pubkey(key)?;
    builder.set_not_before(&*asn1(from - HEAD_START)?)?;
    builder.set_not_after(&*asn1(to)?)?;
    Ok(builder)
}

fn authority_extensions(builder: &mut X509Builder, issuer: Option<&X509>) -> Result<(), Error> {
    builder.append_extension(BasicConstraints::new().critical().ca().build()?)?;
    builder.append_extension(KeyUsage::new().critical().key_cert_sign().crl_sign().build()?)?;
    key_identifiers(builder, issuer)
}

fn key_identifiers(builder: &mut X509Builder, issuer: Option<&X509>) -> Result<(), Error> {
    let own = SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None))?;
    builder.append_extension(own)?;
    if let Some(issuer) = issuer {
        let context = builder.x509v3_context(Some(issuer), None);
        let above = AuthorityKeyIdentifier::new().keyid(true).build(&context)?;
        builder.append_extension(above)?;
    }
    Ok(())
}

fn asn1(moment: DateTime<Utc>) -> Result<Asn1Time, Error> {
    Ok(Asn1Time::from_unix(moment.timestamp())?)
}

fn write_pair(folder: &Path, name: &str, key: &[u8], certificate: &[u8]) -> Result<(), Error> {
    write_new(folder.join(format!("{name}.key")), key, 0o600)?;
    write_new(folder.join(format!("{name}.pem")), certificate, 0o644)
}

fn write_new(path: PathBuf, bytes: &[u8], mode: u32) -> Result<(), Error> {
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path);
    match file.and_then(|mut file| file.write_all(bytes)) {
        Ok(()) => Ok(()),
        Err(source) if source.kind() == std::io::ErrorKind::AlreadyExists => Err(Error::Exists { path }),
        Err(source) => Err(Error::File { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::signatures::{Certificate, Trust};

    #[test]
    fn a_new_pki_holds_keys_that_fit_and_certificates_that_its_anchor_trusts() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("pki");
        let now = Utc::now();
        init(&folder, now).unwrap();
        issue(&folder, "syriusz", KeyFamily::Rsa, now).unwrap();
        let trust = Trust::new(&[folder.join("ca.pem")], &[], &[], false).unwrap();
        for (name, family) in [("brama", KeyFamily::Ecdsa), ("brama-rsa", KeyFamily::Rsa), ("syriusz", KeyFamily::Rsa)]
        {
            let path = folder.join(format!("{name}.key"));
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            let key = SigningKey::load(&path, &folder.join(format!("{name}.pem"))).unwrap();
            assert_eq!(key.family(), family);
            assert_eq!(trust.check(key.certificate(), now), Ok(()));
        }
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        init(folder.path(), Utc::now()).unwrap();
        let before = fs::read(folder.path().join("ca.key")).unwrap();
        assert!(matches!(init(folder.path(), Utc::now()), Err(Error::Exists { .. })));
        let again = issue(folder.path(), "brama", KeyFamily::Ecdsa, Utc::now());
        assert!(matches!(again, Err(Error::Exists { .. })));
        assert_eq!(fs::read(folder.path().join("ca.key")).unwrap(), before);
    }

    #[test]
    fn a_name_that_leaves_the_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        init(folder.path(), Utc::now()).unwrap();
        for name in ["", "../x", "a/b", "a.b", "ą"] {
            assert!(matches!(issue(folder.path(), name, KeyFamily::Ecdsa, Utc::now()), Err(Error::Name(_))), "{name}");
        }
    }

    #[test]
    fn an_end_may_be_given() {
        let now = Utc::now();
        let authority = Authority::new("test", now).unwrap();
        let identity =
            authority.issue_until("old", KeyFamily::Ecdsa, now - TimeDelta::days(9), now - TimeDelta::days(1)).unwrap();
        assert!(Certificate::from_pem(identity.certificate_pem()).unwrap().not_after() < now);
    }
}
