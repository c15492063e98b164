//! The levels in turn, each on a node started for it: what is sent, and that what comes back is what was asked for.

use brama::signatures::Trust;
use brama::soap::{Version, envelope, security};
use brama::xml::names::U;
use brama::xml::{Document, Limits};
use chrono::Utc;
use memchr::memmem;

use crate::load::{self, Manner, Measured};
use crate::world::{ECDSA_SYSTEM, RSA_SYSTEM, World};

/// Named as in `src/services/gateway/unsigned.rs`.
const PARSED: Manner = found("Content-Type: text/xml; charset=utf-8\r\nSOAPAction: \"urn:brama:bench:1/L1\"\r\n");
const RECORDED: Manner = found("Content-Type: text/xml; charset=utf-8\r\nSOAPAction: \"urn:brama:bench:1/L2\"\r\n");
const SIGNED: Manner = found("Content-Type: text/xml; charset=utf-8\r\nSOAPAction: \"\"\r\n");
/// Refused by its head: a request and an answer of HTTP, without a thread for XML.
const UNTYPED: Manner = Manner { fields: "", status: "415 ", content: "" };
/// Goes the whole way, where there is nothing to parse.
const EMPTY: Manner =
    Manner { fields: "Content-Type: text/xml; charset=utf-8\r\n", status: "500 ", content: "NIEPOPRAWNY_XML" };

const fn found(fields: &'static str) -> Manner {
    Manner { fields, status: "200 ", content: "ZNALEZIONO" }
}

/// All levels and the floor beneath them.
pub struct Rows {
    pub untyped: Measured,
    pub empty: Measured,
    pub parsed: Measured,
    pub recorded: Measured,
    pub ecdsa: Measured,
    pub rsa: Measured,
}

pub fn measure(world: &World, requests: usize) -> Rows {
    let nothing = vec![Vec::new(); requests];
    let questions = world.unsigned(0..requests);
    let gateway = world.serve();
    let untyped = load::run(&gateway, UNTYPED, &nothing);
    let empty = load::run(&gateway, EMPTY, &nothing);
    drop(gateway);
    let unsigned = |manner| load::run(&world.serve(), manner, &questions);
    let signed = |system, method| {
        let messages = world.signed(system, 0..requests);
        let measured = load::run(&world.serve(), SIGNED, &messages);
        verify(world, &measured.sample, method);
        measured
    };
    Rows {
        untyped,
        empty,
        parsed: unsigned(PARSED),
        recorded: unsigned(RECORDED),
        ecdsa: signed(ECDSA_SYSTEM, "#ecdsa-sha256\""),
        rsa: signed(RSA_SYSTEM, "#rsa-sha256\""),
    }
}

/// Checks one reply as its receiver would: the signature, its method, and that it holds a record.
fn verify(world: &World, reply: &[u8], method: &str) {
    let trust = Trust::new(&[world.folder.join("pki/ca.pem")], &[], &[], false).expect("the demo's authority");
    let document = Document::parse(reply, &Limits::default()).expect("XML");
    let envelope = envelope::read(&document, Version::Soap11).expect("an envelope");
    let answer = security::verify_reply(&document, &envelope, &trust, Utc::now()).expect("a signature that holds");
    assert!(answer.child(U.name("dane")).is_some(), "the answer has data");
    assert!(memmem::find(reply, method.as_bytes()).is_some(), "{method}");
}
