//! The structure of a file for those who listen to it: a tree over the texts in the order of reading.

use std::num::NonZeroU16;

use krilla::tagging::{Identifier, ListNumbering, TableHeaderScope, Tag, TagGroup, TagKind, TagTree};

use crate::documents::content::{Block, Content, Level, Table};

/// Builds the tree; `marks` holds, for every text as `flow` counted them, what was drawn of it.
pub fn tree(content: &Content, marks: Vec<Vec<Identifier>>) -> TagTree {
    let mut texts = Texts(marks.into_iter());
    let mut tree = TagTree::new().with_lang(Some("pl-PL".to_owned()));
    for block in &content.blocks {
        tree.push(match block {
            Block::Heading { level, text } => {
                let level = match level {
                    Level::Title => NonZeroU16::MIN,
                    Level::Section => NonZeroU16::MIN.saturating_add(1),
                };
                texts.next(Tag::Hn(level, Some(text.clone())))
            }
            Block::Paragraph { .. } => texts.next(Tag::P),
            Block::List(items) => {
                let items = items.iter().map(|_| {
                    let label = texts.next(Tag::Lbl);
                    group(Tag::LI, [label, texts.next(Tag::LBody)])
                });
                group(Tag::L(ListNumbering::Disc), items.collect::<Vec<_>>())
            }
            Block::Table(table) => texts.table(table),
        });
    }
    tree
}

/// What was drawn of each text that is not yet in the tree.
struct Texts(std::vec::IntoIter<Vec<Identifier>>);

impl Texts {
    /// A group of the next text alone.
    fn next(&mut self, tag: impl Into<TagKind>) -> TagGroup {
        let mut group = TagGroup::new(tag);
        self.0.next().into_iter().flatten().for_each(|mark| group.push(mark));
        group
    }

    fn table(&mut self, table: &Table) -> TagGroup {
        let columns = table.columns.len();
        let head: Vec<_> = (0..columns).map(|_| self.next(Tag::TH(TableHeaderScope::Column))).collect();
        let rows: Vec<_> = table.rows.iter().map(|_| self.row(columns)).collect();
        let mut parts = vec![group(Tag::THead, [group(Tag::TR, head)]), group(Tag::TBody, rows)];
        if table.sum.is_some() {
            let row = self.row(columns);
            parts.push(group(Tag::TFoot, [row]));
        }
        group(Tag::Table, parts)
    }

    fn row(&mut self, columns: usize) -> TagGroup {
        group(Tag::TR, (0..columns).map(|_| self.next(Tag::TD)).collect::<Vec<_>>())
    }
}

fn group(tag: impl Into<TagKind>, children: impl IntoIterator<Item = TagGroup>) -> TagGroup {
    let mut group = TagGroup::new(tag);
    children.into_iter().for_each(|child| group.push(child));
    group
}
