//! From an element to the bytes that are signed: canonicalization methods and transforms of the whitelist.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::xml::{self, DS, EC, Element, FILTER2, Method, Omitted, canonicalize, canonicalize_omitting};

use super::error::{Error, Reason};
use super::profile::Profile;
use super::token::{self, STR_TRANSFORM};

pub(super) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const BASE64_DECODING: &str = "http://www.w3.org/2000/09/xmldsig#base64";
pub(super) const XPATH: &str = "http://www.w3.org/TR/1999/REC-xpath-19991116";
const XPATH_FILTER2: &str = "http://www.w3.org/2002/06/xmldsig-filter2";
const PREFIXES_MAX: usize = 32;

/// A canonicalization method without comments, and the prefixes it treats inclusively.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canonicalization {
    pub method: Method,
    /// `InclusiveNamespaces/@PrefixList` (Exclusive C14N §2.1); `#default` means the default namespace.
    pub prefixes: Vec<String>,
}

impl Canonicalization {
    /// Canonical XML 1.0, which is meant where none is named.
    #[must_use]
    pub const fn inclusive() -> Self {
        Self { method: Method::Inclusive10, prefixes: Vec::new() }
    }

    /// Reads `ds:CanonicalizationMethod` or a `ds:Transform` of the same shape; `None` when the method is not of the whitelist.
    #[must_use]
    pub fn read(element: Element<'_>) -> Option<Self> {
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

    /// The canonical form of the subtree under `apex`.
    ///
    /// # Errors
    /// Those of [`canonicalize`].
    pub fn bytes(&self, apex: Element<'_>) -> Result<Vec<u8>, xml::Error> {
        let mut bytes = Vec::new();
        canonicalize(apex, self.method, &self.prefixes, None, &mut |chunk| bytes.extend_from_slice(chunk))?;
        Ok(bytes)
    }
}

/// What is done to a referenced element before it is hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transforms {
    /// Whether there are any.
    stated: bool,
    /// What is left out beforehand.
    left_out: LeftOut,
    /// Whether the text inside is base64 of what is signed.
    pub(super) decoded: bool,
    /// Whether the element stands for a token, which is signed in its place.
    pub(super) token: bool,
    pub(super) canonicalization: Canonicalization,
}

/// Signatures that are no part of what they sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LeftOut {
    Nothing,
    /// The signature itself.
    Own,
    /// Every signature, and all that is inside it.
    Every,
}

impl Default for Transforms {
    // XML Signature §4.4.3.2: a node set that no transform made octets is canonicalized by Canonical XML 1.0.
    fn default() -> Self {
        Self {
            stated: false,
            left_out: LeftOut::Nothing,
            decoded: false,
            token: false,
            canonicalization: Canonicalization::inclusive(),
        }
    }
}

impl Transforms {
    /// Reads `ds:Transforms`: transforms that leave signatures out, then at most one that makes octets.
    pub(super) fn read(element: Element<'_>, profile: Profile) -> Result<Self, Error> {
        let mut transforms = Self { stated: true, ..Self::default() };
        let mut seen = Vec::new();
        let mut last = false;
        for transform in element.children() {
            let refused = || Error::at(transform, Reason::Transform);
            let Some(algorithm) =
                transform.attribute("Algorithm").filter(|_| transform.is(DS.name("Transform")) && !last)
            else {
                return Err(refused());
            };
            if seen.contains(&algorithm) {
                return Err(refused());
            }
            match algorithm.as_str() {
                ENVELOPED => transforms.leave_out(LeftOut::Own, transform.children().next().is_none()),
                XPATH if profile.is_document() => transforms.leave_out(LeftOut::Every, is_xpath(transform)),
                XPATH_FILTER2 if profile.is_document() => transforms.leave_out(LeftOut::Every, is_filter(transform)),
                BASE64_DECODING if profile.is_document() && transforms.left_out == LeftOut::Nothing => {
                    (transforms.decoded, last) = (true, true);
                    transform.children().next().is_none().then_some(())
                }
                STR_TRANSFORM if !profile.is_document() => {
                    (transforms.token, last) = (true, true);
                    token::canonicalization(transform).map(|method| transforms.canonicalization = method)
                }
                _ => {
                    last = true;
                    Canonicalization::read(transform).map(|method| transforms.canonicalization = method)
                }
            }
            .ok_or_else(refused)?;
            seen.push(algorithm);
        }
        if seen.is_empty() { Err(Error::at(element, Reason::Structure)) } else { Ok(transforms) }
    }

    fn leave_out(&mut self, what: LeftOut, is_allowed: bool) -> Option<()> {
        if self.left_out != LeftOut::Every {
            self.left_out = what;
        }
        is_allowed.then_some(())
    }

    /// The same with another canonicalization.
    pub(super) fn with(&self, canonicalization: &Canonicalization) -> Self {
        Self { canonicalization: canonicalization.clone(), ..*self }
    }

    /// Whether every signature of a document is left out, and not only the one that refers to it.
    pub(super) fn leaves_every_signature_out(&self) -> bool {
        self.left_out == LeftOut::Every
    }

    /// Whether octets from outside the document are hashed as they are.
    pub(super) fn are_none(&self) -> bool {
        !self.stated
    }

    /// Whether nothing is left out and a canonical form is asked for at most.
    pub(super) fn only_canonicalize(&self) -> bool {
        self.left_out == LeftOut::Nothing && !self.token && !self.decoded
    }

    /// Feeds `sink` with the bytes to hash: of `target`, or of the whole document when there is none.
    pub(super) fn apply(
        &self,
        target: Option<Element<'_>>,
        signature: Element<'_>,
        sink: &mut dyn FnMut(&[u8]),
    ) -> Result<(), xml::Error> {
        let Canonicalization { method, prefixes } = &self.canonicalization;
        let omitted = match self.left_out {
            LeftOut::Nothing => Omitted::Nothing,
            LeftOut::Own => Omitted::Subtree(signature),
            LeftOut::Every => Omitted::Every(DS.name("Signature")),
        };
        // XML Signature §4.4.3.3: URI="" also covers the processing instructions around the root.
        canonicalize_omitting(target, signature, *method, prefixes, omitted, sink)
    }
}

/// What base64 inside `element` stands for: XML Signature §6.6.2 takes the text of all that is inside.
pub(super) fn decoded(element: Element<'_>) -> Option<Vec<u8>> {
    let inside = std::iter::once(element).chain(element.descendants());
    let mut text: String = inside.map(Element::text).collect();
    text.retain(|character| !matches!(character, ' ' | '\t' | '\n' | '\r'));
    BASE64.decode(text).ok()
}

/// `not(ancestor-or-self::ds:Signature)`, white space aside: it leaves every signature out, and no XPath is computed.
fn is_xpath(transform: Element<'_>) -> bool {
    let Some(xpath) = only_child(transform).filter(|xpath| xpath.is(DS.name("XPath"))) else { return false };
    let text: String = xpath.text().split_ascii_whitespace().collect();
    let prefix = text.strip_prefix("not(ancestor-or-self::").and_then(|rest| rest.strip_suffix(":Signature)"));
    xpath.attributes().next().is_none() && prefix.is_some_and(|prefix| is_bound(xpath, prefix))
}

/// One `subtract` of every `descendant::ds:Signature` (XML-Signature XPath Filter 2.0 §3).
fn is_filter(transform: Element<'_>) -> bool {
    let Some(xpath) = only_child(transform).filter(|xpath| xpath.is(FILTER2.name("XPath"))) else { return false };
    let text: String = xpath.text().split_ascii_whitespace().collect();
    let path = text.strip_prefix('/').unwrap_or(&text);
    let prefix = path.strip_prefix("descendant::").and_then(|rest| rest.strip_suffix(":Signature"));
    let subtracts = xpath.attribute("Filter").as_deref() == Some("subtract");
    subtracts && xpath.attributes().count() == 1 && prefix.is_some_and(|prefix| is_bound(xpath, prefix))
}

fn only_child(element: Element<'_>) -> Option<Element<'_>> {
    let mut children = element.children();
    children.next().filter(|_| children.next().is_none())
}

fn is_bound(element: Element<'_>, prefix: &str) -> bool {
    !prefix.is_empty() && element.prefix(prefix) == Some(DS.uri)
}
