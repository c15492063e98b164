//! The HTTP binding: which address does what, for GET as for POST; the contract and its pages are given out here.

mod post;
mod receive;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Resource};
use uuid::Uuid;

use crate::config::{Limits, Listen};
use crate::soap::admission::Admission;
use crate::soap::{Answer, Outcome, publish};
use crate::workers::Workers;

/// What the routes share.
pub struct Door {
    pub answer: Arc<dyn Answer>,
    pub admission: Admission,
    pub observer: Box<dyn Fn(&Observation<'_>) + Send + Sync>,
    pub listen: Listen,
    pub limits: Limits,
    /// Folder for parts of requests too large for memory.
    pub spool: PathBuf,
    /// Who answers messages of usual size.
    pub workers: Workers,
}

/// One finished request, for the log and the metrics; no personal data.
pub struct Observation<'a> {
    pub event: Uuid,
    pub service: &'a str,
    pub outcome: &'a Outcome,
    pub request_bytes: u64,
    pub reply_bytes: usize,
    pub duration: Duration,
}

/// DER of the certificate that the client of a TLS connection holds; in the data of its connection.
#[derive(Clone)]
pub struct Peer(pub Arc<[u8]>);

/// Mounts `/ws/` and `/xsd/`; `door` must be in the application's data.
pub fn routes(config: &mut web::ServiceConfig) {
    publish::prepare();
    // Known names first: a pattern costs a regular expression.
    for name in publish::services() {
        config.service(service_at(&format!("/ws/{name}")));
    }
    config
        .service(service_at("/ws/{service}"))
        .service(
            web::resource(["/ws", "/ws/"])
                .route(web::get().to(index))
                .route(web::head().to(index))
                .default_service(web::to(reading_only)),
        )
        .service(
            web::resource("/xsd/{file}")
                .route(web::get().to(schema))
                .route(web::head().to(schema))
                .default_service(web::to(reading_only)),
        );
}

fn service_at(path: &str) -> Resource {
    web::resource(path)
        .route(web::get().to(service))
        .route(web::head().to(service))
        .route(web::post().to(post::post))
        .default_service(web::to(not_allowed))
}

/// Name of the service in the address of a request.
fn named(request: &HttpRequest) -> &str {
    request.match_info().as_str().rsplit('/').next().unwrap_or_default()
}

async fn index(door: Data<Door>, request: HttpRequest) -> HttpResponse {
    match base(&door, &request) {
        Some(base) => page(publish::index(&base)),
        None => unknown_host(),
    }
}

async fn service(door: Data<Door>, request: HttpRequest) -> HttpResponse {
    let service = named(&request);
    let Some(base) = base(&door, &request) else { return unknown_host() };
    if request.query_string().eq_ignore_ascii_case("wsdl") {
        return match publish::wsdl(service, &base) {
            Some(text) => xml(text),
            None => unknown_service(),
        };
    }
    if !request.query_string().is_empty() {
        return plain(StatusCode::NOT_FOUND, "Opis usługi jest pod tym adresem z dopiskiem ?wsdl.");
    }
    publish::service(service, &base).map_or_else(unknown_service, page)
}

async fn schema(door: Data<Door>, request: HttpRequest, file: Path<String>) -> HttpResponse {
    if let Some(text) = publish::schema(&file) {
        return xml(Bytes::from_static(text));
    }
    let Some(base) = base(&door, &request) else { return unknown_host() };
    match publish::schema_page(&file, &base) {
        Some(text) => page(text),
        None => plain(StatusCode::NOT_FOUND, "Nie ma takiego schematu."),
    }
}

async fn not_allowed() -> HttpResponse {
    HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET, HEAD, POST")).finish()
}

async fn reading_only() -> HttpResponse {
    HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET, HEAD")).finish()
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

fn unknown_service() -> HttpResponse {
    plain(StatusCode::NOT_FOUND, "Nie ma takiej usługi.")
}

fn page(text: String) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(text)
}

fn xml(body: impl actix_web::body::MessageBody + 'static) -> HttpResponse {
    HttpResponse::Ok().content_type("text/xml; charset=utf-8").body(body)
}

fn plain(status: StatusCode, text: &'static str) -> HttpResponse {
    HttpResponseBuilder::new(status).content_type("text/plain; charset=utf-8").body(text)
}
