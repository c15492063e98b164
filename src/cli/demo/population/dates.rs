//! Days of the demo's records: everything happens before the day that the batches describe.

use chrono::{Days, NaiveDate};

use super::random::Random;
use crate::documents::exchange::values::Day;

/// The day that the demo's batches describe.
pub const AS_OF: NaiveDate = match NaiveDate::from_ymd_opt(2025, 11, 20) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// A day so many days before the batches' day.
#[must_use]
pub fn ago(days: u32) -> Day {
    Day(AS_OF - Days::new(u64::from(days)))
}

/// A day so many days after another.
#[must_use]
pub fn after(day: Day, days: u32) -> Day {
    Day(day.0 + Days::new(u64::from(days)))
}

/// A period that began at most `oldest` days ago and lasts from `shortest` to `longest` days; an unfinished one has no end.
pub fn period(random: &mut Random, oldest: u32, shortest: u32, longest: u32) -> (Day, Option<Day>) {
    let from = ago(random.between(1, oldest));
    let to = after(from, random.between(shortest, longest));
    (from, (to.0 < AS_OF).then_some(to))
}
