//! Who is calling, for which unit, when: what the door knows about one authenticated request, and the name of what happens.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Europe::Warsaw;
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

/// By what a message is known again.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// SHA-256 of the canonical `SignedInfo`, by which a replay is known (rule 2.1).
    pub signed_info: [u8; 32],
    /// Digest of the decoded request, by which a retry is told from a misuse (rule 2.2).
    pub content: [u8; 32],
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
    /// By what the message is known again; none where something is done for a caller outside any message.
    pub mark: Option<Mark>,
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

/// The date in Europe/Warsaw, by which validity is judged (rule 9.1).
#[must_use]
pub fn day_of(time: DateTime<Utc>) -> NaiveDate {
    time.with_timezone(&Warsaw).date_naive()
}

/// When the date in Europe/Warsaw is no longer `day`.
#[must_use]
pub fn end_of(day: NaiveDate) -> DateTime<Utc> {
    let midnight = (day + Days::new(1)).and_time(NaiveTime::MIN);
    // Clocks in Warsaw are never put forward or back at midnight.
    midnight.and_local_timezone(Warsaw).earliest().map_or_else(|| midnight.and_utc(), |end| end.to_utc())
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
    fn a_day_ends_at_midnight_in_warsaw() {
        for (day, end) in [("2026-01-31", "2026-01-31T23:00:00Z"), ("2026-06-30", "2026-06-30T22:00:00Z")] {
            let day = day.parse().expect("a day");
            assert_eq!(end_of(day), end.parse::<DateTime<Utc>>().expect("a time"));
            assert_eq!(day_of(end_of(day) - chrono::TimeDelta::seconds(1)), day);
        }
    }

    #[test]
    fn events_are_named_by_time_and_chance() {
        let (one, two) = (new_event(), new_event());
        assert_eq!((one.get_version_num(), one.get_variant()), (7, uuid::Variant::RFC4122));
        assert_ne!(one.as_bytes()[8..], two.as_bytes()[8..]);
        let (seconds, _) = one.get_timestamp().expect("a time").to_unix();
        assert!(i64::try_from(seconds).expect("seconds").abs_diff(Utc::now().timestamp()) <= 2);
    }
}
