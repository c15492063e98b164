//! The look at a document before libxml2 sees it: bounded work, and nothing in it is ever expanded or fetched.

use quick_xml::Reader;
use quick_xml::events::{BytesDecl, BytesStart, Event};

use super::error::{Error, Position, Reason};
use super::limits::Limits;

/// Checks that `bytes` is UTF-8 without DOCTYPE, within `limits`, and that every element is closed.
///
/// It does not promise well-formedness; the parser that follows does.
///
/// # Errors
/// [`Error::TooLarge`] for too many bytes, else [`Error::Refused`] with the place.
pub fn prescan(bytes: &[u8], limits: &Limits) -> Result<(), Error> {
    if bytes.len() > limits.bytes {
        return Err(Error::TooLarge { limit: limits.bytes });
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Error::refused(Reason::NotUtf8, Position::in_bytes(bytes, error.valid_up_to())))?;
    let refused = |offset: u64, reason| {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        Error::refused(reason, Position::in_bytes(bytes, offset))
    };
    let mut reader = Reader::from_str(text);
    let mut scan = Scan { limits, declared: Vec::new(), namespaces: 0, elements: 0 };
    loop {
        let start = reader.buffer_position();
        let event = reader.read_event().map_err(|error| refused(reader.error_position(), reason(&error)))?;
        let verdict = match event {
            Event::Start(tag) => scan.open(&tag),
            Event::Empty(tag) => scan.open(&tag).map(|()| scan.close()),
            Event::End(_) => {
                scan.close();
                Ok(())
            }
            Event::Decl(declaration) => declared(&declaration),
            Event::DocType(_) => Err(Reason::Doctype),
            Event::PI(_) if !limits.instructions => Err(Reason::Instruction),
            Event::Eof => break scan.end().map_err(|reason| refused(start, reason)),
            _ => Ok(()),
        };
        verdict.map_err(|reason| refused(start, reason))?;
    }
}

/// What is counted on the way through a document.
struct Scan<'a> {
    limits: &'a Limits,
    /// Namespace declarations of each open element.
    declared: Vec<usize>,
    namespaces: usize,
    elements: usize,
}

impl Scan<'_> {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), Reason> {
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(Reason::Elements);
        }
        if self.declared.len() >= self.limits.depth {
            return Err(Reason::Depth);
        }
        let mut attributes = 0;
        let mut declarations = 0;
        // Without quick-xml's check for duplicates, which is quadratic; libxml2 makes it later within the limit.
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| Reason::Syntax)?;
            attributes += 1;
            declarations += usize::from(attribute.key.as_namespace_binding().is_some());
            if attributes > self.limits.attributes {
                return Err(Reason::Attributes);
            }
        }
        self.namespaces += declarations;
        if self.namespaces > self.limits.namespaces {
            return Err(Reason::Namespaces);
        }
        self.declared.push(declarations);
        Ok(())
    }

    fn close(&mut self) {
        self.namespaces -= self.declared.pop().unwrap_or(0);
    }

    fn end(&self) -> Result<(), Reason> {
        match (self.elements, self.declared.len()) {
            (0, _) => Err(Reason::NoRoot),
            (_, 0) => Ok(()),
            _ => Err(Reason::Unclosed),
        }
    }
}

/// Accepts `<?xml version="1.0"?>`, with or without `encoding="UTF-8"` in any case.
pub(super) fn declared(declaration: &BytesDecl<'_>) -> Result<(), Reason> {
    match declaration.version() {
        Ok(version) if version == "1.0" => {}
        _ => return Err(Reason::OtherVersion),
    }
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(encoding)) if encoding.eq_ignore_ascii_case("utf-8") => Ok(()),
        Some(_) => Err(Reason::OtherEncoding),
    }
}

/// The reason behind an error of quick-xml.
pub(super) fn reason(error: &quick_xml::Error) -> Reason {
    use quick_xml::Error as Quick;
    use quick_xml::errors::IllFormedError as Form;
    match error {
        Quick::Encoding(_) => Reason::NotUtf8,
        Quick::IllFormed(Form::MismatchedEndTag { .. } | Form::UnmatchedEndTag(_)) => Reason::UnmatchedTag,
        Quick::IllFormed(Form::MissingDoctypeName) => Reason::Doctype,
        _ => Reason::Syntax,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::time::{Duration, Instant};

    use super::*;

    const SMALL: Limits =
        Limits { bytes: 1000, depth: 3, attributes: 4, namespaces: 3, elements: 5, instructions: false };

    #[track_caller]
    fn check(text: &str, expected: Result<(), (Reason, u32, u32)>) {
        let found = prescan(text.as_bytes(), &SMALL).map_err(|error| match error {
            Error::Refused { reason, at } => (reason, at.line, at.column),
            other => panic!("{other}"),
        });
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn a_plain_document_passes() {
        check("<a/>", Ok(()));
        check("\u{feff}<a/>", Ok(()));
        check("<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n<a b='1'><!-- c --><b>&amp;</b></a>\n", Ok(()));
        check("<a><b><c/></b><b/></a>", Ok(()));
    }

    #[test]
    fn a_doctype_is_refused_wherever_it_stands() {
        check("<!DOCTYPE a><a/>", Err((Reason::Doctype, 1, 1)));
        check("<?xml version='1.0'?>\n <!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", Err((Reason::Doctype, 2, 2)));
    }

    #[test]
    fn only_utf_8_and_version_1_0_are_read() {
        check("<?xml version='1.0' encoding='ISO-8859-2'?><a/>", Err((Reason::OtherEncoding, 1, 1)));
        check("<?xml version='1.1'?><a/>", Err((Reason::OtherVersion, 1, 1)));
        let broken = prescan(b"<a>\n \xff</a>", &SMALL).unwrap_err();
        assert_eq!(broken.position(), Some(Position { line: 2, column: 2 }));
        let wide: Vec<u8> = "\u{feff}<a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(prescan(&wide, &SMALL).is_err());
    }

    #[test]
    fn every_limit_is_the_largest_accepted_value() {
        check("<a><b><c><d/></c></b></a>", Err((Reason::Depth, 1, 10)));
        check("<a p='' q='' r='' s=''/>", Ok(()));
        check("<a p='' q='' r='' s='' t=''/>", Err((Reason::Attributes, 1, 1)));
        check("<a xmlns='x' xmlns:b='x' xmlns:c='x'/>", Ok(()));
        check("<a xmlns='x' xmlns:b='x'><b xmlns='y'/><b xmlns='y'/></a>", Ok(()));
        check("<a xmlns='x' xmlns:b='x'><b xmlns='y' xmlns:b='y'/></a>", Err((Reason::Namespaces, 1, 26)));
        check("<a><?b c?></a>", Err((Reason::Instruction, 1, 4)));
        check("<a><b/><b/><b/><b/></a>", Ok(()));
        check("<a><b/><b/><b/><b/>\n<b/></a>", Err((Reason::Elements, 2, 1)));
        let large = prescan(&[b' '; 1001], &SMALL);
        assert!(matches!(large, Err(Error::TooLarge { limit: 1000 })));
    }

    #[test]
    fn an_element_left_open_is_refused() {
        check("", Err((Reason::NoRoot, 1, 1)));
        check("<a>\n<b></b>", Err((Reason::Unclosed, 2, 8)));
        check("<a></b>", Err((Reason::UnmatchedTag, 1, 4)));
        check("</a>", Err((Reason::UnmatchedTag, 1, 1)));
        check("<a", Err((Reason::Syntax, 1, 1)));
        check("<a b='></a>", Err((Reason::Syntax, 1, 1)));
    }

    #[test]
    fn a_hundred_thousand_attributes_are_refused_at_once() {
        let mut text = String::from("<a");
        for number in 0..100_000 {
            write!(text, " a{number}=''").unwrap();
        }
        text.push_str("/>");
        let start = Instant::now();
        let refusal = prescan(text.as_bytes(), &Limits::default());
        assert!(matches!(refusal, Err(Error::Refused { reason: Reason::Attributes, .. })));
        assert!(start.elapsed() < Duration::from_secs(1));
    }
}
