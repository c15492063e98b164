//! Feeds of the demo: each office's own domain system sends its batch to the running gateway.

use std::fs;
use std::path::Path;

use super::folder::Folder;
use super::protocols;
use super::register::{Office, asking};
use super::requests::Batches;
use crate::cli::Failure;
use crate::cli::feed;
use crate::signatures::{SigningKey, Trust};
use crate::soap::client::Client;
use crate::xml::names::{Namespace, SOAP11, U, W, Z};
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
            folder.write_requests(&Batches { loaded: report.batch, waiting })?;
        }
    }
    if !offices.is_empty() {
        let order =
            ask(folder, &client(folder, address, asking())?, "ZlecUdostepnienie", ("udostepnianie", U, "idZlecenia"))?;
        folder.write_fetching(&order)?;
    }
    Ok(())
}

fn client(folder: &Folder, address: &str, office: &Office) -> Result<Client, Failure> {
    let pki = folder.pki();
    let unusable = |error: &dyn std::fmt::Display| Failure::Unreadable(format!("{}: {error}", pki.display()));
    let read = |name: &str| fs::read(pki.join(name)).map_err(|error| unusable(&error));
    let key =
        SigningKey::from_pem(&read(&format!("{}.key", office.system))?, &read(&format!("{}.pem", office.system))?)
            .map_err(|error| unusable(&error))?;
    let trust = Trust::new(&[pki.join("ca.pem")], &[], &[], false).map_err(|error| unusable(&error))?;
    Client::new(address, key, trust, None).map_err(|error| Failure::Unavailable(error.to_string()))
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
