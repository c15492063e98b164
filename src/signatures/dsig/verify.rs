//! Whether a signature that was read holds under a key, and which elements it covers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::signatures::VerifyingKey;
use crate::xml::{Element, Ids};

use super::error::Failure;
use super::read::{Reference, Signature};

impl<'d> Signature<'d> {
    /// Verifies the signature value first and the digests after it, so a stranger cannot make us hash at length.
    ///
    /// Returns the signed elements in the order of the references; for the whole document it is the root.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn verify(&self, key: &impl AsRef<VerifyingKey>, ids: &Ids<'d>) -> Result<Vec<Element<'d>>, Failure> {
        let key = key.as_ref();
        if key.family() != self.method.family() {
            return Err(Failure::KeyMismatch);
        }
        if !key.verify(self.method, &self.signed_info, &self.value) {
            return Err(Failure::Value);
        }
        let references = self.references.iter().zip(1..);
        references.map(|(reference, ordinal)| self.check(reference, ordinal, ids)).collect()
    }

    fn check(&self, reference: &Reference, ordinal: usize, ids: &Ids<'d>) -> Result<Element<'d>, Failure> {
        let unresolved = || Failure::Unresolved { ordinal, uri: reference.uri.clone() };
        let target = reference.id().map(|id| ids.get(id).ok_or_else(unresolved)).transpose()?;
        let mut digest = reference.digest_method.hash().start();
        let mut canonical_bytes = 0;
        let mut sink = |chunk: &[u8]| {
            canonical_bytes += chunk.len();
            digest.update(chunk);
        };
        reference
            .transforms
            .apply(target, self.element, &mut sink)
            .map_err(|source| Failure::NoCanonicalForm { ordinal, source })?;
        let computed = digest.finish();
        let target = target.unwrap_or_else(|| root(self.element));
        if computed == reference.digest {
            return Ok(target);
        }
        Err(Failure::Digest {
            ordinal,
            uri: reference.uri.clone(),
            path: target.path(),
            line: target.line(),
            canonical_bytes,
            computed: BASE64.encode(computed),
        })
    }
}

fn root(element: Element<'_>) -> Element<'_> {
    std::iter::successors(Some(element), |below| below.parent()).last().unwrap_or(element)
}
