//! The node's sockets: HTTP, HTTPS, and the operator's.

use std::any::Any;
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use actix_tls::accept::openssl::TlsStream;
use actix_web::dev::{Extensions, Server, ServerHandle};
use actix_web::rt::net::TcpStream;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer, rt};
use futures_util::future::{join_all, try_join_all};
use openssl::ssl::{SslAcceptor, SslAcceptorBuilder, SslFiletype, SslMethod, SslVerifyMode};
use openssl::x509::X509;
use socket2::SockRef;
use tokio::signal::unix::{SignalKind, signal};

use super::metrics::Metrics;
use super::unavailable;
use crate::cli::Failure;
use crate::config::{ClientCertificates, Config, Tls};
use crate::soap::http::{Door, Peer, routes};
use crate::store::Stores;

/// Seconds that requests under way get when the node is told to stop.
const SHUTDOWN_SECONDS: u64 = 10;

/// Reading and writing takes a small part of a request's time, but for encryption; one thread does it for so many.
const PROCESSORS_PER_READER: usize = 4;
/// Threads of a listener for long messages and bodies in pieces; each reader has its share of them.
const BLOCKING_THREADS: usize = 512;

/// Binds and serves until SIGTERM or SIGINT; requests under way are finished.
pub fn run(
    config: &Config,
    door: Door,
    metrics: Arc<Metrics>,
    stores: &Arc<Stores>,
    ready: Box<dyn FnOnce() + Send>,
) -> Result<(), Failure> {
    let door = Data::new(door);
    rt::System::new().block_on(async move {
        let mut servers = Vec::new();
        if !config.listen.http.is_empty() {
            servers.push(gateway(config, &door, None)?);
        }
        if config.tls.certificate.is_some() && !config.listen.https.is_empty() {
            servers.push(gateway(config, &door, Some(acceptor(&config.tls)?))?);
        }
        if !config.listen.operator.is_empty() {
            servers.push(operator(config, &door, metrics, stores)?);
        }
        rt::spawn(stop_when_told(servers.iter().map(Server::handle).collect()));
        thread::spawn(ready);
        try_join_all(servers).await.map(drop).map_err(unavailable)
    })
}

/// Waits for SIGTERM or SIGINT and lets every server finish what it has begun.
async fn stop_when_told(servers: Vec<ServerHandle>) {
    let mut terminate = match signal(SignalKind::terminate()) {
        Ok(stream) => stream,
        Err(error) => return log::error!("SIGTERM cannot be heard: {error}"),
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    log::info!("told to stop; requests under way are finished");
    join_all(servers.iter().map(|server| server.stop(true))).await;
}

fn gateway(config: &Config, door: &Data<Door>, tls: Option<SslAcceptorBuilder>) -> Result<Server, Failure> {
    let shared = door.clone();
    let patience = Duration::from_secs(config.limits.request_seconds);
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let readers = if tls.is_some() { processors } else { processors.div_ceil(PROCESSORS_PER_READER) };
    let server = HttpServer::new(move || App::new().app_data(shared.clone()).configure(routes))
        .on_connect(move |connection, data| begin(connection, data, patience))
        .client_request_timeout(patience)
        .client_disconnect_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(75))
        .workers(readers)
        .worker_max_blocking_threads(BLOCKING_THREADS.div_ceil(readers))
        .disable_signals()
        .shutdown_timeout(SHUTDOWN_SECONDS);
    let bound = match tls {
        None => server.bind(&config.listen.http).map_err(|error| taken(&config.listen.http, &error))?,
        Some(tls) => {
            server.bind_openssl(&config.listen.https, tls).map_err(|error| taken(&config.listen.https, &error))?
        }
    };
    Ok(bound.run())
}

fn operator(
    config: &Config,
    door: &Data<Door>,
    metrics: Arc<Metrics>,
    stores: &Arc<Stores>,
) -> Result<Server, Failure> {
    let (door, metrics, stores) = (door.clone(), Data::from(metrics), Data::from(Arc::clone(stores)));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(door.clone())
            .app_data(metrics.clone())
            .app_data(stores.clone())
            .route("/health/live", web::get().to(HttpResponse::Ok))
            .route("/health/ready", web::get().to(ready))
            .route("/metrics", web::get().to(show))
    });
    let address = &config.listen.operator;
    Ok(server
        .workers(1)
        .disable_signals()
        .shutdown_timeout(1)
        .bind(address)
        .map_err(|error| taken(address, &error))?
        .run())
}

/// Begins a connection: puts the certificate of a TLS client where its requests find it, and bounds how long an answer
/// may wait for a client that does not read it.
fn begin(connection: &dyn Any, data: &mut Extensions, patience: Duration) {
    let tls = connection.downcast_ref::<TlsStream<TcpStream>>();
    let certificate = tls.and_then(|tls| tls.ssl().peer_certificate());
    if let Some(der) = certificate.and_then(|certificate| certificate.to_der().ok()) {
        data.insert(Peer(der.into()));
    }
    if let Some(stream) = tls.map(|tls| tls.get_ref()).or_else(|| connection.downcast_ref()) {
        // RFC 5482: the connection ends when what was sent stays unread for so long.
        if let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(patience)) {
            log::warn!("no time-out for clients that do not read: {error}");
        }
    }
}

/// 200 when the platform database answers; administrators that are away do not make the node unready (rule 9.5).
async fn ready(stores: Data<Stores>) -> HttpResponse {
    let asked = web::block(move || stores.platform().check()).await;
    if matches!(asked, Ok(Ok(()))) { HttpResponse::Ok().finish() } else { HttpResponse::ServiceUnavailable().finish() }
}

async fn show(door: Data<Door>, metrics: Data<Metrics>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(metrics.text(door.admission.requests()))
}

/// TLS 1.2 and 1.3, with client certificates as configured.
fn acceptor(tls: &Tls) -> Result<SslAcceptorBuilder, Failure> {
    let build = || -> Result<SslAcceptorBuilder, Box<dyn std::error::Error>> {
        let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
        if let (Some(certificate), Some(key)) = (&tls.certificate, &tls.key) {
            builder.set_certificate_chain_file(certificate)?;
            builder.set_private_key_file(key, SslFiletype::PEM)?;
            builder.check_private_key()?;
        }
        builder.set_session_id_context(b"brama")?;
        if let (Some(authority), true) = (&tls.client_ca, tls.client != ClientCertificates::Off) {
            accept_clients(&mut builder, authority)?;
            let must = if tls.client == ClientCertificates::Required {
                SslVerifyMode::FAIL_IF_NO_PEER_CERT
            } else {
                SslVerifyMode::empty()
            };
            builder.set_verify(SslVerifyMode::PEER | must);
        }
        Ok(builder)
    };
    build().map_err(|error| Failure::Unreadable(format!("[tls] {error}")))
}

fn accept_clients(builder: &mut SslAcceptorBuilder, authority: &Path) -> Result<(), Box<dyn std::error::Error>> {
    for certificate in X509::stack_from_pem(&std::fs::read(authority)?)? {
        builder.add_client_ca(&certificate)?;
        builder.cert_store_mut().add_cert(certificate)?;
    }
    Ok(())
}

fn taken(address: &str, error: &std::io::Error) -> Failure {
    Failure::Unavailable(format!("{address}: {error}"))
}
