//! Threads that work for administrators behind the doors: each at one administrator at a time, called by a bell and by rounds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::bell::{Bell, Heard};
use crate::problem::Problem;

/// What the threads do.
pub(super) trait Duty: Send + Sync + 'static {
    /// Name of the threads, for logs.
    const NAME: &'static str;
    /// Administrators served at the same time.
    const THREADS: usize;
    /// How often every administrator is looked at although nobody rang: another node may have died over its work, what
    /// failed wants to be tried again.
    const ROUND: Duration;

    /// Rings for everybody who has something waiting.
    fn go_round(&self, bell: &Bell);

    /// Does whatever waits at one administrator.
    fn serve(&self, tenant: &str) -> Result<(), Problem>;

    /// Serving an administrator failed or panicked.
    fn failed(&self, _tenant: &str) {}
}

/// The running threads.
pub(super) struct Shift {
    bell: Bell,
    threads: Vec<JoinHandle<()>>,
}

struct Post<D> {
    duty: D,
    bell: Bell,
    /// When everybody was looked at last.
    last_round: Mutex<Instant>,
}

impl Shift {
    /// # Errors
    /// `BLAD_WEWNETRZNY` when the system gives no thread.
    pub(super) fn start<D: Duty>(bell: &Bell, duty: D) -> Result<Self, Problem> {
        let post = Arc::new(Post { duty, bell: bell.clone(), last_round: Mutex::new(Instant::now()) });
        let threads = (1..=D::THREADS).map(|number| {
            let post = Arc::clone(&post);
            thread::Builder::new().name(format!("{}-{number}", D::NAME)).spawn(move || post.work())
        });
        let threads = threads.collect::<Result<_, _>>().map_err(Problem::internal)?;
        Ok(Self { bell: bell.clone(), threads })
    }

    /// Ends the threads, each after what it has in hand.
    pub(super) fn stop(self) {
        self.bell.close();
        for thread in self.threads {
            if thread.join().is_err() {
                log::error!("a thread behind the doors had panicked");
            }
        }
    }
}

impl<D: Duty> Post<D> {
    fn work(&self) {
        loop {
            // A defect must not end the thread: others wait too.
            if self.round_is_due() && catch_unwind(AssertUnwindSafe(|| self.duty.go_round(&self.bell))).is_err() {
                log::error!(duty = D::NAME; "panicked while going round");
            }
            match self.bell.wait(D::ROUND) {
                Heard::Closing => return,
                Heard::Silence => {}
                Heard::Tenant(id) => {
                    let served = catch_unwind(AssertUnwindSafe(|| self.duty.serve(&id)));
                    match &served {
                        Ok(Ok(())) => {}
                        Ok(Err(problem)) => {
                            let cause = problem.cause.as_ref().map(ToString::to_string).unwrap_or_default();
                            log::warn!("tenant.id" = id.as_str(), duty = D::NAME; "tried again later: {problem} {cause}");
                        }
                        Err(_) => log::error!("tenant.id" = id.as_str(), duty = D::NAME; "panicked; tried again later"),
                    }
                    if !matches!(served, Ok(Ok(()))) {
                        self.duty.failed(&id);
                    }
                    self.bell.served(&id);
                }
            }
        }
    }

    fn round_is_due(&self) -> bool {
        let mut last = self.last_round.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.elapsed() >= D::ROUND;
        if due {
            *last = Instant::now();
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    /// Stumbles in its first round.
    struct Stumbling {
        rounds: Mutex<usize>,
        served: Sender<String>,
    }

    impl Duty for Stumbling {
        const NAME: &'static str = "test";
        const THREADS: usize = 1;
        const ROUND: Duration = Duration::from_millis(5);

        fn go_round(&self, bell: &Bell) {
            let mut rounds = self.rounds.lock().unwrap_or_else(PoisonError::into_inner);
            *rounds += 1;
            assert!(*rounds > 1, "a defect");
            bell.ring("OPS");
        }

        fn serve(&self, tenant: &str) -> Result<(), Problem> {
            self.served.send(tenant.to_owned()).map_err(Problem::internal)
        }
    }

    #[test]
    fn a_defect_in_a_round_ends_no_thread() {
        let (served, heard) = channel();
        let shift = Shift::start(&Bell::default(), Stumbling { rounds: Mutex::new(0), served }).expect("threads");
        let tenant = heard.recv_timeout(Duration::from_secs(5));
        shift.stop();
        assert_eq!(tenant.as_deref(), Ok("OPS"));
    }
}
