//! A template and what fills it, to content: no clock, no lookup beyond the two, the same bytes every time.

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

use super::facts::{Facts, Node, Period};
use super::fields::{Dates, RECORD};
use super::shape::{Block as Shape, Column as ColumnShape, Inline, Loop, Path, Sum, Test};
use super::{ROWS_MAX, TEXT_BYTES_MAX, Template};
use crate::documents::content::{Block, Column, Content, Layout, Table};
use crate::documents::formats::{self, NotOfKind};
use crate::subjects::Sex;
use crate::xml::{B, Element};

/// What stands in the first cell of the row of sums.
const SUM: &str = "Razem";

/// Why a template was not filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// The record is of another kind than the template, or is there although the template knows none, or the reverse.
    #[error("the record does not go with the template")]
    OtherRecord,
    #[error(transparent)]
    Value(#[from] NotOfKind),
    #[error("more than {ROWS_MAX} rows and repetitions")]
    TooManyRows,
    #[error("more than {TEXT_BYTES_MAX} bytes of text")]
    TooLarge,
    /// The content would be empty, which no document may be.
    #[error("nothing is left to say")]
    Empty,
}

impl Template {
    /// Fills in the facts and the record, `b:Udostepniona…`, cut to the template's scope.
    ///
    /// # Errors
    /// See [`FillError`]; none tells a value.
    pub fn fill(&self, facts: &Facts, record: Option<Element<'_>>) -> Result<Content, FillError> {
        let wanted = self.kind.filter(|_| self.purpose == super::Purpose::Certificate);
        match (wanted, record) {
            (None, None) => {}
            (Some(kind), Some(record)) if record.is(B.name(kind.reply_root())) => {}
            _ => return Err(FillError::OtherRecord),
        }
        let mut children = facts.tree();
        children.extend(record.map(|record| Node::of_record(RECORD, record)));
        let root = Node { children, ..Node::default() };
        let period = facts.request.period;
        let mut filling = Filling { root: &root, sex: facts.sex(), period, rows: 0, bytes: 0, blocks: Vec::new() };
        filling.blocks(&self.blocks, None)?;
        let content = Content { blocks: filling.blocks };
        if content.blocks.is_empty() { Err(FillError::Empty) } else { Ok(content) }
    }
}

struct Filling<'n> {
    root: &'n Node,
    sex: Option<Sex>,
    period: Option<Period>,
    rows: usize,
    bytes: usize,
    blocks: Vec<Block>,
}

/// The item of the innermost loop.
type Item<'n> = Option<&'n Node>;

impl<'n> Filling<'n> {
    fn blocks(&mut self, shapes: &[Shape], item: Item<'n>) -> Result<(), FillError> {
        shapes.iter().try_for_each(|shape| self.block(shape, item))
    }

    fn block(&mut self, shape: &Shape, item: Item<'n>) -> Result<(), FillError> {
        match shape {
            Shape::Heading { level, inline } => {
                let text = self.text(inline, item)?;
                self.push(!text.is_empty(), Block::Heading { level: *level, text });
            }
            Shape::Paragraph { layout, inline } => {
                let text = self.text(inline, item)?;
                self.paragraph(*layout, text);
            }
            Shape::Signature => self.signature()?,
            Shape::Each { over, blocks } => {
                for item in self.items(over, item)? {
                    self.blocks(blocks, Some(item))?;
                }
            }
            Shape::If { path, test, then, otherwise } => {
                let holds = self.holds(path, test, item);
                self.blocks(if holds { then } else { otherwise }, item)?;
            }
            Shape::List { over, inline, empty } => {
                let items = self.items(over, item)?;
                let texts = items.into_iter().map(|item| self.text(inline, Some(item)));
                let texts: Vec<_> =
                    texts.filter(|text| text.as_ref() != Ok(&String::new())).collect::<Result<_, _>>()?;
                if texts.is_empty() {
                    self.paragraph(Layout::Plain, empty.clone());
                } else {
                    self.blocks.push(Block::List(texts));
                }
            }
            Shape::Table { over, columns, sums, empty } => {
                let items = self.items(over, item)?;
                if items.is_empty() {
                    self.paragraph(Layout::Plain, empty.clone());
                } else {
                    let table = self.table(&items, columns, sums)?;
                    self.blocks.push(Block::Table(table));
                }
            }
        }
        Ok(())
    }

    fn table(&mut self, items: &[&'n Node], columns: &[ColumnShape], sums: &[Sum]) -> Result<Table, FillError> {
        let head = |column: &ColumnShape| Column { title: column.title.clone(), is_right: column.is_right() };
        let mut rows = Vec::with_capacity(items.len());
        for item in items {
            let cells = columns.iter().map(|column| self.text(&column.inline, Some(item)));
            rows.push(cells.collect::<Result<Vec<_>, _>>()?);
        }
        let mut sum = (!sums.is_empty()).then(|| vec![String::new(); columns.len()]);
        if let Some(cells) = &mut sum {
            cells[0] = SUM.to_owned();
            for sum in sums {
                let amounts = items.iter().filter_map(|item| self.value(&sum.path, Some(item)));
                let total = amounts
                    .map(|node| formats::grosze(&node.text))
                    .try_fold(0_u64, |total, grosze| total.checked_add(grosze?).ok_or(NotOfKind))?;
                cells[sum.column] = formats::amount(total);
            }
        }
        Ok(Table { columns: columns.iter().map(head).collect(), rows, sum })
    }

    /// Name and position under each other; a person without a position has one line.
    fn signature(&mut self) -> Result<(), FillError> {
        let part = |name: &str| Inline::Field {
            path: Path { is_relative: false, steps: vec!["podpisujacy".to_owned(), name.to_owned()] },
            kind: crate::disclosure::ValueKind::Text,
            format: None,
            empty: String::new(),
        };
        let name = self.text(&[part("imie"), Inline::Text(" ".to_owned()), part("nazwisko")], None)?;
        let position = self.text(&[part("stanowisko")], None)?;
        self.paragraph(Layout::Signature, name);
        self.paragraph(Layout::Signature, position);
        Ok(())
    }

    fn paragraph(&mut self, layout: Layout, text: String) {
        self.push(!text.is_empty(), Block::Paragraph { layout, text });
    }

    fn push(&mut self, says_something: bool, block: Block) {
        if says_something {
            self.blocks.push(block);
        }
    }

    /// The text of pieces, with every run of white space as one space.
    fn text(&mut self, inline: &[Inline], item: Item<'n>) -> Result<String, FillError> {
        let mut text = String::new();
        for piece in inline {
            match piece {
                Inline::Text(words) => text.push_str(words),
                Inline::Gendered { masculine, feminine } => match self.sex {
                    Some(Sex::Male) => text.push_str(masculine),
                    Some(Sex::Female) => text.push_str(feminine),
                    None => text.push_str(&format!("{masculine}/{feminine}")),
                },
                Inline::Field { path, kind, format, empty } => match self.value(path, item) {
                    None => text.push_str(empty),
                    Some(node) => text.push_str(&match format {
                        Some(format) => format.write(&node.text)?,
                        None => formats::plain(kind, &node.text)?,
                    }),
                },
            }
        }
        // The no-break space stays: it is no white space of XML.
        let words = text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty());
        // Composed, since a letter and a mark beside it are two glyphs.
        let text: String = words.collect::<Vec<_>>().join(" ").nfc().collect();
        self.bytes += text.len();
        if self.bytes > TEXT_BYTES_MAX { Err(FillError::TooLarge) } else { Ok(text) }
    }

    fn holds(&self, path: &Path, test: &Test, item: Item<'n>) -> bool {
        let found = self.all(path, item);
        match test {
            Test::Exists(wanted) => found.iter().any(|node| node.says_something()) == *wanted,
            Test::Equals(value) => found.first().is_some_and(|node| node.text == *value),
        }
    }

    /// The items of a list that are wanted, counted against the limit.
    fn items(&mut self, over: &Loop, item: Item<'n>) -> Result<Vec<&'n Node>, FillError> {
        let mut items = self.all(&over.path, item);
        if let (Some(dates), Some(period)) = (&over.within, self.period) {
            let within = |node: &Node| dates.of(node).map(|(from, until)| period.meets(from, until));
            let kept: Vec<bool> = items.iter().map(|node| within(node)).collect::<Result<_, _>>()?;
            let mut kept = kept.into_iter();
            items.retain(|_| kept.next().unwrap_or_default());
        }
        self.rows += items.len();
        if self.rows > ROWS_MAX { Err(FillError::TooManyRows) } else { Ok(items) }
    }

    fn value(&self, path: &Path, item: Item<'n>) -> Option<&'n Node> {
        self.all(path, item).into_iter().next().filter(|node| !node.text.is_empty())
    }

    /// Everything under a name; lists on the way follow each other.
    fn all(&self, path: &Path, item: Item<'n>) -> Vec<&'n Node> {
        let start = if path.is_relative { item } else { Some(self.root) };
        path.steps.iter().fold(start.into_iter().collect(), |found: Vec<&Node>, step| {
            found.into_iter().flat_map(|node| node.children.iter().filter(|child| child.name == *step)).collect()
        })
    }
}

impl Dates {
    fn of(&self, node: &Node) -> Result<(NaiveDate, Option<NaiveDate>), NotOfKind> {
        let day = |name: &str| {
            let found = node.children.iter().find(|child| child.name == name);
            found.map(|found| formats::day(&found.text)).transpose()
        };
        match self {
            Self::Period { start, end } => Ok((day(start)?.ok_or(NotOfKind)?, day(end)?)),
            Self::Day(name) => day(name)?.map(|day| (day, Some(day))).ok_or(NotOfKind),
        }
    }
}

impl Node {
    fn says_something(&self) -> bool {
        !self.text.is_empty() || self.children.iter().any(Self::says_something)
    }
}
