//! HTML as the pages of the contract need it, written by the canonical writer: no text can become markup.

use crate::problem::Code;
use crate::xml::names::{NONE, QName};
use crate::xml::{Attr, Writer};

const STYLE: &str = ":root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}\
     main{max-width:62rem;margin:1.5rem auto;padding:0 1rem}\
     h2{margin-top:2.5rem;border-bottom:2px solid #888}h3{margin:1.5rem 0 .25rem}\
     pre{overflow-x:auto;padding:.75rem;border:1px solid #888;font-size:.875rem;line-height:1.4}\
     code{overflow-wrap:anywhere}p{max-width:46rem}\
     table{border-collapse:collapse}\
     th,td{text-align:left;vertical-align:top;padding:.25rem 1rem .25rem 0;border-bottom:1px solid #888}\
     dt{font-weight:600}dd{margin:0 0 .5rem}ul ul{padding-left:1.25rem}";

/// An element of HTML.
pub const fn tag(name: &'static str) -> QName {
    NONE.name(name)
}

/// A whole page; `body` writes what follows its heading.
pub fn page(title: &str, body: impl FnOnce(&mut Writer)) -> String {
    let mut out = Writer::with_capacity(64 << 10);
    out.raw(b"<!doctype html>\n");
    out.open_with(tag("html"), &[Attr::Plain("lang", "pl")]);
    out.element(tag("head"), |out| {
        out.raw(b"<meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width\"/>");
        out.text_element(tag("title"), &format!("{title} – brama"));
        out.text_element(tag("style"), STYLE);
    });
    out.element(tag("body"), |out| {
        out.element(tag("main"), |out| {
            out.text_element(tag("h1"), title);
            body(out);
        });
    });
    out.close();
    String::from_utf8(out.into_bytes()).expect("the writer writes text")
}

/// A section with a heading of the second level, to which a link may lead.
pub fn section(id: &str, heading: &str, out: &mut Writer, body: impl FnOnce(&mut Writer)) {
    out.open_with(tag("section"), &[Attr::Plain("id", id)]);
    out.text_element(tag("h2"), heading);
    body(out);
    out.close();
}

/// Text in paragraphs, which empty lines divide.
pub fn paragraphs(text: &str, out: &mut Writer) {
    for paragraph in text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        out.text_element(tag("p"), paragraph);
    }
}

pub fn code(text: &str, out: &mut Writer) {
    out.text_element(tag("code"), text);
}

pub fn link(target: &str, text: &str, out: &mut Writer) {
    out.open_with(tag("a"), &[Attr::Plain("href", target)]);
    out.text(text);
    out.close();
}

/// A term and what it stands for, inside `dl`.
pub fn term(name: &str, out: &mut Writer, value: impl FnOnce(&mut Writer)) {
    out.text_element(tag("dt"), name);
    out.element(tag("dd"), value);
}

/// A list, one item for each of `items`.
pub fn list<T>(items: impl IntoIterator<Item = T>, out: &mut Writer, mut item: impl FnMut(T, &mut Writer)) {
    out.element(tag("ul"), |out| {
        for one in items {
            out.element(tag("li"), |out| item(one, out));
        }
    });
}

/// A table with a row for each of `rows`; `cells` writes its `td` elements.
pub fn table<T>(
    headings: &[&str],
    rows: impl IntoIterator<Item = T>,
    out: &mut Writer,
    mut cells: impl FnMut(T, &mut Writer),
) {
    out.open(tag("table"));
    out.element(tag("thead"), |out| {
        out.element(tag("tr"), |out| {
            for heading in headings {
                out.open_with(tag("th"), &[Attr::Plain("scope", "col")]);
                out.text(heading);
                out.close();
            }
        });
    });
    out.element(tag("tbody"), |out| {
        for row in rows {
            out.element(tag("tr"), |out| cells(row, out));
        }
    });
    out.close();
}

/// A document as it stands, under a heading; it can be scrolled with the keyboard.
pub fn document(heading: &str, text: &str, out: &mut Writer) {
    out.text_element(tag("h3"), heading);
    out.open_with(tag("pre"), &[Attr::Plain("tabindex", "0"), Attr::Plain("aria-label", heading)]);
    code(text, out);
    out.close();
}

/// A link to the row of a fault code on the same page.
pub fn code_link(fault: Code, out: &mut Writer) {
    link(&format!("#{}", fault.wire()), fault.wire(), out);
}
