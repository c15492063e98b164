//! What the family-benefit unit of the demo knows of a subject of decisions and their children.

use super::dates::{AS_OF, after, ago};
use super::random::Random;
use super::words;
use crate::documents::exchange::person::PersonalData;
use crate::documents::exchange::sr::{Decision, GrantedBenefit, PaidBenefit, RecordSr};
use crate::documents::exchange::values::{Amount, Day};

/// The record of one subject; `position` makes it the same every time.
#[must_use]
pub fn record(subject: PersonalData, children: &[&PersonalData], position: usize) -> RecordSr {
    let random = &mut Random::of(400, position);
    let mut decisions = Vec::new();
    if !children.is_empty() {
        for years_ago in 0..random.between(1, 3) {
            // Older decisions may name fewer children.
            let named =
                children.iter().filter(|_| years_ago == 0 || random.chance(75)).map(|child| (*child).clone()).collect();
            decisions.push(decision(random, years_ago, named));
        }
    }
    if children.is_empty() || random.chance(15) {
        decisions.push(decision(random, 0, Vec::new()));
    }
    RecordSr { subject, decisions }
}

/// One decision for one benefit period, with the payments made so far.
fn decision(random: &mut Random, years_ago: u32, children: Vec<PersonalData>) -> Decision {
    let from = ago(20 + 365 * years_ago + random.between(0, 60));
    let to = after(from, 364);
    let mut granted = Vec::new();
    let mut paid = Vec::new();
    let benefits = if children.is_empty() { words::OWN_BENEFITS } else { words::CHILD_BENEFITS };
    let times = u64::try_from(children.len().max(1)).unwrap_or(1);
    let first = if children.is_empty() { random.below(3) } else { 0 };
    let second = (!children.is_empty() && random.chance(40)).then(|| random.between(1, 4));
    for chosen in std::iter::once(first).chain(second) {
        let (kind, monthly) = benefits[chosen as usize];
        let amount = Amount(monthly * times);
        let unlimited = children.is_empty() && random.chance(40);
        granted.push(GrantedBenefit { kind: kind.to_owned(), from, to: (!unlimited).then_some(to), amount });
        for month in 0..12 {
            let paid_on = after(from, 12 + 30 * month);
            if paid_on <= Day(AS_OF) {
                paid.push(PaidBenefit { kind: kind.to_owned(), paid_on, amount });
            }
        }
    }
    Decision { children, granted, paid }
}
