//! The page of a service at `/ws/<usluga>`: how to send, every operation with samples, every code.

use super::PLACEHOLDER;
use super::description::{Description, Operation};
use super::html::{code, code_link, document, link, list, page, paragraphs, section, table, tag, term};
use super::samples::{envelope, fault, sample};
use crate::problem::{Code, Problem};
use crate::soap::Version;
use crate::soap::fault::FaultCode;
use crate::xml::{Attr, Writer};

const REQUEST_REMARK: &str = "wsse:Security: jeden podpis certyfikatem systemu, obejmuje soap:Body i wsu:Timestamp";
const REPLY_REMARK: &str = "wsse:Security: podpis bramy, obejmuje soap:Body i wsu:Timestamp";

/// Writes the page.
#[must_use]
pub fn write(service: &Description) -> String {
    page(&format!("Usługa {}", service.name), |out| {
        out.element(tag("nav"), |out| {
            out.element(tag("p"), |out| link(&format!("{PLACEHOLDER}/ws/"), "Wszystkie usługi i schematy", out));
        });
        paragraphs(&service.documentation, out);
        list(&service.operations, out, |operation, out| link(&format!("#{}", operation.name), &operation.name, out));
        section("wysylanie", "Jak wysyłać", out, |out| sending(service, out));
        for operation in &service.operations {
            section(&operation.name, &operation.name, out, |out| of_operation(service, operation, out));
        }
        if let Some(batch) = sample("Paczka").filter(|_| holds_batches(service)) {
            section("plik-paczki", "Plik paczki", out, |out| {
                out.element(tag("p"), |out| {
                    out.text("Zawartość z przykładów, przed zapisem w base64; opis pól: ");
                    link(&format!("{PLACEHOLDER}/xsd/paczka#Paczka"), "Paczka", out);
                    out.text(".");
                });
                document("Przykładowy plik", batch, out);
            });
        }
        section("wyjatki", "Wyjątki", out, |out| faults(service, out));
    })
}

fn holds_batches(service: &Description) -> bool {
    service.operations.iter().any(|operation| operation.name == "PrzekazPaczke")
}

fn sending(service: &Description, out: &mut Writer) {
    let address = format!("{PLACEHOLDER}/ws/{}", service.name);
    out.element(tag("dl"), |out| {
        term("Adres (POST)", out, |out| code(&address, out));
        term("WSDL", out, |out| link(&format!("{address}?wsdl"), &format!("{address}?wsdl"), out));
        for version in Version::ALL {
            let name = match version {
                Version::Soap11 => "SOAP 1.1",
                Version::Soap12 => "SOAP 1.2",
            };
            term(name, out, |out| {
                code(&format!("Content-Type: {}", version.content_type()), out);
                out.text(", koperta ");
                code(version.namespace().uri, out);
            });
        }
        term("Podpis", out, |out| {
            out.text(
                "Jeden podpis XML Signature w nagłówku wsse:Security, certyfikatem zarejestrowanego systemu; obejmuje soap:Body \
                 i wsu:Timestamp. Po podpisaniu komunikatu się nie zmienia, także białych znaków. Tak samo podpisana jest odpowiedź.",
            );
        });
    });
    paragraphs("Przykłady poniżej są kopertami SOAP 1.1 bez podpisu; osoby w nich są zmyślone.", out);
}

fn of_operation(service: &Description, operation: &Operation, out: &mut Writer) {
    paragraphs(&operation.documentation, out);
    out.element(tag("p"), |out| {
        out.text("SOAPAction, action i wsa:Action: ");
        code(&operation.action, out);
    });
    let reply = format!("{}Odpowiedz", operation.name);
    for (heading, root, remark) in
        [("Żądanie", operation.name.as_str(), REQUEST_REMARK), ("Odpowiedź", reply.as_str(), REPLY_REMARK)]
    {
        let Some(body) = sample(root) else { continue };
        document(&format!("{heading}: {root}"), &envelope(remark, body), out);
        out.element(tag("p"), |out| {
            link(&format!("{PLACEHOLDER}/xsd/{}#{root}", service.name), &format!("Opis pól {root}"), out);
        });
    }
    out.text_element(tag("h3"), &format!("Kody błędów {}", operation.name));
    out.element(tag("p"), |out| {
        for (place, fault) in operation.codes.iter().enumerate() {
            out.text(if place == 0 { "" } else { ", " });
            code_link(*fault, out);
        }
    });
}

fn faults(service: &Description, out: &mut Writer) {
    paragraphs(
        "Program rozstrzyga po elemencie w:kod; zdanie jest dla człowieka. Wyjątek jest podpisany, gdy brama rozpoznała \
         wywołującego, i powtarza wtedy idZadania i jednostkę. W SOAP 1.2 wyjątek ma env:Sender albo env:Receiver, \
         a kod z przestrzeni wsse i wsa stoi w env:Subcode.",
        out,
    );
    if let Some(detail) = sample("Wyjatek") {
        let code = Code::ScopeNotGranted;
        let body = fault(faultcode(code), code.sentence(), detail);
        document("Wyjątek: przykład", &envelope(REPLY_REMARK, &body), out);
    }
    out.text_element(tag("h3"), "Kody");
    table(&["kod", "faultcode (SOAP 1.1)", "znaczenie"], service.codes(), out, |one, out| {
        out.open_with(tag("td"), &[Attr::Plain("id", one.wire())]);
        code(one.wire(), out);
        out.close();
        out.element(tag("td"), |out| code(faultcode(one), out));
        out.text_element(tag("td"), one.sentence());
    });
}

fn faultcode(code: Code) -> &'static str {
    FaultCode::of(&Problem::new(code)).in_soap11()
}
