//! Removing entries whose time of keeping is over.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Europe::Warsaw;

use super::warrant::Warrant;
use super::{Error, Official};
use crate::disclosure::Right;
use crate::ledger::{Draft, EventKind, Span};
use crate::store::Stores;

/// What was removed.
#[derive(Debug)]
pub struct Retired {
    /// The segments, one after the other; at least one.
    pub spans: Vec<Span>,
    /// What kept the database's own files from forgetting too.
    pub remains: Option<crate::store::Error>,
}

/// Removes the bytes of all entries from before `before`, a day by the calendar of Europe/Warsaw, in whole segments, each
/// with an entry that says so (rule 3.7).
///
/// # Errors
/// As [`Error`] says; a missing right is recorded.
pub fn retire(
    stores: &Stores,
    official: Official<'_>,
    before: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Retired, Error> {
    let midnight = Warsaw.from_local_datetime(&before.and_time(NaiveTime::MIN)).earliest().ok_or(Error::Future)?;
    if before > now.with_timezone(&Warsaw).date_naive() {
        return Err(Error::Future);
    }
    let warrant = Warrant::of(stores, official, Right::EraseRegister, None)?;
    let recorder = &warrant.tenant.recorder;
    let draft = |span| Draft { removed: Some(span), ..warrant.draft(EventKind::EntriesRemoved) };
    let spans = recorder.retire(midnight.to_utc(), draft)?;
    if spans.is_empty() {
        recorder.settle()?;
        return Err(Error::NothingOld);
    }
    Ok(Retired { spans, remains: recorder.settle().err() })
}
