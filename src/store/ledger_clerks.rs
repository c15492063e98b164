//! The few threads that write all registers: fair between administrators, never two at one register.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// One register's waiting work.
pub(super) trait Lane: Send + Sync {
    /// Does one group of it and says when to come again.
    fn turn(&self) -> Turn;
}

/// What a lane wants after a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing waits: the lane calls again by itself.
    Done,
    /// More waits: again, after the lanes that queue already.
    More,
    /// Its database is in trouble: again after this time, and never on all threads at once.
    Rest(Duration),
}

/// The threads; one set serves all registers of a node (rule 3.3: two to four).
pub struct Clerks {
    office: Arc<Office>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// The way to the threads that every lane holds.
pub(super) struct Office {
    board: Mutex<Board>,
    bell: Condvar,
    /// How many threads may be at troubled lanes at a time.
    troubled_max: usize,
}

#[derive(Default)]
struct Board {
    ready: VecDeque<Arc<dyn Lane>>,
    resting: Vec<(Instant, Arc<dyn Lane>)>,
    troubled: usize,
    closing: bool,
}

impl Clerks {
    /// Starts `count` threads, at least one.
    ///
    /// # Errors
    /// As of the operating system when it gives no thread.
    pub fn start(count: usize) -> std::io::Result<Self> {
        let count = count.max(1);
        let office = Arc::new(Office {
            board: Mutex::default(),
            bell: Condvar::new(),
            troubled_max: (count / 2).max(1),
        });
        let clerks = Self { office: Arc::clone(&office), threads: Mutex::default() };
        for number in 1..=count {
            let office = Arc::clone(&office);
            let thread = std::thread::Builder::new().name(format!("ledger-{number}")).spawn(move || office.work())?;
            lock(&clerks.threads).push(thread);
        }
        Ok(clerks)
    }

    pub(super) fn office(&self) -> Arc<Office> {
        Arc::clone(&self.office)
    }

    /// Finishes what is queued and ends the threads; what is submitted afterwards is refused.
    pub fn stop(&self) {
        lock(&self.office.board).closing = true;
        self.office.bell.notify_all();
        for thread in lock(&self.threads).drain(..) {
            // A thread catches the panics of its lanes, so there is nothing more to learn here.
            let _ = thread.join();
        }
    }
}

impl Drop for Clerks {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Office {
    /// Queues a lane; it must not be queued or at work already. False when the threads are ending.
    pub(super) fn call(&self, lane: Arc<dyn Lane>) -> bool {
        let mut board = lock(&self.board);
        if board.closing {
            return false;
        }
        board.ready.push_back(lane);
        drop(board);
        self.bell.notify_one();
        true
    }

    fn work(&self) {
        while let Some((lane, was_troubled)) = self.next() {
            // A lane answers its callers even when it panics; the thread must live on for the others.
            let turn = catch_unwind(AssertUnwindSafe(|| lane.turn())).unwrap_or_else(|_| {
                log::error!("a ledger turn panicked");
                Turn::More
            });
            let mut board = lock(&self.board);
            board.troubled -= usize::from(was_troubled);
            match turn {
                Turn::Done => {}
                Turn::More => board.ready.push_back(lane),
                Turn::Rest(time) => board.resting.push((Instant::now() + time, lane)),
            }
            drop(board);
            self.bell.notify_one();
        }
        self.bell.notify_all();
    }

    /// Waits for the next lane; nothing when the threads are ending and no lane has work left.
    fn next(&self) -> Option<(Arc<dyn Lane>, bool)> {
        let mut board = lock(&self.board);
        loop {
            let now = Instant::now();
            if let Some(lane) = board.rested(now, self.troubled_max) {
                return Some((lane, true));
            }
            if let Some(lane) = board.ready.pop_front() {
                return Some((lane, false));
            }
            if board.closing && board.resting.is_empty() {
                return None;
            }
            let wake = board.resting.iter().map(|(due, _)| *due).min().filter(|_| board.troubled < self.troubled_max);
            board = match wake {
                Some(due) => {
                    let time = due.saturating_duration_since(now);
                    self.bell.wait_timeout(board, time).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.bell.wait(board).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

impl Board {
    /// The troubled lane whose rest ended first, while a thread may be spared for it.
    fn rested(&mut self, now: Instant, troubled_max: usize) -> Option<Arc<dyn Lane>> {
        if self.troubled >= troubled_max {
            return None;
        }
        let first = (0..self.resting.len()).min_by_key(|&index| self.resting[index].0)?;
        if self.resting[first].0 > now {
            return None;
        }
        self.troubled += 1;
        Some(self.resting.swap_remove(first).1)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;

    /// A lane that says which it is, takes its time, and has so many turns to do.
    struct Slow {
        name: &'static str,
        takes: Duration,
        left: AtomicUsize,
        after: Turn,
        inside: AtomicUsize,
        said: mpsc::Sender<&'static str>,
    }

    impl Lane for Slow {
        fn turn(&self) -> Turn {
            assert_eq!(self.inside.fetch_add(1, Ordering::SeqCst), 0, "two threads at one register");
            std::thread::sleep(self.takes);
            self.inside.fetch_sub(1, Ordering::SeqCst);
            self.said.send(self.name).expect("somebody listens");
            if self.left.fetch_sub(1, Ordering::SeqCst) == 1 { Turn::Done } else { self.after }
        }
    }

    fn lane(name: &'static str, millis: u64, turns: usize, after: Turn, said: &mpsc::Sender<&'static str>) -> Arc<Slow> {
        Arc::new(Slow {
            name,
            takes: Duration::from_millis(millis),
            left: AtomicUsize::new(turns),
            after,
            inside: AtomicUsize::new(0),
            said: said.clone(),
        })
    }

    #[test]
    fn a_slow_register_does_not_hold_up_the_others() {
        let (said, heard) = mpsc::channel();
        let clerks = Clerks::start(2).expect("threads");
        clerks.office().call(lane("slow", 150, 2, Turn::More, &said));
        for _ in 0..20 {
            clerks.office().call(lane("quick", 1, 3, Turn::More, &said));
        }
        clerks.stop();
        let order: Vec<_> = heard.try_iter().collect();
        assert_eq!(order.len(), 62);
        assert_eq!(order.iter().rposition(|name| *name == "slow"), Some(61), "the quick ones went past the slow one");
    }

    #[test]
    fn troubled_registers_never_take_all_threads() {
        let (said, heard) = mpsc::channel();
        let clerks = Clerks::start(2).expect("threads");
        for _ in 0..4 {
            clerks.office().call(lane("away", 50, 2, Turn::Rest(Duration::from_millis(1)), &said));
        }
        std::thread::sleep(Duration::from_millis(130)); // Each has failed once; what follows are second tries.
        clerks.office().call(lane("healthy", 0, 1, Turn::More, &said));
        clerks.stop();
        let order: Vec<_> = heard.try_iter().collect();
        assert_eq!(order.len(), 9);
        let healthy = order.iter().position(|name| *name == "healthy").expect("it had its turn");
        assert!(healthy < 7, "it waited for no more than a try in progress: {order:?}");
    }

    #[test]
    fn work_in_hand_is_finished_before_the_threads_end_and_later_work_is_refused() {
        let (said, heard) = mpsc::channel();
        let clerks = Clerks::start(3).expect("threads");
        let office = clerks.office();
        office.call(lane("a", 5, 4, Turn::More, &said));
        office.call(lane("b", 5, 3, Turn::Rest(Duration::from_millis(5)), &said));
        clerks.stop();
        assert_eq!(heard.try_iter().count(), 7);
        assert!(!office.call(lane("late", 0, 1, Turn::Done, &said)));
    }
}
