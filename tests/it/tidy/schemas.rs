//! Each reply schema is its feed schema made optional: as generated, and as seen by a second reading that shares nothing with the generator.

use brama::disclosure::reply_schema::{KINDS, reply_schema};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::none;
use super::sources::file;

/// An element of a schema: name, attributes in order of names, text, children.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Node {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Node>,
}

#[test]
fn reply_schemas_are_as_generated() {
    for kind in KINDS {
        let feed = file(&format!("xsd/{kind}.xsd")).text;
        let reply = file(&format!("xsd/{kind}-udostepniona.xsd")).text;
        let generated = reply_schema(kind, &feed).expect("a reply schema");
        assert!(generated == reply, "xsd/{kind}-udostepniona.xsd is not what `make xsd` writes");
    }
}

#[test]
fn reply_schemas_are_their_feed_schemas_made_optional() {
    for kind in KINDS {
        let read = |name: &str| tree(&file(&format!("xsd/{name}.xsd")).text);
        none(&deviations(kind, read(kind), read(&format!("{kind}-udostepniona"))));
    }
}

fn deviations(kind: &str, feed: Node, reply: Node) -> Vec<String> {
    let root = format!("Osoba{}", kind.to_uppercase());
    let expected = optional(feed, &root, 0);
    let mut found = Vec::new();
    compare(&expected, &without_words(reply, 0), &format!("{kind}-udostepniona.xsd"), &mut found);
    found
}

/// What the reply schema has to be: the root renamed, every inner element with `minOccurs="0"`, no identity constraints.
fn optional(node: Node, root: &str, depth: usize) -> Node {
    let mut node = without_words(node, depth);
    if node.name == "xs:element" {
        if depth == 1 {
            let name = node
                .attributes
                .iter_mut()
                .find(|(name, value)| name == "name" && value == root)
                .expect("the root of the kind");
            name.1 = root.replace("Osoba", "Udostepniona");
        } else {
            node.attributes.retain(|(name, _)| name != "minOccurs");
            node.attributes.push(("minOccurs".to_owned(), "0".to_owned()));
            node.attributes.sort();
        }
    }
    node.children.retain(|child| !matches!(child.name.as_str(), "xs:unique" | "xs:key" | "xs:keyref"));
    node.children = node.children.into_iter().map(|child| optional(child, root, depth + 1)).collect();
    node
}

/// What is said to people about the schema and its root may differ; what is said about a field may not.
fn without_words(mut node: Node, depth: usize) -> Node {
    if depth < 2 {
        node.children.retain(|child| child.name != "xs:annotation");
        node.children = node.children.into_iter().map(|child| without_words(child, depth + 1)).collect();
    }
    node
}

fn compare(expected: &Node, found: &Node, path: &str, deviations: &mut Vec<String>) {
    let name = found.attributes.iter().find(|(name, _)| name == "name").map_or(found.name.as_str(), |(_, value)| value);
    let path = format!("{path}/{name}");
    if (&expected.name, &expected.attributes, &expected.text) != (&found.name, &found.attributes, &found.text) {
        deviations.push(format!("{path}: {:?} instead of {:?}", found.attributes, expected.attributes));
    }
    if expected.children.len() != found.children.len() {
        deviations.push(format!("{path}: {} children instead of {}", found.children.len(), expected.children.len()));
    }
    for (expected, found) in expected.children.iter().zip(&found.children) {
        compare(expected, found, &path, deviations);
    }
}

/// The whole schema as a tree, without white space and comments.
fn tree(text: &str) -> Node {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Node::default()];
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(tag) => open.push(node(&tag)),
            Event::Empty(tag) => add(&mut open, node(&tag)),
            Event::End(_) => {
                let closed = open.pop().expect("an open element");
                add(&mut open, closed);
            }
            Event::Text(piece) => {
                let piece = piece.split_whitespace().collect::<Vec<_>>().join(" ");
                open.last_mut().expect("a parent").text.push_str(&piece);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    open.pop().expect("the document").children.pop().expect("a root")
}

fn add(open: &mut [Node], child: Node) {
    open.last_mut().expect("a parent").children.push(child);
}

fn node(tag: &BytesStart<'_>) -> Node {
    let attributes = tag.attributes().map(|attribute| attribute.expect("an attribute"));
    let mut attributes: Vec<_> = attributes.map(|one| (one.key.0.to_owned(), one.value.into_owned())).collect();
    attributes.sort();
    Node { name: tag.name().0.to_owned(), attributes, ..Node::default() }
}

const FEED: &str = r#"<xs:schema><xs:annotation>Feed.</xs:annotation><xs:element name="OsobaPS"><xs:complexType><xs:sequence>
  <xs:element name="a" type="w:T"><xs:annotation><xs:appinfo>1.1</xs:appinfo></xs:annotation></xs:element>
  <xs:element name="b" type="w:T" minOccurs="0" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType><xs:unique name="u"/></xs:element></xs:schema>"#;

const REPLY: &str = r#"<xs:schema><xs:element name="UdostepnionaPS"><xs:complexType><xs:sequence>
  <xs:element name="a" type="w:T" minOccurs="0"><xs:annotation><xs:appinfo>1.1</xs:appinfo></xs:annotation></xs:element>
  <xs:element name="b" type="w:T" minOccurs="0" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType></xs:element></xs:schema>"#;

#[track_caller]
fn check(from: &str, to: &str, found: bool) {
    assert!(REPLY.contains(from));
    let deviations = deviations("ps", tree(FEED), tree(&REPLY.replacen(from, to, 1)));
    assert_eq!(!deviations.is_empty(), found, "{from} -> {to}: {deviations:?}");
}

#[test]
fn a_reply_schema_that_deviates_is_found() {
    check("a", "a", false);
    check("<xs:schema>", "<xs:schema><xs:annotation>Reply.</xs:annotation>", false);
    check(r#" minOccurs="0""#, "", true);
    check("1.1", "1.2", true);
    check("w:T", "w:S", true);
    check("unbounded", "1", true);
    check(r#"name="a""#, r#"name="c""#, true);
    check("UdostepnionaPS", "OsobaPS", true);
    check(r#"<xs:element name="b" type="w:T" minOccurs="0" maxOccurs="unbounded"/>"#, "", true);
    check("</xs:complexType>", r#"</xs:complexType><xs:unique name="u"/>"#, true);
}
