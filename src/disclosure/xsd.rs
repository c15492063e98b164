//! Reads our own schemas as plain trees: only what the catalogue needs, nothing of XSD's meaning.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::Error;

/// An element of a schema document; names keep the fixed prefixes of the house (`xs`, `w`, `b`).
#[derive(Debug, Default)]
pub(super) struct Node {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub children: Vec<Node>,
    pub text: String,
}

impl Node {
    /// Reads a whole schema document.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Self, Error> {
        let wrong = |reason: String| Error::NotXml { file: file.to_owned(), reason };
        let mut reader = Reader::from_str(std::str::from_utf8(bytes).map_err(|error| wrong(error.to_string()))?);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().map_err(|error| wrong(error.to_string()))? {
                Event::Start(tag) => open.push(Self::start(&tag).map_err(wrong)?),
                Event::Empty(tag) => {
                    let node = Self::start(&tag).map_err(wrong)?;
                    append(&mut open, node);
                }
                Event::End(_) => {
                    let node = open.pop().unwrap_or_default();
                    append(&mut open, node);
                }
                Event::Text(text) => {
                    if let Some(node) = open.last_mut() {
                        node.text.push_str(&text);
                    }
                }
                Event::Eof => break,
                _ => (),
            }
        }
        // Elements left open would stand beside the document node.
        match (open.len(), open.pop().unwrap_or_default().children.pop()) {
            (1, Some(root)) => Ok(root),
            _ => Err(wrong("the document is cut short".to_owned())),
        }
    }

    fn start(tag: &BytesStart<'_>) -> Result<Self, String> {
        let mut attributes = BTreeMap::new();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            attributes.insert(attribute.key.as_ref().to_owned(), attribute.value.into_owned());
        }
        Ok(Self { name: tag.name().as_ref().to_owned(), attributes, ..Self::default() })
    }

    /// An attribute's value.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// The children of one name, in order.
    pub fn all<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'n Self> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// What the schema says about a declaration, white space collapsed; empty when it says nothing.
pub(super) fn words_at(declaration: &Node) -> String {
    let words = declaration.all("xs:annotation").flat_map(|note| note.all("xs:documentation")).next();
    words.map_or_else(String::new, |words| words.text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn append(open: &mut [Node], node: Node) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(node);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_becomes_a_tree() {
        let root =
            Node::read("a.xsd", b"<?xml version=\"1.0\"?><xs:a x=\"1\"><xs:b/><!-- c --><xs:c> 2.1 </xs:c></xs:a>")
                .unwrap();
        assert_eq!((root.name.as_str(), root.attribute("x")), ("xs:a", Some("1")));
        assert_eq!(root.all("xs:c").next().unwrap().text.trim(), "2.1");
        assert_eq!(root.children.len(), 2);
    }

    #[test]
    fn a_document_cut_short_is_refused() {
        for bytes in [&b"<xs:a><xs:b></xs:a>"[..], b"<xs:a>", b"", b"<xs:a"] {
            assert!(matches!(Node::read("a.xsd", bytes), Err(Error::NotXml { .. })), "{bytes:?}");
        }
    }
}
