//! The operations of a sender, one by one, for what `brama feed` does not do by itself.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use brama::soap::client::{Client, Error};
use brama::xml::{Document, Element, Limits, Method, canonical_bytes};
use uuid::Uuid;

use crate::office::{ADMINISTRATOR, SET};

/// The texts in a reply by the names of their elements.
pub type Reply = BTreeMap<String, String>;

/// Begins the batch of this mark, or tells where it stands.
pub fn begin(client: &Client, mark: &str) -> Reply {
    try_begin(client, mark).expect("a reply")
}

/// The same where the gateway may be away, or another one.
pub fn try_begin(client: &Client, mark: &str) -> Result<Reply, Error> {
    ask(client, "RozpocznijPaczke", &format!("<z:oznaczenie>{mark}</z:oznaczenie><z:zbior>{SET}</z:zbior>"))
}

/// Hands over a whole file, small enough for it, as the first part.
pub fn first_part(client: &Client, batch: &str, file: &Path) -> Reply {
    let content = STANDARD.encode(std::fs::read(file).expect("a file"));
    let part = format!("<z:idPaczki>{batch}</z:idPaczki><z:numer>1</z:numer><z:zawartosc>{content}</z:zawartosc>");
    ask(client, "PrzekazCzesc", &part).expect("a reply")
}

pub fn standing(client: &Client, batch: &str) -> Reply {
    ask(client, "PobierzStatusPaczki", &format!("<z:idPaczki>{batch}</z:idPaczki>")).expect("a reply")
}

/// A number in a reply, 0 when it is not there.
pub fn number(reply: &Reply, name: &str) -> u64 {
    reply.get(name).and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn ask(client: &Client, operation: &'static str, rest: &str) -> Result<Reply, Error> {
    let task = Uuid::new_v4().to_string();
    let request = format!(
        "<z:{operation} xmlns:z='urn:brama:zasilanie:1' xmlns:w='urn:brama:wspolne:1'><z:kontekst>\
         <w:idZadania>{task}</w:idZadania><w:jednostka>{ADMINISTRATOR}</w:jednostka></z:kontekst>{rest}</z:{operation}>"
    );
    let limits = Limits { bytes: request.len(), ..Limits::default() };
    let document = Document::parse(request.as_bytes(), &limits).expect("XML");
    let request = canonical_bytes(document.root(), Method::Exclusive).expect("canonical");
    client.call("zasilanie", &task, &request, texts)
}

fn texts(reply: Element<'_>) -> Reply {
    reply.children().map(|child| (child.local().to_owned(), child.token())).collect()
}
