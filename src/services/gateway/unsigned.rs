//! For measuring alone: requests answered without signatures; compiled with the cargo feature `bench` (rule 1.3).

use std::hint::black_box;

use chrono::Utc;
use uuid::Uuid;

use super::{Asked, Gateway, anonymous, operation, violated};
use crate::call::{Call, Mark, day_of};
use crate::disclosure::Scope;
use crate::problem::Problem;
use crate::procedures::Desk;
use crate::procedures::disclose::Disclosure;
use crate::procedures::question::{Answer, Outcome as Found};
use crate::services::udostepnianie::UdostepnijDaneOsoby;
use crate::services::{Operation, frame};
use crate::signatures::sha256;
use crate::soap::envelope::Envelope;
use crate::soap::security::Verified;
use crate::soap::{Answered, Outcome, Release, Version, Work, content, reply};
use crate::store::RecordError;
use crate::xml::{Element, Writer};

/// The action of a `UdostepnijDaneOsoby` that is parsed, validated, decoded and answered without any data.
const PARSED: &str = "urn:brama:bench:1/L1";
/// The action of a request that is answered in full, its entry in the ledger durable; nobody signs anything.
const RECORDED: &str = "urn:brama:bench:1/L2";

impl Gateway {
    /// Answers a request whose action is one of the two; every other one goes its usual way.
    pub(super) fn answer_unsigned(
        &self,
        asked: Asked<'_>,
        envelope: &Envelope<'_>,
        event: Uuid,
    ) -> Result<Option<Answered>, Problem> {
        let with_entry = match asked.action {
            Some(PARSED) => false,
            Some(RECORDED) => true,
            _ => return Ok(None),
        };
        let request = envelope.payload;
        let (service, schema) = self.service(asked.service)?;
        let operation = operation(service, request)?;
        let violations = schema.validate(request, request);
        if !violations.is_empty() {
            return Err(violated(violations));
        }
        let (element, release) = if with_entry {
            let mut desk = Desk::new(&self.inside.office, self.inside.office.registry()?, call(request, event)?);
            let element = (operation.handle)(Verified::unsigned(request), &mut desk)?;
            let release = release(desk, &element, envelope.version, event)?;
            (element, Some(release))
        } else {
            (parsed(request, event)?, None)
        };
        let message = reply::unsigned(envelope.version, |_| {}, |out| out.raw(&element));
        Ok(Some(Answered { message, outcome: Outcome::default(), release }))
    }
}

fn parsed(request: Element<'_>, event: Uuid) -> Result<Vec<u8>, Problem> {
    black_box(UdostepnijDaneOsoby::decode(Verified::unsigned(request))?);
    let answer = Answer { event, outcome: Found::Found, as_of: None };
    let mut out = Writer::with_capacity(8192);
    out.element(UdostepnijDaneOsoby::REPLY, |out| {
        frame::echo(UdostepnijDaneOsoby::REPLY.namespace, &frame::context(request), out);
        let disclosure = Disclosure { answer, records: Vec::new(), omitted: Scope::default() };
        UdostepnijDaneOsoby::encode(&disclosure, out);
    });
    Ok(out.into_bytes())
}

/// The unit is believed; what a signature would give is made up, different for every request.
fn call(request: Element<'_>, event: Uuid) -> Result<Call, Problem> {
    let (now, context) = (Utc::now(), frame::context(request));
    Ok(Call {
        event,
        now,
        today: day_of(now),
        system: "bench".to_owned(),
        unit: context.unit.clone(),
        fingerprint: [0; 32],
        mark: Some(Mark {
            signed_info: sha256(event.as_bytes()),
            content: content::digest(request).map_err(Problem::internal)?,
        }),
        path: request.path_from(request),
        context,
    })
}

fn release(desk: Desk<'_>, element: &[u8], version: Version, event: Uuid) -> Result<Release, Problem> {
    let (receipt, _) = desk.leave(element)?;
    let instead = move |error: RecordError| -> Work { Box::new(move || anonymous(version, &error.into(), event)) };
    Ok(Box::new(move |tell| receipt.then(move |recorded| tell(recorded.map(drop).map_err(instead)))))
}
