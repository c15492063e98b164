//! Where a door tells those who work behind it that something waits at an administrator.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Rung by whoever accepts something to be done later; clones ring the same bell.
#[derive(Clone, Default)]
pub struct Bell(Arc<Inside>);

#[derive(Default)]
struct Inside {
    rung: Mutex<Rung>,
    heard: Condvar,
}

#[derive(Default)]
struct Rung {
    /// Administrators with something to do, each once, whoever rang first in front.
    tenants: VecDeque<String>,
    /// Those whom somebody is already serving.
    served: BTreeSet<String>,
    closed: bool,
}

/// What a waiting worker hears.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// This administrator has something to do, and nobody else serves it; [`Bell::served`] gives it back.
    Tenant(String),
    /// Nothing rang for as long as the worker wanted to wait.
    Silence,
    /// The house closes.
    Closing,
}

impl Bell {
    /// Something waits at `tenant`; whoever rang before comes before.
    pub fn ring(&self, tenant: &str) {
        let mut rung = self.lock();
        if !rung.tenants.iter().any(|rang| rang == tenant) {
            rung.tenants.push_back(tenant.to_owned());
        }
        drop(rung);
        self.0.heard.notify_one();
    }

    /// Everybody shall go home after what is in hand.
    pub fn close(&self) {
        self.lock().closed = true;
        self.0.heard.notify_all();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    pub(super) fn wait(&self, most: Duration) -> Heard {
        let silent = |rung: &mut Rung| !rung.closed && rung.next().is_none();
        let waited = self.0.heard.wait_timeout_while(self.lock(), most, silent);
        let (mut rung, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if rung.closed {
            return Heard::Closing;
        }
        let Some(tenant) = rung.next().and_then(|place| rung.tenants.remove(place)) else { return Heard::Silence };
        rung.served.insert(tenant.clone());
        Heard::Tenant(tenant)
    }

    /// `tenant` has been served; if the bell rang meanwhile, it is served again.
    pub(super) fn served(&self, tenant: &str) {
        self.lock().served.remove(tenant);
        self.0.heard.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Rung> {
        self.0.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rung {
    /// The place of whoever has waited longest and is not being served.
    fn next(&self) -> Option<usize> {
        self.tenants.iter().position(|tenant| !self.served.contains(tenant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(tenant: &str) -> Heard {
        Heard::Tenant(tenant.to_owned())
    }

    #[test]
    fn a_tenant_is_served_by_one_worker_at_a_time_and_no_ring_is_lost() {
        let bell = Bell::default();
        bell.ring("OPS");
        bell.ring("OPS");
        assert_eq!(bell.wait(Duration::ZERO), heard("OPS"));
        bell.ring("OPS");
        assert_eq!(bell.wait(Duration::ZERO), Heard::Silence);
        bell.ring("PUP");
        assert_eq!(bell.wait(Duration::ZERO), heard("PUP"));
        bell.served("OPS");
        assert_eq!(bell.wait(Duration::ZERO), heard("OPS"));
        bell.served("OPS");
        assert_eq!(bell.wait(Duration::ZERO), Heard::Silence);
    }

    #[test]
    fn whoever_rang_first_is_served_first() {
        let bell = Bell::default();
        for tenant in ["SR", "OPS", "SR", "PUP"] {
            bell.ring(tenant);
        }
        assert_eq!(bell.wait(Duration::ZERO), heard("SR"));
        bell.ring("SR");
        bell.served("SR");
        for tenant in ["OPS", "PUP", "SR"] {
            assert_eq!(bell.wait(Duration::ZERO), heard(tenant));
        }
    }

    #[test]
    fn a_closed_house_answers_nobody() {
        let bell = Bell::default();
        bell.ring("OPS");
        bell.close();
        assert_eq!(bell.wait(Duration::ZERO), Heard::Closing);
    }
}
