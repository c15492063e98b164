//! The read-only view of an element.

use std::ffi::CString;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

use libxml::bindings as lib;

use super::error::number;
use super::inclusions::Inclusion;
use super::library::string;
use super::names::{QName, XML};
use super::parse::{Document, Notes};

/// An element of a [`Document`]; two views are equal when they show the same node.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Element<'d> {
    node: NonNull<lib::xmlNode>,
    document: PhantomData<&'d Document>,
}

/// An attribute as it was written, its value normalised by the parser; namespace declarations are none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attribute<'d> {
    /// Empty for an attribute without prefix.
    pub namespace: &'d str,
    pub local: &'d str,
    pub value: String,
}

impl<'d> Element<'d> {
    /// # Safety
    /// `node` is an element of a document that lives for `'d`.
    pub(super) unsafe fn from_node(node: NonNull<lib::xmlNode>) -> Self {
        Self { node, document: PhantomData }
    }

    pub(super) fn as_ptr(self) -> lib::xmlNodePtr {
        self.node.as_ptr()
    }

    // SAFETY, here and below: a document changes in `include` alone, before anybody else sees it, and its nodes live as long as the borrow of it.
    fn raw(self) -> &'d lib::xmlNode {
        unsafe { self.node.as_ref() }
    }

    /// What was noted about the element's document, if anything.
    fn notes(self) -> Option<&'d Notes> {
        // SAFETY: only `Document::set_notes` writes the field; what it points at lives as long as the document.
        unsafe { (*self.raw().doc)._private.cast::<Notes>().as_ref() }
    }

    /// The attachments of the element's document.
    pub(super) fn inclusions(self) -> &'d [Inclusion] {
        self.notes().map_or(&[], |notes| &notes.inclusions)
    }

    /// What libxml2 says about the first namespace name in the document that is relative.
    pub(super) fn relative_namespace(self) -> Option<&'d str> {
        self.notes()?.relative_namespace.as_deref()
    }

    /// The URI of the element's namespace, empty when it has none.
    #[must_use]
    pub fn namespace(self) -> &'d str {
        unsafe { self.raw().ns.as_ref().map_or("", |namespace| string(namespace.href)) }
    }

    /// The name without a prefix.
    #[must_use]
    pub fn local(self) -> &'d str {
        unsafe { string(self.raw().name) }
    }

    /// The prefix that the element's name is written with, empty for none.
    #[must_use]
    pub fn own_prefix(self) -> &'d str {
        unsafe { self.raw().ns.as_ref().map_or("", |namespace| string(namespace.prefix)) }
    }

    /// Whether the element has this name in this namespace.
    #[must_use]
    pub fn is(self, name: QName) -> bool {
        self.local() == name.local && self.namespace() == name.namespace.uri
    }

    /// All attributes in the order of the document.
    pub fn attributes(self) -> impl Iterator<Item = Attribute<'d>> + use<'d> {
        let mut next = self.raw().properties;
        std::iter::from_fn(move || unsafe {
            let attribute = next.as_ref()?;
            next = attribute.next;
            Some(Attribute {
                namespace: attribute.ns.as_ref().map_or("", |namespace| string(namespace.href)),
                local: string(attribute.name),
                value: text_of(attribute.children),
            })
        })
    }

    /// The value of the attribute `local` that stands in no namespace.
    #[must_use]
    pub fn attribute(self, local: &str) -> Option<String> {
        self.attributes().find(|one| one.namespace.is_empty() && one.local == local).map(|one| one.value)
    }

    /// The value of an attribute in a namespace, e.g. `wsu:Id`.
    #[must_use]
    pub fn attribute_ns(self, name: QName) -> Option<String> {
        self.attributes()
            .find(|one| one.local == name.local && one.namespace == name.namespace.uri)
            .map(|one| one.value)
    }

    /// The child elements in order.
    pub fn children(self) -> impl Iterator<Item = Element<'d>> + use<'d> {
        let mut next = first_element(self.raw().children);
        std::iter::from_fn(move || {
            let child = next?;
            next = first_element(child.raw().next);
            Some(child)
        })
    }

    /// The first child element of this name.
    #[must_use]
    pub fn child(self, name: QName) -> Option<Element<'d>> {
        self.children().find(|child| child.is(name))
    }

    /// The child elements of this name in order.
    pub fn all(self, name: QName) -> impl Iterator<Item = Element<'d>> + use<'d> {
        self.children().filter(move |child| child.is(name))
    }

    /// The parent element; none for the root.
    #[must_use]
    pub fn parent(self) -> Option<Element<'d>> {
        NonNull::new(self.raw().parent).and_then(as_element)
    }

    /// Every element below this one in the order of the document.
    pub fn descendants(self) -> impl Iterator<Item = Element<'d>> + use<'d> {
        let mut next = self.children().next();
        std::iter::from_fn(move || {
            let found = next?;
            next = found.children().next().or_else(|| found.following(self));
            Some(found)
        })
    }

    /// The next sibling, or that of the nearest ancestor below `top`.
    fn following(self, top: Self) -> Option<Self> {
        let mut here = self;
        while here != top {
            if let Some(sibling) = first_element(here.raw().next) {
                return Some(sibling);
            }
            here = here.parent()?;
        }
        None
    }

    /// All text and CDATA directly inside, joined as it stands; comments between do not cut it.
    #[must_use]
    pub fn text(self) -> String {
        unsafe { text_of(self.raw().children) }
    }

    /// The text with the white space of `xs:token`: trimmed, runs as one space.
    #[must_use]
    pub fn token(self) -> String {
        let text = self.text();
        if text.contains(is_space) { collapse(&text) } else { text }
    }

    /// The URI to which `prefix` is bound here, for names that stand in text; the empty prefix asks for the default.
    #[must_use]
    pub fn prefix(self, prefix: &str) -> Option<&'d str> {
        if prefix == XML.prefix {
            return Some(XML.uri);
        }
        let name = CString::new(prefix).ok()?;
        let pointer = if prefix.is_empty() { ptr::null() } else { name.as_ptr() };
        // SAFETY: the search only reads; for `xml` alone, answered above, it would add to the document.
        unsafe { lib::xmlSearchNs(self.raw().doc, self.as_ptr(), pointer.cast()).as_ref() }
            .map(|namespace| unsafe { string(namespace.href) })
    }

    /// The namespaces declared on this element itself: prefix (empty for the default) and URI.
    pub(super) fn declarations(self) -> Vec<(String, String)> {
        let mut declarations = Vec::new();
        let mut next = self.raw().nsDef.cast_const();
        while let Some(namespace) = unsafe { next.as_ref() } {
            let (prefix, uri) = unsafe { (string(namespace.prefix), string(namespace.href)) };
            declarations.push((prefix.to_owned(), uri.to_owned()));
            next = namespace.next;
        }
        declarations
    }

    /// The line on which the start tag ends, from 1: that is the one libxml2 keeps.
    #[must_use]
    pub fn line(self) -> u32 {
        let line = unsafe { lib::xmlGetLineNo(self.as_ptr()) };
        number(usize::try_from(line).unwrap_or(0))
    }

    /// The other child elements of the same parent, itself included.
    pub(super) fn siblings(self) -> impl Iterator<Item = Element<'d>> + use<'d> {
        let first = self.parent().map_or(Some(self), |parent| parent.children().next());
        let alone = self.parent().is_none();
        let mut next = first;
        std::iter::from_fn(move || {
            let found = next?;
            next = if alone { None } else { first_element(found.raw().next) };
            Some(found)
        })
    }
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "<{{{}}}{}>", self.namespace(), self.local())
    }
}

/// White space as `xs:token` has it: `#x20`, `#x9`, `#xA` and `#xD`, and no other character.
pub(super) fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

/// `text` trimmed, every run of white space as one space.
pub(crate) fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(is_space).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

fn as_element<'d>(node: NonNull<lib::xmlNode>) -> Option<Element<'d>> {
    let element = Element { node, document: PhantomData };
    (element.raw().type_ == lib::xmlElementType_XML_ELEMENT_NODE).then_some(element)
}

fn first_element<'d>(mut node: *mut lib::xmlNode) -> Option<Element<'d>> {
    while let Some(pointer) = NonNull::new(node) {
        if let Some(element) = as_element(pointer) {
            return Some(element);
        }
        node = unsafe { pointer.as_ref() }.next;
    }
    None
}

unsafe fn text_of(first: *mut lib::xmlNode) -> String {
    let mut text = String::new();
    let mut next = first.cast_const();
    while let Some(node) = unsafe { next.as_ref() } {
        if matches!(node.type_, lib::xmlElementType_XML_TEXT_NODE | lib::xmlElementType_XML_CDATA_SECTION_NODE) {
            text.push_str(unsafe { string(node.content) });
        }
        next = node.next;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, U, W, WSU};
    use super::*;

    const TEXT: &str = "<u:a xmlns:u='urn:brama:udostepnianie:1' xmlns:w='urn:brama:wspolne:1'
        xmlns:wsu='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd' wsu:Id='x' Id='y'>
        <w:b> ka<!-- -->wa<![CDATA[ & ]]>\n &lt;mleko&#x105; </w:b><?pi?>
        <w:c><w:b/><w:d><w:e/></w:d></w:c><c/>
        <w:b/></u:a>";

    fn with(test: impl FnOnce(Element<'_>)) {
        let document = Document::parse(TEXT.as_bytes(), &Limits::default()).unwrap();
        test(document.root());
    }

    #[test]
    fn names_are_compared_by_namespace_and_not_by_prefix() {
        with(|root| {
            assert!(root.is(U.name("a")));
            assert!(!root.is(W.name("a")));
            assert_eq!(root.children().map(Element::local).collect::<Vec<_>>(), ["b", "c", "c", "b"]);
            assert_eq!(root.all(W.name("b")).count(), 2);
            assert_eq!(root.child(W.name("c")).map(|child| child.children().count()), Some(2));
            assert_eq!(root.child(U.name("c")), None);
            assert_eq!(root.children().nth(2).map(Element::namespace), Some(""));
        });
    }

    #[test]
    fn attributes_with_and_without_a_namespace_are_different_ones() {
        with(|root| {
            assert_eq!(root.attribute("Id").as_deref(), Some("y"));
            assert_eq!(root.attribute_ns(WSU.name("Id")).as_deref(), Some("x"));
            assert_eq!(root.attribute("id"), None);
            assert_eq!(root.attributes().count(), 2);
        });
    }

    #[test]
    fn text_joins_what_comments_and_cdata_cut() {
        with(|root| {
            let child = root.child(W.name("b")).unwrap();
            assert_eq!(child.text(), " kawa & \n <mlekoą ");
            assert_eq!(child.token(), "kawa & <mlekoą");
            assert_eq!(child.line(), 3);
        });
    }

    #[test]
    fn a_prefix_is_resolved_where_the_element_stands() {
        with(|root| {
            let child = root.child(W.name("b")).unwrap();
            assert_eq!(child.prefix("u"), Some(U.uri));
            assert_eq!(child.prefix("xml"), Some(XML.uri));
            assert_eq!(child.prefix(""), None);
            assert_eq!(child.prefix("x"), None);
        });
    }

    #[test]
    fn a_token_keeps_the_no_break_space() {
        assert_eq!(collapse("\u{a0} a \t\r\n b\u{a0}"), "\u{a0} a b\u{a0}");
        assert_eq!(collapse(" \n "), "");
    }

    #[test]
    fn descendants_come_depth_first_and_end_with_the_subtree() {
        with(|root| {
            let all: Vec<_> = root.descendants().map(Element::local).collect();
            assert_eq!(all, ["b", "c", "b", "d", "e", "c", "b"]);
            let child = root.child(W.name("c")).unwrap();
            assert_eq!(child.descendants().map(Element::local).collect::<Vec<_>>(), ["b", "d", "e"]);
            assert_eq!(child.parent(), Some(root));
            assert_eq!(root.parent(), None);
        });
    }
}
