//! How often a system may ask and an official may try; counted in this node's memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Requests of each domain system within one second.
pub struct Rates {
    windows: Windows<String>,
}

/// Verifications of one person by one official (rule 5.7).
pub struct Tries {
    windows: Windows<(String, Vec<u8>)>,
}

/// Most keys kept at a time; while all of them are in use a further one is refused.
const KEYS_MAX: usize = 100_000;

struct Windows<K> {
    length: Duration,
    most: u32,
    counts: Mutex<Counts<K>>,
}

struct Counts<K> {
    of: HashMap<K, (Instant, u32)>,
    swept: Instant,
}

impl Rates {
    #[must_use]
    pub fn new(per_second: u32) -> Self {
        Self { windows: Windows::new(Duration::from_secs(1), per_second) }
    }

    /// Counts one request; `false` when the system has had its share of this second.
    #[must_use]
    pub fn admit(&self, system: &str) -> bool {
        self.windows.count(system.to_owned(), Instant::now())
    }
}

impl Tries {
    #[must_use]
    pub fn new(per_hour: u32) -> Self {
        Self { windows: Windows::new(Duration::from_hours(1), per_hour) }
    }

    /// Counts one try of `user` (unit and login) at the person behind `tag`; `false` when there are no more in this hour.
    #[must_use]
    pub fn admit(&self, user: String, tag: Vec<u8>) -> bool {
        self.windows.count((user, tag), Instant::now())
    }
}

impl<K: Eq + Hash> Windows<K> {
    fn new(length: Duration, most: u32) -> Self {
        Self { length, most, counts: Mutex::new(Counts { of: HashMap::new(), swept: Instant::now() }) }
    }

    fn count(&self, key: K, now: Instant) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        // Sweeping costs a walk over all keys, hence a few times within a window and not at every call.
        if now.duration_since(counts.swept) >= self.length / 4 {
            counts.of.retain(|_, (since, _)| now.duration_since(*since) < self.length);
            counts.swept = now;
        }
        if counts.of.len() >= KEYS_MAX && !counts.of.contains_key(&key) {
            return false;
        }
        let (since, count) = counts.of.entry(key).or_insert((now, 0));
        if now.duration_since(*since) >= self.length {
            (*since, *count) = (now, 0);
        }
        let admitted = *count < self.most;
        *count = count.saturating_add(1);
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_admits_its_number_and_opens_again() {
        let windows = Windows::new(Duration::from_secs(1), 2);
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let admitted: Vec<bool> = [0, 10, 20, 999, 1000].map(|millis| windows.count("syriusz", at(millis))).to_vec();
        assert_eq!(admitted, [true, true, false, false, true]);
        assert!(windows.count("pomoc", at(20)), "another system has its own");
    }
}
