//! Strangers who make little into much: each message is answered soon and shortly, and the next one as ever.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::gateway::Gateway;
use crate::office::{Engine, Offices};
use crate::wire::{self, Answer};

const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const SOAP12: &str = "Content-Type: application/soap+xml\r\n";
const PACKAGE: &str = "Content-Type: multipart/related; type=\"application/xop+xml\"; boundary=\"g\"; \
                       start-info=\"application/soap+xml\"\r\nContent-Encoding: gzip\r\n";

/// Far more than any of these takes, far less than each took before it was bounded.
const SOON: Duration = Duration::from_secs(10);

#[track_caller]
fn check(gateway: &Gateway, fields: &str, body: &[u8]) -> Answer {
    let began = Instant::now();
    let mut stream = wire::connect(gateway.http).expect("a connection");
    stream.write_all(wire::head("udostepnianie", fields, body.len()).as_bytes()).expect("a head");
    stream.write_all(body).expect("a body");
    let answer = wire::answer(&mut stream).expect("an answer");
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert!(answer.body.len() < 16 << 10, "{} bytes", answer.body.len());
    assert!(matches!(answer.status, 400 | 500), "{}", answer.head);
    answer
}

fn envelope(header: &str, body: &str) -> String {
    format!("<e:Envelope xmlns:e='{SOAP}'><e:Header>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>")
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn little_is_not_made_into_much() {
    let offices = Offices::new(Engine::Sqlite);
    let gateway = offices.start();

    let name = format!("urn:{}", "x".repeat(100_000));
    let blocks = "<u:x e:mustUnderstand='1'/>".repeat(2_000);
    let header = format!("<a xmlns:u='{name}' e:mustUnderstand='1' xmlns='urn:a'/>");
    let many = format!(
        "<e:Envelope xmlns:e='{SOAP}' xmlns:u='{name}'><e:Header>{header}{blocks}</e:Header><e:Body><b/></e:Body></e:Envelope>"
    );
    let answer = check(&gateway, SOAP12, many.as_bytes());
    assert!(answer.text().contains("MustUnderstand"), "{}", answer.text());

    let folds = format!("--g\r\nContent-Type: application/xop+xml{}\r\n\r\n<a/>\r\n--g--", ";\r\n a=b".repeat(300_000));
    assert_eq!(check(&gateway, PACKAGE, &gzip(&folds)).element("kod"), "NIEPOPRAWNY_XML");

    let includes = "<x:Include xmlns:x='http://www.w3.org/2004/08/xop/include'/>".repeat(90_000);
    let root = "--g\r\nContent-Type: application/xop+xml; type=\"application/soap+xml\"\r\n\r\n";
    let package = format!("{root}{}\r\n--g--", envelope("", &format!("<b>{includes}</b>")));
    check(&gateway, PACKAGE, &gzip(&package));

    let named = |issuer: &str, serial: &str| {
        let mut header =
            format!("<s:Security xmlns:s='{WSSE}' xmlns='http://www.w3.org/2000/09/xmldsig#'><Signature><KeyInfo>");
        write!(
            header,
            "<s:SecurityTokenReference><X509Data><X509IssuerSerial><X509IssuerName>{issuer}</X509IssuerName>\
             <X509SerialNumber>{serial}</X509SerialNumber></X509IssuerSerial></X509Data></s:SecurityTokenReference>\
             </KeyInfo></Signature></s:Security>"
        )
        .expect("memory");
        envelope(&header, "<b/>")
    };
    check(&gateway, SOAP12, named(&format!("CN=a{}", ",".repeat(600_000)), "1").as_bytes());
    check(&gateway, SOAP12, named("CN=a", &"9".repeat(2_000_000)).as_bytes());

    assert_eq!(wire::get(gateway.http, "/ws/").expect("an answer").status, 200, "others are served");
}
