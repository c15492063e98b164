//! The way of one request, in the order of rule 1.1, from its bytes to the signed bytes of the answer.

use std::error::Error;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Warsaw;
use uuid::Uuid;

use super::{Registered, SERVICES, Service, frame};
use crate::call::Call;
use crate::config;
use crate::contract::XSD;
use crate::problem::{Code, Detail, Kind, Problem};
use crate::procedures::{Desk, Office, Refuser};
use crate::signatures::{KeyFamily, Trust};
use crate::soap::envelope::{self, Unread};
use crate::soap::fault::{self, Bare, Echo};
use crate::soap::reply::{self, ReplyKeys};
use crate::soap::security::{Authenticated, Judge};
use crate::soap::{Answer, Answered, Ending, Incoming, Outcome, Release, content};
use crate::store::{Receipt, RecordError};
use crate::xml::{self, Document, Element, Limits, Schema, Violation, Writer};

/// All that stands behind the SOAP door; one per node, shared by its threads.
#[derive(Clone)]
pub struct Gateway {
    inside: Arc<Inside>,
}

struct Inside {
    office: Arc<Office>,
    trust: Trust,
    reply: ReplyKeys,
    policy: config::Security,
    limits: Limits,
    /// One compiled schema per service, in the order of [`SERVICES`].
    schemas: Vec<Schema>,
}

/// How an answer to an authenticated caller is signed, and what it echoes.
#[derive(Clone)]
struct Addressee {
    event: Uuid,
    family: KeyFamily,
    timestamp: bool,
    echo: Echo,
    outcome: Outcome,
}

impl Gateway {
    /// Compiles the schemas of all services.
    ///
    /// # Errors
    /// When one does not compile.
    pub fn new(
        office: Arc<Office>,
        trust: Trust,
        reply: ReplyKeys,
        policy: config::Security,
        limits: &config::Limits,
    ) -> Result<Self, xml::Error> {
        let limits = Limits {
            bytes: limits.request_bytes,
            depth: limits.depth,
            attributes: limits.attributes,
            namespaces: limits.namespaces,
            elements: limits.elements,
        };
        let schemas = SERVICES.iter().map(|service| Schema::compile(service.schema, XSD)).collect::<Result<_, _>>()?;
        Ok(Self { inside: Arc::new(Inside { office, trust, reply, policy, limits, schemas }) })
    }

    fn serve(&self, incoming: &Incoming<'_>) -> Result<Answered, Unread> {
        let inside = &*self.inside;
        let document = Document::parse(incoming.bytes, &inside.limits).map_err(Problem::from)?;
        let envelope = envelope::read(&document)?;
        let registry = inside.office.registry()?;
        let now = Utc::now();
        let judge = Judge { trust: &inside.trust, registry: &registry, policy: &inside.policy, now };
        let caller = judge.verify(&document, &envelope)?;
        // From here on the caller is known: every refusal is signed, and all but that of the rate recorded (rule 3.8).
        let mut addressee = Addressee::of(&caller, incoming.event);
        if !inside.office.rates.admit(&caller.system.id) {
            return Ok(self.finish(Err(&Code::RateExceeded.into()), None, addressee));
        }
        let call = call(&caller, incoming.event, now);
        let mut desk = Desk::new(&inside.office, Arc::clone(&registry), call);
        let written = self.operate(incoming.service, &caller, &mut desk, &mut addressee);
        let recorded = match &written {
            Ok(_) => desk.leave(),
            Err(problem) => {
                log_cause(problem, incoming.event);
                desk.refuse(problem)
            }
        };
        Ok(match recorded {
            Ok((receipt, refuser)) => self.finish(written.as_deref(), Some((receipt, Some(refuser))), addressee),
            Err(unrecorded) => {
                log_cause(&unrecorded, incoming.event);
                self.finish(Err(&unrecorded), None, addressee)
            }
        })
    }

    fn operate(
        &self,
        service: &str,
        caller: &Authenticated<'_, '_>,
        desk: &mut Desk<'_>,
        addressee: &mut Addressee,
    ) -> Result<Vec<u8>, Problem> {
        let request = caller.verified.body();
        let (service, schema) = self.service(service)?;
        let operation = operation(service, request)?;
        addressee.outcome.operation = Some(operation.request.local);
        let violations = schema.validate(request, request);
        if !violations.is_empty() {
            return Err(violated(violations));
        }
        let reply = (operation.handle)(caller.verified, desk);
        addressee.outcome.tenant = desk.tenant().map(str::to_owned);
        reply
    }

    fn service(&self, name: &str) -> Result<(&'static Service, &Schema), Problem> {
        let mut services = SERVICES.iter().zip(&self.inside.schemas);
        services.find(|(service, _)| service.name == name).ok_or_else(|| Code::UnknownOperation.into())
    }

    /// Signs a reply or a fault and couples it to the commit of its entry.
    fn finish(
        &self,
        written: Result<&[u8], &Problem>,
        recorded: Option<(Receipt, Option<Refuser>)>,
        mut addressee: Addressee,
    ) -> Answered {
        let message = match written {
            Ok(element) => self.sign(&addressee, |out| out.raw(element)),
            Err(problem) => {
                addressee.outcome.ending = Ending::Fault(problem.code);
                self.sign(&addressee, |out| fault::write(problem, addressee.event, &addressee.echo, out))
            }
        };
        let Some(message) = message else { return self.refuse(Code::Internal, addressee.event) };
        let outcome = addressee.outcome.clone();
        let release = recorded.map(|(receipt, refuser)| {
            let gateway = self.clone();
            let release: Release = Box::pin(async move {
                let committed = receipt.wait().await;
                committed.map(drop).map_err(|error| Box::new(gateway.unrecorded(error, refuser, addressee)))
            });
            release
        });
        Answered { message, outcome, release }
    }

    /// What goes out instead of an answer whose entry did not become durable. That the ledger found a replay or another
    /// content is a refusal like any other and recorded; a ledger that is away cannot record anything.
    fn unrecorded(&self, error: RecordError, refuser: Option<Refuser>, addressee: Addressee) -> Answered {
        let problem = Problem::from(error);
        log_cause(&problem, addressee.event);
        let refuser = refuser.filter(|_| matches!(error, RecordError::Replayed | RecordError::Differs));
        match refuser.map(|refuser| refuser.refuse(&problem)) {
            None => self.finish(Err(&problem), None, addressee),
            Some(Ok(receipt)) => self.finish(Err(&problem), Some((receipt, None)), addressee),
            Some(Err(unrecorded)) => self.finish(Err(&unrecorded), None, addressee),
        }
    }

    fn sign(&self, addressee: &Addressee, content: impl FnOnce(&mut Writer)) -> Option<Vec<u8>> {
        let key = self.inside.reply.of(addressee.family);
        let signed = reply::signed(key, Utc::now(), addressee.timestamp, content);
        signed.inspect_err(|error| log::error!("event.id":display = addressee.event; "signing failed: {error}")).ok()
    }
}

impl Answer for Gateway {
    fn answer(&self, incoming: &Incoming<'_>) -> Answered {
        match self.serve(incoming) {
            Ok(answered) => answered,
            Err(Unread::Problem(problem)) => anonymous(&problem, incoming.event),
            Err(Unread::VersionMismatch) => bare(Bare::VersionMismatch),
            Err(Unread::MustUnderstand) => bare(Bare::MustUnderstand),
        }
    }

    fn refuse(&self, code: Code, event: Uuid) -> Answered {
        anonymous(&Problem::new(code), event)
    }
}

impl Addressee {
    fn of(caller: &Authenticated<'_, '_>, event: Uuid) -> Self {
        let context = frame::context(caller.verified.body());
        let task = context.is_task_named().then_some(context.task);
        Self {
            event,
            family: caller.system.reply_family.unwrap_or_else(|| caller.certificate.family()),
            timestamp: caller.timestamped,
            echo: Echo { task, unit: Some(caller.system.unit.clone()) },
            outcome: Outcome { system: Some(caller.system.id.clone()), ..Outcome::default() },
        }
    }
}

fn call(caller: &Authenticated<'_, '_>, event: Uuid, now: DateTime<Utc>) -> Call {
    let request = caller.verified.body();
    Call {
        event,
        now,
        today: now.with_timezone(&Warsaw).date_naive(), // rule 9.1
        system: caller.system.id.clone(),
        unit: caller.system.unit.clone(),
        fingerprint: caller.certificate.fingerprint(),
        signed_info: caller.signed_info,
        content: content::digest(request),
        path: request.path_from(request),
        context: frame::context(request),
    }
}

fn operation(service: &'static Service, request: Element<'_>) -> Result<&'static Registered, Problem> {
    service
        .operations
        .iter()
        .find(|operation| request.is(operation.request))
        .ok_or_else(|| Code::UnknownOperation.into())
}

fn violated(violations: Vec<Violation>) -> Problem {
    let detail = |violation: Violation| Detail {
        line: Some(violation.line),
        column: None,
        path: Some(violation.path),
        rule: Some(violation.rule),
        text: violation.text,
    };
    Problem { details: violations.into_iter().map(detail).collect(), ..Problem::new(Code::SchemaViolation) }
}

/// A refusal to somebody unknown: generic, unsigned, cheap (rule 8.2).
fn anonymous(problem: &Problem, event: Uuid) -> Answered {
    log_cause(problem, event);
    let message = reply::unsigned(|out| fault::write(problem, event, &Echo::default(), out));
    Answered { message, outcome: Outcome { ending: Ending::Fault(problem.code), ..Outcome::default() }, release: None }
}

fn bare(bare: Bare) -> Answered {
    let message = reply::unsigned(|out| fault::write_bare(bare, out));
    Answered { message, outcome: Outcome { ending: Ending::Bare(bare), ..Outcome::default() }, release: None }
}

/// The cause goes to the log once, under the identifier that the caller has.
fn log_cause(problem: &Problem, event: Uuid) {
    let mut chain = Vec::new();
    let mut next = problem.source();
    while let Some(cause) = next {
        chain.push(cause.to_string());
        next = cause.source();
    }
    if chain.is_empty() {
        return;
    }
    let cause = chain.join(": ");
    match problem.kind() {
        Kind::Internal | Kind::Unavailable => {
            log::error!("event.id":display = event, code = problem.code.wire(); "{cause}");
        }
        _ => log::debug!("event.id":display = event, code = problem.code.wire(); "{cause}"),
    }
}
