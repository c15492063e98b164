//! Sample requests of the demo, one for each operation: unsigned SOAP envelopes, ready for `brama sign`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::sha::sha256;

use super::population::{PS_SET, PUP_SET, SR_SET};
use crate::ledger::SignedHead;

/// Mark of the batch that the samples of the parts' operations carry.
pub const MARK_IN_PARTS: &str = "OPS-2025-11-20-CZESCI";

/// Identifiers of batches that the gateway gave, once it did; until then nobody has such a batch.
pub struct Batches {
    /// A batch that was loaded.
    pub loaded: String,
    /// A batch that waits for parts.
    pub waiting: String,
}

impl Default for Batches {
    fn default() -> Self {
        Self { loaded: NOBODYS.to_owned(), waiting: NOBODYS.to_owned() }
    }
}

/// What the registers gave, once they had entries; until then nobody has such an entry or head.
pub struct Evidence {
    /// An entry of the social-assistance unit's own register.
    pub event: String,
    /// A head of the labour office's.
    pub head: SignedHead,
    /// The same, signed by the social-assistance unit's system: its signature and certificate.
    pub testimony: [Vec<u8>; 2],
}

impl Default for Evidence {
    fn default() -> Self {
        let head = SignedHead { bytes: vec![1], signature: vec![1], certificate: vec![1] };
        Self { event: NOBODYS.to_owned(), head, testimony: [vec![1], vec![1]] }
    }
}

const NOBODYS: &str = "00000000-0000-4000-8000-000000000000";

/// Questions about persons: operation and envelope.
#[must_use]
pub fn questions() -> Vec<(&'static str, String)> {
    let about = "<u:osoba>
        <u:nazwisko>Lipowa-Testowa</u:nazwisko>
        <u:pesel>85831541742</u:pesel>
      </u:osoba>
      <u:podstawaPrawna>UPS-105</u:podstawaPrawna>
      <u:przeznaczenie>ustalenie prawa do zasiłku okresowego</u:przeznaczenie>";
    let asked = format!("{about}\n      <u:zbior>{PUP_SET}</u:zbior>");
    let disclose = format!(
        "{asked}
      <u:zakres przytnij=\"true\">
        <u:pozycja>1.1</u:pozycja>
        <u:pozycja>2.1</u:pozycja>
        <u:pozycja>9</u:pozycja>
      </u:zakres>"
    );
    let compare = format!(
        "{asked}
      <u:porownanie>
        <u:imie>Anna</u:imie>
        <u:dataUrodzenia>1885-03-15</u:dataUrodzenia>
        <u:stanCywilny>WDOWIEC_WDOWA</u:stanCywilny>
        <u:adres>
          <u:rodzaj>ZAMIESZKANIA</u:rodzaj>
          <u:kodPocztowy>28-100</u:kodPocztowy>
          <u:miejscowosc>Busko-Zdrój</u:miejscowosc>
        </u:adres>
      </u:porownanie>"
    );
    let order = format!(
        "{about}
      <u:pytanie>
        <u:zbior>{PUP_SET}</u:zbior>
        <u:zakres przytnij=\"true\">
          <u:pozycja>1.1</u:pozycja>
          <u:pozycja>2.1</u:pozycja>
          <u:pozycja>9</u:pozycja>
        </u:zakres>
      </u:pytanie>
      <u:pytanie>
        <u:zbior>{SR_SET}</u:zbior>
        <u:zakres przytnij=\"true\">
          <u:pozycja>1</u:pozycja>
          <u:pozycja>2</u:pozycja>
        </u:zakres>
      </u:pytanie>"
    );
    vec![
        question("UdostepnijDaneOsoby", 1, &disclose),
        question("WeryfikujWystepowanieOsoby", 2, &asked),
        question("WeryfikujDaneOsoby", 3, &compare),
        question("PobierzZbiory", 4, ""),
        question("ZlecUdostepnienie", 11, &order),
        fetching(NOBODYS),
    ]
}

/// Fetching of an order that the gateway named so: operation and envelope.
#[must_use]
pub fn fetching(order: &str) -> (&'static str, String) {
    question("PobierzOdpowiedz", 12, &format!("<u:idZlecenia>{order}</u:idZlecenia>"))
}

fn question(operation: &'static str, number: u32, rest: &str) -> (&'static str, String) {
    (operation, envelope("u", "udostepnianie", operation, number, rest))
}

/// Feeding: operation and envelope; `small` is a batch file that fits into one message, `in_parts` one whose root bears
/// [`MARK_IN_PARTS`].
#[must_use]
pub fn feeding(small_mark: &str, small: &[u8], in_parts: &[u8], batches: &Batches) -> Vec<(&'static str, String)> {
    let Batches { loaded, waiting } = batches;
    let content = |bytes: &[u8]| format!("<z:zawartosc>{}</z:zawartosc>", STANDARD.encode(bytes));
    let id = |batch: &str| format!("<z:idPaczki>{batch}</z:idPaczki>");
    let requests = [
        ("PrzekazPaczke", format!("<z:oznaczenie>{small_mark}</z:oznaczenie>{}", content(small))),
        ("RozpocznijPaczke", format!("<z:oznaczenie>{MARK_IN_PARTS}</z:oznaczenie><z:zbior>{PS_SET}</z:zbior>")),
        ("PrzekazCzesc", format!("{}<z:numer>1</z:numer>{}", id(waiting), content(in_parts))),
        (
            "ZamknijPaczke",
            format!(
                "{}<z:czesc><z:numer>1</z:numer><z:skrot>{}</z:skrot></z:czesc>",
                id(waiting),
                STANDARD.encode(sha256(in_parts))
            ),
        ),
        ("PobierzStatusPaczki", id(loaded)),
        ("PobierzProtokol", format!("{}<z:od>1</z:od><z:ile>100</z:ile>", id(loaded))),
    ];
    (5..)
        .zip(requests)
        .map(|(number, (operation, rest))| {
            let rest =
                rest.replace("><z:", ">\n      <z:").replace("</z:skrot></z:czesc>", "</z:skrot>\n      </z:czesc>");
            (operation, envelope("z", "zasilanie", operation, number, &rest))
        })
        .collect()
}

/// Proofs and testimonies: operation and envelope. The social-assistance unit audits its own register and witnesses the
/// labour office's.
#[must_use]
pub fn proving(evidence: &Evidence) -> Vec<(&'static str, String)> {
    let Evidence { event, head, testimony: [signature, certificate] } = evidence;
    let of = |tenant: &str, rest: &str| format!("<r:administrator>{tenant}</r:administrator>{rest}");
    let bytes = |name: &str, bytes: &[u8]| format!("<r:{name}>{}</r:{name}>", STANDARD.encode(bytes));
    let testimony = [
        bytes("tresc", &head.bytes),
        bytes("podpisGlowy", &head.signature),
        bytes("certyfikatGlowy", &head.certificate),
        bytes("podpis", signature),
        bytes("certyfikat", certificate),
    ];
    let requests = [
        ("PobierzGlowe", of("PUP-BUSKO", "")),
        ("PobierzDowod", of("OPS-BUSKO", &format!("<r:idZdarzenia>{event}</r:idZdarzenia>"))),
        ("PobierzDowodSpojnosci", of("PUP-BUSKO", "<r:odRozmiaru>1</r:odRozmiaru>")),
        ("PobierzWpisy", of("OPS-BUSKO", "<r:od>1</r:od><r:ile>100</r:ile>")),
        ("PoswiadczGlowe", of("PUP-BUSKO", &testimony.concat())),
    ];
    (11..)
        .zip(requests)
        .map(|(number, (operation, rest))| {
            let rest = rest.replace("><r:", ">\n      <r:");
            (operation, envelope("r", "rejestr", operation, number, &rest))
        })
        .collect()
}

/// Documents: operation and envelope; `signed` is `letter` with a signature.
#[must_use]
pub fn signing(letter: &[u8], signed: &[u8]) -> Vec<(&'static str, String)> {
    let document = |bytes: &[u8]| format!("<p:dokument>{}</p:dokument>", STANDARD.encode(bytes));
    let requests = [
        ("WeryfikujPodpis", document(signed)),
        ("Opieczetuj", document(letter) + "\n      <p:nazwaPliku>pismo.xml</p:nazwaPliku>"),
        ("ZnakujCzasem", document(signed)),
    ];
    let envelopes = (21..).zip(requests);
    envelopes
        .map(|(number, (operation, rest))| (operation, envelope("p", "podpis", operation, number, &rest)))
        .collect()
}

/// Every sample is asked by the social-assistance unit.
fn envelope(prefix: &str, service: &str, operation: &str, number: u32, rest: &str) -> String {
    let rest = if rest.is_empty() { String::new() } else { format!("\n      {rest}") };
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
  <soap:Body>
    <{prefix}:{operation} xmlns:{prefix}="urn:brama:{service}:1" xmlns:w="urn:brama:wspolne:1">
      <{prefix}:kontekst>
        <w:idZadania>6f1c2a54-0d3e-4b7a-9a51-{number:012}</w:idZadania>
        <w:jednostka>OPS-BUSKO</w:jednostka>
        <w:uzytkownik>ops1</w:uzytkownik>
      </{prefix}:kontekst>{rest}
    </{prefix}:{operation}>
  </soap:Body>
</soap:Envelope>
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{WSDL, XSD};
    use crate::xml::names::SOAP11;
    use crate::xml::{self, Document, Limits, Schema};

    #[track_caller]
    fn check(schema: &Schema, envelope: &str) {
        let document = Document::parse(envelope.as_bytes(), &Limits::default()).expect("well-formed");
        let body = document.root().child(SOAP11.name("Body")).expect("a body");
        let request = body.children().next().expect("a request");
        let violations: Vec<String> = schema
            .validate(request, request)
            .into_iter()
            .map(|violation| format!("{}: {}", violation.path, violation.text))
            .collect();
        assert!(violations.is_empty(), "{violations:#?}");
    }

    #[test]
    fn every_operation_has_a_sample_and_every_sample_keeps_its_schema() {
        xml::start();
        let asking = Schema::compile("udostepnianie.xsd", XSD).expect("compiles");
        let feeding_schema = Schema::compile("zasilanie.xsd", XSD).expect("compiles");
        let signing_schema = Schema::compile("podpis.xsd", XSD).expect("compiles");
        let proving_schema = Schema::compile("rejestr.xsd", XSD).expect("compiles");
        let (questions, feeding) = (questions(), feeding("OPS-1", b"<a/>", b"<b/>", &Batches::default()));
        let proving = proving(&Evidence::default());
        let signing = signing(b"<a/>", b"<a/>");
        signing.iter().for_each(|(_, envelope)| check(&signing_schema, envelope));
        proving.iter().for_each(|(_, envelope)| check(&proving_schema, envelope));
        questions.iter().for_each(|(_, envelope)| check(&asking, envelope));
        feeding.iter().for_each(|(_, envelope)| check(&feeding_schema, envelope));

        let mut sampled: Vec<&str> =
            questions.iter().chain(&feeding).chain(&proving).chain(&signing).map(|(operation, _)| *operation).collect();
        sampled.sort_unstable();
        let mut published = Vec::new();
        for (_, wsdl) in WSDL {
            let text = std::str::from_utf8(wsdl).expect("UTF-8");
            let port_type = text
                .split("<wsdl:portType")
                .nth(1)
                .expect("a port type")
                .split("</wsdl:portType>")
                .next()
                .expect("its end");
            published
                .extend(port_type.split("<wsdl:operation name=\"").skip(1).filter_map(|rest| rest.split('"').next()));
        }
        published.sort_unstable();
        assert_eq!(sampled, published);
    }
}
