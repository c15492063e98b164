//! Chains from a certificate to a configured anchor, as OpenSSL builds them.

use std::path::PathBuf;

use openssl::stack::Stack;
use openssl::x509::store::{X509Store, X509StoreBuilder, X509StoreBuilderRef};
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509Ref, X509StoreContext, X509VerifyResult};

use super::pem::{certificates, latest};
use super::{Error, TrustError};

/// OpenSSL's level 2: at least 112 bits of security, so no RSA below 2048 bits and no SHA-1 in the chain.
pub(in crate::signatures) const SECURITY_LEVEL: i32 = 2;

/// Anchors, and intermediates that only help.
pub(super) struct Chains {
    anchors: Vec<X509>,
    pub intermediates: Stack<X509>,
    store: X509Store,
}

impl Chains {
    pub fn read(anchors: &[PathBuf], intermediates: &[PathBuf]) -> Result<Self, Error> {
        let anchors = latest(certificates(anchors)?)?;
        let mut helpers = Stack::new()?;
        for certificate in latest(certificates(intermediates)?)? {
            helpers.push(certificate)?;
        }
        // Time is left to `Period`, so that what was verified once need not be verified again.
        let store = store(&anchors, X509VerifyFlags::NO_CHECK_TIME, |_| Ok(()))?;
        Ok(Self { anchors, intermediates: helpers, store })
    }

    /// A store of the anchors for another purpose.
    pub fn store(
        &self,
        flags: X509VerifyFlags,
        fill: impl FnOnce(&mut X509StoreBuilderRef) -> Result<(), Error>,
    ) -> Result<X509Store, Error> {
        store(&self.anchors, flags, fill)
    }

    /// The chain from the certificate to its anchor, both included.
    pub fn verify(&self, certificate: &X509Ref) -> Result<Vec<X509>, TrustError> {
        self.verify_in(&self.store, certificate)
    }

    /// The same by another store.
    pub fn verify_in(&self, store: &X509Store, certificate: &X509Ref) -> Result<Vec<X509>, TrustError> {
        let outcome = X509StoreContext::new().and_then(|mut context| {
            context.init(store, certificate, &self.intermediates, |context| {
                Ok(if context.verify_cert()? {
                    Ok(context.chain().map(|chain| chain.iter().map(ToOwned::to_owned).collect()).unwrap_or_default())
                } else {
                    Err(context.error())
                })
            })
        });
        match outcome {
            Ok(Ok(chain)) => Ok(chain),
            Ok(Err(reason)) if is_revoked(reason) => Err(TrustError::Revoked),
            Ok(Err(reason)) => Err(TrustError::Chain(reason.error_string().to_owned())),
            Err(error) => Err(TrustError::Chain(error.to_string())),
        }
    }
}

fn is_revoked(reason: X509VerifyResult) -> bool {
    const CERT_REVOKED: i32 = 23; // X509_V_ERR_CERT_REVOKED
    reason.as_raw() == CERT_REVOKED
}

fn store(
    anchors: &[X509],
    flags: X509VerifyFlags,
    fill: impl FnOnce(&mut X509StoreBuilderRef) -> Result<(), Error>,
) -> Result<X509Store, Error> {
    let mut builder = X509StoreBuilder::new()?;
    let mut parameters = X509VerifyParam::new()?;
    parameters.set_flags(flags | X509VerifyFlags::PARTIAL_CHAIN)?;
    parameters.set_auth_level(SECURITY_LEVEL);
    builder.set_param(&parameters)?;
    for anchor in anchors {
        builder.add_cert(anchor.clone())?;
    }
    fill(&mut builder)?;
    Ok(builder.build())
}
