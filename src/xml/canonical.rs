//! Canonical XML of a document or of one element in it: the methods, and who writes which.

mod library;
mod node;
mod output;
mod walk;

use super::element::Element;
use super::error::Error;
use super::inclusions::expand;
use super::names::QName;
use super::parse::Document;
use output::Output;
use walk::{Inherited, Walk};

/// A canonicalization method; what is not in this list is not known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Method {
    Inclusive10,
    Inclusive10WithComments,
    Inclusive11,
    Inclusive11WithComments,
    Exclusive,
    ExclusiveWithComments,
}

impl Method {
    pub const ALL: [Self; 6] = [
        Self::Inclusive10,
        Self::Inclusive10WithComments,
        Self::Inclusive11,
        Self::Inclusive11WithComments,
        Self::Exclusive,
        Self::ExclusiveWithComments,
    ];

    /// The identifier in `ds:CanonicalizationMethod` and `ds:Transform`.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Inclusive10 => "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
            Self::Inclusive10WithComments => "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
            Self::Inclusive11 => "http://www.w3.org/2006/12/xml-c14n11",
            Self::Inclusive11WithComments => "http://www.w3.org/2006/12/xml-c14n11#WithComments",
            Self::Exclusive => "http://www.w3.org/2001/10/xml-exc-c14n#",
            Self::ExclusiveWithComments => "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        }
    }

    /// The method with this identifier.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.uri() == uri)
    }

    const fn comments(self) -> bool {
        matches!(self, Self::Inclusive10WithComments | Self::Inclusive11WithComments | Self::ExclusiveWithComments)
    }
}

/// What is left out of a canonical form, with all that is below it.
#[derive(Clone, Copy, Debug)]
pub enum Omitted<'d> {
    Nothing,
    /// The signature itself, under the enveloped-signature transform.
    Subtree(Element<'d>),
    /// Every element of this name.
    Every(QName),
}

impl<'d> From<Option<Element<'d>>> for Omitted<'d> {
    fn from(element: Option<Element<'d>>) -> Self {
        element.map_or(Self::Nothing, Self::Subtree)
    }
}

/// Gives `sink` the canonical form of the subtree under `apex`, in pieces that may end inside a character.
///
/// `prefixes` is the `PrefixList` of `ec:InclusiveNamespaces` (`#default` included), read by the exclusive methods only.
/// The subtree `without` is left out: the signature itself under the enveloped-signature transform.
///
/// # Errors
/// [`Error::Canonical`] when the form is not defined, as for relative namespace names; `sink` may have had a part then.
pub fn canonicalize(
    apex: Element<'_>,
    method: Method,
    prefixes: &[String],
    without: Option<Element<'_>>,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), Error> {
    execute(Whole::Subtree(apex), method, prefixes, without.into(), sink)
}

/// The same for a whole document: what `URI=""` means, with processing instructions around the root.
///
/// # Errors
/// As [`canonicalize`].
pub fn canonicalize_document(
    document: &Document,
    method: Method,
    prefixes: &[String],
    without: Option<Element<'_>>,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), Error> {
    execute(Whole::DocumentAround(document.root()), method, prefixes, without.into(), sink)
}

/// The same for the whole document that holds `inside`.
///
/// # Errors
/// As [`canonicalize`].
pub fn canonicalize_around(
    inside: Element<'_>,
    method: Method,
    prefixes: &[String],
    without: Option<Element<'_>>,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), Error> {
    execute(Whole::DocumentAround(inside), method, prefixes, without.into(), sink)
}

/// The same of `apex`, or of the whole document that holds `inside` when there is none, without what is `omitted`.
///
/// # Errors
/// As [`canonicalize`].
pub fn canonicalize_omitting(
    apex: Option<Element<'_>>,
    inside: Element<'_>,
    method: Method,
    prefixes: &[String],
    omitted: Omitted<'_>,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), Error> {
    execute(apex.map_or(Whole::DocumentAround(inside), Whole::Subtree), method, prefixes, omitted, sink)
}

/// The canonical form of the subtree under `apex` as one piece.
///
/// # Errors
/// As [`canonicalize`].
pub fn canonical_bytes(apex: Element<'_>, method: Method) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    canonicalize(apex, method, &[], None, &mut |piece| bytes.extend_from_slice(piece))?;
    Ok(bytes)
}

/// What is canonicalized.
#[derive(Clone, Copy)]
enum Whole<'d> {
    Subtree(Element<'d>),
    /// The document that holds the element.
    DocumentAround(Element<'d>),
}

fn execute(
    whole: Whole<'_>,
    method: Method,
    prefixes: &[String],
    omitted: Omitted<'_>,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), Error> {
    let (Whole::Subtree(element) | Whole::DocumentAround(element)) = whole;
    // Canonical XML 1.0 §1.3: a document with a relative namespace name anywhere has no canonical form.
    if let Some(complaint) = element.relative_namespace() {
        return Err(Error::Canonical(complaint.to_owned()));
    }
    let inclusions = element.inclusions();
    if inclusions.is_empty() {
        return stream(whole, method, prefixes, omitted, sink);
    }
    // What stands beside attachments is small; a stand-in cut by the end of a piece would not be found.
    let mut bytes = Vec::new();
    stream(whole, method, prefixes, omitted, &mut |piece| bytes.extend_from_slice(piece))?;
    expand(&bytes, inclusions, sink)
}

fn stream(
    whole: Whole<'_>,
    method: Method,
    prefixes: &[String],
    omitted: Omitted<'_>,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), Error> {
    let inherited = match method {
        Method::Exclusive | Method::ExclusiveWithComments => Inherited::Listed(prefixes),
        Method::Inclusive10 | Method::Inclusive10WithComments => Inherited::Everything,
        // Canonical XML 1.1 §2.4 joins the values of xml:base around an apex.
        Method::Inclusive11 | Method::Inclusive11WithComments => {
            return library::canonicalize(whole, method, prefixes, omitted, sink);
        }
    };
    Walk::new(inherited, method.comments(), omitted, Output::new(sink)).write(whole);
    Ok(())
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
