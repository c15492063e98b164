//! Writing `ds:Signature` over parts whose canonical bytes are at hand: nothing is parsed and nothing canonicalized.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::signatures::{DigestMethod, Error, SigningKey};
use crate::xml::{Attr, DS, Method, Writer};

use super::transforms::{ENVELOPED, XPATH};

/// Everything around the parts' digests, roughly.
const SIGNED_INFO_BYTES: usize = 512;
const REFERENCE_BYTES: usize = 512;

/// A `ds:Reference` to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewReference<'a> {
    pub uri: &'a str,
    pub id: Option<&'a str>,
    /// `Type`.
    pub kind: Option<&'a str>,
    pub transforms: &'a [NewTransform],
    pub digest: &'a [u8],
}

/// A `ds:Transform` to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewTransform {
    /// Leaves the signature itself out.
    Enveloped,
    /// Leaves every signature out.
    WithoutSignatures,
    /// Exclusive canonicalization.
    Exclusive,
}

/// Signs `parts` and writes the signature as an apex; by the key's own method, exclusive canonicalization and SHA-256.
///
/// A part is an identifier and the exclusive canonical form, without `InclusiveNamespaces`, of the element that bears it.
/// `key_info` writes what stands in `ds:KeyInfo`.
///
/// # Errors
/// Those of [`SigningKey::sign`].
pub fn sign(
    key: &SigningKey,
    parts: &[(&str, &[u8])],
    key_info: impl FnOnce(&mut Writer),
    out: &mut Writer,
) -> Result<(), Error> {
    let method = DigestMethod::Sha256;
    let parts: Vec<_> = parts.iter().map(|(id, bytes)| (format!("#{id}"), method.hash().of(bytes))).collect();
    let references = parts.iter().map(|(uri, digest)| NewReference {
        uri,
        id: None,
        kind: None,
        transforms: &[NewTransform::Exclusive],
        digest,
    });
    let signed_info = signed_info(key, method, &references.collect::<Vec<_>>());
    let value = key.sign(&signed_info)?;
    out.apex(DS.name("Signature"), &[]);
    out.raw(&signed_info);
    out.base64_element(DS.name("SignatureValue"), &value);
    out.element(DS.name("KeyInfo"), key_info);
    out.close();
    Ok(())
}

/// `ds:SignedInfo` for the key's own method and exclusive canonicalization, all digests by `method`.
///
/// The writer's output is canonical (rule 6.1), so these bytes are what is signed.
#[must_use]
pub fn signed_info(key: &SigningKey, method: DigestMethod, references: &[NewReference<'_>]) -> Vec<u8> {
    let mut out = Writer::with_capacity(SIGNED_INFO_BYTES + REFERENCE_BYTES * references.len());
    out.apex(DS.name("SignedInfo"), &[]);
    algorithm(&mut out, "CanonicalizationMethod", Method::Exclusive.uri());
    algorithm(&mut out, "SignatureMethod", key.method().uri());
    for reference in references {
        let named = [("Id", reference.id), ("Type", reference.kind), ("URI", Some(reference.uri))];
        let attributes: Vec<_> =
            named.into_iter().filter_map(|(local, value)| Some(Attr::Plain(local, value?))).collect();
        out.open_with(DS.name("Reference"), &attributes);
        if !reference.transforms.is_empty() {
            out.open(DS.name("Transforms"));
            reference.transforms.iter().for_each(|transform| transform.write(&mut out));
            out.close();
        }
        algorithm(&mut out, "DigestMethod", method.uri());
        out.text_element(DS.name("DigestValue"), &BASE64.encode(reference.digest));
        out.close();
    }
    out.close();
    out.into_bytes()
}

impl NewTransform {
    fn write(self, out: &mut Writer) {
        match self {
            Self::Enveloped => algorithm(out, "Transform", ENVELOPED),
            Self::Exclusive => algorithm(out, "Transform", Method::Exclusive.uri()),
            Self::WithoutSignatures => {
                out.open_with(DS.name("Transform"), &[Attr::Plain("Algorithm", XPATH)]);
                out.text_element(DS.name("XPath"), "not(ancestor-or-self::ds:Signature)");
                out.close();
            }
        }
    }
}

fn algorithm(out: &mut Writer, local: &'static str, uri: &str) {
    out.open_with(DS.name(local), &[Attr::Plain("Algorithm", uri)]);
    out.close();
}
