//! The levels in turn, each on a node started for it: what is sent, and that what comes back is what was asked for.

use std::iter;

use brama::signatures::Trust;
use brama::soap::{Version, envelope, security};
use brama::xml::names::U;
use brama::xml::{Document, Limits};
use chrono::Utc;
use memchr::memmem;

use crate::gsoap::Gsoap;
use crate::load::{self, Manner, Measured};
use crate::world::{ECDSA_SYSTEM, RSA_SYSTEM, World};

/// Named as in `src/services/gateway/unsigned.rs`.
const PARSED: Manner = found("Content-Type: text/xml; charset=utf-8\r\nSOAPAction: \"urn:brama:bench:1/L1\"\r\n");
const RECORDED: Manner = found("Content-Type: text/xml; charset=utf-8\r\nSOAPAction: \"urn:brama:bench:1/L2\"\r\n");
/// A disclosure as callers ask for it.
pub const SIGNED: Manner = found("Content-Type: text/xml; charset=utf-8\r\nSOAPAction: \"\"\r\n");
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
    pub parsed: Compared,
    pub recorded: Compared,
    pub ecdsa: Measured,
    pub rsa: Compared,
}

/// One level of the gateway, and what gSOAP took for the like right after it: the machine drifts.
pub struct Compared {
    pub gateway: Measured,
    pub gsoap: Option<Measured>,
}

pub fn measure(world: &World, gsoap: Option<&Gsoap>, requests: usize) -> Rows {
    let nothing = vec![Vec::new(); requests];
    let questions = world.unsigned(0..requests);
    let compare = |level, manner, messages: &[Vec<u8>]| Compared {
        gateway: run(world, manner, messages),
        gsoap: gsoap.map(|gsoap| gsoap.run(world, level, manner, messages)),
    };
    let untyped = run(world, UNTYPED, &nothing);
    let empty = run(world, EMPTY, &nothing);
    let parsed = compare("parse", PARSED, &questions);
    let recorded = compare("record", RECORDED, &questions);
    let ecdsa = run(world, SIGNED, &world.signed(ECDSA_SYSTEM, 0..requests));
    verify(world, &ecdsa, "#ecdsa-sha256\"");
    let rsa = compare("sign", SIGNED, &world.signed(RSA_SYSTEM, 0..requests));
    for measured in iter::once(&rsa.gateway).chain(&rsa.gsoap) {
        verify(world, measured, "#rsa-sha256\"");
    }
    Rows { untyped, empty, parsed, recorded, ecdsa, rsa }
}

/// Measures a node started for it.
fn run(world: &World, manner: Manner, messages: &[Vec<u8>]) -> Measured {
    let gateway = world.serve();
    load::run(gateway.http, gateway.pid, manner, messages)
}

/// Checks one reply as its receiver would: the signature, its method, and that it holds a record.
fn verify(world: &World, measured: &Measured, method: &str) {
    let reply = &measured.sample;
    let trust = Trust::new(&[world.folder.join("pki/ca.pem")], &[], &[], false).expect("the demo's authority");
    let document = Document::parse(reply, &Limits::default()).expect("XML");
    let envelope = envelope::read(&document, Version::Soap11).expect("an envelope");
    let answer = security::verify_reply(&document, &envelope, &trust, Utc::now()).expect("a signature that holds");
    assert!(answer.child(U.name("dane")).is_some(), "the answer has data");
    assert!(memmem::find(reply, method.as_bytes()).is_some(), "{method}");
}
