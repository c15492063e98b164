//! The gate in front of one administrator's databases: a cap on callers inside and a circuit breaker.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Error;

/// Failures in a row after which the gate closes.
const FAILURES: u32 = 5;

/// How long a closed gate refuses at once before it lets one caller try.
const REST: Duration = Duration::from_secs(2);

/// Keeps a slow or dead administrator from occupying the callers of the others (rule 1.4).
#[derive(Debug)]
pub struct Gate {
    inside: AtomicUsize,
    inside_max: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    closed_until: Option<Instant>,
}

impl Gate {
    #[must_use]
    pub fn new(inside_max: usize) -> Self {
        Self { inside: AtomicUsize::new(0), inside_max, state: Mutex::default() }
    }

    /// Lets `work` through unless too many are inside or the database has just failed repeatedly.
    ///
    /// # Errors
    /// `Busy` or `Unavailable` at once when the gate is full or closed, else what `work` says.
    pub fn pass<T>(&self, now: Instant, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let _inside = self.enter()?;
        self.admit(now)?;
        let result = work();
        self.learn(now, result.as_ref().err());
        result
    }

    /// Whether a caller would be refused at `now`, for readiness reports.
    #[must_use]
    pub fn is_closed(&self, now: Instant) -> bool {
        self.state().closed_until.is_some_and(|until| now < until)
    }

    fn enter(&self) -> Result<Inside<'_>, Error> {
        let inside = Inside(&self.inside);
        if self.inside.fetch_add(1, Ordering::AcqRel) >= self.inside_max {
            return Err(Error::Busy("too many callers of one administrator"));
        }
        Ok(inside)
    }

    fn admit(&self, now: Instant) -> Result<(), Error> {
        let mut state = self.state();
        match state.closed_until {
            Some(until) if now < until => Err(Error::Unavailable("resting after repeated failures".to_owned())),
            Some(_) => {
                // One caller tries; the others keep resting until it has succeeded.
                state.closed_until = Some(now + REST);
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn learn(&self, now: Instant, error: Option<&Error>) {
        let mut state = self.state();
        if error.is_some_and(Error::is_outage) {
            state.failures += 1;
            if state.failures >= FAILURES {
                state.closed_until = Some(now.max(Instant::now()) + REST);
            }
        } else if !matches!(error, Some(Error::Busy(_) | Error::Unwritable(_))) {
            *state = State::default();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a caller out again, also when it panics.
struct Inside<'g>(&'g AtomicUsize);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outage() -> Result<(), Error> {
        Err(Error::Unavailable("away".to_owned()))
    }

    #[test]
    fn it_closes_after_repeated_outages_and_one_success_opens_it() {
        let gate = Gate::new(8);
        let start = Instant::now();
        for _ in 0..FAILURES {
            assert!(gate.pass(start, outage).is_err());
        }
        let mut called = false;
        assert!(
            gate.pass(start, || {
                called = true;
                Ok(())
            })
            .is_err()
        );
        assert!(!called && gate.is_closed(start));

        let later = Instant::now() + REST * 2;
        assert!(gate.pass(later, || Ok(())).is_ok());
        assert!(!gate.is_closed(later));
    }

    #[test]
    fn refusals_of_our_own_do_not_close_it() {
        let gate = Gate::new(8);
        for _ in 0..FAILURES * 2 {
            assert!(gate.pass(Instant::now(), || Err::<(), _>(Error::Unknown(String::new()))).is_err());
        }
        assert!(gate.pass(Instant::now(), || Ok(())).is_ok());
    }

    #[test]
    fn a_full_gate_refuses_at_once() {
        let gate = Gate::new(1);
        let now = Instant::now();
        let inner = gate.pass(now, || Ok(gate.pass(now, || Ok(())).is_err()));
        assert!(inner.expect("the first caller is let in"));
        assert!(gate.pass(now, || Ok(())).is_ok(), "it is counted out again");
    }
}
