//! Whether a signature that was read holds under a key, and which elements it covers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::signatures::Signer;
use crate::xml::{Element, Ids};

use super::error::Failure;
use super::hints::Hint;
use super::octets::Octets;
use super::read::{Reference, Signature};
use super::token::{self, Token};

impl<'d> Signature<'d> {
    /// Verifies the signature value first and the digests after it, so a stranger cannot make us hash at length.
    ///
    /// Returns the signed elements in the order of the references; for the whole document it is the root, for a reference
    /// to a token the token, and nothing for a token that is not in the document.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn verify(&self, signer: &dyn Signer, ids: &Ids<'d>) -> Result<Vec<Element<'d>>, Failure> {
        let key = signer.key();
        if key.family() != self.method.family() {
            return Err(Failure::KeyMismatch { key: key.family() });
        }
        if !key.verify(self.method, &self.signed_info, &self.value) {
            return Err(Failure::Value {
                canonical_bytes: self.signed_info.len(),
                computed: BASE64.encode(self.signed_info_digest()),
                hint: Hint::of_value(self, key),
            });
        }
        let references = self.references.iter().zip(1..);
        let signed = references.map(|(reference, ordinal)| self.check(reference, ordinal, signer, ids));
        signed.filter_map(Result::transpose).collect()
    }

    fn check(
        &self,
        reference: &Reference,
        ordinal: usize,
        signer: &dyn Signer,
        ids: &Ids<'d>,
    ) -> Result<Option<Element<'d>>, Failure> {
        let unresolved = || Failure::Unresolved { ordinal, uri: reference.uri.clone() };
        let no_form = |source| Failure::NoCanonicalForm { ordinal, source };
        let target = reference.id().map(|id| ids.get(id).ok_or_else(unresolved)).transpose()?;
        let named = target.unwrap_or_else(|| root(self.element));
        let hash = reference.digest_method.hash();
        let transforms = &reference.transforms;
        let (signed, octets) = if transforms.token {
            let token = token::dereference(named, ids, signer.certificate());
            match token.ok_or(Failure::NoToken { ordinal })? {
                Token::Written(form) => (None, Octets::of(hash, &form)),
                Token::Element(token) => {
                    let forms = token::canonical_forms(token, &transforms.canonicalization).map_err(no_form)?;
                    let [strict, lenient] = forms.map(|form| Octets::of(hash, &form));
                    (Some(token), if lenient.digest == reference.digest { lenient } else { strict })
                }
            }
        } else {
            let mut octets = Octets::start(hash);
            let fed = transforms.apply(target, self.element, &mut |chunk| octets.update(chunk));
            fed.map_err(no_form)?;
            (Some(named), octets.finish())
        };
        if octets.digest == reference.digest {
            return Ok(signed);
        }
        let place = signed.unwrap_or(named);
        Err(Failure::Digest {
            ordinal,
            uri: reference.uri.clone(),
            path: place.path(),
            line: place.line(),
            canonical_bytes: octets.length,
            computed: BASE64.encode(octets.digest),
            hint: if transforms.token { None } else { Hint::of_digest(octets.length, reference, target, self.element) },
        })
    }
}

fn root(element: Element<'_>) -> Element<'_> {
    std::iter::successors(Some(element), |below| below.parent()).last().unwrap_or(element)
}
