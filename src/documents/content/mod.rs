//! What a document says to people, `cz:Tresc`: headings, paragraphs, tables and lists as plain text (rule 12.4).
//!
//! Pages and PDF files are drawn from this alone. Decoded and written by hand: its few shapes hold texts with attributes,
//! in an order that means something.

mod read;
mod write;

pub use read::NotContent;

/// The content of a document, in reading order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    pub blocks: Vec<Block>,
}

/// A piece of content that stands by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    Heading {
        level: Level,
        text: String,
    },
    Paragraph {
        layout: Layout,
        text: String,
    },
    Table(Table),
    /// Items of an enumeration.
    List(Vec<String>),
}

/// How important a heading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Title,
    Section,
}

/// A table; every row has as many cells as there are columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<String>>,
    /// The last row, with sums.
    pub sum: Option<Vec<String>>,
}

/// The head of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub title: String,
    /// Whether its cells stand at the right, as amounts do.
    pub is_right: bool,
}

/// Where a paragraph stands on the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// Over the whole width.
    #[default]
    Plain,
    /// Who writes: a block at the left.
    Sender,
    /// At the right edge: place and date.
    Right,
    /// To whom: a block in the right half.
    Addressee,
    Centre,
    /// Who signs: a block centred in the right half.
    Signature,
    /// In smaller letters.
    Small,
}

impl Layout {
    pub const ALL: [Self; 7] =
        [Self::Plain, Self::Sender, Self::Right, Self::Addressee, Self::Centre, Self::Signature, Self::Small];

    /// The word of the attribute `uklad`; none for the plain layout.
    #[must_use]
    pub const fn wire(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Sender => Some("nadawca"),
            Self::Right => Some("prawo"),
            Self::Addressee => Some("adresat"),
            Self::Centre => Some("srodek"),
            Self::Signature => Some("podpis"),
            Self::Small => Some("drobny"),
        }
    }

    /// The layout behind the value of the attribute, absent or not.
    #[must_use]
    pub fn parse(wire: Option<&str>) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.wire() == wire)
    }

    /// Whether paragraphs of this layout that follow each other make one block.
    #[must_use]
    pub const fn is_block(self) -> bool {
        matches!(self, Self::Sender | Self::Addressee | Self::Signature)
    }
}

impl Level {
    /// The value of the attribute `poziom`.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Title => "1",
            Self::Section => "2",
        }
    }

    /// The level behind the value of the attribute; a heading without it is a title.
    #[must_use]
    pub fn parse(wire: Option<&str>) -> Option<Self> {
        match wire {
            None | Some("1") => Some(Self::Title),
            Some("2") => Some(Self::Section),
            Some(_) => None,
        }
    }
}

impl Content {
    /// The first title, by which the document is called.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.blocks.iter().find_map(|block| match block {
            Block::Heading { level: Level::Title, text } => Some(text.as_str()),
            _ => None,
        })
    }

    /// Every text in reading order, heads of tables before their rows.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.blocks.iter().flat_map(|block| -> Vec<&str> {
            match block {
                Block::Heading { text, .. } | Block::Paragraph { text, .. } => vec![text],
                Block::List(items) => items.iter().map(String::as_str).collect(),
                Block::Table(table) => {
                    let head = table.columns.iter().map(|column| column.title.as_str());
                    let cells = table.rows.iter().chain(&table.sum).flatten().map(String::as_str);
                    head.chain(cells).collect()
                }
            }
        })
    }
}

#[cfg(test)]
mod tests;
