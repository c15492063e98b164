//! Publishing the contract: WSDLs with the caller's address filled in, schemas as they stand, an index page.

use std::fmt::Write as _;

use memchr::memmem;

use crate::contract::{WSDL, XSD};

/// Address that stands in the WSDL files and is replaced by the public one.
const PLACEHOLDER: &[u8] = b"http://127.0.0.1:8080/ws/";

/// The WSDL of `service` with `soap:address` under `base` (no trailing slash); `None` when there is no such service.
#[must_use]
pub fn wsdl(service: &str, base: &str) -> Option<Vec<u8>> {
    let (_, text) = WSDL.iter().find(|(name, _)| *name == service)?;
    let address = [base.as_bytes(), b"/ws/"].concat();
    let mut published = Vec::with_capacity(text.len() + 256);
    let mut done = 0;
    for at in memmem::find_iter(text, PLACEHOLDER) {
        published.extend_from_slice(&text[done..at]);
        published.extend_from_slice(&address);
        done = at + PLACEHOLDER.len();
    }
    published.extend_from_slice(&text[done..]);
    Some(published)
}

/// The page of a service.
#[must_use]
pub fn service(name: &str, base: &str) -> Option<String> {
    is_service(name).then(|| index(base))
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
    let mut page = String::from(
        "<!doctype html><html lang=\"pl\"><meta charset=\"utf-8\"><title>brama: usługi</title>\
         <style>body{font:1rem/1.5 system-ui;max-width:46rem;margin:2rem auto;padding:0 1rem}</style>\
         <h1>Usługi bramy</h1><ul>",
    );
    for (service, _) in WSDL {
        let _ = write!(page, "<li><a href=\"{base}/ws/{service}?wsdl\">{service}</a> ({base}/ws/{service})</li>");
    }
    page.push_str("</ul><h2>Schematy</h2><ul>");
    for (file, _) in XSD {
        let _ = write!(page, "<li><a href=\"{base}/xsd/{file}\">{file}</a></li>");
    }
    page.push_str("</ul></html>");
    page
}
