//! XML signatures and what they stand on: algorithms, keys, certificates, trust; no HTTP, no database, no word of the domain.

mod algorithms;
mod certificate;
pub mod dsig;
mod error;
mod keys;
pub mod pki;
mod trust;

pub use algorithms::{DigestMethod, Digester, Hash, KeyFamily, SignatureMethod};
pub use certificate::Certificate;
pub use dsig::{Failure, Signature, sign};
pub use error::Error;
pub use keys::{SigningKey, VerifyingKey};
pub use trust::{Trust, TrustError};
