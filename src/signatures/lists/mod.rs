//! Whom documents are believed: five lists of anchors, apart from those of messages (rule 11.1), and revocation lists.

mod anchors;
mod link;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use openssl::x509::X509;

use super::revocation::Crl;
use super::trust::lists::Watch;
use super::trust::pem::{certificates, revocation_lists};
use super::{Error, Responder};
use crate::config;

pub use anchors::{Anchors, ChainFault, Purpose};
pub use link::{Extension, Link, extensions};

/// The files of `[signatures]`; each may hold several certificates or lists.
#[derive(Debug, Clone, Default)]
pub struct Files {
    pub qualified: Vec<PathBuf>,
    pub personal: Vec<PathBuf>,
    pub trusted_profile: Vec<PathBuf>,
    pub seals: Vec<PathBuf>,
    pub tsa: Vec<PathBuf>,
    pub intermediates: Vec<PathBuf>,
    pub crls: Vec<PathBuf>,
}

impl From<&config::Signatures> for Files {
    fn from(config: &config::Signatures) -> Self {
        Self {
            qualified: config.qualified.clone(),
            personal: config.personal.clone(),
            trusted_profile: config.trusted_profile.clone(),
            seals: config.seals.clone(),
            tsa: config.tsa.clone(),
            intermediates: config.intermediates.clone(),
            crls: config.crls.clone(),
        }
    }
}

/// The list in which a signer's chain ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum List {
    Qualified,
    Personal,
    TrustedProfile,
    Seals,
}

/// Anchors by list; revocation lists, read again when their files change; perhaps a responder.
pub struct Lists {
    signers: [(List, Anchors); 4],
    tsa: Anchors,
    intermediates: Vec<X509>,
    watch: Watch,
    crls: RwLock<Arc<Vec<Crl>>>,
    responder: Option<Box<dyn Responder>>,
}

impl Lists {
    /// Reads all files.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::NoPem`] for the first file that cannot be read or holds nothing of its kind.
    pub fn read(files: &Files) -> Result<Self, Error> {
        let signers = |list, paths| Ok::<_, Error>((list, Anchors::read(paths, Purpose::Signing)?));
        let watch = Watch::new(&files.crls); // before the files are read, so that no change is missed
        Ok(Self {
            signers: [
                signers(List::Qualified, &files.qualified)?,
                signers(List::Personal, &files.personal)?,
                signers(List::TrustedProfile, &files.trusted_profile)?,
                signers(List::Seals, &files.seals)?,
            ],
            tsa: Anchors::read(&files.tsa, Purpose::TimeStamping)?,
            intermediates: certificates(&files.intermediates)?,
            crls: RwLock::new(Arc::new(crls(&files.crls)?)),
            watch,
            responder: None,
        })
    }

    /// The same, which also asks `responder` about certificates.
    #[must_use]
    pub fn asking(mut self, responder: Box<dyn Responder>) -> Self {
        self.responder = Some(responder);
        self
    }

    /// The chain of a signer, itself first and the anchor last, and the list of that anchor.
    ///
    /// # Errors
    /// The fault of the list that came closest.
    pub fn signer(&self, certificate: &Link, helpers: &[Link]) -> Result<(List, Vec<Link>), ChainFault> {
        let mut worst = ChainFault::NoChain;
        for (list, anchors) in &self.signers {
            match anchors.chain(certificate, &self.intermediates, helpers) {
                Ok(chain) => return Ok((*list, chain)),
                Err(fault) => worst = worst.max(fault),
            }
        }
        Err(worst)
    }

    /// The chain of a time-stamping authority.
    ///
    /// # Errors
    /// [`ChainFault`].
    pub fn tsa(&self, certificate: &Link, helpers: &[Link]) -> Result<Vec<Link>, ChainFault> {
        self.tsa.chain(certificate, &self.intermediates, helpers)
    }

    /// Certificates of `[signatures]` among which that of a time-stamping authority may be found.
    pub fn known(&self) -> impl Iterator<Item = Link> {
        let known = self.tsa.certificates().iter().chain(&self.intermediates);
        known.filter_map(|x509| Link::new(x509.clone()).ok())
    }

    /// Who is asked about certificates.
    #[must_use]
    pub fn responder(&self) -> Option<&dyn Responder> {
        self.responder.as_deref()
    }

    /// The revocation lists as the files have them; when those cannot be read, as they had them last.
    #[must_use]
    pub fn crls(&self) -> Arc<Vec<Crl>> {
        if let Some(paths) = self.watch.changed() {
            match crls(paths) {
                Ok(read) => *self.crls.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(read),
                Err(error) => log::error!("[signatures] crls: {error}; the lists read before stay in force"),
            }
        }
        Arc::clone(&self.crls.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn crls(paths: &[PathBuf]) -> Result<Vec<Crl>, Error> {
    let unreadable = |_| Error::NoPem("X509 CRL");
    revocation_lists(paths)?.into_iter().map(|list| Crl::new(list).map_err(unreadable)).collect()
}
