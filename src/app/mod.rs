//! The composition root: configuration in, a running node out.

mod courier;
mod listeners;
mod logging;
mod metrics;

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use crate::cli::Failure;
use crate::config::{self, Config};
use crate::contract::XSD;
use crate::disclosure::Catalogue;
use crate::procedures::feed::Loader;
use crate::procedures::order::Clerk;
use crate::procedures::{Chancery, Office};
use crate::services::Gateway;
use crate::signatures::lists::Lists;
use crate::signatures::timestamps::TimeAuthority;
use crate::signatures::xades::Policy;
use crate::signatures::{self, SigningKey, Trust};
use crate::soap::admission::Admission;
use crate::soap::http::Door;
use crate::soap::reply::ReplyKeys;
use crate::store::{FolderLock, StoreSettings, Stores};
use crate::workers::Workers;
use crate::xml;

use courier::{HttpResponder, HttpTimeAuthority};
use metrics::Metrics;

/// Runs a node until it is told to stop; `ready` is called on a thread of its own once the listeners are bound.
///
/// # Errors
/// When the configuration, a key, a schema or the platform database cannot be used, or an address is taken.
pub fn serve(config: &Config, ready: Box<dyn FnOnce() + Send>) -> Result<(), Failure> {
    logging::start();
    xml::start();
    let reply = reply_keys(&config.reply)?;
    let settings = StoreSettings { seal: Some(Arc::clone(&reply.default)), ..StoreSettings::from(config) };
    let stores = Arc::new(Stores::open(settings).map_err(unavailable)?);
    let catalogue = Catalogue::read(XSD).map_err(|error| Failure::Unreadable(error.to_string()))?;
    let office = Arc::new(Office::new(Arc::clone(&stores), catalogue, chancery(config)?, &config.limits));
    let gateway =
        Gateway::new(Arc::clone(&office), trust(&config.trust)?, reply, config.security.clone(), &config.limits)
            .map_err(|error| Failure::Unreadable(error.to_string()))?;
    let metrics = Arc::new(Metrics::new());
    let observer = Arc::clone(&metrics);
    let door = Door {
        answer: Arc::new(gateway),
        admission: Admission::new(&config.limits),
        observer: Box::new(move |observation| {
            observer.count(observation);
            logging::request(observation);
        }),
        listen: config.listen.clone(),
        limits: config.limits.clone(),
        spool: config.store.data.join(".spool"),
        workers: Workers::new(thread::available_parallelism().map_or(1, NonZero::get)),
    };
    let _folder = FolderLock::take(&config.store.data)?;
    let loader = Loader::start(&stores, &office.feeds).map_err(unavailable)?;
    let clerk = Clerk::start(&office).map_err(unavailable)?;
    let served = listeners::run(config, door, metrics, &stores, ready);
    clerk.stop();
    loader.stop();
    stores.close();
    served
}

fn trust(config: &config::Trust) -> Result<Trust, Failure> {
    let refused = |error: signatures::Error| Failure::Unreadable(format!("[trust] {error}"));
    let trust = Trust::new(&config.anchors, &config.intermediates, &config.crls, config.crl_required);
    let trust = trust.map_err(refused)?;
    let Some(url) = &config.ocsp_url else { return Ok(trust) };
    trust.asking(ask(url).map_err(unavailable)?).map_err(refused)
}

fn chancery(config: &Config) -> Result<Chancery, Failure> {
    let signatures = &config.signatures;
    let mut lists =
        Lists::read(&signatures.into()).map_err(|error| Failure::Unreadable(format!("[signatures] {error}")))?;
    if let Some(url) = &signatures.ocsp_url {
        lists = lists.asking(ask(url).map_err(unavailable)?);
    }
    let authority = signatures.tsa_url.as_deref().map(stamp).transpose().map_err(unavailable)?;
    Ok(Chancery::new(lists, Policy::of(config), authority))
}

/// A client of the responder at `url`.
///
/// # Errors
/// When there are no more threads.
pub fn ask(url: &str) -> std::io::Result<Box<dyn signatures::Responder>> {
    Ok(Box::new(HttpResponder::start(url)?))
}

/// A client of the time-stamping authority at `url`.
///
/// # Errors
/// When there are no more threads.
pub fn stamp(url: &str) -> std::io::Result<Box<dyn TimeAuthority>> {
    Ok(Box::new(HttpTimeAuthority::start(url)?))
}

fn reply_keys(config: &config::Reply) -> Result<ReplyKeys, Failure> {
    let rsa = config.rsa_key.as_ref().zip(config.rsa_certificate.as_ref());
    Ok(ReplyKeys {
        default: Arc::new(signing_key(&config.key, &config.certificate)?),
        rsa: rsa.map(|(key, certificate)| signing_key(key, certificate)).transpose()?,
    })
}

fn signing_key(key: &Path, certificate: &Path) -> Result<SigningKey, Failure> {
    SigningKey::load(key, certificate).map_err(|error| unreadable(key, error))
}

fn unreadable(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::Unreadable(format!("{}: {error}", PathBuf::from(path).display()))
}

fn unavailable(error: impl std::fmt::Display) -> Failure {
    Failure::Unavailable(error.to_string())
}
