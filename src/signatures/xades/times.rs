//! When a signature certainly existed, and what evidence about revocation is worth at that time: facts and policy, no clock.

use chrono::{DateTime, Utc};

use super::Policy;
use super::facts::Facts;
use crate::signatures::lists::{ChainFault, Link};
use crate::signatures::revocation::{Evidence, Kind, Source, Status};
use crate::signatures::timestamps::Timestamp;

/// Which proof the best signature time rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Best {
    /// The earliest valid time-stamp.
    Timestamp,
    /// The gateway's own receipt of these bytes.
    Received,
    /// Nothing: the time of judging.
    Now,
}

/// The level of a signature (EN 319 132-1 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    B,
    T,
    LT,
}

impl Level {
    /// As reports and messages write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::B => "B",
            Self::T => "T",
            Self::LT => "LT",
        }
    }
}

/// What is known of a certificate's revocation at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Good,
    Revoked(DateTime<Utc>),
    /// Nothing fresh says anything.
    NotKnown,
}

/// Why a time-stamp is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StampFault {
    Imprint,
    Algorithm,
    Authority,
    Signature,
    Chain(ChainFault),
    /// The authority's certificates were not valid at the time in the stamp.
    Validity,
    Revoked,
    NotKnown,
    /// The stamp is of a time to come.
    Future,
}

/// The best signature time (EN 319 102-1 §5.5, step by step in rule 11.4).
#[must_use]
pub fn best_time(facts: &Facts, policy: &Policy) -> (DateTime<Utc>, Best) {
    let stamps = facts.timestamps.iter().flatten().filter(|stamp| stamp_fault(stamp, facts.now, policy).is_none());
    match (stamps.map(|stamp| stamp.time).min(), facts.received) {
        (Some(time), _) => (time, Best::Timestamp),
        (None, Some(time)) => (time, Best::Received),
        (None, None) => (facts.now, Best::Now),
    }
}

/// Why `stamp` proves nothing; a certificate revoked at whatever time vouches for no stamp.
#[must_use]
pub fn stamp_fault(stamp: &Timestamp, now: DateTime<Utc>, policy: &Policy) -> Option<StampFault> {
    let chain = match (&stamp.authority, &stamp.chain) {
        _ if !stamp.covers => return Some(StampFault::Imprint),
        _ if !stamp.is_strong => return Some(StampFault::Algorithm),
        (None, _) => return Some(StampFault::Authority),
        _ if !stamp.is_signed => return Some(StampFault::Signature),
        (_, Err(fault)) => return Some(StampFault::Chain(*fault)),
        (_, Ok(chain)) => chain,
    };
    if stamp.time > now + policy.clock_skew {
        return Some(StampFault::Future);
    }
    if !chain.iter().all(|link| link.is_valid_at(stamp.time)) {
        return Some(StampFault::Validity);
    }
    let is_revoked = |one: &Evidence| matches!(one.status, Status::Revoked(_));
    if stamp.evidence.iter().flatten().any(is_revoked) {
        return Some(StampFault::Revoked);
    }
    let mut links = chain.iter().zip(&stamp.evidence);
    let is_good = |(link, evidence): (&Link, &Vec<Evidence>)| {
        standing(link, evidence.iter(), stamp.time, now, policy) == Standing::Good
    };
    if links.all(is_good) { None } else { Some(StampFault::NotKnown) }
}

/// What `evidence` says of `link` at `at`: a revocation at or before it always counts, its absence only when fresh.
pub fn standing<'e>(
    link: &Link,
    evidence: impl Iterator<Item = &'e Evidence>,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
    policy: &Policy,
) -> Standing {
    let mut standing = Standing::NotKnown;
    for one in evidence.filter(|one| one.this_update <= now + policy.clock_skew) {
        match one.status {
            Status::Revoked(since) if since <= at => return Standing::Revoked(since),
            Status::Revoked(_) | Status::Good if is_fresh(link, one, at, policy) => standing = Standing::Good,
            Status::Revoked(_) | Status::Good | Status::Unknown => {}
        }
    }
    standing
}

/// Rule 11.4: made 24 h before `at` at the earliest, and not ended by then.
///
/// Of a certificate that has ended, lists speak no longer unless they say so; for the time after its end it is asked what
/// was known at its end.
fn is_fresh(link: &Link, evidence: &Evidence, at: DateTime<Utc>, policy: &Policy) -> bool {
    let keeps = evidence.kind == Kind::List && evidence.keeps_ended_since.is_some_and(|since| since <= link.not_after);
    if evidence.this_update > link.not_after && !keeps {
        return false;
    }
    let at = if keeps { at } else { at.min(link.not_after) };
    let is_of_the_time = evidence.this_update >= at - policy.revocation_max_age;
    let has_not_ended = evidence.this_update >= at || evidence.next_update.is_none_or(|end| end >= at);
    is_of_the_time && has_not_ended
}

/// The level that the signature has: T with a valid time-stamp, LT when the document alone proves that nothing was revoked.
#[must_use]
pub fn level(facts: &Facts, policy: &Policy) -> Level {
    let (at, best) = best_time(facts, policy);
    let Some(Ok((_, chain))) = &facts.chain else { return Level::B };
    if best != Best::Timestamp {
        return Level::B;
    }
    let mut links = chain.iter().zip(&facts.evidence);
    let is_proven = |(link, evidence): (&Link, &Vec<Evidence>)| {
        let enclosed = evidence.iter().filter(|one| one.source == Source::Document);
        standing(link, enclosed, at, facts.now, policy) == Standing::Good
    };
    if !facts.evidence.is_empty() && links.all(is_proven) { Level::LT } else { Level::T }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::signatures::pki::Authority;

    const DAY: TimeDelta = TimeDelta::days(1);

    /// Evidence made `made` hours before the time judged, ended `end` hours after it.
    fn made(at: DateTime<Utc>, made: i64, end: Option<i64>, status: Status) -> Evidence {
        Evidence {
            source: Source::File,
            kind: Kind::List,
            status,
            this_update: at - TimeDelta::hours(made),
            next_update: end.map(|hours| at + TimeDelta::hours(hours)),
            keeps_ended_since: None,
        }
    }

    #[test]
    fn evidence_counts_while_it_is_fresh() {
        let now = Utc::now();
        let pem = Authority::new("test", now - DAY).unwrap().certificate_pem().unwrap();
        let link = Link::new(openssl::x509::X509::from_pem(&pem).unwrap()).unwrap();
        let (good, not_known) = (Standing::Good, Standing::NotKnown);
        let revoked = |hours| Status::Revoked(now - TimeDelta::hours(hours));
        for (evidence, expected) in [
            (vec![], not_known),
            (vec![made(now, 1, Some(1), Status::Good)], good),
            (vec![made(now, 24, Some(1), Status::Good)], good),
            (vec![made(now, 25, Some(1), Status::Good)], not_known),
            (vec![made(now, 1, Some(-1), Status::Good)], not_known),
            (vec![made(now, 1, None, Status::Good)], good),
            (vec![made(now, 0, Some(0), Status::Good)], good),
            (vec![made(now, -1, Some(9), Status::Good)], not_known),
            (vec![made(now, 1, Some(1), Status::Unknown)], not_known),
            (
                vec![made(now, 1, Some(1), Status::Good), made(now, 99, Some(-1), revoked(99))],
                Standing::Revoked(now - TimeDelta::hours(99)),
            ),
            (vec![made(now, 1, Some(1), revoked(0))], Standing::Revoked(now)),
            (vec![made(now, 1, Some(1), revoked(-1))], good),
        ] {
            let found = standing(&link, evidence.iter(), now, now, &Policy::default());
            assert_eq!(found, expected, "{evidence:?}");
        }
    }
}
