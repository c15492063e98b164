//! Publishing the contract: WSDLs and schemas as they stand and as pages to read, with the caller's address filled in.

mod description;
mod html;
mod index_page;
mod samples;
mod schema_page;
mod service_page;

use std::sync::LazyLock;

use crate::contract::{WSDL, XSD};
use crate::xml::{Document, Limits};
use description::Description;
use schema_page::Schemas;

/// Address that stands in the WSDL files and in the pages kept ready; it is replaced by the public one.
const PLACEHOLDER: &str = "http://127.0.0.1:8080";

/// The pages, written once.
static PAGES: LazyLock<Pages> = LazyLock::new(Pages::write);

struct Pages {
    index: String,
    /// By the service's name.
    services: Vec<(&'static str, String)>,
    /// By the schema's name without its ending.
    schemas: Vec<(&'static str, String)>,
}

impl Pages {
    fn write() -> Self {
        let services: Vec<Description> =
            WSDL.iter().map(|(name, text)| Description::read(name, &parsed(text))).collect();
        let documents: Vec<_> = XSD.iter().map(|(file, text)| (bare(file), parsed(text))).collect();
        let schemas = Schemas::new(&documents);
        Self {
            index: index_page::write(&services, &schemas),
            services: services.iter().map(|service| (service.name, service_page::write(service))).collect(),
            schemas: documents.iter().map(|(name, _)| *name).zip(schemas.pages()).collect(),
        }
    }
}

/// Writes the pages, so that nobody waits for them.
pub fn prepare() {
    LazyLock::force(&PAGES);
}

/// The WSDL of `service` with `soap:address` under `base` (no trailing slash); `None` when there is no such service.
#[must_use]
pub fn wsdl(service: &str, base: &str) -> Option<String> {
    let (_, text) = WSDL.iter().find(|(name, _)| *name == service)?;
    Some(addressed(&String::from_utf8_lossy(text), base))
}

/// Names of the published services.
pub fn services() -> impl Iterator<Item = &'static str> {
    WSDL.iter().map(|(name, _)| *name)
}

/// Whether a WSDL of this name is published.
#[must_use]
pub fn is_service(name: &str) -> bool {
    WSDL.iter().any(|(known, _)| *known == name)
}

/// A schema file by its bare name.
#[must_use]
pub fn schema(file: &str) -> Option<&'static [u8]> {
    XSD.iter().find(|(name, _)| *name == file).map(|(_, text)| *text)
}

/// The page for integrators at `/ws/`.
#[must_use]
pub fn index(base: &str) -> String {
    addressed(&PAGES.index, base)
}

/// The page of a service: its operations with samples, its codes.
#[must_use]
pub fn service(name: &str, base: &str) -> Option<String> {
    named(&PAGES.services, name).map(|page| addressed(page, base))
}

/// The page of a schema, by the file's name without its ending.
#[must_use]
pub fn schema_page(name: &str, base: &str) -> Option<String> {
    named(&PAGES.schemas, name).map(|page| addressed(page, base))
}

fn named<'p>(pages: &'p [(&str, String)], name: &str) -> Option<&'p str> {
    pages.iter().find(|(known, _)| *known == name).map(|(_, page)| page.as_str())
}

/// `text`, which is XML or HTML, with `base` in the place of the address that stands in it.
fn addressed(text: &str, base: &str) -> String {
    let escaped = base.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    text.replace(PLACEHOLDER, &escaped)
}

fn parsed(text: &[u8]) -> Document {
    Document::parse(text, &Limits::default()).expect("what the program embeds is well-formed")
}

/// The name of a schema's page.
fn bare(file: &'static str) -> &'static str {
    file.trim_end_matches(".xsd")
}

#[cfg(test)]
mod tests;
