//! The page at `/ws/`: services, their operations, schemas.

use super::PLACEHOLDER;
use super::description::Description;
use super::html::{code, link, list, page, paragraphs, section, table, tag};
use super::schema_page::Schemas;
use crate::xml::Writer;

/// Writes the page.
#[must_use]
pub fn write(services: &[Description], schemas: &Schemas<'_>) -> String {
    page("Usługi bramy", |out| {
        paragraphs(
            "Brama wymienia dane o beneficjentach między urzędami. Mówi SOAP 1.1 i 1.2 pod tymi samymi adresami; każde żądanie \
             podpisuje certyfikat zarejestrowanego systemu dziedzinowego.",
            out,
        );
        for service in services {
            of_service(service, out);
        }
        section("schematy", "Schematy", out, |out| {
            table(&["strona", "plik", "co opisuje"], schemas.summaries(), out, |(name, words), out| {
                out.element(tag("td"), |out| link(&format!("{PLACEHOLDER}/xsd/{name}"), name, out));
                let file = format!("{name}.xsd");
                out.element(tag("td"), |out| link(&format!("{PLACEHOLDER}/xsd/{file}"), &file, out));
                out.text_element(tag("td"), &words);
            });
        });
    })
}

fn of_service(service: &Description, out: &mut Writer) {
    let address = format!("{PLACEHOLDER}/ws/{}", service.name);
    section(service.name, service.name, out, |out| {
        paragraphs(&service.documentation, out);
        out.element(tag("p"), |out| {
            out.text("Adres: ");
            code(&address, out);
            out.text(". ");
            link(&address, "Operacje, przykłady, kody błędów", out);
            out.text(". ");
            link(&format!("{address}?wsdl"), "WSDL", out);
            out.text(".");
        });
        list(&service.operations, out, |operation, out| {
            link(&format!("{address}#{}", operation.name), &operation.name, out);
            out.text(&format!(": {}", operation.documentation));
        });
    });
}
