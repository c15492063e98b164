//! `cz:Tresc` as canonical XML.

use super::{Block, Content, Layout, Level, Table};
use crate::xml::{Attr, CZ, Writer};

impl Content {
    /// Writes the element where the writer stands.
    pub fn write(&self, out: &mut Writer) {
        out.element(CZ.name("Tresc"), |out| self.blocks.iter().for_each(|block| write_block(block, out)));
    }

    /// The element as a document of its own.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        self.write(&mut out);
        out.into_bytes()
    }
}

fn write_block(block: &Block, out: &mut Writer) {
    match block {
        Block::Heading { level: Level::Title, text } => out.text_element(CZ.name("naglowek"), text),
        Block::Heading { level, text } => with_attribute(out, "naglowek", ("poziom", Some(level.wire())), text),
        Block::Paragraph { layout, text } => with_attribute(out, "akapit", ("uklad", layout.wire()), text),
        Block::List(items) => out.element(CZ.name("lista"), |out| {
            items.iter().for_each(|item| out.text_element(CZ.name("pozycja"), item));
        }),
        Block::Table(table) => write_table(table, out),
    }
}

fn write_table(table: &Table, out: &mut Writer) {
    out.element(CZ.name("tabela"), |out| {
        for column in &table.columns {
            let layout = column.is_right.then_some(Layout::Right).and_then(Layout::wire);
            with_attribute(out, "kolumna", ("uklad", layout), &column.title);
        }
        table.rows.iter().for_each(|row| write_row("wiersz", row, out));
        table.sum.iter().for_each(|row| write_row("suma", row, out));
    });
}

fn write_row(name: &'static str, row: &[String], out: &mut Writer) {
    out.element(CZ.name(name), |out| row.iter().for_each(|cell| out.text_element(CZ.name("komorka"), cell)));
}

fn with_attribute(out: &mut Writer, name: &'static str, (key, value): (&'static str, Option<&str>), text: &str) {
    let attribute = value.map(|value| Attr::Plain(key, value));
    out.open_with(CZ.name(name), attribute.as_slice());
    out.text(text);
    out.close();
}
