//! The canonical writer: what it writes for an element is that element's exclusive canonical form (rule 6.1).

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::names::{Namespace, QName, XML};

/// An attribute to be written; the writer puts them into canonical order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attr<'a> {
    Plain(&'static str, &'a str),
    Named(QName, &'a str),
}

/// Writes elements so that no canonicalization is needed afterwards.
///
/// A prefix is declared where it is first used, seen from the nearest apex. An apex repeats the declarations of its
/// ancestors, hence its own bytes are canonical wherever it stands, while the whole around it then is not.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    open: Vec<Open>,
    /// Declarations in force, the innermost last.
    scope: Vec<Binding>,
    /// Where the declarations that the current apex may rely on begin.
    base: usize,
}

/// An element not yet closed.
#[derive(Debug)]
struct Open {
    /// Where its name stands in the output.
    name: (usize, usize),
    /// Declarations in force before it.
    scope: usize,
    base: usize,
}

type Binding = (Cow<'static, str>, Cow<'static, str>);

impl Writer {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A writer with room for `bytes`.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), ..Self::default() }
    }

    /// Opens an element without attributes.
    pub fn open(&mut self, name: QName) {
        self.open_with(name, &[]);
    }

    /// Opens an element.
    pub fn open_with(&mut self, name: QName, attributes: &[Attr<'_>]) {
        self.start(binding(name.namespace), name.local, attributes, None);
    }

    /// Opens an element that declares one more prefix, for a name that stands in the value of an attribute.
    pub fn open_binding(&mut self, name: QName, (prefix, uri): (&'static str, &str), attributes: &[Attr<'_>]) {
        let more = (Cow::Borrowed(prefix), Cow::Owned(uri.to_owned()));
        self.start(binding(name.namespace), name.local, attributes, Some(more));
    }

    /// Opens an element whose subtree relies on no declaration outside itself, as a signed element must.
    pub fn apex(&mut self, name: QName, attributes: &[Attr<'_>]) {
        let base = self.base;
        self.base = self.scope.len();
        self.open_with(name, attributes);
        if let Some(open) = self.open.last_mut() {
            open.base = base;
        }
    }

    /// Opens an element whose name is known only at run time; an empty `uri` is no namespace.
    pub(super) fn open_foreign(&mut self, prefix: &str, uri: &str, local: &str) {
        self.start((Cow::Owned(prefix.to_owned()), Cow::Owned(uri.to_owned())), local, &[], None);
    }

    /// Closes the element opened last.
    ///
    /// # Panics
    /// When none is open: that is a mistake of the program, not of any input.
    pub fn close(&mut self) {
        let open = self.open.pop().expect("close follows an open");
        self.bytes.extend_from_slice(b"</");
        self.bytes.extend_from_within(open.name.0..open.name.1);
        self.bytes.push(b'>');
        self.scope.truncate(open.scope);
        self.base = open.base;
    }

    /// An element with whatever `inside` writes.
    pub fn element(&mut self, name: QName, inside: impl FnOnce(&mut Self)) {
        self.open(name);
        inside(self);
        self.close();
    }

    /// An element with text alone.
    pub fn text_element(&mut self, name: QName, text: &str) {
        self.open(name);
        self.text(text);
        self.close();
    }

    /// An element with the base64 form of `content` in one line.
    pub fn base64_element(&mut self, name: QName, content: &[u8]) {
        self.open(name);
        self.raw(STANDARD.encode(content).as_bytes());
        self.close();
    }

    /// Text, escaped; a character that XML cannot hold becomes U+FFFD.
    pub fn text(&mut self, text: &str) {
        escape(&mut self.bytes, text, |character| match character {
            '&' => Some("&amp;"),
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            '\r' => Some("&#xD;"),
            _ => None,
        });
    }

    /// Bytes that are canonical already and declare every prefix that they use.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Bytes written so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The bytes written so far, e.g. to digest an apex that was just closed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        debug_assert!(self.open.is_empty(), "every element is closed");
        self.bytes
    }

    fn start(&mut self, (prefix, uri): Binding, local: &str, attributes: &[Attr<'_>], more: Option<Binding>) {
        let mut open = Open { name: (0, 0), scope: self.scope.len(), base: self.base };
        self.bytes.push(b'<');
        open.name.0 = self.bytes.len();
        if !prefix.is_empty() {
            self.bytes.extend_from_slice(prefix.as_bytes());
            self.bytes.push(b':');
        }
        self.bytes.extend_from_slice(local.as_bytes());
        open.name.1 = self.bytes.len();
        self.use_prefix((prefix, uri));
        for attribute in attributes {
            if let Attr::Named(name, _) = attribute {
                self.use_prefix(binding(name.namespace));
            }
        }
        if let Some(more) = more {
            self.use_prefix(more);
        }
        // Canonical XML 1.0 §2.2: declarations by prefix, then attributes by namespace and local name.
        self.scope[open.scope..].sort_unstable_by(|one, other| one.0.cmp(&other.0));
        for (prefix, uri) in &self.scope[open.scope..] {
            declaration(&mut self.bytes, prefix, uri);
        }
        let mut sorted: Vec<_> = attributes.iter().map(parts).collect();
        sorted.sort_unstable_by_key(|(namespace, local, _)| (namespace.map_or("", |one| one.uri), *local));
        for (namespace, local, value) in sorted {
            match namespace {
                Some(namespace) => attribute(&mut self.bytes, namespace.prefix, local, value),
                None => attribute(&mut self.bytes, local, "", value),
            }
        }
        self.bytes.push(b'>');
        self.open.push(open);
    }

    /// Declares the prefix here unless it is in force already.
    fn use_prefix(&mut self, (prefix, uri): Binding) {
        if prefix.is_empty() || prefix == XML.prefix {
            return;
        }
        let known = self.scope[self.base..].iter().rev().find(|binding| binding.0 == prefix);
        if known.is_none_or(|binding| binding.1 != uri) {
            self.scope.push((prefix, uri));
        }
    }
}

const fn binding(namespace: Namespace) -> Binding {
    (Cow::Borrowed(namespace.prefix), Cow::Borrowed(namespace.uri))
}

fn parts<'a>(attribute: &Attr<'a>) -> (Option<Namespace>, &'static str, &'a str) {
    match *attribute {
        Attr::Plain(local, value) => (None, local, value),
        Attr::Named(name, value) => (Some(name.namespace), name.local, value),
    }
}

/// Writes a namespace declaration; the empty prefix declares the default.
pub(super) fn declaration(out: &mut Vec<u8>, prefix: &str, uri: &str) {
    attribute(out, "xmlns", prefix, uri);
}

/// Writes ` first:second="value"`, or ` first="value"` when `second` is empty.
fn attribute(out: &mut Vec<u8>, first: &str, second: &str, value: &str) {
    out.push(b' ');
    out.extend_from_slice(first.as_bytes());
    if !second.is_empty() {
        out.push(b':');
        out.extend_from_slice(second.as_bytes());
    }
    out.extend_from_slice(b"=\"");
    escape(out, value, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '"' => Some("&quot;"),
        '\t' => Some("&#x9;"),
        '\n' => Some("&#xA;"),
        '\r' => Some("&#xD;"),
        _ => None,
    });
    out.push(b'"');
}

fn escape(out: &mut Vec<u8>, text: &str, escaped: impl Fn(char) -> Option<&'static str>) {
    let (mut done, mut at) = (0, 0);
    while let Some(passed) = doubtful(&text.as_bytes()[at..]) {
        at += passed;
        let Some(character) = text[at..].chars().next() else { break };
        let replacement = if is_forbidden(character) { Some("\u{FFFD}") } else { escaped(character) };
        if let Some(replacement) = replacement {
            out.extend_from_slice(&text.as_bytes()[done..at]);
            out.extend_from_slice(replacement.as_bytes());
            done = at + character.len_utf8();
        }
        at += character.len_utf8();
    }
    out.extend_from_slice(&text.as_bytes()[done..]);
}

/// Where the first byte stands that may begin a character to be replaced, in text or in an attribute.
///
/// Such a byte always begins a character: it is ASCII, or the first of the three of U+FFFE and U+FFFF.
fn doubtful(bytes: &[u8]) -> Option<usize> {
    const STEP: usize = 16;
    let is_doubtful = |byte: &u8| matches!(byte, 0..=0x1F | b'&' | b'<' | b'>' | b'"' | 0xEF);
    // Whole steps first: without a way out of it, the inner loop becomes a few instructions for all its bytes.
    let is_plain = |step: &&[u8]| !step.iter().fold(false, |found, byte| found | is_doubtful(byte));
    let plain = bytes.chunks_exact(STEP).take_while(is_plain).count() * STEP;
    bytes[plain..].iter().position(is_doubtful).map(|at| plain + at)
}

/// Whether XML 1.0 §2.2 keeps the character out of documents, even as a reference.
const fn is_forbidden(character: char) -> bool {
    matches!(character, '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}')
}

#[cfg(test)]
mod tests;
