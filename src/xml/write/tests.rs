//! What the writer writes, and that libxml2 finds nothing to change in it.

use proptest::prelude::*;

use super::super::{Document, Limits, Method, U, W, WSU, canonical_bytes};
use super::*;

#[track_caller]
fn check(write: impl FnOnce(&mut Writer), expected: &str) {
    let mut out = Writer::new();
    write(&mut out);
    assert_eq!(String::from_utf8(out.into_bytes()).unwrap(), expected);
}

#[test]
fn a_prefix_is_declared_where_it_is_first_used() {
    check(
        |out| {
            out.element(U.name("a"), |out| {
                out.text_element(U.name("b"), "1");
                out.text_element(W.name("c"), "2");
                out.text_element(W.name("c"), "3");
            });
        },
        "<u:a xmlns:u=\"urn:brama:udostepnianie:1\"><u:b>1</u:b><w:c xmlns:w=\"urn:brama:wspolne:1\">2</w:c>\
         <w:c xmlns:w=\"urn:brama:wspolne:1\">3</w:c></u:a>",
    );
}

#[test]
fn attributes_and_declarations_are_sorted() {
    let attributes = [
        Attr::Named(XML.name("lang"), "pl"),
        Attr::Plain("z", "\"<&>\t\n\r'"),
        Attr::Plain("a", "1"),
        Attr::Named(WSU.name("Id"), "x"),
    ];
    check(
        |out| {
            out.open_with(U.name("a"), &attributes);
            out.close();
        },
        &format!(
            "<u:a xmlns:u=\"{}\" xmlns:wsu=\"{}\" a=\"1\" z=\"&quot;&lt;&amp;>&#x9;&#xA;&#xD;'\" wsu:Id=\"x\" \
             xml:lang=\"pl\"></u:a>",
            U.uri, WSU.uri
        ),
    );
}

#[test]
fn text_is_escaped_and_never_breaks_the_document() {
    check(|out| out.text_element(W.name("t"), "<&>\r\n\"'\u{1}\u{FFFE}ż😀"), &{
        let open = "<w:t xmlns:w=\"urn:brama:wspolne:1\">";
        format!("{open}&lt;&amp;&gt;&#xD;\n\"'\u{FFFD}\u{FFFD}ż😀</w:t>")
    });
}

#[test]
fn base64_has_no_line_breaks() {
    for length in 0..5_usize {
        let content = vec![b'x'; length];
        let mut out = Writer::new();
        out.base64_element(W.name("t"), &content);
        let text = String::from_utf8(out.into_bytes()).unwrap();
        assert!(text.contains(&format!(">{}<", STANDARD.encode(&content))), "{text}");
    }
}

#[test]
fn an_apex_repeats_what_its_ancestors_declared() {
    check(
        |out| {
            out.element(U.name("a"), |out| {
                out.apex(U.name("b"), &[]);
                out.text_element(U.name("c"), "");
                out.close();
                out.text_element(U.name("d"), "");
            });
        },
        "<u:a xmlns:u=\"urn:brama:udostepnianie:1\"><u:b xmlns:u=\"urn:brama:udostepnianie:1\"><u:c></u:c></u:b>\
         <u:d></u:d></u:a>",
    );
}

/// A tree for the property test: namespace, name, attributes, apex or not, children or text.
#[derive(Clone, Debug)]
enum Tree {
    Text(String),
    Node { name: usize, attributes: Vec<(usize, String)>, apex: bool, inside: Vec<Tree> },
}

const NAMES: [QName; 4] = [U.name("a"), W.name("b"), W.name("c"), WSU.name("d")];
const ATTRIBUTES: [QName; 4] = [WSU.name("Id"), U.name("z"), XML.name("lang"), W.name("a")];

fn tree() -> impl Strategy<Value = Tree> {
    let text = "[a-zż<>&\"'\t\r\n ]{0,8}";
    let leaf = text.prop_map(Tree::Text);
    let node = leaf.prop_recursive(5, 40, 4, move |inner| {
        let attributes = proptest::collection::vec((0..5_usize, text), 0..4);
        (0..4_usize, attributes, any::<bool>(), proptest::collection::vec(inner, 0..4)).prop_map(
            |(name, mut attributes, apex, inside)| {
                attributes.sort_by_key(|one| one.0);
                attributes.dedup_by_key(|one| one.0);
                Tree::Node { name, attributes, apex, inside }
            },
        )
    });
    node.prop_map(|inside| Tree::Node { name: 0, attributes: Vec::new(), apex: false, inside: vec![inside] })
}

/// Writes the tree; notes the bytes of every apex in the order of the document.
fn write(tree: &Tree, with_apexes: bool, out: &mut Writer, slots: &mut Vec<(usize, usize)>) {
    match tree {
        Tree::Text(text) => out.text(text),
        Tree::Node { name, attributes, apex, inside } => {
            let attributes: Vec<Attr<'_>> = attributes
                .iter()
                .map(|(index, value)| match ATTRIBUTES.get(*index) {
                    Some(name) => Attr::Named(*name, value),
                    None => Attr::Plain("plain", value),
                })
                .collect();
            let slot = slots.len();
            slots.push((out.len(), 0));
            if *apex && with_apexes {
                out.apex(NAMES[*name], &attributes);
            } else {
                out.open_with(NAMES[*name], &attributes);
            }
            for child in inside {
                write(child, with_apexes, out, slots);
            }
            out.close();
            slots[slot].1 = if *apex { out.len() } else { 0 };
        }
    }
}

/// What stands for a character in text, and what in an attribute.
fn written(character: char) -> (String, String) {
    let same = |escaped: &str| (escaped.to_owned(), escaped.to_owned());
    let text = |escaped: &str| (escaped.to_owned(), character.to_string());
    let attribute = |escaped: &str| (character.to_string(), escaped.to_owned());
    match character {
        '&' => same("&amp;"),
        '<' => same("&lt;"),
        '>' => text("&gt;"),
        '"' => attribute("&quot;"),
        '\t' => attribute("&#x9;"),
        '\n' => attribute("&#xA;"),
        '\r' => same("&#xD;"),
        ..' ' | '\u{FFFE}' | '\u{FFFF}' => same("\u{FFFD}"),
        _ => same(&character.to_string()),
    }
}

fn text() -> impl Strategy<Value = String> {
    let plain = proptest::sample::select(vec!['a', ' ', '=', 'ż', '\u{7F}', '\u{F000}', '\u{FFFD}', '😀']);
    let special = proptest::sample::select("&<>\"'\t\n\r\0\u{1}\u{1F}\u{FFFE}\u{FFFF}".chars().collect::<Vec<_>>());
    proptest::collection::vec(prop_oneof![12 => plain, 1 => special, 1 => any::<char>()], 0..100)
        .prop_map(|characters| characters.into_iter().collect())
}

proptest! {
    #[test]
    fn each_character_is_escaped_for_itself(text in text()) {
        let mut out = Writer::new();
        out.open_with(XML.name("a"), &[Attr::Plain("b", &text)]);
        out.text(&text);
        out.close();
        let (inside, value): (String, String) = text.chars().map(written).unzip();
        prop_assert_eq!(String::from_utf8(out.into_bytes()), Ok(format!("<xml:a b=\"{value}\">{inside}</xml:a>")));
    }

    #[test]
    fn what_is_written_is_its_own_exclusive_canonical_form(tree in tree()) {
        let mut out = Writer::new();
        write(&tree, false, &mut out, &mut Vec::new());
        let bytes = out.into_bytes();
        let document = Document::parse(&bytes, &Limits::default()).unwrap();
        let canonical = canonical_bytes(document.root(), Method::Exclusive).unwrap();
        prop_assert_eq!(String::from_utf8(canonical), String::from_utf8(bytes));
    }

    #[test]
    fn an_apex_without_an_apex_inside_is_canonical_wherever_it_stands(tree in tree()) {
        let mut out = Writer::new();
        let mut slots = Vec::new();
        write(&tree, true, &mut out, &mut slots);
        let bytes = out.into_bytes();
        let document = Document::parse(&bytes, &Limits::default()).unwrap();
        let root = document.root();
        for (index, element) in std::iter::once(root).chain(root.descendants()).enumerate() {
            let (start, end) = slots[index];
            let innermost = !slots[index + 1..].iter().any(|&(from, to)| from < end && to > 0);
            if end > 0 && innermost {
                let canonical = canonical_bytes(element, Method::Exclusive).unwrap();
                prop_assert_eq!(&canonical[..], &bytes[start..end]);
            }
        }
    }
}
