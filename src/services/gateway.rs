//! The way of one request, in the order of rule 1.1, from its bytes to the signed bytes of the answer.

#[cfg(feature = "bench")]
mod unsigned;

use std::error::Error;
use std::io;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Registered, SERVICES, Service, frame};
use crate::call::{Call, Mark, day_of};
use crate::config;
use crate::contract::XSD;
use crate::problem::{Code, Detail, Kind, Problem};
use crate::procedures::{Desk, Office, Pen};
use crate::signatures::{KeyFamily, Trust};
use crate::soap::addressing::{self, Addressing, SOAP_FAULT_ACTION};
use crate::soap::envelope::{self, Unread};
use crate::soap::fault::{self, Bare, Echo};
use crate::soap::intake::Message;
use crate::soap::reply::{self, Form, ReplyKeys};
use crate::soap::security::{self, Authenticated, Judge, Proof};
use crate::soap::{Answer, Answered, Ending, Incoming, Outcome, Release, Verdict, Version, Work, content};
use crate::store::{Receipt, RecordError, Recorded};
use crate::xml::names::{NONE, Namespace};
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
    version: Version,
    family: KeyFamily,
    timestamp: bool,
    echo: Echo,
    addressing: Option<Addressing>,
    /// Namespace of the service asked, once it is known.
    service: Namespace,
    operation: Option<&'static Registered>,
    outcome: Outcome,
}

/// What was asked, beside the verified Body.
#[derive(Clone, Copy)]
struct Asked<'a> {
    service: &'a str,
    action: Option<&'a str>,
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
            bytes: limits.request_bytes.max(limits.inflated_bytes),
            depth: limits.depth,
            attributes: limits.attributes,
            namespaces: limits.namespaces,
            elements: limits.elements,
            instructions: false, // SOAP 1.1 §3, SOAP 1.2 part 1 §5
        };
        let schemas = SERVICES.iter().map(|service| Schema::compile(service.schema, XSD)).collect::<Result<_, _>>()?;
        Ok(Self { inside: Arc::new(Inside { office, trust, reply, policy, limits, schemas }) })
    }

    fn serve(&self, incoming: Incoming<'_>) -> Result<Answered, Unread> {
        let inside = &*self.inside;
        let text = incoming.message.text()?;
        let Message { version, action, attachments, .. } = incoming.message;
        let mut document = Document::parse(&text, &inside.limits).map_err(Problem::from)?;
        if let Some(attachments) = attachments {
            document.include(attachments, content::is_binary).map_err(Problem::from)?;
        }
        let envelope = envelope::read(&document, version)?;
        let asked = Asked { service: incoming.service, action: action.as_deref() };
        #[cfg(feature = "bench")]
        if let Some(answered) = self.answer_unsigned(asked, &envelope, incoming.event)? {
            return Ok(answered);
        }
        let registry = inside.office.registry()?;
        let now = Utc::now();
        let judge = Judge { trust: &inside.trust, registry: &registry, policy: &inside.policy, now };
        let caller = match incoming.peer {
            Some(peer) if !security::is_secured(&envelope) => judge.verify_channel(&envelope, &peer)?,
            _ => judge.verify(&document, &envelope)?,
        };
        // From here on the caller is known: every refusal is signed, and all but that of the rate recorded (rule 3.8).
        let mut addressee = Addressee::of(&caller, version, incoming.event);
        if !inside.office.rates.admit(&caller.system.id) {
            return Ok(self.finish(Err(&Code::RateExceeded.into()), None, addressee));
        }
        let call = call(&caller, incoming.event, now).map_err(Problem::internal)?;
        let mut desk = Desk::new(&inside.office, Arc::clone(&registry), call);
        let written = self.operate(asked, &caller, &mut desk, &mut addressee);
        let recorded = match &written {
            Ok(element) => desk.leave(element),
            Err(problem) => {
                log_cause(problem, incoming.event);
                desk.refuse(problem)
            }
        };
        Ok(match recorded {
            Ok((receipt, pen)) => self.finish(written.as_deref(), Some((receipt, Some(pen))), addressee),
            Err(unrecorded) => {
                log_cause(&unrecorded, incoming.event);
                self.finish(Err(&unrecorded), None, addressee)
            }
        })
    }

    fn operate(
        &self,
        asked: Asked<'_>,
        caller: &Authenticated<'_, '_>,
        desk: &mut Desk<'_>,
        addressee: &mut Addressee,
    ) -> Result<Vec<u8>, Problem> {
        let request = caller.verified.body();
        let (service, schema) = self.service(asked.service)?;
        addressee.service = service.namespace;
        let operation = operation(service, request)?;
        addressee.operation = Some(operation);
        addressee.outcome.operation = Some(operation.request.local);
        if caller.proof == Proof::Channel && !operation.unsigned_over_mtls {
            let text = "Sam certyfikat TLS wystarcza tylko operacjom, które nie dotyczą danych osób.";
            return Err(Problem::new(Code::SignatureMissing).explain(text));
        }
        if let Some(addressing) = &addressee.addressing {
            let expected = format!("{}/{}", service.namespace.uri, operation.request.local);
            addressing.check(&caller.signed_blocks, &expected, asked.action)?;
        }
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
        recorded: Option<(Receipt, Option<Pen>)>,
        mut addressee: Addressee,
    ) -> Answered {
        let form = addressee.form(written.map(drop));
        let version = addressee.version;
        let message = match written {
            Ok(element) => self.sign(&addressee, &form, |out| out.raw(element)),
            Err(problem) => {
                addressee.outcome.ending = Ending::Fault(problem.code);
                self.sign(&addressee, &form, |out| {
                    fault::write(version, problem, addressee.event, &addressee.echo, out);
                })
            }
        };
        let Some(message) = message else { return self.refuse(&Code::Internal.into(), version, addressee.event) };
        let outcome = addressee.outcome.clone();
        let release = recorded.map(|(receipt, pen)| {
            let gateway = self.clone();
            let verdict = |committed: Result<Recorded, RecordError>| -> Verdict {
                let work: Work = match (committed, pen) {
                    (Err(error), pen) => Box::new(move || gateway.unrecorded(error, pen, addressee)),
                    (Ok(recorded), Some(pen)) => match pen.repeats(recorded) {
                        Some(first) => Box::new(move || gateway.repeated(first, &pen, addressee)),
                        None => return Ok(()),
                    },
                    (Ok(_), None) => return Ok(()),
                };
                Err(work)
            };
            let release: Release = Box::new(|tell| receipt.then(|committed| tell(verdict(committed))));
            release
        });
        Answered { message, outcome, release }
    }

    /// What goes out instead of an answer whose entry did not become durable. That the ledger found a replay or another
    /// content is a refusal like any other and recorded; a ledger that is away cannot record anything.
    fn unrecorded(&self, error: RecordError, pen: Option<Pen>, addressee: Addressee) -> Answered {
        let problem = Problem::from(error);
        log_cause(&problem, addressee.event);
        let refused = matches!(error, RecordError::Replayed | RecordError::Differs | RecordError::Expired);
        match pen.filter(|_| refused).map(|pen| pen.refuse(&problem)) {
            None => self.finish(Err(&problem), None, addressee),
            Some(Ok(receipt)) => self.finish(Err(&problem), Some((receipt, None)), addressee),
            Some(Err(unrecorded)) => self.finish(Err(&unrecorded), None, addressee),
        }
    }

    /// A retry, whose entry is durable by now, gets the answer of the first request (rule 2.3).
    fn repeated(&self, first: Uuid, pen: &Pen, addressee: Addressee) -> Answered {
        let answer = pen.first_answer(first).inspect_err(|problem| log_cause(problem, addressee.event));
        self.finish(answer.as_deref(), None, addressee)
    }

    fn sign(&self, addressee: &Addressee, form: &Form, content: impl FnOnce(&mut Writer)) -> Option<Vec<u8>> {
        let key = self.inside.reply.of(addressee.family);
        let signed = reply::signed(key, Utc::now(), form, content);
        signed.inspect_err(|error| log::error!("event.id":display = addressee.event; "signing failed: {error}")).ok()
    }
}

impl Answer for Gateway {
    fn answer(&self, incoming: Incoming<'_>) -> Answered {
        let (version, event) = (incoming.message.version, incoming.event);
        match self.serve(incoming) {
            Ok(answered) => answered,
            Err(Unread::Problem(problem)) => anonymous(version, &problem, event),
            Err(Unread::VersionMismatch) => bare(version, Bare::VersionMismatch, fault::upgrade),
            Err(Unread::MustUnderstand(blocks, addressing)) => {
                let related = addressing.map(|one| one.answer(event, SOAP_FAULT_ACTION)).unwrap_or_default();
                bare(version, Bare::MustUnderstand, |out| {
                    related.iter().for_each(|(_, block)| out.raw(block));
                    fault::not_understood(version, &blocks, out);
                })
            }
            Err(Unread::EncodingUnknown) => bare(version, Bare::DataEncodingUnknown, |_| {}),
        }
    }

    fn refuse(&self, problem: &Problem, version: Version, event: Uuid) -> Answered {
        anonymous(version, problem, event)
    }
}

impl Addressee {
    fn of(caller: &Authenticated<'_, '_>, version: Version, event: Uuid) -> Self {
        let context = frame::context(caller.verified.body());
        let task = context.is_task_named().then_some(context.task);
        let addressing = Addressing::of(&caller.signed_blocks);
        let action = addressing.as_ref().map(|one| one.action().to_owned());
        Self {
            event,
            version,
            addressing,
            service: NONE,
            operation: None,
            family: caller.system.reply_family.unwrap_or_else(|| caller.certificate.family()),
            timestamp: caller.timestamped,
            echo: Echo { task, unit: Some(caller.system.unit.clone()), action },
            outcome: Outcome { system: Some(caller.system.id.clone()), ..Outcome::default() },
        }
    }

    /// The envelope of the answer; it uses WS-Addressing when the request did.
    fn form(&self, written: Result<(), &Problem>) -> Form {
        let reply = self.operation.map_or("", |operation| operation.reply.local);
        let blocks = self.addressing.as_ref().map(|addressing| {
            let action = addressing::answer_action(self.service, written.map(|()| reply));
            let mut blocks = addressing.answer(self.event, &action);
            blocks.extend(written.err().and_then(|problem| fault::detail_block(self.version, problem, &self.echo)));
            blocks
        });
        Form { version: self.version, timestamp: self.timestamp, blocks: blocks.unwrap_or_default() }
    }
}

fn call(caller: &Authenticated<'_, '_>, event: Uuid, now: DateTime<Utc>) -> io::Result<Call> {
    let request = caller.verified.body();
    Ok(Call {
        event,
        now,
        today: day_of(now),
        system: caller.system.id.clone(),
        unit: caller.system.unit.clone(),
        fingerprint: caller.certificate.fingerprint(),
        mark: Some(Mark { signed_info: caller.signed_info, content: content::digest(request)? }),
        path: request.path_from(request),
        context: frame::context(request),
    })
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
fn anonymous(version: Version, problem: &Problem, event: Uuid) -> Answered {
    log_cause(problem, event);
    let message = reply::unsigned(version, |_| {}, |out| fault::write(version, problem, event, &Echo::default(), out));
    Answered { message, outcome: Outcome { ending: Ending::Fault(problem.code), ..Outcome::default() }, release: None }
}

fn bare(version: Version, bare: Bare, blocks: impl FnOnce(&mut Writer)) -> Answered {
    let message = reply::unsigned(version, blocks, |out| fault::write_bare(version, bare, out));
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
