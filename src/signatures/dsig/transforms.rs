//! From an element to the bytes that are signed: canonicalization methods and transforms of the whitelist.

use crate::xml::{self, DS, EC, Element, Method, canonicalize, canonicalize_around};

use super::error::{Error, Reason};
use super::token::{self, STR_TRANSFORM};

const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const PREFIXES_MAX: usize = 32;

/// A canonicalization method without comments, and the prefixes it treats inclusively.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canonicalization {
    pub method: Method,
    /// `InclusiveNamespaces/@PrefixList` (Exclusive C14N §2.1); `#default` means the default namespace.
    pub prefixes: Vec<String>,
}

impl Canonicalization {
    /// Reads `ds:CanonicalizationMethod` or a `ds:Transform` of the same shape; `None` when the method is not of the whitelist.
    pub(super) fn read(element: Element<'_>) -> Option<Self> {
        // Forms with comments are refused: a same-document reference has none (XML Signature §4.4.3.3).
        let method = Method::from_uri(&element.attribute("Algorithm")?)
            .filter(|method| matches!(method, Method::Inclusive10 | Method::Inclusive11 | Method::Exclusive))?;
        let mut children = element.children();
        let prefixes = match children.next() {
            None => Vec::new(),
            Some(list) if method == Method::Exclusive && list.is(EC.name("InclusiveNamespaces")) => {
                let list = list.attribute("PrefixList").unwrap_or_default();
                list.split_ascii_whitespace().map(ToOwned::to_owned).collect()
            }
            Some(_) => return None,
        };
        (children.next().is_none() && prefixes.len() <= PREFIXES_MAX).then_some(Self { method, prefixes })
    }

    /// Reads `ds:CanonicalizationMethod`.
    pub(super) fn of_signed_info(element: Element<'_>) -> Result<Self, Error> {
        Self::read(element).ok_or_else(|| Error::at(element, Reason::Canonicalization))
    }

    pub(super) fn bytes(&self, apex: Element<'_>) -> Result<Vec<u8>, xml::Error> {
        let mut bytes = Vec::new();
        canonicalize(apex, self.method, &self.prefixes, None, &mut |chunk| bytes.extend_from_slice(chunk))?;
        Ok(bytes)
    }
}

/// What is done to a referenced element before it is hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transforms {
    /// Whether the signature itself is left out.
    enveloped: bool,
    /// Whether the element stands for a token, which is signed in its place.
    pub(super) token: bool,
    pub(super) canonicalization: Canonicalization,
}

impl Default for Transforms {
    // XML Signature §4.4.3.2: a node set that no transform made octets is canonicalized by Canonical XML 1.0.
    fn default() -> Self {
        Self {
            enveloped: false,
            token: false,
            canonicalization: Canonicalization { method: Method::Inclusive10, prefixes: Vec::new() },
        }
    }
}

impl Transforms {
    /// Reads `ds:Transforms`: at most the enveloped transform, then at most one that makes octets.
    pub(super) fn read(element: Element<'_>) -> Result<Self, Error> {
        let mut transforms = Self::default();
        let mut last = false;
        let mut empty = true;
        for transform in element.children() {
            let refused = || Error::at(transform, Reason::Transform);
            if !transform.is(DS.name("Transform")) || last {
                return Err(refused());
            }
            empty = false;
            match transform.attribute("Algorithm").as_deref() {
                Some(ENVELOPED) => {
                    if transforms.enveloped || transform.children().next().is_some() {
                        return Err(refused());
                    }
                    transforms.enveloped = true;
                }
                Some(STR_TRANSFORM) => {
                    transforms.canonicalization = token::canonicalization(transform).ok_or_else(refused)?;
                    (transforms.token, last) = (true, true);
                }
                _ => {
                    transforms.canonicalization = Canonicalization::read(transform).ok_or_else(refused)?;
                    last = true;
                }
            }
        }
        if empty { Err(Error::at(element, Reason::Structure)) } else { Ok(transforms) }
    }

    /// The same with another canonicalization.
    pub(super) fn with(&self, canonicalization: &Canonicalization) -> Self {
        Self { canonicalization: canonicalization.clone(), ..*self }
    }

    /// Feeds `sink` with the bytes to hash: of `target`, or of the whole document when there is none.
    pub(super) fn apply(
        &self,
        target: Option<Element<'_>>,
        signature: Element<'_>,
        sink: &mut dyn FnMut(&[u8]),
    ) -> Result<(), xml::Error> {
        let Canonicalization { method, prefixes } = &self.canonicalization;
        let without = self.enveloped.then_some(signature);
        match target {
            Some(target) => canonicalize(target, *method, prefixes, without, sink),
            // XML Signature §4.4.3.3: URI="" also covers the processing instructions around the root.
            None => canonicalize_around(signature, *method, prefixes, without, sink),
        }
    }
}
