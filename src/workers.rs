//! The threads that answer requests: as many compute at a time as there are processors, and who waits takes no place.
//!
//! To wake one of many threads costs more than to parse a message, and many that compute at a time only drive each
//! other out of the caches. A thread that has finished a request therefore takes the next one itself, and another is
//! woken only while a processor is free. Who has to wait for something else says so with [`waiting`].

use std::cell::RefCell;
use std::collections::VecDeque;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

/// Threads at most, those included that wait; further work queues up.
const THREADS_MAX: usize = 512;
/// A job that has waited for so long gets a place more: those who hold the others wait without saying so, or compute long.
const OVERDUE: Duration = Duration::from_millis(50);
/// A thread that nobody needed for so long ends, but for as many as may compute.
const IDLE: Duration = Duration::from_secs(10);

/// The threads of one node; clones share them.
#[derive(Clone)]
pub struct Workers {
    crew: Arc<Crew>,
}

type Job = Box<dyn FnOnce() + Send>;

struct Crew {
    state: Mutex<State>,
    bell: Condvar,
    /// How many may compute at a time.
    places: usize,
    /// See [`OVERDUE`].
    overdue: Duration,
}

#[derive(Default)]
struct State {
    /// What waits, and since when.
    jobs: VecDeque<(Instant, Job)>,
    threads: usize,
    computing: usize,
    idle: usize,
    /// Idle threads that were called and have not come yet.
    called: usize,
    /// New threads that have not begun yet.
    starting: usize,
    /// Places beyond the usual ones, since those are held for too long.
    extra: usize,
    /// Whether somebody looks after the jobs that wait.
    watched: bool,
}

thread_local! {
    /// The crew that this thread computes for; none on other threads and while it waits.
    static CREW: RefCell<Option<Arc<Crew>>> = const { RefCell::new(None) };
}

impl Workers {
    /// Threads of which `places` compute at a time, at least one.
    #[must_use]
    pub fn new(places: usize) -> Self {
        Self::patient(places, OVERDUE)
    }

    fn patient(places: usize, overdue: Duration) -> Self {
        let (state, bell) = (Mutex::default(), Condvar::new());
        Self { crew: Arc::new(Crew { state, bell, places: places.max(1), overdue }) }
    }

    /// Does `work` on one of the threads, as soon as one has a place; a panic ends the work alone.
    pub fn start(&self, work: impl FnOnce() + Send + 'static) {
        let mut state = self.crew.state();
        state.jobs.push_back((Instant::now(), Box::new(work)));
        self.crew.call(state);
    }
}

/// Does `work`, which mostly waits; meanwhile another thread may take this one's place.
pub fn waiting<T>(work: impl FnOnce() -> T) -> T {
    let away = CREW.with_borrow_mut(Option::take).map(Away::begin);
    let done = work();
    drop(away);
    done
}

/// Locks `mutex`, giving up this thread's place while another one holds it.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    match mutex.try_lock() {
        Ok(guard) => guard,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => waiting(|| mutex.lock().unwrap_or_else(PoisonError::into_inner)),
    }
}

/// A thread that gave up its place; it comes back also when the work panics.
struct Away(Option<Arc<Crew>>);

impl Away {
    fn begin(crew: Arc<Crew>) -> Self {
        let mut state = crew.state();
        state.computing -= 1;
        crew.call(state);
        Self(Some(crew))
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        if let Some(crew) = self.0.take() {
            // For a moment one more may compute than there are places; nobody is interrupted for that.
            crew.state().computing += 1;
            CREW.set(Some(crew));
        }
    }
}

impl Crew {
    /// Calls a thread when there is both work and a place.
    fn call(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        if state.jobs.is_empty() {
            return;
        }
        if state.computing + state.called + state.starting >= self.places + state.extra {
            return self.look_after(state);
        }
        if state.idle > state.called {
            state.called += 1;
            drop(state);
            self.bell.notify_one();
        } else if state.threads < THREADS_MAX {
            let crew = Arc::clone(self);
            match thread::Builder::new().name("worker".to_owned()).spawn(move || crew.work()) {
                Ok(_) => {
                    state.threads += 1;
                    state.starting += 1;
                }
                Err(error) => {
                    log::error!("no thread for a request: {error}");
                    // Whoever waits for these learns that they were dropped; other threads would take them.
                    let stranded = if state.threads == 0 { mem::take(&mut state.jobs) } else { VecDeque::new() };
                    drop(state);
                    drop(stranded);
                }
            }
        }
    }

    /// Makes sure that somebody looks after the jobs that wait.
    fn look_after(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        if state.watched {
            return;
        }
        let crew = Arc::clone(self);
        match thread::Builder::new().name("worker-watch".to_owned()).spawn(move || crew.watch()) {
            Ok(_) => state.watched = true,
            Err(error) => log::error!("nobody looks after waiting requests: {error}"),
        }
    }

    /// Gives a place more for every job that is overdue, and takes all of them back when none is.
    fn watch(self: Arc<Self>) {
        loop {
            thread::sleep(self.overdue);
            let mut state = self.state();
            let is_overdue = state.jobs.front().is_some_and(|(since, _)| since.elapsed() > self.overdue);
            if is_overdue {
                state.extra = (state.extra + 1).min(THREADS_MAX);
                self.call(state);
            } else {
                state.extra = 0;
                if state.jobs.is_empty() {
                    state.watched = false;
                    return;
                }
            }
        }
    }

    fn work(self: Arc<Self>) {
        let mut state = self.state();
        state.starting -= 1;
        loop {
            let job = if state.computing < self.places + state.extra { state.jobs.pop_front() } else { None };
            if let Some((_, job)) = job {
                state.computing += 1;
                drop(state);
                CREW.set(Some(Arc::clone(&self)));
                // Whoever waits for the work learns of a panic from what it dropped.
                let _ = catch_unwind(AssertUnwindSafe(job));
                state = self.state();
                state.computing -= 1;
                continue;
            }
            state.idle += 1;
            let (woken, time) = self.bell.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.idle -= 1;
            if state.called > 0 {
                state.called -= 1;
            } else if time.timed_out() && state.threads > self.places {
                state.threads -= 1;
                return;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::{self, RecvTimeoutError};
    use std::time::Instant;

    use super::*;

    /// Does `work` so many times and gives how many were at it at a time at most.
    fn most_at_a_time(workers: &Workers, times: usize, work: fn()) -> usize {
        let (done, results) = mpsc::channel();
        let now = Arc::new(AtomicUsize::new(0));
        for _ in 0..times {
            let (now, done) = (Arc::clone(&now), done.clone());
            workers.start(move || {
                let at_it = now.fetch_add(1, Ordering::SeqCst) + 1;
                work();
                now.fetch_sub(1, Ordering::SeqCst);
                done.send(at_it).expect("somebody counts");
            });
        }
        drop(done);
        let all: Vec<usize> = results.iter().collect();
        assert_eq!(all.len(), times);
        all.into_iter().max().unwrap_or_default()
    }

    /// What `work` gives when it is done by `workers`; an error when it gives nothing.
    fn result<T: Send + 'static>(
        workers: &Workers,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, RecvTimeoutError> {
        let (done, results) = mpsc::channel();
        workers.start(move || done.send(work()).expect("somebody waits"));
        results.recv_timeout(Duration::from_secs(10))
    }

    #[test]
    fn no_more_compute_at_a_time_than_there_are_places() {
        let workers = Workers::patient(2, Duration::from_mins(1));
        let most = most_at_a_time(&workers, 40, || thread::sleep(Duration::from_millis(2)));
        assert_eq!(most, 2);
    }

    #[test]
    fn a_place_that_is_held_for_too_long_is_made_up_for() {
        let workers = Workers::new(1);
        let (release, held) = mpsc::channel::<()>();
        workers.start(move || {
            let _ = held.recv();
        });
        assert_eq!(result(&workers, || 1), Ok(1), "another place was made");
        drop(release);
        assert_eq!(result(&workers, || 2), Ok(2));
    }

    #[test]
    fn those_that_wait_take_no_place() {
        let workers = Workers::new(2);
        let begun = Instant::now();
        let most = most_at_a_time(&workers, 20, || waiting(|| thread::sleep(Duration::from_millis(200))));
        assert_eq!(most, 20);
        assert!(begun.elapsed() < Duration::from_secs(3), "they waited side by side");
    }

    #[test]
    fn who_waits_for_a_lock_takes_no_place() {
        static LOCK: Mutex<()> = Mutex::new(());
        let workers = Workers::new(1);
        let held = lock(&LOCK);
        workers.start(|| drop(lock(&LOCK)));
        assert_eq!(result(&workers, || 1), Ok(1), "another thread has the place");
        drop(held);
    }

    #[test]
    fn work_that_panics_leaves_its_place() {
        let workers = Workers::new(1);
        assert_eq!(result(&workers, || panic!("on purpose")), Err::<(), _>(RecvTimeoutError::Disconnected));
        let panics = || waiting(|| panic!("on purpose"));
        assert_eq!(result(&workers, panics), Err::<(), _>(RecvTimeoutError::Disconnected));
        assert_eq!(result(&workers, || 7), Ok(7));
    }

    #[test]
    fn waiting_inside_waiting_and_elsewhere_changes_nothing() {
        assert_eq!(waiting(|| waiting(|| 1)), 1);
        let workers = Workers::new(1);
        assert_eq!(result(&workers, || waiting(|| waiting(|| 2))), Ok(2));
        assert_eq!(result(&workers, || 3), Ok(3));
    }
}
