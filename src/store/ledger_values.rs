//! Columns of a register as the program's own types, and back.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Error;

pub(super) fn unsigned(number: i64) -> Result<u64, Error> {
    u64::try_from(number).map_err(Error::internal)
}

/// A stored time.
pub(super) fn instant(micros: i64) -> Result<DateTime<Utc>, Error> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| Error::internal("a stored time outside the calendar"))
}

/// A number as a column; what is too large is beyond every entry.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn uuid(bytes: &[u8]) -> Result<Uuid, Error> {
    Uuid::from_slice(bytes).map_err(Error::internal)
}
