//! The signature of a document, step by step: the facts are told one by one, and somebody else makes a verdict of them.

use crate::signatures::VerifyingKey;
use crate::xml::{self, DS, Document, Element, Limits};

use super::octets::{Counted, Octets};
use super::read::{Reference, Signature};
use super::transforms::decoded;

/// What a reference leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data<'d> {
    /// The document that holds the signature.
    Document,
    Element(Element<'d>),
    /// Octets that stand beside the document.
    Content(&'d [u8]),
}

/// Whether a digest holds; how many octets were hashed to find out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digested {
    pub holds: bool,
    pub octets: usize,
}

/// Why what a reference leads to has no octets to hash.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The transforms of the reference are not for this kind of data.
    #[error("the transforms do not apply to what is referred to")]
    Transform,
    #[error("no canonical form: {0}")]
    NoForm(#[from] xml::Error),
}

impl Signature<'_> {
    /// Whether the signature value holds under `key`.
    #[must_use]
    pub fn value_holds(&self, key: &VerifyingKey) -> bool {
        key.family() == self.method.family() && key.verify(self.method, &self.signed_info, &self.value)
    }

    /// Whether the digest of `reference`, which is one of this signature, is that of `data`.
    ///
    /// # Errors
    /// [`DataError`] when there is nothing to hash.
    pub fn digest(&self, reference: &Reference, data: Data<'_>, limits: &Limits) -> Result<Digested, DataError> {
        let hash = reference.digest_method.hash();
        let transforms = &reference.transforms;
        let octets = match data {
            Data::Content(bytes) if transforms.are_none() => Octets::of(hash, bytes),
            Data::Content(bytes) if transforms.only_canonicalize() => {
                let document = Document::parse(bytes, limits)?;
                // Whatever is left out is left out of this document, where the signature does not stand.
                feed(Octets::start(hash), |sink| transforms.apply(None, document.root(), sink))?
            }
            Data::Content(_) => return Err(DataError::Transform),
            Data::Element(object) if transforms.decoded => {
                let bytes = decoded(object).filter(|_| object.is(DS.name("Object"))).ok_or(DataError::Transform)?;
                Octets::of(hash, &bytes)
            }
            Data::Document if transforms.decoded => return Err(DataError::Transform),
            Data::Document => feed(Octets::start(hash), |sink| transforms.apply(None, self.element, sink))?,
            Data::Element(target) => {
                feed(Octets::start(hash), |sink| transforms.apply(Some(target), self.element, sink))?
            }
        };
        Ok(Digested { holds: octets.digest == reference.digest, octets: octets.length })
    }
}

fn feed(
    mut counted: Counted,
    write: impl FnOnce(&mut dyn FnMut(&[u8])) -> Result<(), xml::Error>,
) -> Result<Octets, xml::Error> {
    write(&mut |chunk| counted.update(chunk))?;
    Ok(counted.finish())
}
