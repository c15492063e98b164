//! What may go wrong with keys, certificates and their files; signatures have their own `Failure`.

use std::path::PathBuf;

use openssl::error::ErrorStack;

use super::UriError;
use crate::problem::{Code, Problem};

/// Trouble with a key, a certificate or the file that holds it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{path}: {source}", path = path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path} exists already", path = path.display())]
    Exists { path: PathBuf },
    #[error("no PEM block {0:?} found")]
    NoPem(&'static str),
    #[error("the certificate cannot be read")]
    Certificate(#[source] ErrorStack),
    #[error("the private key cannot be read; encrypted keys are not accepted")]
    Key(#[source] ErrorStack),
    /// Only RSA of 2048 bits and more, P-256 and P-384 are accepted.
    #[error("keys of this kind or size are not accepted")]
    Unsupported,
    #[error("the private key does not belong to the certificate")]
    Mismatch,
    /// The token with the key, or its library, is away or refuses; nothing else signs in its place.
    #[error("token {0}")]
    Token(String),
    #[error("the address of the key: {0}")]
    Uri(#[from] UriError),
    #[error("{0:?} cannot name a file")]
    Name(String),
    #[error("cryptographic library: {0}")]
    Library(#[from] ErrorStack),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Certificate(_) | Error::Unsupported => Self::new(Code::CertificateInvalid)
                .explain("Certyfikatu nie można odczytać albo jego klucz jest niedozwolonego rodzaju.")
                .caused_by(error),
            Error::File { .. }
            | Error::Exists { .. }
            | Error::NoPem(_)
            | Error::Key(_)
            | Error::Mismatch
            | Error::Name(_)
            | Error::Token(_)
            | Error::Uri(_)
            | Error::Library(_) => Self::internal(error),
        }
    }
}
