//! Items of good, odd and broken files.

use std::io::{BufReader, Read};

use super::super::Z;
use super::*;

const LIMITS: Limits =
    Limits { bytes: 300, depth: 5, attributes: 10, namespaces: 10, elements: 100, instructions: true };

fn read(text: &str) -> Result<Vec<Item>, Error> {
    // A small buffer makes every event cross its edge.
    let mut reader = ItemReader::new(BufReader::with_capacity(7, text.as_bytes()), LIMITS);
    let mut items = Vec::new();
    while let Some(item) = reader.next()? {
        item.parse(&LIMITS)?;
        items.push(item);
    }
    Ok(items)
}

#[track_caller]
fn check(text: &str, expected: &[(u64, u32, &str)]) {
    let items = read(text).unwrap();
    let items: Vec<_> =
        items.iter().map(|item| (item.ordinal, item.line, String::from_utf8_lossy(&item.bytes))).collect();
    let items: Vec<_> = items.iter().map(|(ordinal, line, bytes)| (*ordinal, *line, bytes.as_ref())).collect();
    assert_eq!(items, expected, "{text:?}");
}

#[track_caller]
fn refused(text: &str, reason: Reason, line: u32, column: u32) {
    match read(text) {
        Err(Error::Refused { reason: found, at }) => {
            assert_eq!((found, at.line, at.column), (reason, line, column), "{text:?}");
        }
        other => panic!("{text:?}: {other:?}"),
    }
}

#[test]
fn an_item_is_a_document_of_its_own() {
    check(
        "<?xml version='1.0' encoding='UTF-8'?>\n<!-- ż --><p:r xmlns:p='urn:p' xmlns='urn:d' a='1'>\n<p:i>ż</p:i>\n\n \
         <i xmlns='urn:i' q='>'/><!-- c --><?pi x?>\n<p:i\n><p:i/><![CDATA[</p:i>]]></p:i></p:r>\n<!-- end -->",
        &[
            (1, 3, "<p:i xmlns:p=\"urn:p\" xmlns=\"urn:d\">ż</p:i>"),
            (2, 5, "<i xmlns:p=\"urn:p\" xmlns='urn:i' q='>'/>"),
            (3, 6, "<p:i xmlns:p=\"urn:p\" xmlns=\"urn:d\"\n><p:i/><![CDATA[</p:i>]]></p:i>"),
        ],
    );
    check("\u{feff}<r/>", &[]);
    check("<r></r>", &[]);
    check("<r>\r\n<i/>\r\n<i/></r>", &[(1, 2, "<i/>"), (2, 3, "<i/>")]);
}

#[test]
fn the_root_is_known_before_any_item() {
    let text = "<z:Paczka xmlns:z='urn:brama:zasilanie:1' a=' x&#10;&amp;\n' z:b='2'><z:Osoba/></z:Paczka>";
    let mut reader = ItemReader::new(text.as_bytes(), LIMITS);
    let root = reader.root().unwrap();
    assert_eq!((root.name.as_str(), root.namespace.as_str(), root.line), ("Paczka", Z.uri, 1));
    assert_eq!(root.attributes, [("a".to_owned(), " x\n& ".to_owned())]);
    assert_eq!(root.attribute("a"), Some(" x\n& "));
    assert_eq!(root.attribute("b"), None);
    assert_eq!(reader.next().unwrap().map(|item| item.ordinal), Some(1));
    assert_eq!(reader.next().unwrap(), None);
    assert_eq!(reader.next().unwrap(), None);
}

#[test]
fn a_file_is_read_to_its_end() {
    refused("<r><i/>", Reason::Unclosed, 1, 8);
    refused("<r><i/>\n<i>", Reason::Unclosed, 2, 4);
    refused("<r><i/></r>\n<r/>", Reason::OutsideRoot, 2, 1);
    refused("<r/>\n\n x", Reason::OutsideRoot, 3, 2);
    refused("x<r/>", Reason::OutsideRoot, 1, 1);
    refused("", Reason::NoRoot, 1, 1);
    refused("<!-- -->", Reason::NoRoot, 1, 9);
    refused("<r><i/>\n ż</r>", Reason::UnexpectedText, 2, 2);
    refused("<r>&amp;</r>", Reason::UnexpectedText, 1, 4);
    refused("<r><![CDATA[]]></r>", Reason::UnexpectedText, 1, 4);
}

#[test]
fn what_is_not_well_formed_is_refused_with_its_place_in_the_file() {
    refused("<r>\n<i></j></r>", Reason::UnmatchedTag, 2, 4);
    refused("<r>\n<i/></s>", Reason::UnmatchedTag, 2, 5);
    refused("<r>\n\n<i a='1' a='2'/></r>", Reason::RepeatedAttribute, 3, 15);
    refused("<r>\n <i>\n  <p:k/></i></r>", Reason::UndeclaredPrefix, 3, 7);
    refused("<r>\n<i>&nbsp;</i></r>", Reason::UnknownEntity, 2, 10);
    refused("<r a='<'/>", Reason::Syntax, 1, 7);
    refused("<r a='1' a='2'/>", Reason::RepeatedAttribute, 1, 15);
    refused("<p:r/>", Reason::UndeclaredPrefix, 1, 5);
    refused("<r><!-- -- --></r>", Reason::Syntax, 1, 4);
    refused("<r><?x \u{1}?></r>", Reason::Syntax, 1, 4);
    refused("<r><?1 x?></r>", Reason::Syntax, 1, 4);
    refused("<?xml version='1.0' ncoding='UTF-8'?><r/>", Reason::Syntax, 1, 1);
    refused("<r>\n<?xml version='1.0'?></r>", Reason::Syntax, 2, 1);
    refused(" <?xml version='1.0'?><r/>", Reason::Syntax, 1, 2);
}

#[test]
fn what_could_hide_something_is_refused() {
    refused("<?xml version='1.0'?>\n<!DOCTYPE r><r/>", Reason::Doctype, 2, 1);
    refused("<r><i><!DOCTYPE r></i></r>", Reason::Doctype, 1, 7);
    refused("<?xml version='1.0' encoding='cp1250'?><r/>", Reason::OtherEncoding, 1, 1);
    let mut reader = ItemReader::new(&b"<r>\n<i>\xB9</i></r>"[..], LIMITS);
    let error = reader.next().unwrap_err();
    assert!(
        matches!(error, Error::Refused { reason: Reason::NotUtf8, at: Position { line: 2, column: 4 } }),
        "{error}"
    );
    assert!(reader.next().is_err(), "an error stays");
}

#[test]
fn limits_hold_for_each_item_and_not_for_the_file() {
    let item = format!("<i>{}</i>", "x".repeat(200));
    check_count(&format!("<r>{}</r>", item.repeat(50)), 50);
    let large = format!("<i>{}</i>", "x".repeat(300));
    refused(&format!("<r>\n{item}\n{large}</r>"), Reason::ItemTooLarge, 3, 4);
    refused(&format!("<r>{}</r>", " ".repeat(301)), Reason::ItemTooLarge, 1, 4);
    check_count(&format!("<r>{}</r>", "<!-- c -->".repeat(100)), 0);
    refused("<r><i><i><i><i><i><i/></i></i></i></i></i></r>", Reason::Depth, 1, 19);
}

#[track_caller]
fn check_count(text: &str, count: usize) {
    assert_eq!(read(text).unwrap().len(), count);
}

/// Gives a head, a body many times, and a tail, without ever holding them.
struct Endless {
    pieces: usize,
    piece: Vec<u8>,
    at: usize,
}

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() {
            if self.pieces == 0 {
                return Ok(0);
            }
            self.pieces -= 1;
            self.at = 0;
            self.piece = if self.pieces == 0 { b"</r>".to_vec() } else { b"<i>\n<k>tekst</k></i>".to_vec() };
        }
        let count = out.len().min(self.piece.len() - self.at);
        out[..count].copy_from_slice(&self.piece[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[test]
fn a_large_file_takes_the_memory_of_one_item() {
    let source = Endless { pieces: 300_001, piece: b"<r>".to_vec(), at: 0 };
    let mut reader = ItemReader::new(BufReader::new(source), LIMITS);
    let mut last = None;
    while let Some(item) = reader.next().unwrap() {
        last = Some((item.ordinal, item.line));
    }
    assert_eq!(last, Some((300_000, 300_000)));
    assert!(reader.buffer.capacity() < 1000 && reader.reader.get_ref().kept().len() < 1000);
}
