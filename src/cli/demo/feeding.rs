//! Feeds of the demo: each office's own domain system sends its batch to the running gateway.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::folder::Folder;
use super::protocols;
use super::register::{OFFICES, Office, asking};
use super::requests::{Batches, Evidence};
use crate::cli::Failure;
use crate::cli::caller::{Caller, failure};
use crate::cli::feed;
use crate::ledger::{parse_entry, read_entry, read_head};
use crate::signatures::{SigningKey, Trust};
use crate::soap::client::{Client, Error};
use crate::xml::names::{Namespace, R, SOAP11, U, W, Z};
use crate::xml::{Document, Element, Limits, Method, canonical_bytes};

/// Sends the batches of the offices, orders something, and names batches and order in the sample requests.
///
/// # Errors
/// As [`feed::send`]; `Refused` when a batch did not enter.
pub fn feed(folder: &Folder, address: &str, offices: &[&Office]) -> Result<(), Failure> {
    for office in offices {
        let report =
            feed::send(&client(folder, address, office)?, Some(office.id), &folder.batch(office.set), &mut |_| ())?;
        folder.save_protocol(office.set, &protocols::file(&report)?)?;
        if report.is_refused() {
            return Err(Failure::Refused(format!("batch {} was refused\n{report}", report.mark)));
        }
        let feed::Summary { written, warnings, .. } = report.summary;
        println!("Fed {} by {}: {}, {written} persons, {warnings} warnings.", office.set, office.system, report.state);
        if office.set == super::population::PS_SET {
            // The samples that go on with a batch in parts need the identifier that it is given.
            let waiting =
                ask(folder, &client(folder, address, office)?, "RozpocznijPaczke", ("zasilanie", Z, "idPaczki"))?;
            let evidence = evidence(folder, &client(folder, address, office)?, office)?;
            folder.write_requests(&Batches { loaded: report.batch, waiting }, &evidence)?;
        }
    }
    if !offices.is_empty() {
        let order =
            ask(folder, &client(folder, address, asking())?, "ZlecUdostepnienie", ("udostepnianie", U, "idZlecenia"))?;
        folder.write_fetching(&order)?;
    }
    Ok(())
}

/// What the registers hold by now, for the samples about entries and heads: an entry follows its batch's verdict.
fn evidence(folder: &Folder, client: &Client, office: &Office) -> Result<Evidence, Failure> {
    let patience = Duration::from_secs(10);
    let caller = Caller { client, service: "rejestr", unit: office.id, user: Some(office.user), patience };
    let ask = |operation, read, tenant: &str, rest: &[(&'static str, &str)]| {
        let until = Instant::now() + patience;
        loop {
            let answered = caller.ask(R.name(operation), read, |out| {
                out.text_element(R.name("administrator"), tenant);
                rest.iter().for_each(|(name, value)| out.text_element(R.name(name), value));
            });
            match answered {
                Err(Error::Fault { code, .. }) if code == "GLOWA_NIEZNANA" && Instant::now() < until => {
                    thread::sleep(Duration::from_millis(50));
                }
                answered => return answered.map_err(|error| failure(operation, error)),
            }
        }
    };
    let head: fn(Element<'_>) -> Evidence = |reply| {
        let head = reply.child(R.name("glowa")).and_then(|head| read_head(head).ok());
        Evidence { head: head.unwrap_or_else(|| Evidence::default().head), ..Evidence::default() }
    };
    let event: fn(Element<'_>) -> Evidence = |reply| {
        let entry = reply.child(R.name("pozycja")).and_then(|entry| entry.child(R.name("wpis")));
        let entry = entry.and_then(|entry| openssl::base64::decode_block(&entry.token()).ok());
        let entry = entry.and_then(|entry| read_entry(parse_entry(&entry).ok()?.root()).ok());
        entry.map_or_else(Evidence::default, |entry| Evidence { event: entry.event.to_string(), ..Evidence::default() })
    };
    let Evidence { head, .. } = ask("PobierzGlowe", head, OFFICES[0].id, &[("rozmiar", "1")])?;
    let Evidence { event, .. } = ask("PobierzWpisy", event, office.id, &[("od", "1"), ("ile", "1")])?;
    let key = key(folder, office)?;
    let signature = key.sign(&head.bytes).map_err(|error| Failure::Unreadable(error.to_string()))?;
    Ok(Evidence { event, head, testimony: [signature, key.certificate().der().to_vec()] })
}

fn client(folder: &Folder, address: &str, office: &Office) -> Result<Client, Failure> {
    let pki = folder.pki();
    let trust = Trust::new(&[pki.join("ca.pem")], &[], &[], false)
        .map_err(|error| Failure::Unreadable(format!("{}: {error}", pki.display())))?;
    Client::new(address, key(folder, office)?, trust, None).map_err(|error| Failure::Unavailable(error.to_string()))
}

fn key(folder: &Folder, office: &Office) -> Result<SigningKey, Failure> {
    let path = |kind| folder.pki().join(office.system).with_extension(kind);
    let (key, certificate) = (path("key"), path("pem"));
    SigningKey::load(&key, &certificate).map_err(|error| Failure::Unreadable(format!("{}: {error}", key.display())))
}

/// Asks the sample of an operation; gives the identifier that stands in the reply: service, its namespace, element.
fn ask(
    folder: &Folder,
    client: &Client,
    operation: &str,
    (service, namespace, id): (&str, Namespace, &'static str),
) -> Result<String, Failure> {
    let path = folder.request(operation);
    let (task, message) =
        sample(&path).ok_or_else(|| Failure::Unreadable(format!("{}: no request", path.display())))?;
    let given = |reply: Element<'_>| reply.child(namespace.name(id)).map(Element::token).unwrap_or_default();
    client.call(service, &task, &message, given).map_err(|error| Failure::Refused(error.to_string()))
}

/// `idZadania` and the canonical bytes of the request in an envelope.
fn sample(path: &Path) -> Option<(String, Vec<u8>)> {
    let document = Document::parse(&fs::read(path).ok()?, &Limits::default()).ok()?;
    let request = document.root().child(SOAP11.name("Body"))?.children().next()?;
    let task = request.children().next()?.child(W.name("idZadania"))?.token();
    Some((task, canonical_bytes(request, Method::Exclusive).ok()?))
}
