//! What the social-assistance unit of the demo knows of a person.

use super::dates::period;
use super::random::Random;
use super::words;
use crate::documents::exchange::person::PersonalData;
use crate::documents::exchange::ps::{Benefit, General, RecordPs};
use crate::documents::exchange::values::Amount;

/// The record of one person; `position` makes it the same every time.
#[must_use]
pub fn record(personal: PersonalData, position: usize) -> RecordPs {
    let random = &mut Random::of(300, position);
    let benefits: Vec<Benefit> = (0..random.between(0, 5)).map(|_| benefit(random)).collect();
    let registered = !benefits.is_empty() || random.chance(50);
    let status = (registered && random.chance(85)).then(|| random.pick(words::PS_STATUSES).to_owned());
    RecordPs { personal, general: General { registered, status }, benefits }
}

fn benefit(random: &mut Random) -> Benefit {
    let (name, range) = random.pick(words::PS_BENEFITS);
    let (from, to) = period(random, 1_800, 20, 400);
    // Assistance is paid free of tax: gross and net are the same.
    let amount = range.map(|(lowest, highest)| Amount(100 * u64::from(random.between(lowest, highest))));
    Benefit { name: name.to_owned(), from, to, gross: amount, net: amount }
}
