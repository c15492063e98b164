//! Reading `ds:Signature`: only parsing, by whitelist; nothing is believed yet.

use std::iter::Peekable;
use std::vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::signatures::{DigestMethod, Hash, SignatureMethod, sha256};
use crate::xml::{DS, DSIG_MORE, Element};

use super::error::{Error, Reason};
use super::profile::Profile;
use super::transforms::{Canonicalization, Transforms};

/// PSS with parameters of its own (RFC 6931 §2.3.9).
const RSA_PSS: &str = "http://www.w3.org/2007/05/xmldsig-more#rsa-pss";
const MGF1: &str = "http://www.w3.org/2007/05/xmldsig-more#MGF1";

/// A `ds:Signature` whose algorithms are all of the whitelist; whether it holds, only `verify` tells.
pub struct Signature<'d> {
    pub(super) element: Element<'d>,
    pub(super) method: SignatureMethod,
    pub(super) references: Vec<Reference>,
    pub(super) value: Vec<u8>,
    /// Canonical form of `ds:SignedInfo`: the bytes under the signature value.
    pub(super) signed_info: Vec<u8>,
    key_info: Option<Element<'d>>,
}

/// One `ds:Reference`: what is signed, by which digest.
#[derive(Debug, Clone)]
pub struct Reference {
    /// Empty for the whole document, `#` and an identifier, or in a document's signature the name of what stands beside it.
    pub uri: String,
    /// Its own identifier.
    pub own_id: Option<String>,
    /// What it says to point at, e.g. the signed properties.
    pub kind: Option<String>,
    pub digest_method: DigestMethod,
    pub(super) transforms: Transforms,
    pub(super) digest: Vec<u8>,
}

impl Reference {
    /// Whether every signature of the document is left out of what is signed.
    #[must_use]
    pub fn leaves_every_signature_out(&self) -> bool {
        self.transforms.leaves_every_signature_out()
    }

    /// The identifier referred to; none when the whole document is, or something beside it.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.uri.strip_prefix('#')
    }
}

impl<'d> Signature<'d> {
    /// Reads the signature of a message from `element`, which must be a `ds:Signature`.
    ///
    /// # Errors
    /// The first thing that is not of the whitelist, with its place.
    pub fn read(element: Element<'d>) -> Result<Self, Error> {
        Self::read_as(element, Profile::Message)
    }

    /// Reads what `profile` accepts.
    ///
    /// # Errors
    /// As [`Signature::read`].
    pub fn read_as(element: Element<'d>, profile: Profile) -> Result<Self, Error> {
        if !element.is(DS.name("Signature")) {
            return Err(Error::at(element, Reason::Structure));
        }
        let mut children = Children::of(element);
        let signed_info = children.take("SignedInfo")?;
        let value = children.take("SignatureValue")?;
        let key_info = children.take_if("KeyInfo");
        while children.take_if("Object").is_some() {}
        children.end()?;

        let mut inside = Children::of(signed_info);
        let canonicalization = Canonicalization::of_signed_info(inside.take("CanonicalizationMethod")?)?;
        let method = signature_method(inside.take("SignatureMethod")?)?;
        let mut references = Vec::new();
        while let Some(reference) = inside.take_if("Reference") {
            if references.len() == profile.references_max() {
                return Err(Error::at(reference, Reason::References));
            }
            references.push(read_reference(reference, profile)?);
        }
        inside.end()?;
        if references.is_empty() {
            return Err(Error::at(signed_info, Reason::References));
        }
        Ok(Self {
            element,
            method,
            references,
            value: base64(value)?,
            signed_info: canonicalization
                .bytes(signed_info)
                .map_err(|_| Error::at(signed_info, Reason::NoCanonicalForm))?,
            key_info,
        })
    }

    #[must_use]
    pub fn element(&self) -> Element<'d> {
        self.element
    }

    #[must_use]
    pub fn method(&self) -> SignatureMethod {
        self.method
    }

    /// In the order of the document, at least one.
    #[must_use]
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// `ds:KeyInfo`: a hint from the sender which certificate to look for, never a reason to trust it.
    #[must_use]
    pub fn key_info(&self) -> Option<Element<'d>> {
        self.key_info
    }

    /// SHA-256 of the canonical `ds:SignedInfo`: what makes a signed message the same message (rule 2.1).
    #[must_use]
    pub fn signed_info_digest(&self) -> [u8; 32] {
        sha256(&self.signed_info)
    }
}

fn signature_method(element: Element<'_>) -> Result<SignatureMethod, Error> {
    let method = match element.attribute("Algorithm").as_deref() {
        Some(RSA_PSS) => pss(element),
        // A parameter (such as HMACOutputLength) would change the meaning of the algorithm.
        Some(uri) => SignatureMethod::from_uri(uri).filter(|_| element.children().next().is_none()),
        None => None,
    };
    method.ok_or_else(|| Error::at(element, Reason::SignatureMethod))
}

/// RFC 6931 §2.3.9: parameters that say what §2.3.10 has without parameters, and no others. Without any, SHA-256 is meant;
/// what the mask generation leaves out is as the digest has it.
fn pss(element: Element<'_>) -> Option<SignatureMethod> {
    let mut children = element.children();
    let Some(parameters) = children.next() else { return Some(SignatureMethod::RsaPssSha256) };
    if children.next().is_some() || !parameters.is(DSIG_MORE.name("RSAPSSParams")) {
        return None;
    }
    let mut inside = parameters.children().peekable();
    let hash = match inside.next_if(|one| one.is(DS.name("DigestMethod"))) {
        Some(method) => digest_method(method)?.hash(),
        None => Hash::Sha256,
    };
    if let Some(mask) = inside.next_if(|one| one.is(DSIG_MORE.name("MaskGenerationFunction"))) {
        let mut methods = mask.children();
        let same = methods.next().is_none_or(|method| digest_method(method).is_some_and(|own| own.hash() == hash));
        if !same || methods.next().is_some() || mask.attribute("Algorithm").is_some_and(|uri| uri != MGF1) {
            return None;
        }
    }
    for (local, value) in [("SaltLength", hash.length()), ("TrailerField", 1)] {
        let stated = inside.next_if(|one| one.is(DSIG_MORE.name(local)));
        if stated.is_some_and(|one| one.token().parse() != Ok(value)) {
            return None;
        }
    }
    inside.next().is_none().then_some(SignatureMethod::pss(hash))
}

fn digest_method(element: Element<'_>) -> Option<DigestMethod> {
    let method = element.attribute("Algorithm").and_then(|uri| DigestMethod::from_uri(&uri));
    method.filter(|_| element.is(DS.name("DigestMethod")) && element.children().next().is_none())
}

fn read_reference(element: Element<'_>, profile: Profile) -> Result<Reference, Error> {
    let uri = element
        .attribute("URI")
        .filter(|uri| profile.is_document() || is_local(uri))
        .ok_or_else(|| Error::at(element, Reason::Uri))?;
    let mut children = Children::of(element);
    let transforms =
        children.take_if("Transforms").map(|one| Transforms::read(one, profile)).transpose()?.unwrap_or_default();
    let method = children.take("DigestMethod")?;
    let digest = children.take("DigestValue")?;
    children.end()?;
    let digest_method = digest_method(method).ok_or_else(|| Error::at(method, Reason::DigestMethod))?;
    let (own_id, kind) = (element.attribute("Id"), element.attribute("Type"));
    Ok(Reference { uri, own_id, kind, digest_method, transforms, digest: base64(digest)? })
}

/// Nothing outside the document and no `XPointer`: both would let the sender choose what we compute on.
fn is_local(uri: &str) -> bool {
    uri.is_empty() || uri.strip_prefix('#').is_some_and(|id| !id.is_empty() && !id.contains(['(', ')', '#', '%']))
}

fn base64(element: Element<'_>) -> Result<Vec<u8>, Error> {
    let refused = || Error::at(element, Reason::Base64);
    if element.children().next().is_some() {
        return Err(refused());
    }
    let mut text = element.text();
    text.retain(|character| !matches!(character, ' ' | '\t' | '\n' | '\r'));
    BASE64.decode(text).ok().filter(|bytes| !bytes.is_empty()).ok_or_else(refused)
}

/// Child elements taken in the order of the schema.
struct Children<'d> {
    parent: Element<'d>,
    next: Peekable<vec::IntoIter<Element<'d>>>,
}

impl<'d> Children<'d> {
    fn of(parent: Element<'d>) -> Self {
        Self { parent, next: parent.children().collect::<Vec<_>>().into_iter().peekable() }
    }

    fn take_if(&mut self, local: &'static str) -> Option<Element<'d>> {
        self.next.next_if(|child| child.is(DS.name(local)))
    }

    fn take(&mut self, local: &'static str) -> Result<Element<'d>, Error> {
        self.take_if(local).ok_or_else(|| self.refused())
    }

    fn end(mut self) -> Result<(), Error> {
        if self.next.peek().is_none() { Ok(()) } else { Err(self.refused()) }
    }

    fn refused(&mut self) -> Error {
        Error::at(self.next.peek().copied().unwrap_or(self.parent), Reason::Structure)
    }
}
