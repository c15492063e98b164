//! The recorder of one register: takes claims and drafts, gives a receipt, and writes them in groups (rules 2, 3.3).

use std::collections::VecDeque;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::ledger_append::{Aside, Entrant};
use super::ledger_clerks::{Clerks, Lane, Office, Turn};
use super::ledger_erase::Erased;
use super::ledger_known::Known;
use super::ledger_register::{Owner, Register, Settled};
use super::ledger_witness::Shown;
use super::receipt::{Outcome, Promise, Receipt, promise};
use super::submission::{Claim, RecordError, Recorded, RecorderSettings, Standing, Submission};
use super::{Database, Error, KeyRing};
use crate::call::new_event;
use crate::ledger::{Draft, KeptAnswer, SignedHead, Span, Testimony};
use crate::signatures::SigningKey;

/// The one writer of a register; clones write to the same one.
#[derive(Clone)]
pub struct Recorder {
    queue: Arc<Queue>,
    office: Arc<Office>,
}

impl Recorder {
    /// The recorder of `tenant`'s register in `database`, served by `clerks`; `seal` signs its heads.
    #[must_use]
    pub fn new(
        clerks: &Clerks,
        tenant: impl Into<String>,
        keys: Arc<KeyRing>,
        seal: Option<Arc<SigningKey>>,
        database: Arc<Database>,
        settings: RecorderSettings,
    ) -> Self {
        let owner = Owner { tenant: tenant.into(), keys, seal, known: Known::default() };
        Self::of(clerks, owner, database, settings)
    }

    pub(super) fn of(clerks: &Clerks, owner: Owner, database: Arc<Database>, settings: RecorderSettings) -> Self {
        let register = Register::new(owner, database, settings.answers_kept, settings.clock);
        let queue = Queue { register, settings, state: Mutex::default(), slow: AtomicBool::new(false) };
        Self { queue: Arc::new(queue), office: clerks.office() }
    }

    /// Signs a head for entries from before there were heads.
    ///
    /// # Errors
    /// As of the database.
    pub(super) fn cover(&self) -> Result<(), Error> {
        self.queue.register.cover()
    }

    /// Whether the database goes on from what this node knows of the register (rule 3.5).
    ///
    /// # Errors
    /// `Refused` when it does not, else as of the database.
    pub fn check_known(&self) -> Result<(), Error> {
        self.queue.register.check_known()
    }

    /// Keeps what another unit signed of a head, or learns from the head that entries were lost (rule 3.5).
    ///
    /// # Errors
    /// As of the database.
    pub fn witness(&self, shown: &SignedHead, testimony: &Testimony) -> Result<Shown, Error> {
        self.queue.register.witness(shown, testimony)
    }

    /// Opens the next epoch of the register and says its number (rule 3.5). For an operator who restored a database, or
    /// whose standby lagged: what was known beyond it stays named and is lost.
    ///
    /// # Errors
    /// As of the database.
    pub fn open_epoch(&self, reason: &str) -> Result<u64, Error> {
        self.queue.register.open_epoch(reason)
    }

    /// Destroys the keys of persons together with the entry that says so (rule 3.6); `draft` makes it of what was destroyed.
    ///
    /// # Errors
    /// As of the database.
    pub fn erase(&self, persons: &[Vec<u8>], draft: impl FnOnce(Erased) -> Draft) -> Result<Erased, Error> {
        self.queue.register.erase(persons, draft)
    }

    /// Removes all entries from before `before` by whole segments, each together with the entry that says so (rule 3.7).
    ///
    /// # Errors
    /// As of the database; segments that were removed by then stay so.
    pub fn retire(&self, before: DateTime<Utc>, draft: impl Fn(Span) -> Draft) -> Result<Vec<Span>, Error> {
        self.queue.register.retire(before, draft)
    }

    /// Makes the database's own files forget what [`Recorder::erase`] or [`Recorder::retire`] deleted.
    ///
    /// # Errors
    /// `Busy` when somebody reads all the time, else as of the database; nothing but old copies is left then.
    pub fn settle(&self) -> Result<(), Error> {
        self.queue.register.settle()
    }

    /// How a claim stands, before any data are touched; only [`Recorder::submit`] decides it.
    ///
    /// # Errors
    /// `Replayed` and `Differs` as the claim stands, `Unavailable` when the register cannot be read.
    pub fn standing(&self, claim: &Claim) -> Result<Standing, RecordError> {
        self.queue.register.standing(claim).map_err(|error| self.unread(&error))?
    }

    /// Queues a submission; the receipt resolves when it is durable or refused.
    ///
    /// # Errors
    /// `Busy` when too much waits, `Rejected` when the draft belongs to another register,
    /// `Unavailable` when the gateway is ending.
    pub fn submit(&self, mut submission: Submission) -> Result<Receipt, RecordError> {
        if submission.draft.as_ref().is_some_and(|draft| draft.tenant != self.queue.register.tenant()) {
            log::error!("a draft for another register came to {}", self.queue.register.tenant());
            return Err(RecordError::Rejected);
        }
        let (answer, receipt) = promise();
        if submission.claim.is_none() && submission.draft.is_none() {
            // Nothing to keep: the receipt is good at once.
            answer.keep(Ok(Recorded { number: None, repeats: None }));
            return Ok(receipt);
        }
        let id = submission.draft.as_ref().map_or_else(new_event, |draft| draft.event);
        let aside = self.set_aside(&mut submission)?;
        let entrant = Entrant { id, submission, aside };
        let until = Instant::now() + self.queue.settings.patience;
        let first = self.queue.push(Job { entrant, answer, until })?;
        if first && !self.office.call(Arc::<Queue>::clone(&self.queue)) {
            self.queue.abandon();
        }
        Ok(receipt)
    }

    /// The answer that was kept under the event of a first request.
    ///
    /// # Errors
    /// `Expired` when there is none, `Unavailable` when the register cannot be read.
    pub fn answer(&self, first: Uuid) -> Result<KeptAnswer, RecordError> {
        let found = self.queue.register.answer(first).map_err(|error| self.unread(&error))?;
        found.ok_or(RecordError::Expired)
    }

    /// The answer that was given to the question of an order under `event`; none when it is gone.
    ///
    /// # Errors
    /// `Unavailable` when the register cannot be read.
    pub fn order_answer(&self, event: Uuid) -> Result<Option<KeptAnswer>, RecordError> {
        self.queue.register.order_answer(event).map_err(|error| self.unread(&error))
    }

    /// What was recorded under an event, if anything was.
    ///
    /// # Errors
    /// `Unavailable` when the register cannot be read.
    pub fn settled(&self, event: Uuid) -> Result<Option<Settled>, RecordError> {
        self.queue.register.settled(event).map_err(|error| self.unread(&error))
    }

    fn unread(&self, error: &Error) -> RecordError {
        log::warn!("the register of {} cannot be read: {error}", self.queue.register.tenant());
        RecordError::Unavailable
    }

    /// What is kept beside the entry. An order is sealed on the caller's thread; an answer waits for its person's key, which
    /// the entry's transaction reads or makes.
    fn set_aside(&self, submission: &mut Submission) -> Result<Aside, RecordError> {
        self.queue.register.set_aside(submission).map_err(|error| {
            log::error!("an order in {} cannot be sealed: {error}", self.queue.register.tenant());
            RecordError::Rejected
        })
    }

    /// Submissions that wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.state().waiting.len()
    }
}

/// A submission with somebody waiting for it.
struct Job {
    entrant: Entrant,
    answer: Promise,
    until: Instant,
}

impl Job {
    /// A caller that went away has its entry all the same.
    fn answer(self, outcome: Outcome) {
        self.answer.keep(outcome);
    }
}

/// What waits for one register.
struct Queue {
    register: Register,
    settings: RecorderSettings,
    state: Mutex<State>,
    slow: AtomicBool,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    /// Whether the threads know about this queue: it is queued there, at work or at rest.
    called: bool,
}

/// What a failed group says about its register.
enum Failure {
    /// The database is away or held; the group is tried again as it is.
    Trouble,
    /// Somebody has to act before it can be better: whoever waits is told this at once, and may ask again.
    Hopeless(RecordError),
    /// One of the group cannot be written; they are tried one by one.
    Poison,
}

impl Queue {
    /// Adds a job and says whether the threads have to be called.
    fn push(&self, job: Job) -> Result<bool, RecordError> {
        let mut state = self.state();
        if state.waiting.len() >= self.settings.queue_max {
            return Err(RecordError::Busy);
        }
        state.waiting.push_back(job);
        Ok(!std::mem::replace(&mut state.called, true))
    }

    /// The threads are gone: whoever waits is told.
    fn abandon(&self) {
        let waiting = {
            let mut state = self.state();
            state.called = false;
            std::mem::take(&mut state.waiting)
        };
        for job in waiting {
            job.answer(Err(RecordError::Unavailable));
        }
    }

    /// Writes a group in one transaction and answers it, also when nothing can be written; what has to be tried again comes back, in order.
    fn record(&self, group: Vec<Job>) -> Vec<Job> {
        match self.try_record(group) {
            Ok(()) => Vec::new(),
            Err((Failure::Trouble, group)) => still_patient(group),
            Err((Failure::Hopeless(error), group)) => tell(group, error),
            Err((Failure::Poison, group)) => self.record_singly(group),
        }
    }

    /// One bad submission must not fail its neighbours: each has a transaction of its own.
    fn record_singly(&self, group: Vec<Job>) -> Vec<Job> {
        let mut later = Vec::new();
        for job in group {
            if !later.is_empty() {
                later.push(job);
                continue;
            }
            match self.try_record(vec![job]) {
                Ok(()) => {}
                Err((Failure::Trouble, job)) => later.extend(job),
                Err((Failure::Hopeless(error), job)) => later.extend(tell(job, error)),
                Err((Failure::Poison, job)) => later.extend(tell(job, RecordError::Rejected)),
            }
        }
        still_patient(later)
    }

    fn try_record(&self, group: Vec<Job>) -> Result<(), (Failure, Vec<Job>)> {
        match self.register.append(group.iter().map(|job| &job.entrant)) {
            Ok(outcomes) => {
                for (job, outcome) in group.into_iter().zip(outcomes) {
                    job.answer(outcome);
                }
                Ok(())
            }
            Err(error) => {
                log::warn!("{} submissions to the register of {} failed: {error}", group.len(), self.register.tenant());
                let failure = match error {
                    Error::Refused(_) => Failure::Hopeless(RecordError::Unavailable),
                    Error::Unwritable(_) => Failure::Hopeless(RecordError::Unwritable),
                    Error::Busy(_) | Error::Unavailable(_) => Failure::Trouble,
                    _ => Failure::Poison,
                };
                Err((failure, group))
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane for Queue {
    fn turn(&self) -> Turn {
        let group: Vec<Job> = {
            let mut state = self.state();
            let count = state.waiting.len().min(self.settings.group_max);
            state.waiting.drain(..count).collect()
        };
        let again = if group.is_empty() { Vec::new() } else { self.record(group) };
        let mut state = self.state();
        if !again.is_empty() {
            again.into_iter().rev().for_each(|job| state.waiting.push_front(job));
            let waiting = std::mem::take(&mut state.waiting).into();
            state.waiting = still_patient(waiting).into();
            return Turn::Rest(self.settings.rest);
        }
        state.called = !state.waiting.is_empty();
        if state.called { Turn::More } else { Turn::Done }
    }

    fn slow(&self) -> &AtomicBool {
        &self.slow
    }
}

/// Answers all of a group alike: nothing of it is left to try again.
fn tell(group: Vec<Job>, error: RecordError) -> Vec<Job> {
    group.into_iter().for_each(|job| job.answer(Err(error)));
    Vec::new()
}

/// Those whose callers still wait; the others are told that the register is unavailable.
///
/// Trying again is safe after a commit with an unknown outcome: appending is idempotent by the event (rule 3.5).
fn still_patient(group: Vec<Job>) -> Vec<Job> {
    let now = Instant::now();
    let (later, never): (Vec<_>, Vec<_>) = group.into_iter().partition(|job| job.until > now);
    for job in never {
        job.answer(Err(RecordError::Unavailable));
    }
    later
}
