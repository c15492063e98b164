//! `brama xml`: the gateway's own verification and canonical form, for whoever looks for the fault in a signature.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use super::Failure;
use crate::signatures::{self, Certificate, KeyReference, Signature, Trust, VerifyingKey, dsig};
use crate::xml::{self, DS, Document, Element, Ids, Limits, Method};

/// Files are the user's own, so only what libxml2 cannot do is refused.
const LIMITS: Limits =
    Limits { bytes: 1 << 30, depth: 200, attributes: 1000, namespaces: 100, elements: 50_000_000, instructions: true };

/// Look at XML as the gateway does.
#[derive(Args)]
pub struct XmlArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Verify(VerifyArgs),
    Canonicalize(CanonicalizeArgs),
}

/// Verify every signature of a document and print what each covers.
///
/// Without --key and --trust each signature is verified with the certificate that it encloses, which proves nothing about
/// the signer.
#[derive(Args)]
struct VerifyArgs {
    file: PathBuf,
    /// PEM of the signer's certificate or public key.
    #[arg(long, value_name = "PEM", conflicts_with = "trust")]
    key: Option<PathBuf>,
    /// PEM of authorities one of which must have issued the enclosed certificate.
    #[arg(long, value_name = "PEM")]
    trust: Option<PathBuf>,
    /// When the certificate must be valid, e.g. 2026-03-01T12:00:00Z; now unless given.
    #[arg(long, value_name = "TIME", requires = "trust")]
    at: Option<DateTime<Utc>>,
    /// An attribute that identifies elements beside Id, wsu:Id and xml:id.
    #[arg(long, value_name = "NAME")]
    id_attribute: Option<String>,
}

/// Print the canonical form of a document or of one element in it.
#[derive(Args)]
struct CanonicalizeArgs {
    file: PathBuf,
    /// Exclusive XML Canonicalization 1.0 instead of Canonical XML 1.0.
    #[arg(long)]
    exclusive: bool,
    /// Keep comments.
    #[arg(long)]
    with_comments: bool,
    /// Prefixes treated inclusively, e.g. 'P Q #default'.
    #[arg(long, value_name = "PREFIXES", requires = "exclusive", default_value = "")]
    prefixes: String,
    /// Identifier of the element; the whole document unless given.
    #[arg(long, value_name = "ID")]
    subtree: Option<String>,
    /// An attribute that identifies elements beside Id, wsu:Id and xml:id.
    #[arg(long, value_name = "NAME")]
    id_attribute: Option<String>,
}

impl XmlArgs {
    /// # Errors
    /// `Refused` for a document that is not acceptable or a signature that does not hold, `Unreadable` for files.
    pub fn run(&self) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match &self.verb {
            Verb::Verify(verify) => verify.run(&mut out),
            Verb::Canonicalize(canonicalize) => canonicalize.run(&mut out),
        }
    }
}

impl VerifyArgs {
    fn run(&self, out: &mut impl Write) -> Result<(), Failure> {
        let signer = Signer::new(self)?;
        let document = parse(&self.file)?;
        let ids = ids(&document, self.id_attribute.as_deref())?;
        let root = document.root();
        let (mut signatures, mut invalid) = (0, 0);
        for element in std::iter::once(root).chain(root.descendants()).filter(|one| one.is(DS.name("Signature"))) {
            signatures += 1;
            let report = match verify(element, &ids, &signer) {
                Ok(report) => format!("valid: {} {report}", element.path()),
                Err(reason) => {
                    invalid += 1;
                    format!("invalid: {}\n  {reason}\n", element.path())
                }
            };
            out.write_all(report.as_bytes()).map_err(|error| unwritable(&error))?;
        }
        match (signatures, invalid) {
            (0, _) => Err(Failure::Refused("the document has no signature".to_owned())),
            (_, 0) => Ok(()),
            _ => Err(Failure::Refused(format!("{invalid} of {signatures} signatures do not hold"))),
        }
    }
}

/// Whose signature is expected.
enum Signer {
    Known(Box<dyn signatures::Signer>),
    Trusted { trust: Box<Trust>, at: DateTime<Utc> },
    Anyone,
}

impl Signer {
    fn new(arguments: &VerifyArgs) -> Result<Self, Failure> {
        if let Some(path) = &arguments.key {
            let pem = read(path)?;
            return Ok(Self::Known(match Certificate::from_pem(&pem) {
                Ok(certificate) => Box::new(certificate),
                Err(_) => Box::new(VerifyingKey::from_pem(&pem).map_err(|error| unreadable(path, error))?),
            }));
        }
        let Some(path) = &arguments.trust else { return Ok(Self::Anyone) };
        let trust = Trust::new(std::slice::from_ref(path), &[], &[], false).map_err(|error| unreadable(path, error))?;
        Ok(Self::Trusted { trust: Box::new(trust), at: arguments.at.unwrap_or_else(Utc::now) })
    }

    /// The certificate that the signature encloses.
    fn enclosed(&self, signature: &Signature<'_>, ids: &Ids<'_>) -> Result<Certificate, String> {
        let key_info = signature.key_info().ok_or("the signature has no KeyInfo")?;
        let der = match KeyReference::read(key_info, ids).map_err(|error| error.to_string())? {
            KeyReference::Enclosed { der, .. } => der,
            KeyReference::Named(_) => return Err("the certificate is named and not enclosed: give it as --key".into()),
        };
        let certificate = Certificate::from_der(&der).map_err(|error| error.to_string())?;
        if let Self::Trusted { trust, at } = self {
            trust
                .check(&certificate, *at)
                .map_err(|error| format!("the certificate ({}) is not trusted: {error}", certificate.subject()))?;
        }
        Ok(certificate)
    }
}

/// Verifies one signature; says by which method, whose and of what it is, or why it does not hold.
fn verify<'d>(element: Element<'d>, ids: &Ids<'d>, signer: &Signer) -> Result<String, String> {
    let signature = Signature::read(element).map_err(|error| error.to_string())?;
    let (covered, subject) = match signer {
        Signer::Known(known) => (signature.verify(known.as_ref(), ids), None),
        Signer::Trusted { .. } | Signer::Anyone => {
            let certificate = signer.enclosed(&signature, ids)?;
            (signature.verify(&certificate, ids), Some(certificate.subject()))
        }
    };
    let mut report = format!("({:?})\n", signature.method());
    if let Some(subject) = subject {
        let note = if matches!(signer, Signer::Anyone) { ", not checked for trust" } else { "" };
        report += &format!("  signer: {subject}{note}\n");
    }
    for one in covered.map_err(|failure| refused(&failure))? {
        report += &format!("  covers: {}\n", one.path());
    }
    Ok(report)
}

fn refused(failure: &dsig::Failure) -> String {
    match failure {
        dsig::Failure::Unresolved { uri, .. } => format!("{failure} ({uri})"),
        dsig::Failure::Digest { uri, path, canonical_bytes, computed, .. } => {
            format!("{failure}: {uri} is {path}, {canonical_bytes} bytes after its transforms, digest {computed}")
        }
        dsig::Failure::Value { canonical_bytes, computed, .. } => {
            format!("{failure}: SignedInfo has {canonical_bytes} canonical bytes, SHA-256 {computed}")
        }
        dsig::Failure::KeyMismatch { .. } | dsig::Failure::NoToken { .. } | dsig::Failure::NoCanonicalForm { .. } => {
            failure.to_string()
        }
    }
}

impl CanonicalizeArgs {
    fn run(&self, out: &mut impl Write) -> Result<(), Failure> {
        let document = parse(&self.file)?;
        let method = match (self.exclusive, self.with_comments) {
            (false, false) => Method::Inclusive10,
            (false, true) => Method::Inclusive10WithComments,
            (true, false) => Method::Exclusive,
            (true, true) => Method::ExclusiveWithComments,
        };
        let prefixes: Vec<String> = self.prefixes.split_whitespace().map(ToOwned::to_owned).collect();
        let mut bytes = Vec::new();
        let mut sink = |chunk: &[u8]| bytes.extend_from_slice(chunk);
        let done = match &self.subtree {
            None => xml::canonicalize_document(&document, method, &prefixes, None, &mut sink),
            Some(id) => {
                let apex = ids(&document, self.id_attribute.as_deref())?
                    .get(id)
                    .ok_or_else(|| Failure::Refused(format!("no element is identified by {id:?}")))?;
                xml::canonicalize(apex, method, &prefixes, None, &mut sink)
            }
        };
        done.map_err(|error| unacceptable(&self.file, &error))?;
        out.write_all(&bytes).and_then(|()| out.flush()).map_err(|error| unwritable(&error))
    }
}

fn parse(path: &Path) -> Result<Document, Failure> {
    Document::parse(&read(path)?, &LIMITS).map_err(|error| unacceptable(path, &error))
}

fn ids<'d>(document: &'d Document, extra: Option<&str>) -> Result<Ids<'d>, Failure> {
    let extra: Vec<&str> = extra.into_iter().collect();
    xml::ids_with(document, &extra).map_err(|error| Failure::Refused(error.to_string()))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| unreadable(path, error))
}

fn unreadable(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::Unreadable(format!("{}: {error}", path.display()))
}

fn unacceptable(path: &Path, error: &xml::Error) -> Failure {
    Failure::Refused(format!("{}: {error}", path.display()))
}

fn unwritable(error: &io::Error) -> Failure {
    Failure::Unreadable(format!("standard output: {error}"))
}

#[cfg(test)]
mod tests;
