//! A batch as a part of its message (MTOM): of any size with the same memory, and nothing of it readable on the way.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use brama::signatures::SignatureMethod;
use chrono::{SecondsFormat, Utc};
use openssl::sha::{Sha256, sha256};

use crate::batch::Batch;
use crate::feeding::{self, Reply};
use crate::gateway::Gateway;
use crate::large_feed::{GROWTH, peak, wait_for};
use crate::office::{Engine, Offices};
use crate::wire;

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const HEAD: &str = "--granica\r\nContent-Type: application/xop+xml; charset=utf-8; type=\"text/xml\"\r\n\
                    Content-ID: <koperta>\r\n\r\n";
const BETWEEN: &str = "\r\n--granica\r\nContent-Type: application/octet-stream\r\n\
                       Content-Transfer-Encoding: binary\r\nContent-ID: <paczka@test>\r\n\r\n";
const END: &str = "\r\n--granica--\r\n";
const FIELDS: &str = "Content-Type: multipart/related; type=\"application/xop+xml\"; boundary=\"granica\"; \
                      start=\"<koperta>\"; start-info=\"text/xml\"\r\n";

/// A batch with a comment of four megabytes in each person: what is tested is the way in, not the loading.
fn padded(folder: &Path, mark: &'static str, megabytes: u64) -> PathBuf {
    let small = fs::read_to_string(Batch { mark, as_of: "2025-11-21", persons: megabytes.div_ceil(4) }.write(folder));
    let path = folder.join(format!("{mark}-{megabytes}.xml"));
    let mut out = BufWriter::new(File::create(&path).expect("a file"));
    let comment = format!("<b:OsobaPUP><!--{}-->", "Lipowa-Testowa ".repeat(266_000));
    for (at, piece) in small.expect("a file").split("<b:OsobaPUP>").enumerate() {
        let before = if at == 0 { "" } else { &*comment };
        out.write_all(before.as_bytes()).and_then(|()| out.write_all(piece.as_bytes())).expect("room");
    }
    out.flush().expect("room");
    path
}

/// Digest of the Body's canonical form, the file in it in base64 (XOP 1.0 §3.1), made without the gateway's code.
fn body_digest(before: &str, file: &Path, after: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(before.as_bytes());
    let mut file = BufReader::with_capacity(3 << 16, File::open(file).expect("the file"));
    let mut piece = Vec::new();
    while file.by_ref().take(3 << 16).read_to_end(&mut piece).expect("the file") > 0 {
        digest.update(STANDARD.encode(&piece).as_bytes());
        piece.clear();
    }
    digest.update(after.as_bytes());
    STANDARD.encode(digest.finish())
}

/// The envelope of `PrzekazPaczke` with `xop:Include` in the place of the file, signed as if the file stood there.
fn envelope(offices: &Offices, mark: &str, file: &Path) -> String {
    let key = offices.key("syriusz");
    let before = format!(
        "<soap:Body xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:wsu=\"{WSU}\" wsu:Id=\"b\">\
         <z:PrzekazPaczke xmlns:z=\"urn:brama:zasilanie:1\"><z:kontekst><w:idZadania xmlns:w=\"urn:brama:wspolne:1\">{}\
         </w:idZadania><w:jednostka xmlns:w=\"urn:brama:wspolne:1\">PUP-BUSKO</w:jednostka></z:kontekst>\
         <z:oznaczenie>{mark}</z:oznaczenie><z:zawartosc>",
        uuid::Uuid::new_v4()
    );
    let after = "</z:zawartosc></z:PrzekazPaczke></soap:Body>";
    let now = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    let stamp =
        format!("<wsu:Timestamp xmlns:wsu=\"{WSU}\" wsu:Id=\"t\"><wsu:Created>{now}</wsu:Created></wsu:Timestamp>");
    let reference = |id: &str, digest: &str| {
        format!(
            "<ds:Reference URI=\"#{id}\"><ds:Transforms><ds:Transform Algorithm=\"{EXCLUSIVE}\"></ds:Transform>\
             </ds:Transforms><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>\
             <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>"
        )
    };
    let info = format!(
        "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:CanonicalizationMethod \
         Algorithm=\"{EXCLUSIVE}\"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"{}\"></ds:SignatureMethod>\
         {}{}</ds:SignedInfo>",
        SignatureMethod::EcdsaSha256.uri(),
        reference("b", &body_digest(&before, file, after)),
        reference("t", &STANDARD.encode(sha256(stamp.as_bytes()))),
    );
    let value = STANDARD.encode(key.sign(info.as_bytes()).expect("a signature"));
    let token = STANDARD.encode(key.certificate().der());
    format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Header><wsse:Security \
         xmlns:wsse=\"{WSSE}\" xmlns:wsu=\"{WSU}\"><wsse:BinarySecurityToken wsu:Id=\"c\">{token}\
         </wsse:BinarySecurityToken>{stamp}<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">{info}\
         <ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo><wsse:SecurityTokenReference><wsse:Reference URI=\"#c\"/>\
         </wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature></wsse:Security></soap:Header>{before}\
         <xop:Include xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:paczka%40test\"/>{after}</soap:Envelope>"
    )
}

fn send(offices: &Offices, gateway: &Gateway, mark: &str, file: &Path) -> wire::Answer {
    let envelope = envelope(offices, mark, file);
    let bytes = usize::try_from(file.metadata().expect("a file").len()).expect("a size");
    let length = HEAD.len() + envelope.len() + BETWEEN.len() + bytes + END.len();
    let mut stream = wire::connect(gateway.http).expect("a connection");
    for text in [&*wire::head("zasilanie", FIELDS, length), HEAD, &*envelope, BETWEEN] {
        stream.write_all(text.as_bytes()).expect("sent");
    }
    std::io::copy(&mut File::open(file).expect("the file"), &mut stream).expect("sent");
    stream.write_all(END.as_bytes()).expect("sent");
    wire::answer(&mut stream).expect("an answer")
}

#[test]
fn a_part_of_half_a_gigabyte_goes_in_with_flat_memory() {
    let megabytes = if std::env::var_os("RUN_SLOW_TESTS").is_some() { 500 } else { 60 };
    let mut offices = Offices::new(Engine::Sqlite);
    offices.settings.variables.push(("MALLOC_ARENA_MAX".into(), "1".into()));
    let gateway = offices.start();
    let small = padded(offices.folder.path(), "MALA", 40);
    let file = padded(offices.folder.path(), "DUZA", megabytes);
    // The same way in up to the last check, for a request that contradicts its file.
    assert_eq!(send(&offices, &gateway, "INNA", &small).element("kod"), "PACZKA_NIEPOPRAWNA");
    let before = peak(&gateway);
    assert_eq!(send(&offices, &gateway, "INNA", &file).element("kod"), "PACZKA_NIEPOPRAWNA");
    let after = peak(&gateway);
    eprintln!("{megabytes} MB refused, peak {before} -> {after} bytes");
    assert!(after < before + GROWTH / 2, "peak {before} -> {after} bytes");

    assert_eq!(send(&offices, &gateway, "MALA", &small).element("stan"), "PRZYJETA");
    let client = offices.client("syriusz", &gateway);
    let before = peak(&gateway);
    let began = Instant::now();
    let answer = send(&offices, &gateway, "DUZA", &file);
    let took = began.elapsed();
    assert_eq!(answer.element("stan"), "PRZYJETA", "{}", answer.text());
    let batch = answer.element("idPaczki");
    let decided = |reply: &Reply| !["PRZYJETA", "PRZETWARZANA"].contains(&reply["stan"].as_str());
    let reply = wait_for(|| feeding::standing(&client, &batch), decided);
    assert_eq!(reply["stan"], "ZAKONCZONA", "{reply:?}");
    let after = peak(&gateway);
    eprintln!("{megabytes} MB taken in within {took:?} and loaded, peak {before} -> {after} bytes");
    // Parts of 4 MiB pass through several hands between door and database; how many at once, the allocator decides.
    assert!(after < before + 2 * GROWTH, "peak {before} -> {after} bytes");
    // The file has no name, so it is gone with its last reader.
    assert_eq!(fs::read_dir(offices.data().join(".spool")).expect("the folder").count(), 0);
}

#[test]
fn a_part_that_was_changed_on_the_way_is_refused() {
    let offices = Offices::new(Engine::Sqlite);
    let gateway = offices.start();
    let file = padded(offices.folder.path(), "ZMIENIONA", 1);
    let envelope = envelope(&offices, "ZMIENIONA", &file);
    let mut bytes = fs::read(&file).expect("the file");
    *bytes.last_mut().expect("a byte") ^= 1;
    let body = [HEAD.as_bytes(), envelope.as_bytes(), BETWEEN.as_bytes(), &bytes, END.as_bytes()].concat();
    let mut stream = wire::connect(gateway.http).expect("a connection");
    stream.write_all(wire::head("zasilanie", FIELDS, body.len()).as_bytes()).expect("sent");
    stream.write_all(&body).expect("sent");
    let answer = wire::answer(&mut stream).expect("an answer");
    assert_eq!((answer.status, &*answer.element("kod")), (500, "PODPIS_NIEPOPRAWNY"), "{}", answer.text());
}
