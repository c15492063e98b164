//! What a sender probably did when a signature does not hold: found by trying, told to no one but the certificate's owner.

use std::fmt;

use openssl::sha::sha1;

use crate::signatures::{Hash, SignatureMethod, VerifyingKey};
use crate::xml::{DS, Element, Method};

use super::read::{Reference, Signature};
use super::transforms::Canonicalization;

/// Longer forms are not tried: each form costs a pass over the element.
const TRIED_BYTES_MAX: usize = 1 << 20;

/// A way of signing under which the signature would hold, or what about its values cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// An ECDSA value in DER; `width` bytes are wanted for each of r and s (XML Signature 1.1 §6.4.3).
    Der { width: usize },
    /// The value has a length that no signature by this key has.
    ValueLength { found: usize, expected: usize },
    /// The value holds by another method of the same family.
    Method(SignatureMethod),
    /// The value holds over another form of `SignedInfo`.
    SignedInfo(Form),
    /// The digest holds by another hash.
    Hash(&'static str),
    /// The digest has a length that its method never gives.
    DigestLength { found: usize, expected: usize },
    /// The digest is that of another form of the element.
    Element(Form),
}

/// A form of an element that is not the one which the signature names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Canonical(Method),
    /// Without the carriage returns that stand in the message as references.
    NoReturns,
    /// With the carriage returns that a parser of XML takes away (XML 1.0 §2.11).
    Returns,
    /// Without white space between tags.
    NoIndentation,
    /// Without the element's own tags.
    Content,
}

impl Hint {
    pub(super) fn of_value(signature: &Signature<'_>, key: &VerifyingKey) -> Option<Self> {
        let Signature { method, signed_info, value, .. } = signature;
        if signed_info.len() > TRIED_BYTES_MAX {
            return None;
        }
        let (found, expected) = (value.len(), key.value_bytes());
        if key.verify_der(*method, signed_info, value) {
            return Some(Self::Der { width: expected / 2 });
        }
        if found != expected {
            return Some(Self::ValueLength { found, expected });
        }
        let holds = |method: SignatureMethod, form: &[u8]| key.verify(method, form, value);
        if let Some(other) = SignatureMethod::ALL.iter().find(|other| holds(**other, signed_info)) {
            return Some(Self::Method(*other));
        }
        let element = signature.element.child(DS.name("SignedInfo"))?;
        forms(signed_info, |canonicalization| canonicalization.bytes(element).ok())
            .find(|(_, form)| holds(*method, form))
            .map(|(form, _)| Self::SignedInfo(form))
    }

    /// `length`: of the form whose digest does not hold.
    pub(super) fn of_digest(
        length: usize,
        reference: &Reference,
        target: Option<Element<'_>>,
        signature: Element<'_>,
    ) -> Option<Self> {
        if length > TRIED_BYTES_MAX {
            return None;
        }
        let hash = reference.digest_method.hash();
        let (found, expected) = (reference.digest.len(), hash.length());
        let bytes = |canonicalization: &Canonicalization| {
            let mut bytes = Vec::new();
            let transforms = reference.transforms.with(canonicalization);
            let mut sink = |chunk: &[u8]| bytes.extend_from_slice(chunk);
            transforms.apply(target, signature, &mut sink).ok().map(|()| bytes)
        };
        let own = bytes(&reference.transforms.canonicalization)?;
        let others = [
            ("SHA-256", Hash::Sha256.of(&own)),
            ("SHA-384", Hash::Sha384.of(&own)),
            ("SHA-512", Hash::Sha512.of(&own)),
        ];
        let mut others = others.into_iter().chain([("SHA-1", sha1(&own).to_vec())]);
        if let Some((name, _)) = others.find(|(_, digest)| *digest == reference.digest) {
            return Some(Self::Hash(name));
        }
        if found != expected {
            return Some(Self::DigestLength { found, expected });
        }
        forms(&own, bytes).find(|(_, form)| hash.of(form) == reference.digest).map(|(form, _)| Self::Element(form))
    }

    /// The sentence for the caller, in Polish.
    #[must_use]
    pub fn explain(self) -> String {
        match self {
            Self::Der { width } => format!(
                "Podpis ECDSA jest w DER, a ma być liczbami r i s obok siebie, po {width} B każda (XML Signature 1.1, § 6.4.3)."
            ),
            Self::ValueLength { found, expected } => {
                format!("Wartość ma {found} B, a podpis tym kluczem ma {expected} B.")
            }
            Self::Method(method) => format!("Wartość zgadza się, gdy przyjąć algorytm {}.", method.uri()),
            Self::SignedInfo(form) => format!("Wartość zgadza się z SignedInfo {}.", form.explain()),
            Self::Hash(name) => format!("Skrót zgadza się, gdy policzyć go algorytmem {name}."),
            Self::DigestLength { found, expected } => {
                format!("DigestValue ma {found} B, a podany algorytm daje skróty po {expected} B.")
            }
            Self::Element(form) => format!("Skrót zgadza się z elementem {}.", form.explain()),
        }
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Der { width } => write!(out, "an ECDSA value in DER; r and s are wanted, {width} bytes each"),
            Self::ValueLength { found, expected } => write!(out, "{found} bytes; this key signs with {expected}"),
            Self::Method(method) => write!(out, "it holds by {}", method.uri()),
            Self::SignedInfo(form) | Self::Element(form) => write!(out, "it holds {form}"),
            Self::Hash(name) => write!(out, "it is the {name}"),
            Self::DigestLength { found, expected } => write!(out, "{found} bytes; the method gives {expected}"),
        }
    }
}

impl Form {
    /// Makes this form of the canonical form; a form by another method has to be made of the element itself.
    fn derive(self, canonical: &[u8]) -> Vec<u8> {
        match self {
            Self::Canonical(_) => canonical.to_vec(),
            Self::NoReturns => replaced(canonical, b"&#xD;", b""),
            Self::Returns => replaced(canonical, b"\n", b"&#xD;\n"),
            Self::NoIndentation => without_indentation(canonical),
            Self::Content => content(canonical),
        }
    }

    const fn explain(self) -> &'static str {
        match self {
            Self::Canonical(Method::Exclusive) => "po kanonizacji wyłączającej (Exclusive C14N) bez listy prefiksów",
            Self::Canonical(Method::ExclusiveWithComments) => "po kanonizacji wyłączającej z komentarzami",
            Self::Canonical(Method::Inclusive10 | Method::Inclusive11) => {
                "po kanonizacji włączającej (Canonical XML 1.0)"
            }
            Self::Canonical(Method::Inclusive10WithComments | Method::Inclusive11WithComments) => {
                "po kanonizacji włączającej z komentarzami"
            }
            Self::NoReturns => "bez znaków CR, które w komunikacie stoją jako odwołania (&#xD;)",
            Self::Returns => "z końcami wierszy CR LF, które parser XML zamienia na LF (XML 1.0, § 2.11)",
            Self::NoIndentation => "bez białych znaków między znacznikami: komunikat wcięto po podpisaniu",
            Self::Content => "bez jego własnych znaczników: skrót ma obejmować cały element",
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Canonical(method) => write!(out, "by {}", method.uri()),
            Self::NoReturns => out.write_str("without carriage returns"),
            Self::Returns => out.write_str("with carriage returns at line ends"),
            Self::NoIndentation => out.write_str("without white space between tags"),
            Self::Content => out.write_str("without the element's own tags"),
        }
    }
}

/// Other forms of an element whose form by the right method is `own`, the likeliest first.
fn forms<'a>(
    own: &'a [u8],
    by: impl Fn(&Canonicalization) -> Option<Vec<u8>> + 'a,
) -> impl Iterator<Item = (Form, Vec<u8>)> + 'a {
    let methods =
        [Method::Exclusive, Method::Inclusive10, Method::ExclusiveWithComments, Method::Inclusive10WithComments];
    let canonical = methods.into_iter().filter_map(move |method| {
        let form = by(&Canonicalization { method, prefixes: Vec::new() })?;
        Some((Form::Canonical(method), form))
    });
    let derived = [Form::NoReturns, Form::Returns, Form::NoIndentation, Form::Content].into_iter();
    let derived = derived.map(move |form| (form, form.derive(own)));
    canonical.chain(derived)
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(&first) = rest.first() {
        if let Some(after) = rest.strip_prefix(from) {
            out.extend_from_slice(to);
            rest = after;
        } else {
            out.push(first);
            rest = &rest[1..];
        }
    }
    out
}

/// Drops every run of white space that reaches from one tag to the next.
fn without_indentation(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut spaces = None;
    for &byte in bytes {
        match byte {
            b'<' => out.truncate(spaces.unwrap_or(out.len())),
            b' ' | b'\n' | b'\t' => {}
            _ => spaces = None,
        }
        out.push(byte);
        if byte == b'>' {
            spaces = Some(out.len());
        }
    }
    out
}

/// What stands between the first tag and the last.
fn content(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte == b'>').map_or(0, |place| place + 1);
    let end = bytes.iter().rposition(|byte| *byte == b'<').unwrap_or(0);
    bytes.get(start..end).unwrap_or_default().to_vec()
}
