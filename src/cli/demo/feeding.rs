//! Feeds of the demo: each office's own domain system sends its batch to the running gateway.

use std::fs;
use std::path::Path;

use super::folder::Folder;
use super::protocols;
use super::register::Office;
use super::requests::Batches;
use crate::cli::Failure;
use crate::cli::feed;
use crate::signatures::{SigningKey, Trust};
use crate::soap::client::Client;
use crate::xml::names::{SOAP11, W, Z};
use crate::xml::{Document, Element, Limits, Method, canonical_bytes};

/// Sends the batches of the offices and names the batches in the sample requests.
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
            let waiting = begin(folder, &client(folder, address, office)?)?;
            folder.write_requests(&Batches { loaded: report.batch, waiting })?;
        }
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

/// Asks the sample that begins a batch in parts; the samples that go on with it need the identifier it is given.
fn begin(folder: &Folder, client: &Client) -> Result<String, Failure> {
    let path = folder.request("RozpocznijPaczke");
    let (task, message) =
        sample(&path).ok_or_else(|| Failure::Unreadable(format!("{}: no request", path.display())))?;
    let batch = |reply: Element<'_>| reply.child(Z.name("idPaczki")).map(Element::token).unwrap_or_default();
    client.call("zasilanie", &task, &message, batch).map_err(|error| Failure::Refused(error.to_string()))
}

/// `idZadania` and the canonical bytes of the request in an envelope.
fn sample(path: &Path) -> Option<(String, Vec<u8>)> {
    let document = Document::parse(&fs::read(path).ok()?, &Limits::default()).ok()?;
    let request = document.root().child(SOAP11.name("Body"))?.children().next()?;
    let task = request.child(Z.name("kontekst"))?.child(W.name("idZadania"))?.token();
    Some((task, canonical_bytes(request, Method::Exclusive).ok()?))
}
