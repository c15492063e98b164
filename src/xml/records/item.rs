//! One item cut out of a file, able to say where its parts stand in the file.

use quick_xml::Reader;
use quick_xml::events::Event;
use quick_xml::name::PrefixDeclaration;

use super::super::error::{Error, Position, Reason};
use super::super::limits::Limits;
use super::super::parse::Document;
use super::super::write::declaration;

/// A child of the root as a document of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// Its number among the root's children, from 1.
    pub ordinal: u64,
    /// Line of its start tag in the file, from 1.
    pub line: u32,
    /// Column of its start tag in the file, in characters from 1.
    pub column: u32,
    /// The bytes of the file, with the root's namespace declarations added to the start tag.
    pub bytes: Vec<u8>,
    /// What was added: first column after it was put in, and its length in characters.
    added: (u32, u32),
}

impl Item {
    /// `cut` are the bytes from `<` to `>`; `declarations` those of the root: prefix, URI.
    pub(super) fn new(ordinal: u64, at: Position, cut: &[u8], declarations: &[(String, String)]) -> Self {
        let (name, own) = start_tag(cut);
        let mut added = Vec::new();
        for (prefix, uri) in declarations.iter().filter(|(prefix, _)| !own.contains(prefix)) {
            declaration(&mut added, prefix, uri);
        }
        let split = (1 + name).min(cut.len());
        let bytes = [&cut[..split], &added, &cut[split..]].concat();
        let columns = |bytes: &[u8]| Position::in_bytes(bytes, bytes.len()).column;
        let added = (columns(&cut[..split]), columns(&added) - 1);
        Self { ordinal, line: at.line, column: at.column, bytes, added }
    }

    /// Where a place of [`Item::bytes`] stands in the file.
    #[must_use]
    pub const fn in_file(&self, at: Position) -> Position {
        let line = self.line.saturating_add(at.line).saturating_sub(1);
        if at.line > 1 {
            return Position { line, column: at.column };
        }
        let (first, length) = self.added;
        let column = if at.column < first {
            at.column
        } else {
            let shifted = at.column.saturating_sub(length);
            if shifted < first { first } else { shifted }
        };
        Position { line, column: self.column.saturating_add(column).saturating_sub(1) }
    }

    /// The item as a document.
    ///
    /// # Errors
    /// As [`Document::parse`], with the place in the file.
    pub fn parse(&self, limits: &Limits) -> Result<Document, Error> {
        Document::parse(&self.bytes, limits).map_err(|error| match error {
            Error::Refused { reason, at } => Error::Refused { reason, at: self.in_file(at) },
            Error::TooLarge { .. } => {
                Error::refused(Reason::ItemTooLarge, Position { line: self.line, column: self.column })
            }
            other => other,
        })
    }
}

/// Length of the name in the start tag, and the prefixes that it declares itself.
fn start_tag(cut: &[u8]) -> (usize, Vec<String>) {
    let mut reader = Reader::from_str(std::str::from_utf8(cut).unwrap_or_default());
    let Ok(Event::Start(tag) | Event::Empty(tag)) = reader.read_event() else {
        return (0, Vec::new());
    };
    let mut attributes = tag.attributes();
    let declared = attributes.with_checks(false).filter_map(|attribute| {
        Some(match attribute.ok()?.key.as_namespace_binding()? {
            PrefixDeclaration::Default => String::new(),
            PrefixDeclaration::Named(prefix) => prefix.to_owned(),
        })
    });
    (tag.name().as_ref().len(), declared.collect())
}
