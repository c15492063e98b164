//! One question in every form in which HTTP, XML and XOP let it travel: the answer is the same, byte for byte.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::gateway::Gateway;
use crate::office::{Engine, Offices, signed};
use crate::wire::{self, Answer};

const TASK: &str = "6f1c2a54-0d3e-4b7a-9a51-2c8f6e0b7d10";
const XOP: &str = "Content-Type: multipart/related; type=\"application/xop+xml\"; boundary=\"granica\"; \
                   start=\"<koperta>\"; start-info=\"text/xml\"\r\n";

/// Makes the bytes of a request's body from the signed message.
type Form<'a> = &'a dyn Fn(&[u8]) -> Vec<u8>;

fn send(gateway: &Gateway, fields: &str, body: &[u8]) -> Answer {
    let mut stream = wire::connect(gateway.http).expect("a connection");
    stream.write_all(wire::head("udostepnianie", fields, body.len()).as_bytes()).expect("a head");
    stream.write_all(body).expect("a body");
    wire::answer(&mut stream).expect("an answer")
}

fn utf16(message: &[u8], unit: fn(u16) -> [u8; 2], mark: bool) -> Vec<u8> {
    let text = std::str::from_utf8(message).expect("UTF-8");
    let text = format!("{}<?xml version=\"1.0\" encoding=\"UTF-16\"?>{text}", if mark { "\u{feff}" } else { "" });
    text.encode_utf16().flat_map(unit).collect()
}

fn gzip(message: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(message).expect("memory");
    encoder.finish().expect("memory")
}

fn package(message: &[u8]) -> Vec<u8> {
    let head = "--granica\r\nContent-Type: application/xop+xml; charset=utf-8; type=\"text/xml\"\r\n\
                Content-Transfer-Encoding: binary\r\nContent-ID: <koperta>\r\n\r\n";
    [head.as_bytes(), message, b"\r\n--granica--\r\n"].concat()
}

/// The bytes of the Body's child.
fn reply(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    let body = text.split_once("<soap:Body").and_then(|(_, rest)| rest.split_once('>')).expect("a Body").1;
    body.split_once("</soap:Body>").expect("its end").0.to_owned()
}

#[test]
fn utf_16_gzip_and_a_package_get_the_answer_that_the_plain_request_gets() {
    let offices = Offices::new(Engine::Sqlite);
    let gateway = offices.start();
    offices.feed_persons(&gateway, 3);
    let key = offices.key("pomoc");
    let context = format!(
        "<u:kontekst><w:idZadania>{TASK}</w:idZadania><w:jednostka>OPS-BUSKO</w:jednostka>\
         <w:uzytkownik>urzednik</w:uzytkownik><w:sprawa>żółć</w:sprawa></u:kontekst>"
    );
    let sets = format!(
        "<u:PobierzZbiory xmlns:u='urn:brama:udostepnianie:1' xmlns:w='urn:brama:wspolne:1'>{context}</u:PobierzZbiory>"
    );
    let person = String::from_utf8(offices.question(&key, &crate::batch::Person::of(1))).expect("UTF-8");
    let person = person.split_once("<soap:Body").and_then(|(_, rest)| rest.split_once('>')).expect("a Body").1;
    let person = person.split_once("</soap:Body>").expect("its end").0.to_owned();

    for request in [sets, person] {
        let sent = |fields: &str, form: Form<'_>| {
            let answer = send(&gateway, fields, &form(&signed(&key, &request)));
            (reply(&answer), answer.head.to_ascii_lowercase())
        };
        let (plain, _) = sent(wire::XML, &|message| message.to_vec());
        let xml = "Content-Type: text/xml\r\n";
        let forms: [(&str, &str, Form<'_>); 7] = [
            ("UTF-16LE with a mark", xml, &|message| utf16(message, u16::to_le_bytes, true)),
            ("UTF-16BE with a mark", xml, &|message| utf16(message, u16::to_be_bytes, true)),
            ("UTF-16LE by its first bytes", xml, &|message| utf16(message, u16::to_le_bytes, false)),
            ("UTF-16BE by its charset", "Content-Type: text/xml; charset=utf-16be\r\n", &|message| {
                utf16(message, u16::to_be_bytes, false)
            }),
            ("gzip", "Content-Type: text/xml; charset=utf-8\r\nContent-Encoding: gzip\r\n", &gzip),
            ("gzip of UTF-16", "Content-Type: text/xml\r\nContent-Encoding: gzip\r\n", &|message| {
                gzip(&utf16(message, u16::to_be_bytes, true))
            }),
            ("a package", XOP, &package),
        ];
        for (name, fields, form) in forms {
            let (answer, head) = sent(fields, form);
            assert_eq!(answer, plain, "{name}");
            assert_eq!(head.contains("multipart/related"), name == "a package", "{name}: {head}");
        }
    }
}
