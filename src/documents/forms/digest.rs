//! By what a document that came back signed is known as the one that was prepared (rule 12.5).

use openssl::sha::Sha256;

use crate::xml::names::DS;
use crate::xml::{self, Document, Element, Method, Omitted, Reason, canonicalize_omitting};

/// SHA-256 over the exclusive canonical form of a document without the `ds:Signature` children of its root.
///
/// Comments and whatever stands around the root do not count. White space between elements does.
///
/// # Errors
/// [`xml::Error::Refused`] when a signature stands elsewhere, where it would hide from the digest;
/// [`xml::Error::Canonical`] when there is no canonical form.
pub fn content_digest(document: &Document) -> Result<[u8; 32], xml::Error> {
    let root = document.root();
    let is_signature = |one: &Element<'_>| one.is(DS.name("Signature"));
    let content = root.children().filter(|child| !is_signature(child));
    let hidden =
        if is_signature(&root) { Some(root) } else { content.flat_map(Element::descendants).find(is_signature) };
    if let Some(hidden) = hidden {
        return Err(misplaced(hidden));
    }
    let mut hash = Sha256::new();
    let omitted = Omitted::Every(DS.name("Signature"));
    canonicalize_omitting(Some(root), root, Method::Exclusive, &[], omitted, &mut |piece| hash.update(piece))?;
    Ok(hash.finish())
}

fn misplaced(signature: Element<'_>) -> xml::Error {
    let at = xml::Position { line: signature.line(), column: 1 };
    xml::Error::Refused { reason: Reason::SignaturePlace, at }
}
