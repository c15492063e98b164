//! `cz:Tresc` from an element that keeps the schema.

use super::{Block, Column, Content, Layout, Level, Table};
use crate::xml::{CZ, Element};

/// The element is no `cz:Tresc` that we can draw; the line is where the trouble begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no content at line {line}")]
pub struct NotContent {
    pub line: u32,
}

impl Content {
    /// Reads an element that `xsd/wzor-czesci.xsd` has found valid.
    ///
    /// # Errors
    /// [`NotContent`] for what the schema cannot say, a row with another number of cells than there are columns, and for
    /// every element that was not validated and is wrong.
    pub fn read(element: Element<'_>) -> Result<Self, NotContent> {
        if !element.is(CZ.name("Tresc")) {
            return Err(wrong(element));
        }
        element.children().map(block).collect::<Result<_, _>>().map(|blocks| Self { blocks })
    }
}

fn block(element: Element<'_>) -> Result<Block, NotContent> {
    let attribute = |name| element.attribute(name);
    if element.is(CZ.name("naglowek")) {
        let level = Level::parse(attribute("poziom").as_deref()).ok_or_else(|| wrong(element))?;
        Ok(Block::Heading { level, text: element.token() })
    } else if element.is(CZ.name("akapit")) {
        let layout = Layout::parse(attribute("uklad").as_deref()).ok_or_else(|| wrong(element))?;
        Ok(Block::Paragraph { layout, text: element.token() })
    } else if element.is(CZ.name("lista")) {
        Ok(Block::List(element.all(CZ.name("pozycja")).map(Element::token).collect()))
    } else if element.is(CZ.name("tabela")) {
        table(element).map(Block::Table)
    } else {
        Err(wrong(element))
    }
}

fn table(element: Element<'_>) -> Result<Table, NotContent> {
    let right = Layout::Right.wire();
    let columns: Vec<Column> = element
        .all(CZ.name("kolumna"))
        .map(|column| Column { title: column.token(), is_right: column.attribute("uklad").as_deref() == right })
        .collect();
    let row = |row: Element<'_>| -> Result<Vec<String>, NotContent> {
        let cells: Vec<_> = row.all(CZ.name("komorka")).map(Element::token).collect();
        if cells.len() == columns.len() { Ok(cells) } else { Err(wrong(row)) }
    };
    let rows = element.all(CZ.name("wiersz")).map(row).collect::<Result<_, _>>()?;
    let sum = element.child(CZ.name("suma")).map(row).transpose()?;
    Ok(Table { columns, rows, sum })
}

fn wrong(element: Element<'_>) -> NotContent {
    NotContent { line: element.line() }
}
