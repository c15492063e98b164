//! A client that does not give up: whatever is in the way, it signs the same request anew until it is answered.

use std::thread::sleep;
use std::time::{Duration, Instant};

use brama::soap::client::Client;
use brama::xml::{Document, Limits, Method, canonical_bytes};
use uuid::Uuid;

use crate::journal::{Answer, Attempt, Journal, Request};

/// How long one request is tried; longer would be for ever.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(40);

pub struct Caller {
    client: Client,
    pub journal: Journal,
}

impl Caller {
    pub fn new(client: Client) -> Self {
        Self { client, journal: Journal::default() }
    }

    /// Asks under a new `idZadania` until there is an answer, then as many times again; `None` when none will come, which
    /// the journal tells.
    pub fn ask(
        &mut self,
        (service, operation): (&str, &'static str),
        again: usize,
        write: impl FnOnce(Uuid) -> String,
    ) -> Option<Answer> {
        let task = Uuid::new_v4();
        let request = canonical(&write(task));
        self.journal.requests.push(Request { operation, task, attempts: Vec::new() });
        let mut answer = self.persist(service, &request);
        for _ in 0..again {
            answer = answer.and(self.persist(service, &request));
        }
        answer
    }

    fn persist(&mut self, service: &str, request: &[u8]) -> Option<Answer> {
        let until = Instant::now() + PATIENCE;
        let journal = self.journal.requests.last_mut().expect("what is asked");
        loop {
            let began = Instant::now();
            let outcome = self.client.call(service, &journal.task.to_string(), request, Answer::read);
            let answer = outcome.as_ref().ok().cloned();
            let is_passing = outcome.as_ref().is_err_and(brama::soap::client::Error::is_passing);
            journal.attempts.push(Attempt { began, took: began.elapsed(), outcome });
            if !is_passing || Instant::now() > until {
                return answer;
            }
            sleep(PAUSE);
        }
    }
}

fn canonical(request: &str) -> Vec<u8> {
    let limits = Limits { bytes: request.len(), ..Limits::default() };
    let document = Document::parse(request.as_bytes(), &limits).expect("XML");
    canonical_bytes(document.root(), Method::Exclusive).expect("a canonical form")
}
