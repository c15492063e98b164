//! Cuts the children of the root out of a file of any size, with the memory of one of them.

mod item;
mod source;

use std::io::{self, BufRead};

use quick_xml::Reader;
use quick_xml::events::Event;

pub use item::Item;
use source::Source;

use super::element::is_space;
use super::error::{Error, Position, Reason};
use super::limits::Limits;
use super::parse::Document;
use super::prescan::{declared, reason};

/// The root's start tag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RootInfo {
    /// Local name.
    pub name: String,
    /// URI, empty when it has none.
    pub namespace: String,
    /// Attributes without a namespace: name and value.
    pub attributes: Vec<(String, String)>,
    pub line: u32,
}

impl RootInfo {
    /// The value of an attribute without a namespace.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a file item by item: an item is a child element of the root.
///
/// What stands around items is checked for being well-formed here, what stands inside by [`Item::parse`]. Only when
/// [`ItemReader::next`] gave `None` has the file been read to its end and found closed.
pub struct ItemReader<R> {
    reader: Reader<Source<R>>,
    buffer: Vec<u8>,
    limits: Limits,
    /// Namespace declarations of the root: prefix, URI.
    declarations: Vec<(String, String)>,
    root: Option<RootInfo>,
    stage: Stage,
    ordinal: u64,
    /// Comments and processing instructions outside items so far.
    asides: usize,
}

/// Comments and processing instructions outside items at most; each is read by a parser of its own.
const ASIDES_MAX: usize = 1000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Start,
    Prolog,
    Inside,
    Epilog,
    End,
    Broken(Reason, Position),
}

/// What an event means outside items.
enum Seen {
    Nothing,
    /// A declaration, comment or processing instruction.
    Aside,
    Open,
    Whole,
    Close,
    End,
}

impl<R: BufRead> ItemReader<R> {
    /// A reader whose items, and everything else between two of them, keep within `limits`.
    pub fn new(reader: R, limits: Limits) -> Self {
        let mut reader = Reader::from_reader(Source::new(reader, limits.bytes));
        reader.config_mut().check_comments = true;
        Self {
            reader,
            buffer: Vec::new(),
            limits,
            declarations: Vec::new(),
            root: None,
            stage: Stage::Start,
            ordinal: 0,
            asides: 0,
        }
    }

    /// The root's start tag; reads up to it when it has not been read.
    ///
    /// # Errors
    /// [`Error::Refused`] with the place, [`Error::Io`] when the file cannot be read.
    pub fn root(&mut self) -> Result<RootInfo, Error> {
        while matches!(self.stage, Stage::Start | Stage::Prolog) {
            let (at, seen) = self.outside()?;
            match seen {
                Seen::Nothing | Seen::Aside => {}
                Seen::Open => self.enter(at, Stage::Inside)?,
                Seen::Whole => self.enter(at, Stage::Epilog)?,
                Seen::Close | Seen::End => return Err(self.broken(Reason::NoRoot, at)),
            }
        }
        match (&self.root, self.stage) {
            (Some(root), _) => Ok(root.clone()),
            (None, Stage::Broken(reason, at)) => Err(Error::refused(reason, at)),
            (None, _) => Err(Error::Library("no root")),
        }
    }

    /// The next item; `None` after the last one, once the rest of the file has been read and is in order.
    ///
    /// # Errors
    /// [`Error::Refused`] with the place, and the same again when asked again; [`Error::Io`] when the file cannot be
    /// read.
    #[expect(clippy::should_implement_trait, reason = "an iterator of results would let an error pass for an item")]
    pub fn next(&mut self) -> Result<Option<Item>, Error> {
        self.root()?;
        loop {
            match self.stage {
                Stage::End => return Ok(None),
                Stage::Broken(reason, at) => return Err(Error::refused(reason, at)),
                _ => {}
            }
            let (at, seen) = self.outside()?;
            match (self.stage, seen) {
                (_, Seen::Nothing | Seen::Aside) => {}
                (Stage::Inside, Seen::Open) => {
                    self.finish_item()?;
                    return Ok(Some(self.item(at)));
                }
                (Stage::Inside, Seen::Whole) => return Ok(Some(self.item(at))),
                (Stage::Inside, Seen::Close) => self.stage = Stage::Epilog,
                (Stage::Inside, Seen::End) => return Err(self.broken(Reason::Unclosed, at)),
                (_, Seen::End) => self.stage = Stage::End,
                (_, _) => return Err(self.broken(Reason::OutsideRoot, at)),
            }
        }
    }

    fn item(&mut self, at: Position) -> Item {
        self.ordinal += 1;
        Item::new(self.ordinal, at, self.reader.get_ref().kept(), &self.declarations)
    }

    /// Reads one event outside items, with the place where it begins.
    fn outside(&mut self) -> Result<(Position, Seen), Error> {
        self.reader.get_mut().begin();
        self.buffer.clear();
        let at = self.reader.get_ref().place();
        let stage = self.stage;
        let event = self.reader.read_event_into(&mut self.buffer);
        let seen = match event {
            Err(error) => Err(error),
            Ok(Event::Start(_)) => Ok(Ok(Seen::Open)),
            Ok(Event::Empty(_)) => Ok(Ok(Seen::Whole)),
            Ok(Event::End(_)) => Ok(Ok(Seen::Close)),
            Ok(Event::Eof) => Ok(Ok(Seen::End)),
            Ok(Event::DocType(_)) => Ok(Err((Reason::Doctype, at))),
            Ok(Event::Decl(declaration)) if stage == Stage::Start => {
                Ok(declared(&declaration).map(|()| Seen::Aside).map_err(|reason| (reason, at)))
            }
            Ok(Event::Decl(_)) => Ok(Err((Reason::Syntax, at))),
            Ok(Event::Text(text)) => Ok(only_space(&text, at, stage)),
            Ok(Event::CData(_) | Event::GeneralRef(_)) => Ok(Err((misplaced(stage), at))),
            Ok(Event::Comment(_) | Event::PI(_)) => Ok(Ok(Seen::Aside)),
        };
        if stage == Stage::Start {
            self.stage = Stage::Prolog;
        }
        match seen {
            Ok(Ok(Seen::Aside)) => self.aside(at).map(|()| (at, Seen::Nothing)),
            Ok(Ok(seen)) => Ok((at, seen)),
            Ok(Err((reason, at))) => Err(self.broken(reason, at)),
            Err(error) => Err(self.failed(&error, at, at)),
        }
    }

    /// Has libxml2 read what quick-xml takes on trust: the inside of a declaration, comment or processing instruction.
    fn aside(&mut self, at: Position) -> Result<(), Error> {
        self.asides += 1;
        if self.asides > ASIDES_MAX {
            return Err(self.broken(Reason::Elements, at));
        }
        let document = [self.reader.get_ref().kept(), b"<x/>"].concat();
        match Document::build(&document) {
            Ok(_) => Ok(()),
            Err(Error::Refused { reason, .. }) => Err(self.broken(reason, at)),
            Err(other) => Err(other),
        }
    }

    /// Reads on to the end tag of the item whose start tag was read.
    fn finish_item(&mut self) -> Result<(), Error> {
        let start = self.reader.get_ref().place();
        let mut depth = 1_usize;
        while depth > 0 {
            self.buffer.clear();
            let at = self.reader.get_ref().place();
            let verdict = match self.reader.read_event_into(&mut self.buffer) {
                Err(error) => return Err(self.failed(&error, at, start)),
                Ok(Event::Start(_)) if depth >= self.limits.depth => Err(Reason::Depth),
                Ok(Event::Start(_)) => {
                    depth += 1;
                    Ok(())
                }
                Ok(Event::End(_)) => {
                    depth -= 1;
                    Ok(())
                }
                Ok(Event::DocType(_)) => Err(Reason::Doctype),
                Ok(Event::Decl(_)) => Err(Reason::Syntax),
                Ok(Event::Eof) => Err(Reason::Unclosed),
                Ok(_) => Ok(()),
            };
            verdict.map_err(|reason| self.broken(reason, at))?;
        }
        Ok(())
    }

    /// Takes the root's start tag in; libxml2 reads it as a document without content.
    fn enter(&mut self, at: Position, stage: Stage) -> Result<(), Error> {
        let kept = self.reader.get_ref().kept();
        let mut bytes = kept.strip_suffix(b">").unwrap_or(kept).to_vec();
        bytes.extend_from_slice(if bytes.ends_with(b"/") { b">" } else { b"/>" });
        let tag = Item::new(0, at, &bytes, &[]);
        let document = match tag.parse(&self.limits) {
            Ok(document) => document,
            Err(Error::Refused { reason, at }) => return Err(self.broken(reason, at)),
            Err(other) => return Err(other),
        };
        let root = document.root();
        self.declarations = root.declarations();
        let plain = root.attributes().filter(|attribute| attribute.namespace.is_empty());
        self.root = Some(RootInfo {
            name: root.local().to_owned(),
            namespace: root.namespace().to_owned(),
            attributes: plain.map(|attribute| (attribute.local.to_owned(), attribute.value)).collect(),
            line: at.line,
        });
        self.stage = stage;
        Ok(())
    }

    fn broken(&mut self, reason: Reason, at: Position) -> Error {
        self.stage = Stage::Broken(reason, at);
        Error::refused(reason, at)
    }

    /// The error of quick-xml at `at`, in or before the item that began at `start`.
    fn failed(&mut self, error: &quick_xml::Error, at: Position, start: Position) -> Error {
        if self.reader.get_ref().is_exhausted() {
            return self.broken(Reason::ItemTooLarge, start);
        }
        match error {
            quick_xml::Error::Io(error) => Error::Io(io::Error::new(error.kind(), error.clone())),
            other => self.broken(reason(other), at),
        }
    }
}

/// Where text may not stand: around the root or between items.
const fn misplaced(stage: Stage) -> Reason {
    match stage {
        Stage::Inside => Reason::UnexpectedText,
        _ => Reason::OutsideRoot,
    }
}

fn only_space(text: &str, at: Position, stage: Stage) -> Result<Seen, (Reason, Position)> {
    match text.find(|character| !is_space(character)) {
        None => Ok(Seen::Nothing),
        Some(offset) => Err((misplaced(stage), at.after(&text.as_bytes()[..offset]))),
    }
}

#[cfg(test)]
mod tests;
