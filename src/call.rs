//! Who is calling, for which unit, when: what the door knows about one authenticated request.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

/// What the caller says of the request: the decoded `kontekst`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// `idZadania` as sent; compare by [`Context::task_key`].
    pub task: String,
    pub unit: String,
    /// Login of the official; absent only where the contract allows it.
    pub user: Option<String>,
    /// Narrows the rights to one of the user's groups.
    pub group: Option<String>,
    /// Reference of the matter; kept sealed.
    pub matter: Option<String>,
}

impl Context {
    /// Whether `idZadania` has the form of a UUID, also in a request that was not validated.
    #[must_use]
    pub fn is_task_named(&self) -> bool {
        self.task.len() == 36 && Uuid::try_parse(&self.task).is_ok()
    }

    /// `idZadania` in the form in which it is compared and stored (rule 2.2).
    #[must_use]
    pub fn task_key(&self) -> String {
        self.task.to_ascii_lowercase()
    }
}

/// One authenticated call.
#[derive(Debug, Clone)]
pub struct Call {
    /// The ledger entry's identifier, and the correlation id of the log.
    pub event: Uuid,
    pub now: DateTime<Utc>,
    /// The date in Europe/Warsaw, by which validity is judged (rule 9.1).
    pub today: NaiveDate,
    /// The registered system whose certificate signed the message.
    pub system: String,
    /// That system's unit.
    pub unit: String,
    /// SHA-256 of the certificate.
    pub fingerprint: [u8; 32],
    /// SHA-256 of the canonical `SignedInfo`: the mark by which a replay is known (rule 2.1).
    pub signed_info: [u8; 32],
    /// Digest of the decoded request, by which a retry is told from a misuse (rule 2.2).
    pub content: [u8; 32],
    /// Path of the request element, e.g. `/u:UdostepnijDaneOsoby`.
    pub path: String,
    pub context: Context,
}

impl Call {
    /// Path of a child of the request in the request's own namespace, e.g. `/u:UdostepnijDaneOsoby/u:osoba`.
    #[must_use]
    pub fn path_of(&self, child: &str) -> String {
        let prefix = self.path.trim_start_matches('/').split(':').next().unwrap_or_default();
        format!("{}/{prefix}:{child}", self.path)
    }
}
