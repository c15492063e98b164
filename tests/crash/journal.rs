//! What one client wrote down: every request before it was sent, every attempt with what came of it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use brama::soap::client::Error;
use brama::xml::{Element, Method, canonical_bytes};
use openssl::sha::sha256;
use uuid::Uuid;

/// The texts of a reply that somebody here wants to know.
const KEPT: [&str; 6] = ["idUdostepnienia", "wynik", "nazwa", "idPaczki", "stan", "ostatniaCzesc"];

/// One client's requests, the oldest first.
#[derive(Default)]
pub struct Journal {
    pub requests: Vec<Request>,
}

/// What was asked under one `idZadania`.
pub struct Request {
    pub operation: &'static str,
    pub task: Uuid,
    pub attempts: Vec<Attempt>,
}

/// One signed message and what came of it.
pub struct Attempt {
    pub began: Instant,
    pub took: Duration,
    pub outcome: Result<Answer, Error>,
}

/// A reply of the gateway, verified.
#[derive(Clone)]
pub struct Answer {
    /// SHA-256 of the canonical form of the Body's child.
    pub body: [u8; 32],
    texts: BTreeMap<String, String>,
}

impl Journal {
    pub fn answers(&self) -> impl Iterator<Item = (&Request, &Answer)> {
        self.requests.iter().flat_map(|request| request.answers().map(move |answer| (request, answer)))
    }
}

impl Request {
    pub fn answers(&self) -> impl Iterator<Item = &Answer> {
        self.attempts.iter().filter_map(|attempt| attempt.outcome.as_ref().ok())
    }
}

impl Attempt {
    pub fn ended(&self) -> Instant {
        self.began + self.took
    }

    /// The word of a fault, empty when it was something else.
    pub fn code(&self) -> &str {
        match &self.outcome {
            Err(Error::Fault { code, .. }) => code,
            _ => "",
        }
    }
}

impl Answer {
    pub fn read(reply: Element<'_>) -> Self {
        let bytes = canonical_bytes(reply, Method::Exclusive).expect("a canonical form");
        let kept = reply.descendants().filter(|element| KEPT.contains(&element.local()));
        let texts = kept.map(|element| (element.local().to_owned(), element.token())).collect();
        Self { body: sha256(&bytes), texts }
    }

    /// The text of the element of this name, empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", String::as_str)
    }

    /// The identifier in the element of this name.
    pub fn id(&self, name: &str) -> Option<Uuid> {
        Uuid::parse_str(self.text(name)).ok()
    }
}
