//! The tree as canonical forms need it: nodes of every kind and their bytes, nothing of it copied.

use std::ffi::CStr;
use std::{iter, ptr};

use libxml::bindings as lib;

use super::super::element::Element;
use super::super::names::QName;

/// A node of a document below the document itself; two are equal when they are the same node.
#[derive(Clone, Copy)]
pub(super) struct Node<'d>(&'d lib::xmlNode);

/// The kinds of which a tree without document type is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Element,
    /// Text or CDATA.
    Text,
    Comment,
    Instruction,
    /// Nothing that the parser makes of what it accepts.
    Other,
}

/// A prefix, empty for the default, and the name that it stands for, as libxml2 keeps them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Namespace<'d> {
    pub prefix: &'d [u8],
    pub uri: &'d [u8],
}

impl Namespace<'_> {
    /// No namespace at all, and what `xmlns=""` declares.
    pub const NONE: Self = Self { prefix: b"", uri: b"" };
}

/// An attribute; namespace declarations are none.
#[derive(Clone, Copy)]
pub(super) struct Attribute<'d> {
    pub namespace: Namespace<'d>,
    pub local: &'d [u8],
    value: Option<Node<'d>>,
}

// SAFETY, for the whole file: a node is made from an element that borrows the document for `'d`, or from another node.
// libxml2 keeps every pointer between the nodes of a tree valid or NULL and every text NUL-terminated, and as long as the
// document is borrowed nothing in it changes. The document itself, a structure of its own, is never looked at as a node.
impl<'d> Node<'d> {
    pub fn of(element: Element<'d>) -> Self {
        Self(unsafe { &*element.as_ptr() })
    }

    /// # Safety
    /// `node` is a node of a document that lives for `'d`, and not the document itself.
    pub unsafe fn of_pointer(node: *const lib::xmlNode) -> Self {
        Self(unsafe { &*node })
    }

    /// What stands directly in the document that holds `inside`.
    pub fn outermost(inside: Element<'d>) -> impl Iterator<Item = Self> + use<'d> {
        let first = unsafe { (*(*inside.as_ptr()).doc).children };
        iter::successors(unsafe { first.as_ref() }.map(Self), |node| node.next())
    }

    pub fn kind(self) -> Kind {
        match self.0.type_ {
            lib::xmlElementType_XML_ELEMENT_NODE => Kind::Element,
            lib::xmlElementType_XML_TEXT_NODE | lib::xmlElementType_XML_CDATA_SECTION_NODE => Kind::Text,
            lib::xmlElementType_XML_COMMENT_NODE => Kind::Comment,
            lib::xmlElementType_XML_PI_NODE => Kind::Instruction,
            _ => Kind::Other,
        }
    }

    /// The first child of an element.
    pub fn first_child(self) -> Option<Self> {
        unsafe { self.0.children.as_ref() }.map(Self)
    }

    pub fn next(self) -> Option<Self> {
        unsafe { self.0.next.as_ref() }.map(Self)
    }

    /// The element around the node; none for what stands directly in the document.
    pub fn parent(self) -> Option<Self> {
        if ptr::addr_eq(self.0.parent, self.0.doc) {
            return None;
        }
        unsafe { self.0.parent.as_ref() }.map(Self)
    }

    /// The local name of an element, the target of an instruction.
    pub fn name(self) -> &'d [u8] {
        unsafe { bytes(self.0.name) }
    }

    /// What a node that is no element holds.
    pub fn content(self) -> &'d [u8] {
        unsafe { bytes(self.0.content) }
    }

    /// The namespace of an element, with the prefix of its name.
    pub fn namespace(self) -> Namespace<'d> {
        unsafe { namespace(self.0.ns) }
    }

    /// Whether an element has this name.
    pub fn is(self, name: QName) -> bool {
        self.name() == name.local.as_bytes() && self.namespace().uri == name.namespace.uri.as_bytes()
    }

    /// The namespaces declared on an element itself.
    pub fn declarations(self) -> impl Iterator<Item = Namespace<'d>> + use<'d> {
        let mut next = self.0.nsDef.cast_const();
        iter::from_fn(move || {
            let found = next;
            next = unsafe { found.as_ref() }?.next;
            Some(unsafe { namespace(found) })
        })
    }

    /// The attributes of an element in the order of the document.
    pub fn attributes(self) -> impl Iterator<Item = Attribute<'d>> + use<'d> {
        let mut next = self.0.properties.cast_const();
        iter::from_fn(move || {
            let attribute = unsafe { next.as_ref() }?;
            next = attribute.next;
            Some(Attribute {
                namespace: unsafe { namespace(attribute.ns) },
                local: unsafe { bytes(attribute.name) },
                value: unsafe { attribute.children.as_ref() }.map(Self),
            })
        })
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        ptr::eq(self.0, other.0)
    }
}

impl<'d> Attribute<'d> {
    /// The pieces of the value, one as a rule.
    pub fn value(self) -> impl Iterator<Item = &'d [u8]> + use<'d> {
        iter::successors(self.value, |node| node.next()).map(Node::content)
    }
}

/// # Safety
/// `pointer` is NULL or a namespace of a document that lives for `'d`.
unsafe fn namespace<'d>(pointer: *const lib::xmlNs) -> Namespace<'d> {
    match unsafe { pointer.as_ref() } {
        Some(namespace) => unsafe { Namespace { prefix: bytes(namespace.prefix), uri: bytes(namespace.href) } },
        None => Namespace::NONE,
    }
}

/// The bytes behind a pointer, none behind NULL.
///
/// # Safety
/// The text is NUL-terminated and lives for `'d`.
unsafe fn bytes<'d>(text: *const lib::xmlChar) -> &'d [u8] {
    if text.is_null() {
        return &[];
    }
    unsafe { CStr::from_ptr(text.cast()) }.to_bytes()
}
