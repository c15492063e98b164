//! Who is calling, for which unit, when: what the door knows about one authenticated request, and the name of what happens.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::{Builder, Uuid};

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

/// A name for what is about to happen (rule 3.2): the millisecond and 74 random bits, so that nobody can guess one, and
/// entries written one after another have neighbouring keys (RFC 9562 §5.7).
#[must_use]
pub fn new_event() -> Uuid {
    let millis = u64::try_from(Utc::now().timestamp_millis()).unwrap_or_default();
    let random = Uuid::new_v4().into_bytes();
    let mut tail = [0; 10];
    tail.copy_from_slice(&random[6..]);
    Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_named_by_time_and_chance() {
        let (one, two) = (new_event(), new_event());
        assert_eq!((one.get_version_num(), one.get_variant()), (7, uuid::Variant::RFC4122));
        assert_ne!(one.as_bytes()[8..], two.as_bytes()[8..]);
        let (seconds, _) = one.get_timestamp().expect("a time").to_unix();
        assert!(i64::try_from(seconds).expect("seconds").abs_diff(Utc::now().timestamp()) <= 2);
    }
}
