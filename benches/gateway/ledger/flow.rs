//! So many clients that ask one question after the other, for so long.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::load::{Client, Manner};

/// Connections and caches are warm after it; what is answered before does not count.
const WARM_UP: Duration = Duration::from_millis(300);

/// What came back.
pub struct Flow {
    pub per_second: f64,
    /// From a question to its answer.
    pub median: Duration,
}

/// Lets clients ask for `time`, or until there are no more messages; every answer must be as `manner` says.
pub fn run(address: SocketAddr, manner: Manner, clients: usize, messages: &[Vec<u8>], time: Duration) -> Flow {
    let mut clients: Vec<Client> = (0..clients).map(|_| Client::new(address, manner)).collect();
    let next = AtomicUsize::new(0);
    let from = Instant::now() + WARM_UP;
    let until = from + time;
    let ask_on = |client: &mut Client| {
        let mut answers = Vec::new();
        while Instant::now() < until
            && let Some(message) = messages.get(next.fetch_add(1, Ordering::Relaxed))
        {
            let took = client.ask(message);
            answers.push((Instant::now(), took));
        }
        answers
    };
    let mut answers: Vec<(Instant, Duration)> = thread::scope(|scope| {
        let at_work: Vec<_> = clients.iter_mut().map(|client| scope.spawn(|| ask_on(client))).collect();
        at_work.into_iter().flat_map(|client| client.join().expect("every answer is as expected")).collect()
    });
    let end = answers.iter().map(|(at, _)| *at).max().expect("an answer").min(until);
    answers.retain(|(at, _)| *at > from && *at <= end);
    let mut times: Vec<Duration> = answers.into_iter().map(|(_, took)| took).collect();
    times.sort_unstable();
    let count = u32::try_from(times.len()).expect("not that many");
    Flow { per_second: f64::from(count) / (end - from).as_secs_f64(), median: times[times.len() / 2] }
}
