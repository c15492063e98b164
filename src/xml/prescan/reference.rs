//! The same look taken with quick-xml, event by event: what the scanner refuses, where and why, must not differ.

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::*;
use crate::xml::Document;
use crate::xml::properties::broken;

fn reference(text: &str, limits: &Limits) -> Result<(), (Reason, Position)> {
    // quick-xml passes over a byte order mark and does not count it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let refused = |offset: u64, reason| {
        (reason, Position::in_bytes(text.as_bytes(), usize::try_from(offset).expect("an offset in memory")))
    };
    let mut reader = Reader::from_str(text);
    let mut open: Vec<usize> = Vec::new();
    let mut elements = 0;
    loop {
        let start = reader.buffer_position();
        let event = reader.read_event().map_err(|error| refused(reader.error_position(), reason(&error)))?;
        let mut begin = |tag: &BytesStart<'_>, open: &mut Vec<usize>| {
            elements += 1;
            if elements > limits.elements {
                return Err(Reason::Elements);
            }
            if open.len() >= limits.depth {
                return Err(Reason::Depth);
            }
            let mut declarations = 0;
            for (index, attribute) in tag.attributes().with_checks(false).enumerate() {
                let attribute = attribute.map_err(|_| Reason::Syntax)?;
                if index == limits.attributes {
                    return Err(Reason::Attributes);
                }
                declarations += usize::from(attribute.key.as_namespace_binding().is_some());
            }
            open.push(declarations);
            if open.iter().sum::<usize>() > limits.namespaces { Err(Reason::Namespaces) } else { Ok(()) }
        };
        let verdict = match event {
            Event::Start(tag) => begin(&tag, &mut open),
            Event::Empty(tag) => begin(&tag, &mut open).map(|()| {
                open.pop();
            }),
            Event::End(_) => {
                open.pop();
                Ok(())
            }
            Event::Decl(declaration) => declared(&declaration),
            Event::DocType(_) => Err(Reason::Doctype),
            Event::PI(_) if !limits.instructions => Err(Reason::Instruction),
            Event::Eof if elements == 0 => Err(Reason::NoRoot),
            Event::Eof if open.is_empty() => return Ok(()),
            Event::Eof => Err(Reason::Unclosed),
            _ => Ok(()),
        };
        verdict.map_err(|reason| refused(start, reason))?;
    }
}

fn found(text: &str, limits: &Limits) -> Result<(), (Reason, Position)> {
    prescan(text.as_bytes(), limits).map_err(|error| match error {
        Error::Refused { reason, at } => (reason, at),
        other => panic!("{other}"),
    })
}

#[track_caller]
fn same(text: &str, limits: &Limits) {
    let (found, known) = (found(text, limits), reference(text, limits));
    match (found, known) {
        (Ok(()), Ok(())) => {}
        // quick-xml reads a DOCTYPE to its end and looks for its name before it is one.
        (Err((Reason::Doctype, at)), Err((Reason::Syntax | Reason::Doctype, known))) => {
            assert!((known.line, known.column) >= (at.line, at.column), "{text:?}: {found:?}, {known:?}");
        }
        (Err(found), Err(known)) if found == known => {}
        // A tag beyond a limit that is not closed either is refused for the limit.
        (Err((found, at)), Err((Reason::Syntax, known))) if is_of_tag(found) => assert_eq!(at, known, "{text:?}"),
        // quick-xml knows tags without a name, and quotes in the names of elements and attributes.
        (Err((Reason::Syntax, _)), _) => {
            assert!(
                ["<>", "< ", "<\t", "<\n", "<\r", "'", "\""].iter().any(|sign| text.contains(sign)),
                "{text:?}: {known:?}"
            );
            assert!(Document::build(text.as_bytes()).is_err(), "{text:?}: {known:?}");
        }
        _ => panic!("{text:?}: {found:?}, {known:?}"),
    }
}

fn is_of_tag(reason: Reason) -> bool {
    matches!(reason, Reason::Attributes | Reason::Depth | Reason::Elements | Reason::UnmatchedTag)
}

#[test]
fn the_differences_are_these() {
    let limits = Limits { attributes: 1, ..Limits::default() };
    let differ = |text: &str, reason, column, known: Result<(), Reason>| {
        assert_eq!(found(text, &limits), Err((reason, Position { line: 1, column })), "{text:?}");
        assert_eq!(reference(text, &limits).map_err(|(reason, _)| reason), known, "{text:?}");
        same(text, &limits);
    };
    differ("<a/><!DOCTYPE", Reason::Doctype, 5, Err(Reason::Syntax));
    differ("<a/><!doctype >", Reason::Doctype, 5, Err(Reason::Doctype));
    differ("<a/><></>", Reason::Syntax, 5, Ok(()));
    differ("<a></a>< ></ >", Reason::Syntax, 8, Err(Reason::UnmatchedTag));
    differ("<a'>'></a'>'>", Reason::Syntax, 1, Ok(()));
    differ("<a 'b>'='c'/>", Reason::Syntax, 1, Ok(()));
    differ("<a b='' c='' ", Reason::Attributes, 1, Err(Reason::Syntax));
    differ("<a></b '>", Reason::UnmatchedTag, 4, Err(Reason::Syntax));
}

#[test]
fn a_byte_order_mark_is_not_counted() {
    let at = |column| Position { line: 1, column };
    let limits = Limits::default();
    assert_eq!(found("\u{feff}<a></b>", &limits), Err((Reason::UnmatchedTag, at(4))));
    assert_eq!(prescan(b"\xef\xbb\xbf<a>\xff", &limits).unwrap_err().position(), Some(at(4)));
}

const PIECES: [&str; 48] = [
    "<",
    ">",
    "</",
    "/>",
    "/",
    "<a",
    "<a>",
    "</a>",
    "</a",
    "<b:c",
    "<b:c>",
    "</b:c>",
    "<a/>",
    "a",
    "b:c",
    " ",
    "\t",
    "\r",
    "\n",
    "=",
    "'",
    "\"",
    " b='c'",
    " xmlns",
    " xmlns:p=\"u\"",
    "xmlns='>'",
    " xmlns-p = ''",
    "&",
    ";",
    "&amp;",
    "<!",
    "<!-",
    "<!--",
    "--",
    "-->",
    "<![",
    "<![CDATA[",
    "]]>",
    "]",
    "<?",
    "?>",
    "<?xml",
    " version='1.0'",
    " encoding=\"Utf-8\"",
    "<?p i?>",
    "<!DOCTYPE",
    "[",
    "ż",
];

fn soup() -> impl Strategy<Value = String> {
    proptest::collection::vec(prop::sample::select(PIECES.as_slice()), 0..24).prop_map(|pieces| pieces.concat())
}

fn limits() -> impl Strategy<Value = Limits> {
    (1..4_usize, 0..3_usize, 0..3_usize, 1..6_usize, any::<bool>()).prop_map(
        |(depth, attributes, namespaces, elements, instructions)| Limits {
            bytes: 10_000,
            depth,
            attributes,
            namespaces,
            elements,
            instructions,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn soup_is_judged_as_by_quick_xml(text in soup(), limits in limits(), marked in any::<bool>()) {
        let text = if marked { format!("\u{feff}{text}") } else { text };
        same(&text, &limits);
        same(&text, &Limits::default());
        same(&format!("<a>{text}</a>"), &Limits::default());
    }

    #[test]
    fn broken_documents_are_judged_as_by_quick_xml(text in broken(), limits in limits()) {
        same(&text, &limits);
        same(&text, &Limits::default());
    }

    #[test]
    fn any_text_is_judged_as_by_quick_xml(text in "[<>/a='\" !?\\-&;x\\[\\]\\n]{0,24}") {
        same(&text, &Limits::default());
    }

    #[test]
    fn any_bytes_are_judged_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        let judged = prescan(&bytes, &Limits::default());
        if let Ok(text) = std::str::from_utf8(&bytes) {
            same(text, &Limits::default());
        } else {
            let reason = matches!(judged, Err(Error::Refused { reason: Reason::NotUtf8, .. }));
            prop_assert!(reason, "{judged:?}");
        }
    }
}
