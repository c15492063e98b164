//! The pages hold the whole contract, the samples are valid by it, and nothing on a page is markup by accident.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::sha::sha256;

use super::*;
use crate::contract::SAMPLES;
use crate::problem::Code;
use crate::xml::names::NONE;
use crate::xml::{Element, Schema};

const BASE: &str = "https://brama.example:8443";

/// A page as XML: it is written so that it is both.
fn page(html: &str) -> Document {
    let text = html.strip_prefix("<!doctype html>\n").expect("a document type");
    parsed(text.as_bytes())
}

fn every_page() -> Vec<(String, String)> {
    let services = WSDL.iter().map(|(name, _)| (format!("/ws/{name}"), service(name, BASE).unwrap()));
    let schemas = XSD.iter().map(|(file, _)| bare(file));
    let schemas = schemas.map(|name| (format!("/xsd/{name}"), schema_page(name, BASE).unwrap()));
    [("/ws/".to_owned(), index(BASE))].into_iter().chain(services).chain(schemas).collect()
}

fn with_attribute<'d>(document: &'d Document, name: &'static str) -> Vec<(Element<'d>, String)> {
    let all = document.root().descendants();
    all.filter_map(|one| Some((one, one.attribute(name)?))).collect()
}

#[test]
fn every_operation_stands_on_its_page_with_two_samples_its_action_and_its_codes() {
    for (name, text) in WSDL {
        let described = Description::read(name, &parsed(text));
        let shown = page(&service(name, BASE).unwrap());
        let actions = String::from_utf8_lossy(text).matches("<wsdl:input wsam:Action=").count();
        assert_eq!(described.operations.len(), actions);
        for operation in &described.operations {
            let ids = with_attribute(&shown, "id");
            let (section, _) = ids.iter().find(|(_, id)| *id == operation.name).expect("a section");
            let texts: Vec<String> = section.descendants().map(Element::text).collect();
            assert!(!operation.documentation.is_empty() && texts.contains(&operation.documentation));
            assert_eq!(operation.action, format!("urn:brama:{name}:1/{}", operation.name));
            assert!(texts.contains(&operation.action));
            for root in [operation.name.clone(), format!("{}Odpowiedz", operation.name)] {
                let start = format!(":{root} xmlns:");
                assert!(texts.iter().any(|text| text.contains("<soap:Envelope") && text.contains(&start)), "{root}");
            }
            assert!(operation.codes.contains(&Code::Internal));
            assert!(operation.codes.iter().all(|code| texts.iter().any(|text| text == code.wire())));
        }
        assert!(described.codes().iter().all(|code| service(name, BASE).unwrap().contains(code.sentence())));
    }
}

#[test]
fn every_sample_is_used_and_valid() {
    for (name, text) in SAMPLES {
        let document = parsed(text.as_bytes());
        let root = document.root();
        assert_eq!(root.local(), *name);
        let file = match root.namespace().split(':').nth(2) {
            Some(_) if *name == "Paczka" => "paczka.xsd".to_owned(),
            part => format!("{}.xsd", part.unwrap()),
        };
        let schema = Schema::compile(&file, XSD).unwrap();
        assert_eq!(schema.validate(root, root), [], "{name}");
        let shown = samples::envelope("uwaga", text);
        assert!(WSDL.iter().any(|(one, _)| service(one, BASE).unwrap().contains(&format!(":{name} xmlns:"))), "{name}");
        assert_eq!(parsed(shown.as_bytes()).root().children().count(), 2);
    }
}

#[test]
fn the_batch_of_the_samples_is_the_one_that_is_shown() {
    let inside = |root: &str, name: &str| {
        let document = parsed(samples::sample(root).unwrap().as_bytes());
        let found = document.root().descendants().find(|one| one.local() == name).unwrap();
        STANDARD.decode(found.text().split_whitespace().collect::<String>()).unwrap()
    };
    let batch = samples::sample("Paczka").unwrap().as_bytes();
    assert_eq!(inside("PrzekazPaczke", "zawartosc"), batch);
    assert_eq!(inside("PrzekazCzesc", "zawartosc"), batch);
    assert_eq!(inside("ZamknijPaczke", "skrot"), sha256(batch));
}

#[test]
fn every_link_leads_to_a_page_a_file_or_a_place_on_a_page() {
    let pages = every_page();
    let mut plain = Vec::new();
    for (address, html) in &pages {
        let document = page(html);
        for (_, target) in with_attribute(&document, "href") {
            let target = target.strip_prefix(BASE).map_or_else(|| format!("{address}{target}"), str::to_owned);
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            if let Some(service) = path.strip_prefix("/ws/").and_then(|path| path.strip_suffix("?wsdl")) {
                assert!(is_service(service), "{address}: {target}");
            } else if path.strip_prefix("/xsd/").and_then(schema).is_none() {
                let (_, other) = pages.iter().find(|(one, _)| one == path).unwrap_or_else(|| panic!("{target}"));
                let there = page(other);
                let is_there = with_attribute(&there, "id").iter().any(|(_, id)| id == anchor);
                assert!(anchor.is_empty() || is_there, "{address}: {target}");
            }
            plain.push(target);
        }
    }
    // Programs find the contract by these on the first page.
    assert!(WSDL.iter().all(|(name, _)| plain.contains(&format!("/ws/{name}?wsdl"))));
    assert!(XSD.iter().all(|(file, _)| plain.contains(&format!("/xsd/{file}"))));
}

#[test]
fn every_definition_of_a_schema_stands_on_its_page_in_its_own_words() {
    for (file, text) in XSD {
        let html = schema_page(bare(file), BASE).unwrap();
        let shown = page(&html);
        let words: String = shown.root().descendants().map(|one| one.token() + " ").collect();
        let source = parsed(text);
        for one in source.root().descendants().filter(|one| one.local() == "documentation") {
            let start: String = one.token().chars().take(30).collect();
            assert!(words.contains(&start), "{file}: {start}");
        }
        let ids = with_attribute(&shown, "id");
        for (place, (_, id)) in ids.iter().enumerate() {
            assert!(ids[..place].iter().all(|(_, other)| other != id), "{file}: {id} stands twice");
        }
    }
}

#[test]
fn pages_are_polish_have_one_main_heading_and_no_script() {
    for (address, html) in every_page() {
        let document = page(&html);
        assert_eq!(document.root().attribute("lang").as_deref(), Some("pl"), "{address}");
        assert_eq!(document.root().descendants().filter(|one| one.is(NONE.name("h1"))).count(), 1, "{address}");
        assert!(!html.contains("<script") && !html.contains(PLACEHOLDER), "{address}");
    }
}

#[test]
fn the_address_is_escaped() {
    let hostile = "https://x\"><script>&";
    for text in [index(hostile), service("zasilanie", hostile).unwrap()] {
        assert!(!text.contains("<script"));
        page(&text);
    }
    parsed(wsdl("zasilanie", hostile).unwrap().as_bytes());
}
