//! Revocation lists from files, and the watch over those files.

use std::cmp::Ordering;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use openssl::ssl::SslFiletype;
use openssl::x509::store::{X509Lookup, X509Store};
use openssl::x509::verify::X509VerifyFlags;
use openssl::x509::{X509Crl, X509Ref};

use super::chains::Chains;
use super::pem::revocation_lists;
use super::{Error, TrustError, time};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(1);

/// The lists of one reading.
pub(super) struct Lists {
    lists: Vec<X509Crl>,
    /// Refuses a certificate that is not absent from its issuer's list.
    store: X509Store,
}

impl Lists {
    pub fn read(chains: &Chains, paths: &[PathBuf]) -> Result<Self, Error> {
        let lists = revocation_lists(paths)?;
        let store = chains.store(X509VerifyFlags::NO_CHECK_TIME | X509VerifyFlags::CRL_CHECK, |builder| {
            if !paths.is_empty() {
                let lookup = builder.add_lookup(X509Lookup::file())?;
                for path in paths {
                    lookup.load_crl_file(path, SslFiletype::PEM)?;
                }
            }
            Ok(())
        })?;
        Ok(Self { lists, store })
    }

    pub fn len(&self) -> usize {
        self.lists.len()
    }

    /// The list of the certificate's issuer. OpenSSL prefers the same one: of two lists of one issuer the later counts.
    pub fn newest(&self, certificate: &X509Ref) -> Option<&X509Crl> {
        let issuer = certificate.issuer_name();
        let own = |list: &&X509Crl| list.issuer_name().try_cmp(issuer).is_ok_and(Ordering::is_eq);
        self.lists.iter().filter(own).max_by_key(|list| time(list.last_update()).unwrap_or_default())
    }

    /// Whether the certificate, whose issuer has a list, is absent from it.
    pub fn check(&self, chains: &Chains, certificate: &X509Ref) -> Result<(), TrustError> {
        chains.verify_in(&self.store, certificate).map(drop)
    }
}

/// Notices that files were changed.
pub(in crate::signatures) struct Watch {
    paths: Vec<PathBuf>,
    seen: Mutex<Seen>,
}

struct Seen {
    at: Instant,
    stamps: Vec<Option<Stamp>>,
}

/// What changes with a file's content: device and number, length, time of the change.
type Stamp = (u64, u64, u64, i64, i64);

impl Watch {
    pub fn new(paths: &[PathBuf]) -> Self {
        let seen = Seen { at: Instant::now(), stamps: stamps(paths) };
        Self { paths: paths.to_vec(), seen: Mutex::new(seen) }
    }

    /// The files, when one of them has changed since they were last said to have; one caller in a second looks.
    pub fn changed(&self) -> Option<&[PathBuf]> {
        if self.paths.is_empty() {
            return None;
        }
        let mut seen = self.seen.try_lock().ok().filter(|seen| seen.at.elapsed() >= EVERY)?;
        seen.at = Instant::now();
        let stamps = stamps(&self.paths);
        let changed = stamps != seen.stamps;
        seen.stamps = stamps;
        changed.then_some(&self.paths)
    }
}

fn stamps(paths: &[PathBuf]) -> Vec<Option<Stamp>> {
    let stamp = |path: &PathBuf| {
        let about = fs::metadata(path).ok()?;
        Some((about.dev(), about.ino(), about.len(), about.ctime(), about.ctime_nsec()))
    };
    paths.iter().map(stamp).collect()
}
