//! The walk over the tree that writes Canonical XML 1.0 and Exclusive XML Canonicalization 1.0.

use std::{iter, mem};

use memchr::memchr;

use super::node::{Attribute, Kind, Namespace, Node};
use super::output::Output;
use super::{Omitted, Whole};
use crate::xml::names::XML;

/// What an element takes from around it, used or not.
#[derive(Clone, Copy)]
pub(super) enum Inherited<'a> {
    /// Canonical XML: every namespace in scope, and at the apex the attributes `xml:…`.
    Everything,
    /// Exclusive: the namespaces of the `PrefixList`.
    Listed(&'a [String]),
}

pub(super) struct Walk<'d, 'o> {
    inherited: Inherited<'o>,
    comments: bool,
    omitted: Omitted<'d>,
    out: Output<'o>,
    /// Namespaces declared in what is written, the innermost last: that is the one in force for its prefix.
    rendered: Vec<Rendered<'d>>,
    /// The attributes of the element at hand; kept for its memory.
    attributes: Vec<Attribute<'d>>,
}

struct Rendered<'d> {
    namespace: Namespace<'d>,
    owner: Node<'d>,
}

impl<'d, 'o> Walk<'d, 'o> {
    pub fn new(inherited: Inherited<'o>, comments: bool, omitted: Omitted<'d>, out: Output<'o>) -> Self {
        Self { inherited, comments, omitted, out, rendered: Vec::new(), attributes: Vec::new() }
    }

    pub fn write(mut self, whole: Whole<'d>) {
        match whole {
            Whole::Subtree(apex) => self.subtree(Node::of(apex)),
            Whole::DocumentAround(inside) => self.document(Node::outermost(inside)),
        }
        self.out.flush();
    }

    /// Canonical XML 1.0 §2.3: what stands around the document element stands on lines of its own.
    fn document(&mut self, nodes: impl Iterator<Item = Node<'d>>) {
        let mut is_behind = false;
        for node in nodes {
            match node.kind() {
                Kind::Element => {
                    self.subtree(node);
                    is_behind = true;
                }
                Kind::Comment if !self.comments => {}
                _ if is_behind => {
                    self.out.raw(b"\n");
                    self.leaf(node);
                }
                _ => {
                    self.leaf(node);
                    self.out.raw(b"\n");
                }
            }
        }
    }

    /// Goes from node to node, so that no depth can exhaust the stack.
    fn subtree(&mut self, apex: Node<'d>) {
        let mut here = apex;
        loop {
            if here.kind() != Kind::Element {
                self.leaf(here);
            } else if !self.omits(here) {
                self.start(here, here == apex);
                if let Some(child) = here.first_child() {
                    here = child;
                    continue;
                }
                self.end(here);
            }
            here = loop {
                if here == apex {
                    return;
                }
                if let Some(next) = here.next() {
                    break next;
                }
                let Some(parent) = here.parent() else { return };
                self.end(parent);
                here = parent;
            };
        }
    }

    fn omits(&self, element: Node<'d>) -> bool {
        match self.omitted {
            Omitted::Nothing => false,
            Omitted::Subtree(omitted) => Node::of(omitted) == element,
            Omitted::Every(name) => element.is(name),
        }
    }

    fn leaf(&mut self, node: Node<'d>) {
        match node.kind() {
            Kind::Text => self.out.text(node.content()),
            Kind::Comment if self.comments => {
                self.out.raw(b"<!--");
                self.out.raw(node.content());
                self.out.raw(b"-->");
            }
            Kind::Instruction => {
                self.out.raw(b"<?");
                self.out.raw(node.name());
                if !node.content().is_empty() {
                    self.out.raw(b" ");
                    self.out.raw(node.content());
                }
                self.out.raw(b"?>");
            }
            Kind::Element | Kind::Comment | Kind::Other => {}
        }
    }

    fn start(&mut self, element: Node<'d>, is_apex: bool) {
        self.out.raw(b"<");
        self.name(element.namespace(), element.name());
        let mut attributes = mem::take(&mut self.attributes);
        attributes.extend(element.attributes());
        self.namespaces(element, is_apex, &attributes);
        if is_apex && matches!(self.inherited, Inherited::Everything) {
            inherit(element, &mut attributes);
        }
        attributes.sort_unstable_by_key(|one| (one.namespace.uri, one.local));
        for attribute in attributes.drain(..) {
            self.out.raw(b" ");
            self.name(attribute.namespace, attribute.local);
            self.out.raw(b"=\"");
            attribute.value().for_each(|piece| self.out.value(piece));
            self.out.raw(b"\"");
        }
        self.attributes = attributes;
        self.out.raw(b">");
    }

    fn end(&mut self, element: Node<'d>) {
        self.out.raw(b"</");
        self.name(element.namespace(), element.name());
        self.out.raw(b">");
        while self.rendered.pop_if(|one| one.owner == element).is_some() {}
    }

    fn name(&mut self, namespace: Namespace<'_>, local: &[u8]) {
        if !namespace.prefix.is_empty() {
            self.out.raw(namespace.prefix);
            self.out.raw(b":");
        }
        self.out.raw(local);
    }

    /// Writes the declarations of an element: Exclusive XML Canonicalization 1.0 §3, Canonical XML 1.0 §2.3.
    fn namespaces(&mut self, element: Node<'d>, is_apex: bool, attributes: &[Attribute<'d>]) {
        let first = self.rendered.len();
        self.inherited_namespaces(element, is_apex);
        self.render(element, element.namespace());
        for attribute in attributes.iter().filter(|one| !one.namespace.prefix.is_empty()) {
            self.render(element, attribute.namespace);
        }
        self.rendered[first..].sort_unstable_by_key(|one| one.namespace.prefix);
        for Rendered { namespace, .. } in &self.rendered[first..] {
            self.out.raw(b" xmlns");
            if !namespace.prefix.is_empty() {
                self.out.raw(b":");
                self.out.raw(namespace.prefix);
            }
            self.out.raw(b"=\"");
            // libxml2 keeps `&` in the name of a namespace as the reference `&#38;`.
            let mut rest = namespace.uri;
            while let Some(at) = memchr(b'&', rest) {
                self.out.value(&rest[..=at]);
                rest = &rest[at + 1..];
                rest = rest.strip_prefix(b"#38;").unwrap_or(rest);
            }
            self.out.value(rest);
            self.out.raw(b"\"");
        }
    }

    /// Below the apex only what an element declares itself differs from what its parent has taken.
    fn inherited_namespaces(&mut self, element: Node<'d>, is_apex: bool) {
        let inherited = self.inherited;
        if matches!(inherited, Inherited::Listed([])) {
            return;
        }
        let around = if is_apex { element.parent() } else { None };
        for declaring in iter::once(element).chain(ancestors(around)) {
            for namespace in declaring.declarations().filter(|one| inherited.includes(one.prefix)) {
                let is_in_scope = declaring == element || !is_redeclared(namespace.prefix, element, declaring);
                if is_in_scope {
                    self.render(element, namespace);
                }
            }
        }
    }

    /// Has `element` declare the namespace unless it is in force already.
    fn render(&mut self, element: Node<'d>, namespace: Namespace<'d>) {
        if namespace.prefix == XML.prefix.as_bytes() {
            return;
        }
        let in_force = self.rendered.iter().rev().map(|one| one.namespace).find(|one| one.prefix == namespace.prefix);
        // Without a declaration the default is no namespace, hence `xmlns=""` only ever undoes one that was written.
        if in_force.unwrap_or(Namespace::NONE) != namespace {
            self.rendered.push(Rendered { namespace, owner: element });
        }
    }
}

impl Inherited<'_> {
    fn includes(self, prefix: &[u8]) -> bool {
        match self {
            Self::Everything => true,
            Self::Listed(prefixes) => {
                let name: &[u8] = if prefix.is_empty() { b"#default" } else { prefix };
                prefixes.iter().any(|one| one.as_bytes() == name)
            }
        }
    }
}

fn ancestors(nearest: Option<Node<'_>>) -> impl Iterator<Item = Node<'_>> {
    iter::successors(nearest, |one| one.parent())
}

/// Whether an element from `element` up to the one below `declaring` declares the prefix.
fn is_redeclared(prefix: &[u8], element: Node<'_>, declaring: Node<'_>) -> bool {
    let between = ancestors(Some(element)).take_while(|one| *one != declaring);
    between.flat_map(Node::declarations).any(|one| one.prefix == prefix)
}

/// Canonical XML 1.0 §2.4: an apex has the nearest attributes `xml:…` around it that it does not have itself.
fn inherit<'d>(apex: Node<'d>, attributes: &mut Vec<Attribute<'d>>) {
    for inherited in ancestors(apex.parent()).flat_map(Node::attributes) {
        let is_xml = |one: &Attribute<'_>| one.namespace.prefix == XML.prefix.as_bytes();
        let is_known = |one: &Attribute<'_>| is_xml(one) && one.local == inherited.local;
        if is_xml(&inherited) && !attributes.iter().any(is_known) {
            attributes.push(inherited);
        }
    }
}
