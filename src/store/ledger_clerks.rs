//! The few threads that write all registers: fair between administrators, never two at one register.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// One register's waiting work.
pub(super) trait Lane: Send + Sync {
    /// Does one group of it and says when to come again.
    fn turn(&self) -> Turn;

    /// Where it is remembered that the last turn was slow or failed.
    fn slow(&self) -> &AtomicBool;
}

/// What a lane wants after a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing waits: the lane calls again by itself.
    Done,
    /// More waits: again, after the lanes that queue already.
    More,
    /// Its database is in trouble: again after this time.
    Rest(Duration),
}

/// A turn that takes longer makes its lane a slow one: slow lanes never occupy all threads (rule 1.4).
const SLOW: Duration = Duration::from_millis(250);

/// The threads; one set serves all registers of a node (rule 3.3: two to four).
pub struct Clerks {
    office: Arc<Office>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// The way to the threads that every lane holds.
pub(super) struct Office {
    board: Mutex<Board>,
    bell: Condvar,
    /// How many threads may be at slow lanes at a time.
    slow_max: usize,
}

#[derive(Default)]
struct Board {
    ready: VecDeque<Arc<dyn Lane>>,
    /// Slow lanes, and from when on each may have a turn.
    slow: Vec<(Instant, Arc<dyn Lane>)>,
    /// Threads at slow lanes.
    slow_now: usize,
    closing: bool,
}

impl Clerks {
    /// Starts `count` threads, at least two: one must be left for the others while a register is slow.
    ///
    /// # Errors
    /// As of the operating system when it gives no thread.
    pub fn start(count: usize) -> std::io::Result<Self> {
        let count = count.max(2);
        let office = Arc::new(Office { board: Mutex::default(), bell: Condvar::new(), slow_max: count / 2 });
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
        board.queue(lane, Duration::ZERO);
        drop(board);
        self.bell.notify_one();
        true
    }

    fn work(&self) {
        while let Some((lane, as_slow)) = self.next() {
            let begun = Instant::now();
            // A lane answers its callers even when it panics; the thread must live on for the others.
            let turn = catch_unwind(AssertUnwindSafe(|| lane.turn())).unwrap_or_else(|_| {
                log::error!("a ledger turn panicked");
                Turn::More
            });
            lane.slow().store(matches!(turn, Turn::Rest(_)) || begun.elapsed() > SLOW, Ordering::Relaxed);
            let mut board = lock(&self.board);
            board.slow_now -= usize::from(as_slow);
            match turn {
                Turn::Done => {}
                Turn::More => board.queue(lane, Duration::ZERO),
                Turn::Rest(time) => board.queue(lane, time),
            }
            drop(board);
            self.bell.notify_one();
        }
        self.bell.notify_all();
    }

    /// Waits for the next lane and says whether it is a slow one; nothing when the threads end and no work is left.
    fn next(&self) -> Option<(Arc<dyn Lane>, bool)> {
        let mut board = lock(&self.board);
        loop {
            let now = Instant::now();
            let spare = board.slow_now < self.slow_max;
            let due = board.slow.iter().map(|(due, _)| *due).min().filter(|_| spare);
            if due.is_some_and(|due| due <= now) {
                return board.take_slow().map(|lane| (lane, true));
            }
            if let Some(lane) = board.ready.pop_front() {
                return Some((lane, false));
            }
            if board.closing && board.slow.is_empty() {
                return None;
            }
            board = match due {
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
    fn queue(&mut self, lane: Arc<dyn Lane>, rest: Duration) {
        if lane.slow().load(Ordering::Relaxed) {
            self.slow.push((Instant::now() + rest, lane));
        } else {
            self.ready.push_back(lane);
        }
    }

    /// The slow lane that has waited longest.
    fn take_slow(&mut self) -> Option<Arc<dyn Lane>> {
        let first = (0..self.slow.len()).min_by_key(|&index| self.slow[index].0)?;
        self.slow_now += 1;
        Some(self.slow.swap_remove(first).1)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::mpsc;

    use super::*;

    /// A lane that says which it is, takes its time, and has so many turns to do.
    struct Slow {
        name: &'static str,
        takes: Duration,
        left: AtomicUsize,
        after: Turn,
        inside: AtomicUsize,
        slow: AtomicBool,
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

        fn slow(&self) -> &AtomicBool {
            &self.slow
        }
    }

    fn lane(
        name: &'static str,
        millis: u64,
        turns: usize,
        after: Turn,
        said: &mpsc::Sender<&'static str>,
    ) -> Arc<Slow> {
        Arc::new(Slow {
            name,
            takes: Duration::from_millis(millis),
            left: AtomicUsize::new(turns),
            after,
            inside: AtomicUsize::new(0),
            slow: AtomicBool::new(false),
            said: said.clone(),
        })
    }

    #[test]
    fn a_slow_register_does_not_hold_up_the_others() {
        let (said, heard) = mpsc::channel();
        let clerks = Clerks::start(2).expect("threads");
        clerks.office().call(lane("slow", 400, 2, Turn::More, &said));
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
    fn registers_known_as_slow_share_the_threads_left_for_them() {
        let (said, heard) = mpsc::channel();
        let clerks = Clerks::start(2).expect("threads");
        for _ in 0..3 {
            let slow = lane("slow", 100, 1, Turn::Done, &said);
            slow.slow.store(true, Ordering::Relaxed); // As its last turn left it.
            clerks.office().call(slow);
        }
        clerks.office().call(lane("quick", 1, 1, Turn::Done, &said));
        clerks.stop();
        let order: Vec<_> = heard.try_iter().collect();
        assert!(order.iter().position(|name| *name == "quick") < Some(2), "one thread was left for it: {order:?}");
        assert_eq!(order.len(), 4);
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
