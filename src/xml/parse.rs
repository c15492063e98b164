//! Bytes to a document: pre-scan, then libxml2 without recovery, network, DTD or entity.

use std::ptr::{self, NonNull};

use libxml::bindings as lib;
use memchr::memchr;

use super::element::Element;
use super::error::{Error, Position, Reason};
use super::inclusions::Inclusion;
use super::library::{Report, reporting, start};
use super::limits::Limits;
use super::prescan::prescan;

/// A parsed document that never changes; elements borrow from it.
///
/// Invariant: it has a root, no DTD, and every prefix in it is declared.
#[derive(Debug)]
pub struct Document {
    pointer: NonNull<lib::xmlDoc>,
    root: NonNull<lib::xmlNode>,
    /// Kept for the pointer to it in the document's private field; a box, so that it stays where it is.
    notes: Option<Box<Notes>>,
}

/// What is known of a document and does not stand in its tree.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub inclusions: Vec<Inclusion>,
    /// What libxml2 says about the first relative name of a namespace.
    pub relative_namespace: Option<String>,
}

impl Document {
    /// Parses `bytes` within `limits`.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for too many bytes, [`Error::Refused`] with the place for everything else that is wrong.
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        prescan(bytes, limits)?;
        Self::build(bytes)
    }

    /// What follows the pre-scan.
    pub(super) fn build(bytes: &[u8]) -> Result<Self, Error> {
        const SIZE_MAX: usize = i32::MAX as usize;
        start();
        let size = i32::try_from(bytes.len()).map_err(|_| Error::TooLarge { limit: SIZE_MAX })?;
        // Told that the bytes are UTF-8, libxml2 would convert them to themselves. It finds that out alone: every other
        // encoding that it knows by the first four bytes is no UTF-8 or has a zero in them (XML 1.0 appendix F.1).
        if let Some(zero) = memchr(0, bytes) {
            return Err(Error::refused(Reason::ForbiddenCharacter, Position::in_bytes(bytes, zero)));
        }
        // SAFETY: the context lives for this one parse; the document does not refer to it afterwards.
        let context = unsafe { lib::xmlNewParserCtxt() };
        if context.is_null() {
            return Err(Error::Library("no parser"));
        }
        // Pedantic, because only then a relative name of a namespace is reported wherever it stands.
        let options = lib::xmlParserOption_XML_PARSE_NONET
            | lib::xmlParserOption_XML_PARSE_BIG_LINES
            | lib::xmlParserOption_XML_PARSE_PEDANTIC;
        let (pointer, reports) = reporting(|| unsafe {
            let options = i32::try_from(options).unwrap_or(0);
            lib::xmlCtxtReadMemory(context, bytes.as_ptr().cast(), size, ptr::null(), ptr::null(), options)
        });
        unsafe { lib::xmlFreeParserCtxt(context) };
        let document = NonNull::new(pointer).and_then(|pointer| {
            let root = unsafe { lib::xmlDocGetRootElement(pointer.as_ptr()) };
            let root = NonNull::new(root);
            if root.is_none() {
                unsafe { lib::xmlFreeDoc(pointer.as_ptr()) };
            }
            Some(Self { pointer, root: root?, notes: None })
        });
        // An undeclared prefix is an error after which libxml2 still gives a document.
        match (document, reports.iter().find(|report| is_error(report))) {
            (Some(mut document), None) => {
                let is_relative = |report: &Report| report.code == lib::xmlParserErrors_XML_WAR_NS_URI_RELATIVE;
                if let Some(report) = reports.into_iter().find(is_relative) {
                    document.set_notes(Notes { relative_namespace: Some(report.message), ..Notes::default() });
                }
                Ok(document)
            }
            (_, Some(report)) => Err(refusal(report, bytes)),
            (None, None) => Err(Error::Library("no document")),
        }
    }

    /// The document element.
    #[must_use]
    pub fn root(&self) -> Element<'_> {
        // SAFETY: the root lives as long as the document, which is borrowed.
        unsafe { Element::from_node(self.root) }
    }

    /// Hangs the attachments on the document, where its elements and its canonical form find them.
    pub(super) fn set_inclusions(&mut self, inclusions: Vec<Inclusion>) {
        let notes = self.notes.take().map_or_else(Notes::default, |notes| *notes);
        self.set_notes(Notes { inclusions, ..notes });
    }

    fn set_notes(&mut self, notes: Notes) {
        let notes = Box::new(notes);
        // SAFETY: the document is borrowed mutably; the field is the application's own and libxml2 leaves it alone.
        unsafe { (*self.pointer.as_ptr())._private = ptr::from_ref(&*notes).cast_mut().cast() };
        self.notes = Some(notes);
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        // SAFETY: elements borrow the document, so none is left.
        unsafe { lib::xmlFreeDoc(self.pointer.as_ptr()) };
    }
}

/// The value of `xml:id` is a matter of validity (xml:id 1.0 §5); whether it is unique, `ids` decides.
fn is_error(report: &Report) -> bool {
    let of_ids =
        matches!(report.code, lib::xmlParserErrors_XML_DTD_XMLID_VALUE | lib::xmlParserErrors_XML_DTD_ID_REDEFINED);
    !report.is_warning && !of_ids
}

fn refusal(report: &Report, bytes: &[u8]) -> Error {
    let reason = match report.code {
        lib::xmlParserErrors_XML_ERR_DOCUMENT_EMPTY => Reason::NoRoot,
        lib::xmlParserErrors_XML_ERR_DOCUMENT_END => Reason::OutsideRoot,
        lib::xmlParserErrors_XML_ERR_INVALID_CHAR
        | lib::xmlParserErrors_XML_ERR_INVALID_CHARREF
        | lib::xmlParserErrors_XML_ERR_INVALID_ENCODING => Reason::ForbiddenCharacter,
        lib::xmlParserErrors_XML_ERR_UNDECLARED_ENTITY | lib::xmlParserErrors_XML_WAR_UNDECLARED_ENTITY => {
            Reason::UnknownEntity
        }
        lib::xmlParserErrors_XML_ERR_ATTRIBUTE_REDEFINED | lib::xmlParserErrors_XML_NS_ERR_ATTRIBUTE_REDEFINED => {
            Reason::RepeatedAttribute
        }
        lib::xmlParserErrors_XML_ERR_TAG_NAME_MISMATCH => Reason::UnmatchedTag,
        lib::xmlParserErrors_XML_ERR_TAG_NOT_FINISHED => Reason::Unclosed,
        lib::xmlParserErrors_XML_NS_ERR_UNDEFINED_NAMESPACE => Reason::UndeclaredPrefix,
        _ => Reason::Syntax,
    };
    let count = |value: i32| u32::try_from(value).unwrap_or(1).max(1);
    let end = Position::in_bytes(bytes, bytes.len());
    let at = Position { line: count(report.line).min(end.line), column: count(report.column) };
    Error::refused(reason, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, reason: Reason, line: u32) {
        match Document::parse(text.as_bytes(), &Limits::default()) {
            Err(Error::Refused { reason: found, at }) => assert_eq!((found, at.line), (reason, line), "{text:?}"),
            other => panic!("{text:?}: {other:?}"),
        }
    }

    #[test]
    fn a_document_has_a_root() {
        let document = Document::parse("<a xmlns='urn:x'>ż</a>".as_bytes(), &Limits::default()).unwrap();
        assert_eq!(document.root().local(), "a");
        assert_eq!(document.root().namespace(), "urn:x");
    }

    #[test]
    fn what_is_not_well_formed_is_refused_with_its_line() {
        check("<a>\n<b></a>", Reason::UnmatchedTag, 2);
        check("<a/>\n<b/>", Reason::OutsideRoot, 2);
        check("text", Reason::NoRoot, 1);
        check("<a>\n&#0;</a>", Reason::ForbiddenCharacter, 2);
        check("<a>\n\n\u{1}</a>", Reason::ForbiddenCharacter, 3);
        check("<a>\n&nbsp;</a>", Reason::UnknownEntity, 2);
        check("<a b='1'\nb='2'/>", Reason::RepeatedAttribute, 2);
        check("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", Reason::RepeatedAttribute, 1);
        check("<a>\n<p:b/></a>", Reason::UndeclaredPrefix, 2);
        check("<a p:b='1'/>", Reason::UndeclaredPrefix, 1);
        check("<a b='<'/>", Reason::Syntax, 1);
        check("<a>]]></a>", Reason::Syntax, 1);
        check("<a><!-- -- --></a>", Reason::Syntax, 1);
        check("<1/>", Reason::Syntax, 1);
    }

    #[test]
    fn no_number_of_warnings_hides_an_error() {
        let open: String = (0..30).map(|number| format!("<a xmlns='relative{number}'>")).collect();
        for (inside, reason) in [
            ("<p:b/>", Reason::UndeclaredPrefix),
            ("<b xmlns:p='urn:x' xmlns:q='urn:x' p:a='' q:a=''/>", Reason::RepeatedAttribute),
            ("<b xmlns:p='urn:|'/>", Reason::Syntax),
        ] {
            check(&format!("{open}{inside}{}", "</a>".repeat(30)), reason, 1);
        }
    }

    #[test]
    fn bytes_are_read_as_utf_8_and_as_nothing_else() {
        for text in ["<a>ż</a>", "\u{feff}<a>ż</a>", "<?xml version='1.0' encoding='UTF-8'?><a>ż</a>"] {
            let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(document.root().text(), "ż", "{text:?}");
        }
        // U+3E2F is `/>` to somebody who reads bytes.
        let hidden = "<!DOCTYPE a><a b='\u{3e2f}'/>";
        let wide: Vec<u8> = hidden.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(Document::parse(&wide, &Limits::default()).is_err());
        assert!(matches!(Document::build(&wide), Err(Error::Refused { reason: Reason::ForbiddenCharacter, .. })));
        check("<a>\n\0</a>", Reason::ForbiddenCharacter, 2);
    }

    #[test]
    fn the_limits_hold_before_the_parser_runs() {
        let limits = Limits { depth: 2, ..Limits::default() };
        assert!(Document::parse(b"<a><b/></a>", &limits).is_ok());
        assert!(Document::parse(b"<a><b><c/></b></a>", &limits).is_err());
        let limits = Limits { bytes: 3, ..Limits::default() };
        assert!(matches!(Document::parse(b"<a/>", &limits), Err(Error::TooLarge { limit: 3 })));
    }

    #[test]
    fn lines_beyond_65535_are_counted() {
        let text = format!("<a>{}<b>x</b></a>", "\n".repeat(70_000));
        let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(document.root().children().next().map(Element::line), Some(70_001));
    }
}
