//! XML signatures and what they stand on: algorithms, keys, certificates, trust; no HTTP, no database, no word of the domain.

mod algorithms;
mod certificate;
mod certificate_id;
pub mod der;
mod distinguished_name;
pub mod dsig;
mod error;
mod escapes;
mod keys;
pub mod lists;
pub mod pki;
pub mod revocation;
pub mod timestamps;
mod trust;
pub mod xades;

pub use algorithms::{DigestMethod, Digester, Hash, KeyFamily, SignatureMethod, sha256};
pub use certificate::Certificate;
pub use certificate_id::CertificateId;
pub use distinguished_name::DistinguishedName;
pub use dsig::{Failure, Form, Hint, KeyInfoError, KeyReference, Signature, sign};
pub use error::Error;
pub use keys::{Holder, Signer, SigningKey, TokenUri, UriError, VerifyingKey};
pub use trust::{Responder, Trust, TrustError};
