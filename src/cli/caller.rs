//! Asks a gateway one operation after another in the name of a unit; what passes is tried again.

use std::thread;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::Failure;
use crate::call::Context;
use crate::services;
use crate::soap::client::{Client, Error};
use crate::xml::names::QName;
use crate::xml::{Element, Writer};

/// Who asks, whom, and for how long it is tried.
#[derive(Clone, Copy)]
pub struct Caller<'c> {
    pub client: &'c Client,
    pub service: &'static str,
    pub unit: &'c str,
    /// Login of the official, where the service asks for one.
    pub user: Option<&'c str>,
    /// How long a question is asked again while the gateway is away or overloaded.
    pub patience: Duration,
}

impl Caller<'_> {
    /// One operation; tried again under the same `idZadania` while that may help.
    ///
    /// # Errors
    /// As of [`Client::call`], of the last try.
    pub fn ask<T>(
        &self,
        operation: QName,
        read: fn(Element<'_>) -> T,
        inside: impl FnOnce(&mut Writer),
    ) -> Result<T, Error> {
        let (unit, user) = (self.unit.to_owned(), self.user.map(str::to_owned));
        let context = Context { task: Uuid::new_v4().to_string(), unit, user, group: None, matter: None };
        let message = request(operation, &context, inside);
        let until = Instant::now() + self.patience;
        let mut rest = Duration::from_millis(250);
        loop {
            match self.client.call(self.service, &context.task, &message, read) {
                Err(error) if error.is_passing() && Instant::now() + rest < until => {
                    thread::sleep(rest);
                    rest = (rest * 2).min(Duration::from_secs(10));
                }
                done => return done,
            }
        }
    }
}

/// Writes a request: `kontekst`, then what `inside` writes.
fn request(name: QName, context: &Context, inside: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut out = Writer::new();
    out.apex(name, &[]);
    services::echo(name.namespace, context, &mut out);
    inside(&mut out);
    out.close();
    out.into_bytes()
}

/// What a question without an answer means for the command.
pub fn failure(operation: &str, error: Error) -> Failure {
    match error {
        Error::Fault { code, sentence, details } if !matches!(code.as_str(), "PRZECIAZENIE" | "NIEDOSTEPNY") => {
            let lines: Vec<_> = std::iter::once(format!("{operation}: {code}: {sentence}")).chain(details).collect();
            Failure::Refused(lines.join("\n  "))
        }
        Error::Setup(text) => Failure::Unreadable(text),
        other => Failure::Unavailable(format!("{operation}: {other}")),
    }
}
