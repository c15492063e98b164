//! The look at a document before libxml2 sees it: bounded work, and nothing in it is ever expanded or fetched.

use memchr::{memchr, memchr2, memchr3, memmem};
use quick_xml::events::{BytesDecl, BytesStart};

use super::error::{Error, Position, Reason};
use super::limits::Limits;

/// Checks that `bytes` is UTF-8 without DOCTYPE, within `limits`, and that every element is closed.
///
/// It does not promise well-formedness; the parser that follows does.
///
/// # Errors
/// [`Error::TooLarge`] for too many bytes, else [`Error::Refused`] with the place.
pub fn prescan(bytes: &[u8], limits: &Limits) -> Result<(), Error> {
    scan(bytes, 0, limits).map(drop)
}

/// How an element of a document ends, counted in bytes from the document's beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End<'d> {
    /// Where its end tag begins.
    Tag(usize),
    /// It is one tag alone: where the `/>` of that begins, and the element's name as written.
    Whole(usize, &'d [u8]),
}

/// The same look, which tells where the element of this number ends: the root is 0, and they count as they begin.
pub(super) fn scan<'d>(bytes: &'d [u8], wanted: usize, limits: &Limits) -> Result<Option<End<'d>>, Error> {
    if bytes.len() > limits.bytes {
        return Err(Error::TooLarge { limit: limits.bytes });
    }
    // A byte order mark is no character of the document, so no place counts it.
    let mark = "\u{feff}".as_bytes();
    let (bytes, skipped) = bytes.strip_prefix(mark).map_or((bytes, 0), |bytes| (bytes, mark.len()));
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Error::refused(Reason::NotUtf8, Position::in_bytes(bytes, error.valid_up_to())))?;
    let mut scan = Scan {
        text,
        limits: *limits,
        at: 0,
        open: Vec::with_capacity(16),
        namespaces: 0,
        elements: 0,
        wanted,
        end: None,
    };
    scan.run().map_err(|reason| Error::refused(reason, Position::in_bytes(bytes, scan.at)))?;
    Ok(scan.end.map(|end| match end {
        End::Tag(at) => End::Tag(skipped + at),
        End::Whole(at, name) => End::Whole(skipped + at, name),
    }))
}

/// What is counted on the way through a document; no byte of it is looked at more than a few times.
struct Scan<'d> {
    text: &'d str,
    limits: Limits,
    /// Where the piece begins that is being read: a tag, a comment, a reference, or the like.
    at: usize,
    open: Vec<Open<'d>>,
    namespaces: usize,
    elements: usize,
    /// Number of the element whose end is asked for.
    wanted: usize,
    end: Option<End<'d>>,
}

/// An element whose end tag is still to come.
struct Open<'d> {
    name: &'d [u8],
    /// Counts from 0 over the whole document.
    number: usize,
    /// Namespace declarations in its start tag.
    declarations: usize,
}

impl<'d> Scan<'d> {
    fn run(&mut self) -> Result<(), Reason> {
        let bytes = self.text.as_bytes();
        while let Some(rest) = markup(&bytes[self.at..]) {
            self.at = bytes.len() - rest.len();
            self.at += match rest {
                [b'&', ..] => reference(rest)?,
                [_, b'/', ..] => self.close(rest)?,
                [_, b'?', ..] => self.instruction(rest)?,
                [_, b'!', ..] => aside(rest)?,
                _ => self.open(rest)?,
            };
        }
        self.at = bytes.len();
        match (self.elements, self.open.len()) {
            (0, _) => Err(Reason::NoRoot),
            (_, 0) => Ok(()),
            _ => Err(Reason::Unclosed),
        }
    }

    /// Takes in the start tag, or the whole element, at the start of `rest`; its length.
    fn open(&mut self, rest: &'d [u8]) -> Result<usize, Reason> {
        let end = rest.iter().position(|byte| is_space(byte) || is_end(byte)).ok_or(Reason::Syntax)?;
        let name = rest[1..end].strip_suffix(b"/").filter(|_| rest[end] == b'>').unwrap_or(&rest[1..end]);
        if name.is_empty() {
            return Err(Reason::Syntax);
        }
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(Reason::Elements);
        }
        if self.open.len() >= self.limits.depth {
            return Err(Reason::Depth);
        }
        let (declarations, end) = attributes(&rest[1 + name.len()..], self.limits.attributes)?;
        if self.namespaces + declarations > self.limits.namespaces {
            return Err(Reason::Namespaces);
        }
        let is_whole = end[0] == b'/';
        let number = self.elements - 1;
        if is_whole && number == self.wanted {
            self.end = Some(End::Whole(self.at + rest.len() - end.len(), name));
        }
        if !is_whole {
            self.namespaces += declarations;
            self.open.push(Open { name, number, declarations });
        }
        Ok(rest.len() - end.len() + if is_whole { "/>".len() } else { ">".len() })
    }

    /// Takes in the end tag at the start of `rest`; its length.
    fn close(&mut self, rest: &[u8]) -> Result<usize, Reason> {
        let due = self.open.pop().and_then(|open| Some((without_space(rest[2..].strip_prefix(open.name)?), open)));
        match due {
            Some(([b'>', behind @ ..], open)) => {
                if open.number == self.wanted {
                    self.end = Some(End::Tag(self.at));
                }
                self.namespaces -= open.declarations;
                Ok(rest.len() - behind.len())
            }
            _ if memchr(b'>', rest).is_none() => Err(Reason::Syntax),
            _ => Err(Reason::UnmatchedTag),
        }
    }

    /// The length of the processing instruction or XML declaration at the start of `rest`.
    fn instruction(&self, rest: &[u8]) -> Result<usize, Reason> {
        let length = closed(rest, 1, b"?>")?;
        let inside = self.text[self.at..self.at + length].get(2..length - 2).ok_or(Reason::Syntax)?;
        match inside.as_bytes() {
            [b'x', b'm', b'l'] => declared_in(inside)?,
            [b'x', b'm', b'l', byte, ..] if is_space(byte) => declared_in(inside)?,
            _ if !self.limits.instructions => return Err(Reason::Instruction),
            _ => {}
        }
        Ok(length)
    }
}

/// What is left of `rest` behind its text, if anything.
fn markup(rest: &[u8]) -> Option<&[u8]> {
    match rest {
        // Markup often follows markup; to search costs more than to look.
        [b'<', ..] => Some(rest),
        _ => memchr2(b'<', b'&', rest).map(|text| &rest[text..]),
    }
}

/// How many namespace declarations stand behind the name of a tag, and the end of the tag with everything behind it.
///
/// Whether an attribute is there twice is left to libxml2, which finds it within the limit.
fn attributes(text: &[u8], attributes_max: usize) -> Result<(usize, &[u8]), Reason> {
    let (mut count, mut declarations) = (0, 0);
    let mut rest = without_space(text);
    while !matches!(rest, [b'>', ..] | [b'/', b'>', ..]) {
        let (name, behind) = attribute(rest).ok_or(Reason::Syntax)?;
        count += 1;
        if count > attributes_max {
            return Err(Reason::Attributes);
        }
        declarations += usize::from(name == b"xmlns" || name.starts_with(b"xmlns:"));
        rest = without_space(behind);
    }
    Ok((declarations, rest))
}

/// The name of the attribute at the start of `text`, and what stands behind its value.
fn attribute(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| *byte == b'=' || is_space(byte) || is_end(byte)).filter(|end| *end > 0)?;
    let value = without_space(without_space(&text[end..]).strip_prefix(b"=")?);
    let (quote @ (b'"' | b'\''), value) = value.split_first()? else { return None };
    let behind = memchr(*quote, value)? + 1;
    Some((&text[..end], &value[behind..]))
}

/// The length of the comment or CDATA section at the start of `rest`; a DOCTYPE ends everything.
fn aside(rest: &[u8]) -> Result<usize, Reason> {
    if rest.starts_with(b"<!--") {
        closed(rest, 4, b"-->")
    } else if rest.starts_with(b"<![CDATA[") {
        closed(rest, 9, b"]]>")
    } else if rest[2..].get(..7).is_some_and(|word| word.eq_ignore_ascii_case(b"DOCTYPE")) {
        Err(Reason::Doctype)
    } else {
        Err(Reason::Syntax)
    }
}

/// The length of what begins `rest` and ends with the first `end` that stands at `from` or behind.
fn closed(rest: &[u8], from: usize, end: &[u8]) -> Result<usize, Reason> {
    memmem::find(&rest[from..], end).map(|at| from + at + end.len()).ok_or(Reason::Syntax)
}

/// The length of the entity or character reference at the start of `rest`.
fn reference(rest: &[u8]) -> Result<usize, Reason> {
    let end = 1 + memchr3(b';', b'&', b'<', &rest[1..]).ok_or(Reason::Syntax)?;
    if rest[end] == b';' { Ok(end + 1) } else { Err(Reason::Syntax) }
}

fn without_space(text: &[u8]) -> &[u8] {
    &text[text.iter().position(|byte| !is_space(byte)).unwrap_or(text.len())..]
}

/// What ends a name even without a space; a quote makes it no name.
const fn is_end(byte: &u8) -> bool {
    matches!(byte, b'>' | b'"' | b'\'')
}

const fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn declared_in(inside: &str) -> Result<(), Reason> {
    declared(&BytesDecl::from_start(BytesStart::from_content(inside, "xml".len())))
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
mod reference;

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
