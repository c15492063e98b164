//! The way of one POST: taken in, answered on a thread that may block, let out when the ledger says so.

use std::sync::Arc;
use std::time::Instant;

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, rt};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::receive::{Received, Unreceived, receive};
use super::{Door, Observation, Peer, named, plain};
use crate::call::new_event;
use crate::problem::{Code, Problem};
use crate::soap::package::packaged;
use crate::soap::{Answered, Ending, Incoming, Outcome, Verdict, Version, Work, coding, fault};

/// One POST, from its head to its log line.
struct Visit {
    event: Uuid,
    started: Instant,
    service: String,
    takes_gzip: bool,
    peer: Option<Peer>,
}

/// In what form the answer goes out.
#[derive(Clone, Copy)]
struct Shape {
    version: Version,
    /// An answer comes packaged to whom sent a package.
    packaged: bool,
    takes_gzip: bool,
}

/// An answer as it goes out.
struct Wrapped {
    content_type: String,
    is_gzip: bool,
    body: Vec<u8>,
}

/// Longer messages, and those with attachments, are worked on beside the others.
const USUAL_BYTES: usize = 64 << 10;

/// An answer, and what the log says of it.
struct Finished {
    outcome: Outcome,
    /// Before it was wrapped.
    message_bytes: usize,
    wrapped: Wrapped,
}

impl Finished {
    fn new(answered: Answered, shape: Shape) -> Self {
        let Answered { message, outcome, .. } = answered;
        Self { outcome, message_bytes: message.len(), wrapped: shape.wrap(message) }
    }
}

impl Shape {
    fn wrap(self, message: Vec<u8>) -> Wrapped {
        let (content_type, body) = if self.packaged {
            packaged(self.version, &message)
        } else {
            (self.version.content_type().to_owned(), message)
        };
        match self.takes_gzip.then(|| coding::deflated(&body)).flatten() {
            Some(body) => Wrapped { content_type, is_gzip: true, body },
            None => Wrapped { content_type, is_gzip: false, body },
        }
    }
}

fn response(status: StatusCode, wrapped: Wrapped) -> HttpResponse {
    let mut response = HttpResponseBuilder::new(status);
    response.content_type(wrapped.content_type).insert_header((header::VARY, "Accept-Encoding"));
    if wrapped.is_gzip {
        response.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    response.body(wrapped.body)
}

pub async fn post(door: Data<Door>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let takes_gzip = coding::takes_gzip(request.headers());
    let peer = request.conn_data::<Peer>().cloned();
    let (event, service) = (new_event(), named(&request).to_owned());
    let visit = Visit { event, started: Instant::now(), service, takes_gzip, peer };
    match receive(&door, &visit.service, &request, payload).await {
        // A task of its own: a caller that goes away ends neither the work nor the place it takes up.
        Ok(received) => match rt::spawn(visit.work(door, received)).await {
            Ok(response) => response,
            Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "Wystąpił błąd wewnętrzny bramy."),
        },
        Err(Unreceived::Fault(version, problem)) => {
            let answered = door.answer.refuse(&problem, version, visit.event);
            visit.observe(&door, &answered.outcome, 0, answered.message.len());
            let shape = Shape { version, packaged: false, takes_gzip };
            response(fault::status(version, answered.outcome.ending), shape.wrap(answered.message))
        }
        Err(Unreceived::Http(response, length)) => {
            let outcome = Outcome { ending: Ending::Transport(response.status().as_u16()), ..Outcome::default() };
            visit.observe(&door, &outcome, 0, length);
            *response
        }
    }
}

/// Does `work` on another thread and gives its answer, wrapped, once it is decided whether it may go; nothing when it
/// panicked.
async fn released(door: &Door, work: Work, shape: Shape, is_usual: bool) -> Option<(Finished, Verdict)> {
    let (sender, decided) = oneshot::channel();
    let job = move || {
        let mut answered = work();
        let release = answered.release.take();
        let finished = Finished::new(answered, shape);
        // The caller may have gone away meanwhile, or the whole node may be ending.
        match release {
            None => drop(sender.send((finished, Ok(())))),
            Some(release) => release(Box::new(|verdict| drop(sender.send((finished, verdict))))),
        }
    };
    if is_usual {
        door.workers.start(job);
    } else {
        // What takes long shares the processors with everybody else instead of keeping the others waiting.
        rt::task::spawn_blocking(job);
    }
    decided.await.ok()
}

impl Visit {
    /// Everything between the request's last byte and the reply's first.
    async fn work(self, door: Data<Door>, received: Received) -> HttpResponse {
        let Received { message, bytes, admitted } = received;
        let shape =
            Shape { version: message.version, packaged: message.attachments.is_some(), takes_gzip: self.takes_gzip };
        let (answer, service, event) = (Arc::clone(&door.answer), self.service.clone(), self.event);
        let peer = self.peer.clone().map(|Peer(der)| der);
        let is_usual = message.attachments.is_none() && message.bytes.len() <= USUAL_BYTES;
        let mut work: Work = Box::new(move || answer.answer(Incoming { service: &service, message, peer, event }));
        // rule 1.2: no byte leaves before the entry is durable; no thread waits meanwhile.
        let finished = loop {
            match released(&door, work, shape, is_usual).await {
                Some((finished, Ok(()))) => break finished,
                Some((_, Err(instead))) => work = instead,
                None => {
                    log::error!("event.id":display = event; "the request's thread gave up");
                    let refused = door.answer.refuse(&Problem::new(Code::Internal), shape.version, event);
                    break Finished::new(refused, shape);
                }
            }
        };
        drop(admitted);
        self.observe(&door, &finished.outcome, bytes, finished.message_bytes);
        response(fault::status(shape.version, finished.outcome.ending), finished.wrapped)
    }

    fn observe(&self, door: &Door, outcome: &Outcome, request_bytes: u64, reply_bytes: usize) {
        let Self { event, service, started, .. } = self;
        let (event, duration) = (*event, started.elapsed());
        (door.observer)(&Observation { event, service, outcome, request_bytes, reply_bytes, duration });
    }
}
