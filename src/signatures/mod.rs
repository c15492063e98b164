//! XML signatures and what they stand on: algorithms, keys, certificates, trust; no HTTP, no database, no word of the domain.

pub mod algorithms;
mod certificate;
mod error;
mod keys;
pub mod pki;
mod trust;

pub use algorithms::{DigestMethod, Hash, KeyFamily, SignatureMethod};
pub use certificate::Certificate;
pub use error::Error;
pub use keys::{SigningKey, VerifyingKey};
pub use trust::{Trust, TrustError, TrustFiles};
