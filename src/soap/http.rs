//! The HTTP binding: reads a bounded body, has it answered on a blocking thread, lets the reply out when the ledger says so.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Bytes, BytesMut, Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, rt};
use futures_util::StreamExt as _;
use uuid::Uuid;

use crate::config::{Limits, Listen};
use crate::problem::Code;
use crate::soap::admission::{Admission, Admitted};
use crate::soap::{Answer, Answered, Ending, Incoming, Outcome, publish};

/// What the routes share.
pub struct Door {
    pub answer: Arc<dyn Answer>,
    pub admission: Admission,
    pub observer: Box<dyn Fn(&Observation<'_>) + Send + Sync>,
    pub listen: Listen,
    pub limits: Limits,
}

/// One finished request, for the log and the metrics; no personal data.
pub struct Observation<'a> {
    pub event: Uuid,
    pub service: &'a str,
    pub outcome: &'a Outcome,
    pub request_bytes: usize,
    pub reply_bytes: usize,
    pub duration: Duration,
}

/// Mounts `/ws/` and `/xsd/`; `door` must be in the application's data.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource(["/ws", "/ws/"]).route(web::get().to(index)))
        .service(
            web::resource("/ws/{service}")
                .route(web::get().to(wsdl))
                .route(web::head().to(wsdl))
                .route(web::post().to(post))
                .default_service(web::to(not_allowed)),
        )
        .service(web::resource("/xsd/{file}").route(web::get().to(schema)).route(web::head().to(schema)));
}

async fn index(door: Data<Door>, request: HttpRequest) -> HttpResponse {
    match base(&door, &request) {
        Some(base) => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(publish::index(&base)),
        None => unknown_host(),
    }
}

async fn wsdl(door: Data<Door>, request: HttpRequest, service: Path<String>) -> HttpResponse {
    if !request.query_string().eq_ignore_ascii_case("wsdl") {
        return plain(StatusCode::NOT_FOUND, "Opis usługi jest pod tym adresem z dopiskiem ?wsdl.");
    }
    let Some(base) = base(&door, &request) else { return unknown_host() };
    match publish::wsdl(&service, &base) {
        Some(text) => xml(StatusCode::OK, text),
        None => plain(StatusCode::NOT_FOUND, "Nie ma takiej usługi."),
    }
}

async fn schema(file: Path<String>) -> HttpResponse {
    match publish::schema(&file) {
        Some(text) => xml(StatusCode::OK, Bytes::from_static(text)),
        None => plain(StatusCode::NOT_FOUND, "Nie ma takiego schematu."),
    }
}

async fn not_allowed() -> HttpResponse {
    HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET, HEAD, POST")).finish()
}

async fn post(door: Data<Door>, request: HttpRequest, service: Path<String>, payload: Payload) -> HttpResponse {
    let visit = Visit { event: Uuid::new_v4(), started: Instant::now(), service: service.into_inner() };
    let received = match refused_unread(&visit.service, &request) {
        Some(refusal) => Err(refusal),
        None => receive(&door, &request, payload).await,
    };
    match received {
        // A task of its own: a caller that goes away ends neither the work nor the place it takes up.
        Ok((bytes, admitted)) => match rt::spawn(visit.work(door, bytes, admitted)).await {
            Ok(response) => response,
            Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "Wystąpił błąd wewnętrzny bramy."),
        },
        Err(Unreceived::Fault(code)) => {
            let answered = door.answer.refuse(code, visit.event);
            visit.end(&door, answered, 0)
        }
        Err(Unreceived::Plain(status, text)) => {
            let outcome = Outcome { ending: Ending::Transport(status.as_u16()), ..Outcome::default() };
            visit.observe(&door, &outcome, 0, text.len());
            plain(status, text)
        }
    }
}

/// One POST, from its head to its log line.
struct Visit {
    event: Uuid,
    started: Instant,
    service: String,
}

impl Visit {
    /// Everything between the request's last byte and the reply's first.
    async fn work(self, door: Data<Door>, bytes: Bytes, admitted: Admitted) -> HttpResponse {
        let (answer, service, event, length) =
            (Arc::clone(&door.answer), self.service.clone(), self.event, bytes.len());
        let worked = web::block(move || answer.answer(&Incoming { service: &service, bytes: &bytes, event })).await;
        let mut answered = worked.unwrap_or_else(|error| {
            log::error!("event.id":display = event; "the request's thread is gone: {error}");
            door.answer.refuse(Code::Internal, event)
        });
        // rule 1.2: no byte leaves before the entry is durable; no thread waits meanwhile.
        while let Some(release) = answered.release.take() {
            if let Err(instead) = release.await {
                answered = *instead;
            }
        }
        drop(admitted);
        self.end(&door, answered, length)
    }

    fn end(self, door: &Door, answered: Answered, request_bytes: usize) -> HttpResponse {
        self.observe(door, &answered.outcome, request_bytes, answered.message.len());
        let status = match answered.outcome.ending {
            Ending::Reply => StatusCode::OK,
            // SOAP 1.1 §6.2, WS-I BP 1.1 R1126: a fault always travels with HTTP 500.
            Ending::Fault(_) | Ending::Bare(_) | Ending::Transport(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        xml(status, answered.message)
    }

    fn observe(&self, door: &Door, outcome: &Outcome, request_bytes: usize, reply_bytes: usize) {
        let Self { event, service, started } = self;
        let (event, duration) = (*event, started.elapsed());
        (door.observer)(&Observation { event, service, outcome, request_bytes, reply_bytes, duration });
    }
}

/// Why a body was not received: a fault, or an answer of HTTP alone.
enum Unreceived {
    Fault(Code),
    Plain(StatusCode, &'static str),
}

fn refused_unread(service: &str, request: &HttpRequest) -> Option<Unreceived> {
    if !publish::is_service(service) {
        return Some(Unreceived::Plain(StatusCode::NOT_FOUND, "Nie ma takiej usługi."));
    }
    let text = "Oczekiwano treści text/xml w kodowaniu UTF-8, bez kompresji.";
    is_wrong_media_type(request).then_some(Unreceived::Plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, text))
}

async fn receive(door: &Door, request: &HttpRequest, mut payload: Payload) -> Result<(Bytes, Admitted), Unreceived> {
    let mut admitted = door.admission.enter().ok_or(Unreceived::Fault(Code::Overloaded))?;
    let most = door.limits.request_bytes;
    let declared =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|bytes| bytes > most) {
        return Err(Unreceived::Fault(Code::MessageTooLarge));
    }
    let mut body = BytesMut::with_capacity(declared.unwrap_or(8192).min(1 << 20));
    let deadline = tokio::time::Instant::now() + Duration::from_secs(door.limits.request_seconds);
    let late = Unreceived::Plain(StatusCode::REQUEST_TIMEOUT, "Treść żądania nie nadeszła na czas.");
    let broken = Unreceived::Plain(StatusCode::BAD_REQUEST, "Nie otrzymano całej treści żądania.");
    loop {
        let chunk = match tokio::time::timeout_at(deadline, payload.next()).await {
            Err(_) => return Err(late),
            Ok(None) => return Ok((body.freeze(), admitted)),
            Ok(Some(Err(_))) => return Err(broken),
            Ok(Some(Ok(chunk))) => chunk,
        };
        if body.len() + chunk.len() > most {
            return Err(Unreceived::Fault(Code::MessageTooLarge));
        }
        if !admitted.hold(chunk.len()) {
            return Err(Unreceived::Fault(Code::Overloaded));
        }
        body.extend_from_slice(&chunk);
    }
}

/// SOAP 1.1 §6: `text/xml`; a body in another coding or character set is refused before it is read.
fn is_wrong_media_type(request: &HttpRequest) -> bool {
    let text =
        |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("").to_ascii_lowercase();
    let content_type = text(header::CONTENT_TYPE);
    let mut parameters = content_type.split(';').map(str::trim);
    let xml = parameters.next() == Some("text/xml");
    let utf8 = parameters
        .filter_map(|parameter| parameter.strip_prefix("charset="))
        .all(|set| set.trim_matches('"') == "utf-8");
    let coding = text(header::CONTENT_ENCODING);
    !xml || !utf8 || !matches!(coding.as_str(), "" | "identity")
}

/// `listen.public_url`, else the Host header when it names one of `listen.hosts`.
fn base(door: &Door, request: &HttpRequest) -> Option<String> {
    if let Some(url) = &door.listen.public_url {
        return Some(url.trim_end_matches('/').to_owned());
    }
    let info = request.connection_info();
    let scheme = if request.app_config().secure() { "https" } else { "http" };
    let host = request.headers().get(header::HOST).map_or(Some(info.host()), |value| value.to_str().ok())?;
    let name = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(host, |(name, _)| name);
    door.listen.hosts.iter().any(|known| known == name).then(|| format!("{scheme}://{host}"))
}

fn unknown_host() -> HttpResponse {
    plain(StatusCode::BAD_REQUEST, "Brama nie jest znana pod tą nazwą (listen.hosts, listen.public_url).")
}

fn xml(status: StatusCode, body: impl actix_web::body::MessageBody + 'static) -> HttpResponse {
    HttpResponseBuilder::new(status).content_type("text/xml; charset=utf-8").body(body)
}

fn plain(status: StatusCode, text: &'static str) -> HttpResponse {
    HttpResponseBuilder::new(status).content_type("text/plain; charset=utf-8").body(text)
}
