//! The promise of an answer from the ledger: kept by whoever writes it, told to whoever waits for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use super::submission::{RecordError, Recorded};

/// What became of a submission.
pub(super) type Outcome = Result<Recorded, RecordError>;

/// The promise of an answer; dropping it does not undo the submission.
pub struct Receipt(Arc<Slot>);

/// The other end of a [`Receipt`]; dropped without an answer, it says that the register is unavailable.
pub(super) struct Promise(Option<Arc<Slot>>);

type Slot = Mutex<State>;

enum State {
    Open,
    Awaited(Box<dyn FnOnce(Outcome) + Send>),
    Kept(Outcome),
    Told,
}

/// A promise and its receipt.
pub(super) fn promise() -> (Promise, Receipt) {
    let slot = Arc::new(Mutex::new(State::Open));
    (Promise(Some(Arc::clone(&slot))), Receipt(slot))
}

impl Receipt {
    /// Calls `tell` with the outcome, at once or on the thread that writes the ledger: it must not take long there.
    pub fn then(self, tell: impl FnOnce(Outcome) + Send + 'static) {
        let mut state = lock(&self.0);
        match std::mem::replace(&mut *state, State::Told) {
            State::Kept(outcome) => {
                drop(state);
                tell(outcome);
            }
            _ => *state = State::Awaited(Box::new(tell)),
        }
    }

    /// Calls `hear` with the outcome before whoever has the new receipt is told; it must not take long.
    #[must_use]
    pub fn heard(self, hear: impl FnOnce(&Outcome) + Send + 'static) -> Self {
        let (promise, receipt) = promise();
        self.then(move |outcome| {
            hear(&outcome);
            promise.keep(outcome);
        });
        receipt
    }

    /// Waits on this thread; never inside an async task.
    ///
    /// # Errors
    /// Why the submission was not recorded.
    pub fn wait_blocking(self) -> Outcome {
        let (told, outcome) = mpsc::channel();
        self.then(move |outcome| {
            // Whoever asked waits below.
            let _ = told.send(outcome);
        });
        outcome.recv().unwrap_or(Err(RecordError::Unavailable))
    }
}

impl Promise {
    pub(super) fn keep(mut self, outcome: Outcome) {
        self.settle(outcome);
    }

    fn settle(&mut self, outcome: Outcome) {
        let Some(slot) = self.0.take() else { return };
        let mut state = lock(&slot);
        match std::mem::replace(&mut *state, State::Kept(outcome)) {
            State::Awaited(tell) => {
                *state = State::Told;
                drop(state);
                tell(outcome);
            }
            _ => drop(state),
        }
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.settle(Err(RecordError::Unavailable));
    }
}

fn lock(slot: &Slot) -> MutexGuard<'_, State> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: Outcome = Ok(Recorded { number: Some(7), repeats: None });

    #[test]
    fn the_outcome_is_told_once_whichever_comes_first() {
        let (told, heard) = mpsc::channel();
        let (early, late) = (told.clone(), told);
        let (promise, receipt) = super::promise();
        receipt.then(move |outcome| early.send(outcome).expect("somebody listens"));
        promise.keep(KEPT);
        let (promise, receipt) = super::promise();
        promise.keep(KEPT);
        receipt.then(move |outcome| late.send(outcome).expect("somebody listens"));
        assert_eq!(heard.iter().collect::<Vec<_>>(), [KEPT, KEPT]);
    }

    #[test]
    fn who_listens_hears_the_outcome_before_it_is_told() {
        let (heard, order) = mpsc::channel();
        let (promise, receipt) = super::promise();
        let told = heard.clone();
        let receipt = receipt.heard(move |outcome| heard.send(("heard", *outcome)).expect("somebody listens"));
        receipt.then(move |outcome| told.send(("told", outcome)).expect("somebody listens"));
        promise.keep(KEPT);
        assert_eq!(order.iter().collect::<Vec<_>>(), [("heard", KEPT), ("told", KEPT)]);
    }

    #[test]
    fn a_promise_that_is_dropped_says_that_the_register_is_unavailable() {
        let (promise, receipt) = super::promise();
        drop(promise);
        assert_eq!(receipt.wait_blocking(), Err(RecordError::Unavailable));
        let (promise, receipt) = super::promise();
        drop(receipt);
        promise.keep(KEPT); // Nobody cares, and nothing breaks.
    }
}
