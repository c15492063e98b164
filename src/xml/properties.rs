//! What holds for any input, tried on good documents broken at random.

use proptest::prelude::*;

use super::parse::Document;
use super::*;

const SEEDS: [&str; 4] = [
    "<?xml version='1.0' encoding='UTF-8'?>\n<z:Paczka xmlns:z='urn:brama:zasilanie:1' xmlns='urn:d' a=\"1\">\n\
     <z:Osoba id='1'><b:x xmlns:b='urn:b'>ż &amp; &#x105;</b:x></z:Osoba>\n<!-- c --><Osoba><![CDATA[<&]]></Osoba><?p i?>\n</z:Paczka>\n",
    "<r a='1' b=\"'>'\"><i xml:id='x'/><i xmlns=''>]] ></i><i><!-- - --><j/></i></r>",
    "<p:r xmlns:p='urn:p'><p:i xmlns:p='urn:q' p:a='2' a='3'/><p:i xmlns='urn:e'><k/></p:i></p:r>",
    "<r>\r\n<i>\t</i>\r\n<i>&lt;&quot;&apos;</i></r>",
];

const PIECES: [&str; 24] = [
    "<",
    ">",
    "/",
    "&",
    ";",
    "'",
    "\"",
    "=",
    " ",
    "\n",
    ":",
    "!",
    "?",
    "-->",
    "<!--",
    "]]>",
    "<![CDATA[",
    "<?x ?>",
    "ż",
    "xmlns:p='urn:x'",
    "<i/>",
    "&#65;",
    "\u{1}",
    "a",
];

/// A seed with a few pieces put in, taken out or said twice.
pub(super) fn broken() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0..6_usize, prop::sample::select(PIECES.as_slice()), 0..3_u8);
    (prop::sample::select(SEEDS.as_slice()), proptest::collection::vec(change, 0..4)).prop_map(|(seed, changes)| {
        let mut text: Vec<char> = seed.chars().collect();
        for (place, length, piece, kind) in changes {
            let start = place.index(text.len() + 1);
            let end = (start + length).min(text.len());
            let replacement: Vec<char> = match kind {
                0 => Vec::new(),
                1 => text[start..end].repeat(2),
                _ => piece.chars().collect(),
            };
            text.splice(start..end, replacement);
        }
        text.into_iter().collect()
    })
}

fn canonical(text: &[u8]) -> Option<Vec<u8>> {
    let document = Document::parse(text, &Limits::default()).ok()?;
    canonical_bytes(document.root(), Method::Exclusive).ok()
}

fn items(text: &str) -> Result<Vec<Item>, Error> {
    let limits = Limits::default();
    let mut reader = ItemReader::new(text.as_bytes(), limits);
    let mut items = Vec::new();
    while let Some(item) = reader.next()? {
        item.parse(&limits)?;
        items.push(item);
    }
    Ok(items)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn canonical_twice_is_canonical_once(text in broken()) {
        if let Some(once) = canonical(text.as_bytes()) {
            prop_assert_eq!(canonical(&once), Some(once));
        }
    }

    #[test]
    fn what_the_parser_takes_the_prescan_lets_through(text in broken()) {
        if let Ok(document) = Document::build(text.as_bytes()) {
            let is_bounded = document.root().descendants().count() < 1000;
            prop_assert!(is_bounded);
            let found = prescan(text.as_bytes(), &Limits::default());
            let version = matches!(found, Err(Error::Refused { reason: Reason::OtherVersion | Reason::OtherEncoding, .. }));
            prop_assert!(found.is_ok() || version, "{found:?}");
        }
    }

    #[test]
    fn items_are_the_children_of_the_document(text in broken()) {
        let document = Document::parse(text.as_bytes(), &Limits::default());
        let items = items(&text);
        // The one thing that only a reader of items refuses.
        prop_assume!(!matches!(items, Err(Error::Refused { reason: Reason::UnexpectedText, .. })));
        prop_assert_eq!(document.is_ok(), items.is_ok(), "{:?} {:?}", document, items);
        if let (Ok(document), Ok(items)) = (document, items) {
            let children: Vec<_> = document.root().children().collect();
            prop_assert_eq!(children.len(), items.len());
            for (child, item) in children.into_iter().zip(items) {
                let alone = item.parse(&Limits::default()).unwrap();
                let at = Position { line: alone.root().line(), column: 1 };
                prop_assert_eq!(child.line(), item.in_file(at).line);
                // A relative namespace name anywhere leaves the whole document without a canonical form.
                if let Ok(form) = canonical_bytes(child, Method::Exclusive) {
                    prop_assert_eq!(Some(form), canonical(&item.bytes));
                }
            }
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Document::parse(&bytes, &Limits::default());
        let mut reader = ItemReader::new(bytes.as_slice(), Limits::default());
        while let Ok(Some(item)) = reader.next() {
            let _ = item.parse(&Limits::default());
        }
    }
}
