//! Signing documents and files (rule 11.3) with one key, to the highest level that can be had or to the one that is asked.

use chrono::{DateTime, Utc};

use super::augment::{AugmentError, Means, unsigned};
use super::locate::signatures;
use super::write::{Content, Draft};
use super::{Level, Policy, Question, SIGNATURES_MAX, facts};
use crate::signatures::escapes::escaped;
use crate::signatures::lists::{Files, Link, Lists};
use crate::signatures::timestamps::TimeAuthority;
use crate::signatures::{Error, SigningKey};
use crate::xml::{self, DS, Document, Limits, Method, Omitted, append, canonicalize_omitting};

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("{0}")]
    Xml(#[from] xml::Error),
    /// The root is a signature, and nothing can be put into that.
    #[error("the document is a signature itself")]
    IsSignature,
    #[error("the document has {SIGNATURES_MAX} signatures")]
    TooMany,
    /// A signature that is there does not verify, or would no longer.
    #[error("signature {0} of the document does not verify once another one stands beside it")]
    BreaksOthers(String),
    #[error("the certificate is valid from {from} to {to}")]
    Ended { from: DateTime<Utc>, to: DateTime<Utc> },
    #[error("a time-stamp needs signatures.tsa_url")]
    NoAuthority,
    #[error("{0}")]
    Augment(#[from] AugmentError),
    #[error("{0}")]
    Key(#[from] Error),
}

/// Who signs: a key, and what its certificate rests on.
pub struct Sealer<'a> {
    key: &'a SigningKey,
    /// What stands in `ds:KeyInfo`: the certificate and intermediates, without a root.
    enclosed: Vec<Link>,
    /// From the certificate to its anchor; none when it leads to no list.
    chain: Option<Vec<Link>>,
    lists: &'a Lists,
    /// Lists without anybody: whether signatures hold is another question than whose they are.
    nobody: Lists,
}

/// What is to be signed, and how.
pub struct Order<'a> {
    pub file: &'a [u8],
    /// The name of the file, when the signature is to stand beside it; without one the file is XML and gets it inside.
    pub beside: Option<&'a str>,
    pub media_type: &'a str,
    /// The level; the highest that the configuration allows unless given.
    pub level: Option<Level>,
    /// Begins every identifier in the signature; unique, and the name of an XML element as far as its characters go.
    pub id: &'a str,
    pub now: DateTime<Utc>,
    pub limits: Limits,
}

/// A signature made.
#[derive(Debug)]
pub struct Sealed {
    /// The document with it, or the signature that stands beside the file.
    pub file: Vec<u8>,
    pub level: Level,
}

impl<'a> Sealer<'a> {
    /// `certificates` are those that came with the key's own, in whatever order.
    ///
    /// # Errors
    /// [`Error::Certificate`] for one that cannot be read.
    pub fn new(key: &'a SigningKey, certificates: &[Link], lists: &'a Lists) -> Result<Self, Error> {
        let own = Link::from_der(key.certificate().der())?;
        let chain = lists.signer(&own, certificates).ok().map(|(_, chain)| chain);
        let above: Vec<Link> = match &chain {
            Some(chain) => chain.iter().skip(1).take(chain.len().saturating_sub(2)).cloned().collect(),
            None => certificates.iter().filter(|one| **one != own && one.subject() != one.issuer()).cloned().collect(),
        };
        let enclosed = std::iter::once(own).chain(above).collect();
        Ok(Self { key, enclosed, chain, lists, nobody: Lists::read(&Files::default())? })
    }

    /// Signs; time-stamps come from `authority`, and are judged by `policy` before they are used.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn seal(
        &self,
        order: &Order<'_>,
        authority: Option<&dyn TimeAuthority>,
        policy: &Policy,
    ) -> Result<Sealed, SealError> {
        let own = self.key.certificate();
        if !(own.not_before()..=own.not_after()).contains(&order.now) {
            return Err(SealError::Ended { from: own.not_before(), to: own.not_after() });
        }
        let hash = self.key.method().hash();
        let (digest, others) = match order.beside {
            Some(_) => (hash.of(order.file), false),
            None => self.digest(order)?,
        };
        // A file's name as a relative reference (RFC 3986 §4.2).
        let uri = order.beside.map(|name| escaped(name.as_bytes())).unwrap_or_default();
        let content = Content { uri: &uri, digest, media_type: order.media_type };
        let draft = Draft::sign(self.key, order.id, order.now, &content)?;
        let means = authority.map(|authority| Means { authority, lists: self.lists, policy, now: order.now });
        let raised = self.raise(&draft, order.level, means)?;
        let signature = draft.finish(&self.enclosed, raised.as_ref().map(|(unsigned, _)| unsigned.as_slice()));
        let level = raised.map_or(Level::B, |(_, level)| level);
        if order.beside.is_some() {
            return Ok(Sealed { file: signature, level });
        }
        let file = append(order.file, &signature, &order.limits)?;
        if others {
            self.check_others(&file, order)?;
        }
        Ok(Sealed { file, level })
    }

    /// The digest of the document without its signatures, and whether it has any.
    fn digest(&self, order: &Order<'_>) -> Result<(Vec<u8>, bool), SealError> {
        let document = Document::parse(order.file, &order.limits)?;
        let root = document.root();
        if root.is(DS.name("Signature")) {
            return Err(SealError::IsSignature);
        }
        let present = signatures(&document).len();
        if present >= SIGNATURES_MAX {
            return Err(SealError::TooMany);
        }
        let mut digest = self.key.method().hash().start();
        let omitted = Omitted::Every(DS.name("Signature"));
        canonicalize_omitting(None, root, Method::Exclusive, &[], omitted, &mut |chunk| digest.update(chunk))?;
        Ok((digest.finish(), present > 0))
    }

    /// The unsigned properties of the level that is asked, or of the highest there is; none for B.
    fn raise(
        &self,
        draft: &Draft<'_>,
        level: Option<Level>,
        means: Option<Means<'_>>,
    ) -> Result<Option<(Vec<u8>, Level)>, SealError> {
        let means = match (level, means) {
            (Some(Level::B), _) | (None, None) => return Ok(None),
            (Some(_), None) => return Err(SealError::NoAuthority),
            (_, Some(means)) => means,
        };
        let stamped = means.stamp(draft.value())?;
        let values = || means.values(self.chain.as_ref().ok_or(AugmentError::NoChain)?, &self.enclosed, &stamped);
        let values = match level {
            Some(Level::T) => None,
            Some(_) => Some(values()?),
            None => match values() {
                Ok(values) => Some(values),
                Err(AugmentError::NotKnown(_) | AugmentError::NoChain) => None,
                Err(error) => return Err(error.into()),
            },
        };
        Ok(Some(unsigned(&stamped, values.as_ref())))
    }

    /// Refuses a file in which a signature beside the new one does not hold.
    fn check_others(&self, file: &[u8], order: &Order<'_>) -> Result<(), SealError> {
        let limits = Limits { bytes: file.len(), ..order.limits };
        let question = Question { file, contents: &[], now: order.now, received: None, limits };
        let broken = match facts(&question, &self.nobody) {
            Ok(all) => all.into_iter().find(|one| one.id != order.id && !one.holds()).map(|one| one.id),
            Err(_) => Some(String::new()),
        };
        broken.map_or(Ok(()), |id| Err(SealError::BreaksOthers(id)))
    }
}
