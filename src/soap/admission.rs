//! Node-wide caps on requests and body bytes in flight (rule 1.4); beyond them a request is refused before parsing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::config::Limits;

/// The node's counters.
#[derive(Clone)]
pub struct Admission {
    shared: Arc<Counters>,
}

struct Counters {
    requests: AtomicUsize,
    requests_max: usize,
    bytes: AtomicUsize,
    bytes_max: usize,
    spooled: AtomicU64,
    spooled_max: u64,
}

/// One admitted request; gives its place and its bytes back when dropped.
pub struct Admitted {
    shared: Arc<Counters>,
    bytes: usize,
    spooled: u64,
}

impl Admission {
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        let shared = Counters {
            requests: AtomicUsize::new(0),
            requests_max: limits.requests_in_flight,
            bytes: AtomicUsize::new(0),
            bytes_max: limits.body_bytes_in_flight,
            spooled: AtomicU64::new(0),
            spooled_max: limits.attachment_bytes_in_flight,
        };
        Self { shared: Arc::new(shared) }
    }

    /// A place for one more request, or `None` when the node is full.
    #[must_use]
    pub fn enter(&self) -> Option<Admitted> {
        take(&self.shared.requests, 1, self.shared.requests_max).then(|| Admitted {
            shared: Arc::clone(&self.shared),
            bytes: 0,
            spooled: 0,
        })
    }

    /// Requests under way.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::Relaxed)
    }
}

impl Admitted {
    /// Accounts for `bytes` more of the body; `false` when the node holds too many already.
    #[must_use]
    pub fn hold(&mut self, bytes: usize) -> bool {
        let held = take(&self.shared.bytes, bytes, self.shared.bytes_max);
        if held {
            self.bytes += bytes;
        }
        held
    }

    /// Accounts for what this request holds on disk by now; `false` when the node holds too much already.
    #[must_use]
    pub fn spool(&mut self, total: u64) -> bool {
        let more = total.saturating_sub(self.spooled);
        let before = self.shared.spooled.fetch_add(more, Ordering::Relaxed);
        self.spooled += more;
        before + more <= self.shared.spooled_max
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.shared.requests.fetch_sub(1, Ordering::Relaxed);
        self.shared.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        self.shared.spooled.fetch_sub(self.spooled, Ordering::Relaxed);
    }
}

fn take(counter: &AtomicUsize, amount: usize, most: usize) -> bool {
    counter
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| held.checked_add(amount).filter(|sum| *sum <= most))
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_bytes_come_back() {
        let limits = Limits { requests_in_flight: 1, body_bytes_in_flight: 10, ..Limits::default() };
        let admission = Admission::new(&limits);
        let mut first = admission.enter().expect("room");
        assert!(admission.enter().is_none(), "the node is full");
        assert!(first.hold(10));
        assert!(!first.hold(1), "no byte beyond the cap");
        drop(first);
        assert!(admission.enter().expect("room again").hold(10));
    }

    #[test]
    fn what_lies_on_disk_is_counted_for_the_whole_node() {
        let admission = Admission::new(&Limits { attachment_bytes_in_flight: 10, ..Limits::default() });
        let (mut one, mut other) = (admission.enter().expect("room"), admission.enter().expect("room"));
        assert!(one.spool(4) && one.spool(6), "six in all");
        assert!(!other.spool(5));
        drop(other);
        assert!(one.spool(10));
    }
}
