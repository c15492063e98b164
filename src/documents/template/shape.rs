//! A checked template as it is filled: names resolved, formats fitting.

use super::fields::Dates;
use crate::disclosure::ValueKind;
use crate::documents::content::{Layout, Level};
use crate::documents::formats::Format;

/// A piece that stands by itself.
#[derive(Debug, Clone)]
pub(super) enum Block {
    Heading { level: Level, inline: Vec<Inline> },
    Paragraph { layout: Layout, inline: Vec<Inline> },
    Table { over: Loop, columns: Vec<Column>, sums: Vec<Sum>, empty: String },
    List { over: Loop, inline: Vec<Inline>, empty: String },
    Each { over: Loop, blocks: Vec<Block> },
    If { path: Path, test: Test, then: Vec<Block>, otherwise: Vec<Block> },
    Signature,
}

/// A piece of a text.
#[derive(Debug, Clone)]
pub(super) enum Inline {
    Text(String),
    Field {
        path: Path,
        kind: ValueKind,
        format: Option<Format>,
        empty: String,
    },
    /// A word in the gender of the person of the request.
    Gendered {
        masculine: String,
        feminine: String,
    },
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub title: String,
    pub inline: Vec<Inline>,
}

/// The sum of a field in the last row of its table.
#[derive(Debug, Clone)]
pub(super) struct Sum {
    pub column: usize,
    pub path: Path,
}

#[derive(Debug, Clone)]
pub(super) enum Test {
    Equals(String),
    Exists(bool),
}

/// A name, from the root of all fields or from the item of the innermost loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub is_relative: bool,
    pub steps: Vec<String>,
}

/// A list, with the dates by which its items are chosen when only those of the request's period are wanted.
#[derive(Debug, Clone)]
pub(super) struct Loop {
    pub path: Path,
    pub within: Option<Dates>,
}
