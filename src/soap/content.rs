//! The digest of a request's content, by which a retry is told from another question under the same `idZadania`.

use std::io;

use openssl::sha::Sha256;

use crate::xml::names::{P, Z};
use crate::xml::{self, Element};

/// Leaves of type `xs:base64Binary`: white space inside them says nothing.
const BINARY: [&str; 9] =
    ["zawartosc", "skrot", "tresc", "podpis", "podpisGlowy", "certyfikat", "certyfikatGlowy", "dokument", "dane"];

/// Leaves of type `Uuid`, which compare in lower case.
const IDENTIFIERS: [&str; 3] = ["idZadania", "idPaczki", "idZdarzenia"];

/// Leaves that are numbers: a sign and leading zeros say nothing.
const NUMBERS: [&str; 3] = ["numer", "od", "ile"];

/// Attributes of type `xs:boolean`; absent means false.
const FLAGS: [&str; 1] = ["przytnij"];

/// Whether an attachment of any size may stand in this element: it is read as binary content.
#[must_use]
pub fn is_binary(element: Element<'_>) -> bool {
    element.is(Z.name("zawartosc")) || element.is(P.name("dokument")) || element.is(P.name("dane"))
}

/// SHA-256 over names and values of the whole request, `kontekst` included (rule 2.2): prefixes, comments and white
/// space do not count, `idZadania` counts in lower case.
///
/// Every name and value is written with its length, so two different trees never give the same bytes.
///
/// # Errors
/// When an attachment cannot be read back; it counts like the same content written in place.
pub fn digest(request: Element<'_>) -> io::Result<[u8; 32]> {
    let mut hash = Gathering { hash: Sha256::new(), waiting: Vec::with_capacity(PIECE) };
    add(&mut hash, request)?;
    Ok(hash.finish())
}

/// How many bytes wait to be hashed at once.
const PIECE: usize = 4096;

/// SHA-256 of many small pieces, handed on in large ones: the way to the library costs more than a short name.
struct Gathering {
    hash: Sha256,
    /// Never more than [`PIECE`] bytes.
    waiting: Vec<u8>,
}

impl Gathering {
    fn update(&mut self, bytes: &[u8]) {
        if self.waiting.len() + bytes.len() > PIECE {
            self.hash.update(&self.waiting);
            self.waiting.clear();
        }
        if bytes.len() > PIECE {
            self.hash.update(bytes);
        } else {
            self.waiting.extend_from_slice(bytes);
        }
    }

    fn finish(mut self) -> [u8; 32] {
        self.hash.update(&self.waiting);
        self.hash.finish()
    }
}

fn add(hash: &mut Gathering, element: Element<'_>) -> io::Result<()> {
    field(hash, b'<', element.namespace().as_bytes());
    field(hash, b'n', element.local().as_bytes());
    let mut attributes: Vec<_> = element.attributes().collect();
    attributes.sort_unstable_by_key(|attribute| (attribute.namespace, attribute.local));
    for attribute in &attributes {
        let value = match attribute.value.trim() {
            "false" | "0" if FLAGS.contains(&attribute.local) => continue, // like an absent one
            "1" if FLAGS.contains(&attribute.local) => "true",
            value => value,
        };
        field(hash, b'@', attribute.namespace.as_bytes());
        field(hash, b'a', attribute.local.as_bytes());
        field(hash, b'=', value.as_bytes());
    }
    let mut leaf = true;
    for child in element.children() {
        leaf = false;
        add(hash, child)?;
    }
    match element.attachment() {
        Some(attachment) => {
            begin(hash, b't', xml::base64_length(attachment.length()));
            xml::base64(attachment.as_ref(), &mut |piece| hash.update(piece))?;
        }
        None if leaf => field(hash, b't', value(element).as_bytes()),
        None => {}
    }
    hash.update(b">");
    Ok(())
}

fn value(leaf: Element<'_>) -> String {
    if BINARY.contains(&leaf.local()) {
        return leaf.text().split_ascii_whitespace().collect();
    }
    let text = leaf.token();
    if IDENTIFIERS.contains(&leaf.local()) {
        text.to_ascii_lowercase()
    } else if NUMBERS.contains(&leaf.local()) {
        text.parse::<u64>().map_or(text, |number| number.to_string())
    } else {
        text
    }
}

fn field(hash: &mut Gathering, kind: u8, bytes: &[u8]) {
    begin(hash, kind, bytes.len() as u64);
    hash.update(bytes);
}

fn begin(hash: &mut Gathering, kind: u8, length: u64) {
    hash.update(&[kind]);
    hash.update(&length.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Document, Limits};

    const PLAIN: &str = "<a xmlns='urn:x' k='1'><b>x y</b><zawartosc>AQID</zawartosc></a>";

    fn of(xml: &str) -> [u8; 32] {
        let document = Document::parse(xml.as_bytes(), &Limits::default()).expect("xml");
        digest(document.root()).expect("no attachment")
    }

    /// Digests are kept with what was answered, so their values outlive the program that made them.
    #[test]
    fn the_values_are_fixed() {
        let hex = |digest: [u8; 32]| digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(of(PLAIN)), "5822d2ece6af0685cd5e0cf5fdcf8f33cbca230a927a7c87333d5e7a74f9ef46");
        let many: String = (0..300).map(|number| format!("<b>{number}</b>")).collect();
        let long = "Q".repeat(5000);
        assert_eq!(
            hex(of(&format!("<a>{many}<c>{long}</c></a>"))),
            "707d005371e487152238d0f25acfc309a144ec9616530a40518dff1760893e57"
        );
    }

    #[test]
    fn the_way_of_writing_does_not_count() {
        for same in [
            "<p:a xmlns:p='urn:x' k=' 1 '><p:b> x\n y </p:b><p:zawartosc>AQ\nID</p:zawartosc></p:a>",
            "<a xmlns='urn:x' k='1' przytnij='0'><b>x y</b><zawartosc>AQID</zawartosc></a>",
            "<a xmlns='urn:x' k='1'><!-- c --><b>x<![CDATA[ y]]></b>\n<zawartosc>AQID</zawartosc></a>",
        ] {
            assert_eq!(of(PLAIN), of(same), "{same}");
        }
        let task = |id: &str| of(&format!("<w:idZadania xmlns:w='urn:brama:wspolne:1'>{id}</w:idZadania>"));
        assert_eq!(task("AB-12"), task("ab-12"));
    }

    #[test]
    fn the_content_does() {
        for other in [
            "<a xmlns='urn:y' k='1'><b>x y</b><zawartosc>AQID</zawartosc></a>",
            "<a xmlns='urn:x' k='2'><b>x y</b><zawartosc>AQID</zawartosc></a>",
            "<a xmlns='urn:x' k='1' przytnij='true'><b>x y</b><zawartosc>AQID</zawartosc></a>",
            "<a xmlns='urn:x' k='1'><b>X y</b><zawartosc>AQID</zawartosc></a>",
            "<a xmlns='urn:x' k='1'><b>x y<zawartosc>AQID</zawartosc></b></a>",
        ] {
            assert_ne!(of(PLAIN), of(other), "{other}");
        }
    }
}
