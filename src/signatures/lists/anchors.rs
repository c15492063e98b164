//! Chains to the anchors of one list, as OpenSSL builds them; what is wrong with one is told by kind.

use std::path::PathBuf;

use openssl::stack::Stack;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509PurposeId, X509StoreContext, X509VerifyResult};

use super::Link;
use crate::signatures::Error;
use crate::signatures::trust::chains::SECURITY_LEVEL;
use crate::signatures::trust::pem::{certificates, latest};

/// What the certificates of a list do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Signing,
    /// Extended key usage `timeStamping`, critical and alone (RFC 3161 §2.3).
    TimeStamping,
}

/// Why there is no chain; the later, the closer to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChainFault {
    /// No certificate leads to an anchor.
    NoChain,
    /// A certificate on the way does not allow it, or is not signed by the one above it.
    Constraints,
    /// A key or a signature on the way is too weak.
    Weak,
}

/// The anchors of one list.
pub struct Anchors {
    anchors: Vec<X509>,
    store: Option<X509Store>,
}

impl Anchors {
    /// Reads PEM files.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::NoPem`].
    pub fn read(paths: &[PathBuf], purpose: Purpose) -> Result<Self, Error> {
        let anchors = latest(certificates(paths)?)?;
        let store = if anchors.is_empty() { None } else { Some(store(&anchors, purpose)?) };
        Ok(Self { anchors, store })
    }

    #[must_use]
    pub fn certificates(&self) -> &[X509] {
        &self.anchors
    }

    /// The chain from the certificate to its anchor, both included. Times are not looked at: the facts hold them.
    ///
    /// # Errors
    /// [`ChainFault`].
    pub fn chain(&self, certificate: &Link, known: &[X509], helpers: &[Link]) -> Result<Vec<Link>, ChainFault> {
        let store = self.store.as_ref().ok_or(ChainFault::NoChain)?;
        let outcome = stack(known, helpers).and_then(|helpers| {
            X509StoreContext::new()?.init(store, certificate.x509(), &helpers, |context| {
                Ok(if context.verify_cert()? {
                    Ok(context.chain().map(|chain| chain.iter().map(ToOwned::to_owned).collect()).unwrap_or_default())
                } else {
                    Err(fault(context.error()))
                })
            })
        });
        let chain: Vec<X509> = outcome.map_err(|_| ChainFault::Constraints)??;
        let chain: Result<Vec<Link>, Error> = chain.into_iter().map(Link::new).collect();
        chain.map_err(|_| ChainFault::Constraints)
    }
}

fn stack(known: &[X509], helpers: &[Link]) -> Result<Stack<X509>, openssl::error::ErrorStack> {
    let mut all = Stack::new()?;
    for helper in known.iter().cloned().chain(helpers.iter().map(|helper| helper.x509().to_owned())) {
        all.push(helper)?;
    }
    Ok(all)
}

fn store(anchors: &[X509], purpose: Purpose) -> Result<X509Store, Error> {
    let mut builder = X509StoreBuilder::new()?;
    let mut parameters = X509VerifyParam::new()?;
    parameters.set_flags(X509VerifyFlags::PARTIAL_CHAIN | X509VerifyFlags::NO_CHECK_TIME)?;
    parameters.set_auth_level(SECURITY_LEVEL);
    if purpose == Purpose::TimeStamping {
        parameters.set_purpose(X509PurposeId::TIMESTAMP_SIGN)?;
    }
    builder.set_param(&parameters)?;
    for anchor in anchors {
        builder.add_cert(anchor.clone())?;
    }
    Ok(builder.build())
}

/// By the numbers of `x509_vfy.h`.
fn fault(reason: X509VerifyResult) -> ChainFault {
    match reason.as_raw() {
        2 | 18..=21 => ChainFault::NoChain,
        66..=68 => ChainFault::Weak,
        _ => ChainFault::Constraints,
    }
}
