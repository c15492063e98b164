//! What can go wrong in the store, told apart by what a caller may do about it.

use diesel::result::{DatabaseErrorKind, Error as Diesel};

use crate::problem::{Code, Problem};

/// A failure of the store. Texts name databases and keys, never addresses with passwords and never a person's data.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Every connection or lock stayed taken for as long as a caller may wait: the same call may succeed later.
    #[error("the database is busy: {0}")]
    Busy(&'static str),
    /// The database cannot be reached; after a lost `COMMIT` its outcome is unknown.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The database takes no writes: its disk is full or fails, or it is read-only. Nothing was done, and waiting is in vain.
    #[error("the database takes no writes: {0}")]
    Unwritable(String),
    /// The database or a key file is not set up as the promises ask; somebody has to act.
    #[error("refused: {0}")]
    Refused(String),
    /// Sealed bytes do not open with this key and label.
    #[error("sealed bytes do not open: {0}")]
    Sealed(&'static str),
    /// What was asked for is not registered.
    #[error("{0}")]
    Unknown(String),
    /// The same name or key is registered already.
    #[error("{0}")]
    Exists(String),
    /// Anything else: a defect, or a database that was changed behind our back.
    #[error("internal store error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Wraps an unexpected failure.
    #[must_use]
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// Whether the database itself is to blame, so that the circuit breaker counts it.
    #[must_use]
    pub const fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Whether the session that met it had better be closed.
    #[must_use]
    pub const fn spoils_session(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Unwritable(_))
    }

    /// The same error, with `text` instead of a violated uniqueness.
    #[must_use]
    pub fn or_exists(self, text: impl FnOnce() -> String) -> Self {
        match self {
            Self::Internal(cause) if is_unique_violation(cause.as_ref()) => Self::Exists(text()),
            other => other,
        }
    }
}

fn is_unique_violation(cause: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    matches!(cause.downcast_ref::<Diesel>(), Some(Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, _)))
}

/// Messages of libpq and SQLite that mean "the database is away", where diesel has no kind for them.
const OUTAGES: &[&str] = &[
    "terminating connection",
    "the database system is",
    "server closed the connection",
    "could not connect",
    "connection to server",
    "no connection to the server",
    "too many clients",
    "remaining connection slots",
    "SSL SYSCALL",
    "unable to open database file",
];

/// Messages that mean "here nothing can be written". SQLite has "disk I/O error" for a quota that is used up, too.
const NO_WRITES: &[&str] = &[
    "disk I/O error",
    "database or disk is full",
    "attempt to write a readonly database",
    "No space left",
    "Disk quota exceeded",
    "File too large",
    "during recovery",
];

/// Messages that mean "somebody else holds the lock".
const LOCKS: &[&str] = &["database is locked", "database table is locked", "canceling statement", "deadlock detected"];

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        match &error {
            Diesel::BrokenTransactionManager => Self::Unavailable("the transaction was lost".to_owned()),
            Diesel::DatabaseError(kind, information) => {
                let message = information.message();
                let says = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
                match kind {
                    DatabaseErrorKind::ClosedConnection => Self::Unavailable("the connection was lost".to_owned()),
                    DatabaseErrorKind::SerializationFailure => Self::Busy("concurrent change"),
                    DatabaseErrorKind::UniqueViolation => Self::internal(error),
                    DatabaseErrorKind::ReadOnlyTransaction => Self::Unwritable(first_line(message)),
                    _ if says(LOCKS) => Self::Busy("locked"),
                    _ if says(NO_WRITES) => Self::Unwritable(first_line(message)),
                    _ if says(OUTAGES) => Self::Unavailable(first_line(message)),
                    _ => Self::internal(error),
                }
            }
            _ => Self::internal(error),
        }
    }
}

impl From<diesel::ConnectionError> for Error {
    fn from(error: diesel::ConnectionError) -> Self {
        match &error {
            // A complaint about the address itself quotes it, password and all.
            diesel::ConnectionError::BadConnection(text) if !text.contains("://") => {
                Self::Unavailable(first_line(text))
            }
            _ => Self::Unavailable("the address of the database is not understood".to_owned()),
        }
    }
}

impl From<openssl::error::ErrorStack> for Error {
    fn from(error: openssl::error::ErrorStack) -> Self {
        Self::internal(error)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::Busy(_) | Error::Unwritable(_) => Code::Overloaded,
            Error::Unavailable(_) | Error::Refused(_) => Code::TenantUnavailable,
            Error::Sealed(_) | Error::Unknown(_) | Error::Exists(_) | Error::Internal(_) => Code::Internal,
        };
        Self::new(code).caused_by(error)
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: DatabaseErrorKind, message: &str, code: Code) {
        let error = Error::from(Diesel::DatabaseError(kind, Box::new(message.to_owned())));
        assert_eq!(Problem::from(error).code, code, "{message}");
    }

    #[test]
    fn a_lost_database_is_unavailable_a_held_lock_or_full_disk_is_overload_the_rest_is_internal() {
        use DatabaseErrorKind::{ClosedConnection, ReadOnlyTransaction, SerializationFailure, Unknown};
        check(ClosedConnection, "", Code::TenantUnavailable);
        check(Unknown, "FATAL: terminating connection due to administrator command", Code::TenantUnavailable);
        check(Unknown, "disk I/O error", Code::Overloaded);
        check(Unknown, "database or disk is full", Code::Overloaded);
        check(Unknown, "could not extend file \"base/5/16394\": No space left on device", Code::Overloaded);
        check(ReadOnlyTransaction, "cannot execute INSERT in a read-only transaction", Code::Overloaded);
        check(Unknown, "database is locked", Code::Overloaded);
        check(SerializationFailure, "could not serialize access", Code::Overloaded);
        check(Unknown, "syntax error", Code::Internal);
    }
}
