//! Writing `ds:Signature` over parts whose canonical bytes are at hand: nothing is parsed and nothing canonicalized.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::signatures::{DigestMethod, Error, SigningKey};
use crate::xml::{Attr, DS, Method, Writer};

/// Everything around the parts' digests, roughly.
const SIGNED_INFO_BYTES: usize = 512;
const REFERENCE_BYTES: usize = 512;

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
    let signed_info = signed_info(key, parts);
    let value = key.sign(&signed_info)?;
    out.apex(DS.name("Signature"), &[]);
    out.raw(&signed_info);
    out.base64_element(DS.name("SignatureValue"), &value);
    out.element(DS.name("KeyInfo"), key_info);
    out.close();
    Ok(())
}

/// The writer's output is canonical (rule 6.1), so these bytes are what is signed.
fn signed_info(key: &SigningKey, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Writer::with_capacity(SIGNED_INFO_BYTES + REFERENCE_BYTES * parts.len());
    out.apex(DS.name("SignedInfo"), &[]);
    algorithm(&mut out, "CanonicalizationMethod", Method::Exclusive.uri());
    algorithm(&mut out, "SignatureMethod", key.method().uri());
    for (id, bytes) in parts {
        let uri = format!("#{id}");
        out.open_with(DS.name("Reference"), &[Attr::Plain("URI", &uri)]);
        out.open(DS.name("Transforms"));
        algorithm(&mut out, "Transform", Method::Exclusive.uri());
        out.close();
        algorithm(&mut out, "DigestMethod", DigestMethod::Sha256.uri());
        out.text_element(DS.name("DigestValue"), &BASE64.encode(DigestMethod::Sha256.hash().of(bytes)));
        out.close();
    }
    out.close();
    out.into_bytes()
}

fn algorithm(out: &mut Writer, local: &'static str, uri: &str) {
    out.open_with(DS.name(local), &[Attr::Plain("Algorithm", uri)]);
    out.close();
}
