//! Content to XML and back, and what is no content.

use super::*;
use crate::contract::XSD;
use crate::xml::{Document, Limits, Method, Schema, canonical_bytes};

fn sample() -> Content {
    let paragraph = |layout, text: &str| Block::Paragraph { layout, text: text.to_owned() };
    let cells = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    let mut blocks = vec![
        Block::Heading { level: Level::Title, text: "ZAŚWIADCZENIE".to_owned() },
        Block::Heading { level: Level::Section, text: "Okresy & <kwoty>".to_owned() },
        Block::List(cells(&["pierwsza", "druga"])),
        Block::Table(Table {
            columns: vec![
                Column { title: "Nazwa".to_owned(), is_right: false },
                Column { title: "Kwota".to_owned(), is_right: true },
            ],
            rows: vec![cells(&["Żółć-Gęślą", "1\u{a0}234,56\u{a0}zł"]), cells(&["", "—"])],
            sum: Some(cells(&["Razem", "1\u{a0}234,56\u{a0}zł"])),
        }),
    ];
    blocks.extend(Layout::ALL.map(|layout| paragraph(layout, "Tekst.")));
    Content { blocks }
}

fn schema() -> Schema {
    Schema::compile("wzor-czesci.xsd", XSD).unwrap()
}

#[test]
fn what_is_written_is_canonical_valid_and_read_back() {
    let bytes = sample().to_bytes();
    let document = Document::parse(&bytes, &Limits::default()).unwrap();
    assert_eq!(schema().validate(document.root(), document.root()), []);
    assert_eq!(Content::read(document.root()), Ok(sample()));
    let canonical = canonical_bytes(document.root(), Method::Exclusive).unwrap();
    assert_eq!(String::from_utf8(canonical), String::from_utf8(bytes));
}

#[track_caller]
fn refused(text: &str, by_schema: bool) {
    let text = text.replacen('>', " xmlns:cz='urn:brama:wzor:czesci:1'>", 1);
    let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(!schema().validate(document.root(), document.root()).is_empty(), by_schema, "{text}");
    assert_eq!(Content::read(document.root()), Err(NotContent { line: 1 }), "{text}");
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    refused("<cz:Inne></cz:Inne>", true);
    refused("<cz:Tresc><cz:inne>a</cz:inne></cz:Tresc>", true);
    refused("<cz:Tresc><cz:akapit uklad='skos'>a</cz:akapit></cz:Tresc>", true);
    refused("<cz:Tresc><cz:naglowek poziom='3'>a</cz:naglowek></cz:Tresc>", true);
    let table = "<cz:tabela><cz:kolumna>a</cz:kolumna><cz:wiersz><cz:komorka>b</cz:komorka><cz:komorka>c</cz:komorka></cz:wiersz></cz:tabela>";
    refused(&format!("<cz:Tresc>{table}</cz:Tresc>"), false);
}

#[test]
fn a_document_is_called_by_its_first_title() {
    assert_eq!(sample().title(), Some("ZAŚWIADCZENIE"));
    assert_eq!(Content::default().title(), None);
    assert_eq!(sample().texts().count(), 2 + 2 + 2 + 6 + 7);
}
