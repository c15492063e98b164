//! What is added to a signature after it was made: a time-stamp (level T), then all that proves it later (level LT).

use chrono::{DateTime, Utc};

use super::times::{StampFault, Standing, stamp_fault, standing};
use super::{Level, Policy};
use crate::signatures::lists::{Link, Lists};
use crate::signatures::revocation::{Enclosed, Piece, pieces};
use crate::signatures::timestamps::{RequestError, TimeAuthority, Timestamp, examine, request};
use crate::xml::{Attr, DS, Method, QName, Writer, XADES};

/// Why a signature cannot be brought to a level.
#[derive(Debug, thiserror::Error)]
pub enum AugmentError {
    #[error("time-stamp: {0}")]
    Request(#[from] RequestError),
    /// The authority gave a stamp that no judge would believe.
    #[error("the time-stamp proves nothing: {0:?}")]
    Worthless(StampFault),
    /// The clocks of the authority and of this machine differ too much.
    #[error("the time-stamp says {0}")]
    Clock(DateTime<Utc>),
    #[error("the certificate of {0} was revoked")]
    Revoked(String),
    #[error("nothing fresh is known about the revocation of the certificate of {0}")]
    NotKnown(String),
    #[error("the certificate leads to no authority of [signatures]")]
    NoChain,
}

/// A time-stamp that was judged and found good.
pub struct Stamped {
    token: Vec<u8>,
    stamp: Timestamp,
}

impl Stamped {
    /// `SignatureTimeStamp`.
    pub fn write(&self, out: &mut Writer) {
        out.element(XADES.name("SignatureTimeStamp"), |out| {
            out.open_with(DS.name("CanonicalizationMethod"), &[Attr::Plain("Algorithm", Method::Exclusive.uri())]);
            out.close();
            out.base64_element(XADES.name("EncapsulatedTimeStamp"), &self.token);
        });
    }
}

/// By what signatures are brought to higher levels.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    pub authority: &'a dyn TimeAuthority,
    pub lists: &'a Lists,
    pub policy: &'a Policy,
    pub now: DateTime<Utc>,
}

impl Means<'_> {
    /// A stamp of `value`, the exclusive canonical form of a signature value; judged as every verifier will.
    ///
    /// # Errors
    /// [`AugmentError`] when there is none, or it proves nothing.
    pub fn stamp(&self, value: &[u8]) -> Result<Stamped, AugmentError> {
        let token = request(value, self.authority)?;
        let stamp = examine(&token, || Some(value.to_vec()), &[], &Enclosed::default(), self.lists)
            .map_err(|_| RequestError::Unreadable)?;
        if let Some(fault) = stamp_fault(&stamp, self.now, self.policy) {
            return Err(AugmentError::Worthless(fault));
        }
        // An authority whose clock is late would make the time of signing look like one to come.
        if (stamp.time - self.now).abs() > self.policy.clock_skew {
            return Err(AugmentError::Clock(stamp.time));
        }
        Ok(Stamped { token, stamp })
    }

    /// What proves later that no certificate of `chain` and of the stamp's was revoked: `CertificateValues`, without those
    /// of `known`, and `RevocationValues`.
    ///
    /// # Errors
    /// `Revoked` and `NotKnown` for the first certificate about which nothing good is known at the time of the stamp.
    pub fn values(&self, chain: &[Link], known: &[Link], stamped: &Stamped) -> Result<Values, AugmentError> {
        let of_stamp = stamped.stamp.chain.as_deref().unwrap_or_default();
        let mut values = Values::default();
        for chain in [chain, of_stamp] {
            chain.windows(2).try_for_each(|pair| self.value(&pair[0], &pair[1], stamped.stamp.time, &mut values))?;
            let missing = chain.iter().filter(|one| !known.contains(one));
            missing.for_each(|one| push(&mut values.certificates, one.der().to_vec()));
        }
        Ok(values)
    }

    fn value(
        &self,
        certificate: &Link,
        issuer: &Link,
        at: DateTime<Utc>,
        values: &mut Values,
    ) -> Result<(), AugmentError> {
        let files = self.lists.crls();
        let found = pieces(certificate, issuer, &files, self.lists);
        let standing = |of: &[_]| {
            let evidence = of.iter().map(|(evidence, _)| evidence);
            standing(certificate, evidence, at, self.now, self.policy)
        };
        match standing(&found) {
            Standing::Revoked(_) => return Err(AugmentError::Revoked(certificate.subject())),
            Standing::NotKnown => return Err(AugmentError::NotKnown(certificate.subject())),
            Standing::Good => {}
        }
        // One that says so alone is enough.
        match found.iter().find(|one| standing(std::slice::from_ref(one)) == Standing::Good) {
            Some((_, Piece::List(list))) => push(&mut values.lists, list.der()),
            Some((_, Piece::Answer(answer))) => push(&mut values.answers, answer.clone()),
            None => return Err(AugmentError::NotKnown(certificate.subject())),
        }
        Ok(())
    }
}

/// Certificates and revocation data to be enclosed, as DER, each once.
#[derive(Debug, Default)]
pub struct Values {
    certificates: Vec<Vec<u8>>,
    lists: Vec<Vec<u8>>,
    answers: Vec<Vec<u8>>,
}

fn push(all: &mut Vec<Vec<u8>>, one: Vec<u8>) {
    if !all.contains(&one) {
        all.push(one);
    }
}

/// `UnsignedSignatureProperties` as an apex, and the level that it makes.
#[must_use]
pub fn unsigned(stamped: &Stamped, values: Option<&Values>) -> (Vec<u8>, Level) {
    let mut out = Writer::new();
    out.apex(XADES.name("UnsignedSignatureProperties"), &[]);
    stamped.write(&mut out);
    if let Some(Values { certificates, lists, answers }) = values {
        all(&mut out, XADES.name("CertificateValues"), XADES.name("EncapsulatedX509Certificate"), certificates);
        out.open(XADES.name("RevocationValues"));
        all(&mut out, XADES.name("CRLValues"), XADES.name("EncapsulatedCRLValue"), lists);
        all(&mut out, XADES.name("OCSPValues"), XADES.name("EncapsulatedOCSPValue"), answers);
        out.close();
    }
    out.close();
    (out.into_bytes(), if values.is_some() { Level::LT } else { Level::T })
}

/// An element of elements; none without any.
fn all(out: &mut Writer, around: QName, name: QName, values: &[Vec<u8>]) {
    if values.is_empty() {
        return;
    }
    out.open(around);
    values.iter().for_each(|value| out.base64_element(name, value));
    out.close();
}
