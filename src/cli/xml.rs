//! `brama xml`: the gateway's own verification and canonical form, for whoever looks for the fault in a signature.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use super::Failure;
use crate::signatures::{Certificate, Signature, Trust, VerifyingKey, dsig};
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
        let mut signatures = 0;
        for element in std::iter::once(root).chain(root.descendants()).filter(|one| one.is(DS.name("Signature"))) {
            signatures += 1;
            verify(element, &ids, &signer, out)?;
        }
        if signatures == 0 {
            return Err(Failure::Refused("the document has no signature".to_owned()));
        }
        Ok(())
    }
}

/// Whose signature is expected.
enum Signer {
    Known(VerifyingKey),
    Trusted { trust: Box<Trust>, at: DateTime<Utc> },
    Anyone,
}

impl Signer {
    fn new(arguments: &VerifyArgs) -> Result<Self, Failure> {
        if let Some(path) = &arguments.key {
            let key = VerifyingKey::from_pem(&read(path)?).map_err(|error| unreadable(path, error))?;
            return Ok(Self::Known(key));
        }
        let Some(path) = &arguments.trust else { return Ok(Self::Anyone) };
        let trust = Trust::new(std::slice::from_ref(path), &[], &[], false).map_err(|error| unreadable(path, error))?;
        Ok(Self::Trusted { trust: Box::new(trust), at: arguments.at.unwrap_or_else(Utc::now) })
    }

    /// The key to verify with, and the certificate it comes from when the signature encloses it.
    fn key(&self, signature: &Signature<'_>, ids: &Ids<'_>) -> Result<(VerifyingKey, Option<Certificate>), Failure> {
        if let Self::Known(key) = self {
            return Ok((key.clone(), None));
        }
        let certificate = signature
            .key_info()
            .and_then(|info| dsig::certificate(info, ids))
            .ok_or_else(|| Failure::Refused("the signature does not enclose one readable certificate".to_owned()))?;
        if let Self::Trusted { trust, at } = self {
            trust.check(&certificate, *at).map_err(|error| {
                Failure::Refused(format!("the certificate ({}) is not trusted: {error}", certificate.subject()))
            })?;
        }
        Ok((certificate.key().clone(), Some(certificate)))
    }
}

fn verify<'d>(element: Element<'d>, ids: &Ids<'d>, signer: &Signer, out: &mut impl Write) -> Result<(), Failure> {
    let signature = Signature::read(element).map_err(|error| Failure::Refused(error.to_string()))?;
    let (key, certificate) = signer.key(&signature, ids)?;
    let covered = signature.verify(&key, ids).map_err(|failure| refused(&failure))?;
    let print = |out: &mut dyn Write| {
        writeln!(out, "valid: {} ({:?})", element.path(), signature.method())?;
        if let Some(certificate) = certificate {
            let note = if matches!(signer, Signer::Anyone) { ", not checked for trust" } else { "" };
            writeln!(out, "  signer: {}{note}", certificate.subject())?;
        }
        covered.iter().try_for_each(|one| writeln!(out, "  covers: {}", one.path()))
    };
    print(out).map_err(|error| unwritable(&error))
}

fn refused(failure: &dsig::Failure) -> Failure {
    Failure::Refused(match failure {
        dsig::Failure::Unresolved { uri, .. } => format!("{failure} ({uri})"),
        dsig::Failure::Digest { uri, path, canonical_bytes, computed, .. } => {
            format!("{failure}: {uri} is {path}, {canonical_bytes} bytes after its transforms, digest {computed}")
        }
        dsig::Failure::KeyMismatch | dsig::Failure::Value | dsig::Failure::NoCanonicalForm { .. } => {
            failure.to_string()
        }
    })
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
