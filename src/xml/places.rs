//! Where the start tags of a document begin: libxml2 keeps only the line on which one ends.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::element::Element;
use super::error::Position;

/// The place of every element of one document.
#[derive(Debug)]
pub struct Places<'d> {
    root: Element<'d>,
    places: HashMap<Element<'d>, Position>,
}

impl<'d> Places<'d> {
    /// The places in `bytes`, from which the document with this root was parsed.
    #[must_use]
    pub fn of(bytes: &[u8], root: Element<'d>) -> Self {
        let elements = std::iter::once(root).chain(root.descendants());
        Self { root, places: elements.zip(starts(bytes)).collect() }
    }

    /// Where the element's start tag begins.
    #[must_use]
    pub fn at(&self, element: Element<'_>) -> Position {
        self.places.get(&element).copied().unwrap_or(Position { line: element.line(), column: 1 })
    }

    /// Where the element begins whose path is given as a violation gives it, an attribute at its end or not.
    #[must_use]
    pub fn of_path(&self, path: &str) -> Option<Position> {
        let path = path.split("/@").next().unwrap_or_default();
        let mut elements = std::iter::once(self.root).chain(self.root.descendants());
        elements.find(|element| element.path_from(self.root) == path).map(|element| self.at(element))
    }
}

/// The beginnings of all start tags in order; of bytes that a parser accepted, hence nothing here can fail.
fn starts(bytes: &[u8]) -> Vec<Position> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = Reader::from_str(std::str::from_utf8(bytes).unwrap_or_default());
    let (mut here, mut counted, mut found) = (Position { line: 1, column: 1 }, 0, Vec::new());
    loop {
        let from = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(bytes.len());
        match reader.read_event() {
            Ok(Event::Start(_) | Event::Empty(_)) => {
                here = here.after(&bytes[counted..from]);
                counted = from;
                found.push(here);
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Document, Limits};
    use super::*;

    #[test]
    fn every_element_is_where_its_tag_begins() {
        let text = "\u{feff}<?xml version='1.0'?>\n<a><!-- <x/> -->\n  ż<b\n c='>'/><d><![CDATA[<y/>]]></d>\n</a>";
        let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        let places = Places::of(text.as_bytes(), document.root());
        let found: Vec<_> = std::iter::once(document.root())
            .chain(document.root().descendants())
            .map(|element| (element.local().to_owned(), places.at(element).line, places.at(element).column))
            .collect();
        let expected =
            [("a", 2, 1), ("b", 3, 4), ("d", 4, 9)].map(|(name, line, column)| (name.to_owned(), line, column));
        assert_eq!(found, expected);
        assert_eq!(places.of_path("/a/d/@x"), Some(Position { line: 4, column: 9 }));
        assert_eq!(places.of_path("/a/e"), None);
    }
}
