//! The page of a schema at `/xsd/<name>`: what each element and type consists of, in the words of the schema.

use std::collections::HashMap;

use super::PLACEHOLDER;
use super::html::{code, link, list, page, paragraphs, section, tag};
use crate::xml::names::XS;
use crate::xml::{Document, Element, Writer};

/// Source of the annotation that names an item of the scope.
const SCOPE_SOURCE: &str = "urn:brama:zakres:1";

/// All schemas, and where each global definition stands.
pub struct Schemas<'d> {
    /// By the names of their pages.
    documents: &'d [(&'static str, Document)],
    pages: HashMap<Definition, &'static str>,
}

/// Kind, namespace and name of a global definition.
type Definition = (Kind, String, String);

/// An element and a type may have the same name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Element,
    Type,
}

impl Kind {
    fn of(definition: Element<'_>) -> Option<Self> {
        match definition.local() {
            "element" => Some(Self::Element),
            "complexType" | "simpleType" => Some(Self::Type),
            _ => None,
        }
    }

    fn anchor(self, name: &str) -> String {
        match self {
            Self::Element => name.to_owned(),
            Self::Type => format!("typ-{name}"),
        }
    }
}

impl<'d> Schemas<'d> {
    #[must_use]
    pub fn new(documents: &'d [(&'static str, Document)]) -> Self {
        let mut pages = HashMap::new();
        for (page, document) in documents {
            for (kind, name, _) in definitions(document) {
                pages.insert((kind, target(document), name), *page);
            }
        }
        Self { documents, pages }
    }

    /// Every page's name and the first sentence about it.
    pub fn summaries(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.documents.iter().map(|(name, document)| {
            let words = collapsed(&documentation(document.root()));
            let end = words.find([':', '.']).unwrap_or(words.len());
            (*name, format!("{}.", &words[..end]))
        })
    }

    /// Writes every page, in the order of the documents.
    pub fn pages(&self) -> impl Iterator<Item = String> {
        self.documents.iter().map(|(name, document)| self.page(name, document))
    }

    fn page(&self, name: &str, document: &Document) -> String {
        page(&format!("Schemat {name}.xsd"), |out| {
            out.element(tag("nav"), |out| {
                out.element(tag("p"), |out| {
                    link(&format!("{PLACEHOLDER}/ws/#schematy"), "Wszystkie usługi i schematy", out);
                    out.text(" · ");
                    link(&format!("{PLACEHOLDER}/xsd/{name}.xsd"), &format!("plik {name}.xsd"), out);
                });
            });
            paragraphs(&documentation(document.root()), out);
            out.element(tag("p"), |out| {
                out.text("Przestrzeń nazw: ");
                code(&target(document), out);
                out.text(
                    ". Przy elemencie stoją jego typ, liczba wystąpień, jeśli nie jest jednym, i pozycja zakresu.",
                );
            });
            references(document, out);
            for (kind, name, definition) in definitions(document) {
                let heading = match kind {
                    Kind::Element => format!("Element {name}"),
                    Kind::Type => format!("Typ {name}"),
                };
                section(&kind.anchor(&name), &heading, out, |out| {
                    paragraphs(&documentation(definition), out);
                    self.content(definition, out);
                });
            }
        })
    }

    /// What a definition or declaration consists of: bounds of its value, then its parts.
    fn content(&self, holder: Element<'_>, out: &mut Writer) {
        let simple = if holder.local() == "simpleType" { Some(holder) } else { holder.child(XS.name("simpleType")) };
        if let Some(restriction) = simple.and_then(|simple| simple.child(XS.name("restriction"))) {
            self.restriction(restriction, out);
        }
        // A text with attributes.
        let complex = if holder.local() == "complexType" { Some(holder) } else { holder.child(XS.name("complexType")) };
        let texts = complex.and_then(|complex| complex.child(XS.name("simpleContent"))?.child(XS.name("extension")));
        if let Some(extension) = texts {
            out.element(tag("p"), |out| {
                out.text("Wartość: ");
                self.name(extension, "base", Kind::Type, out);
            });
        }
        let mut parts = Vec::new();
        gather(holder, &mut parts);
        if !parts.is_empty() {
            list(parts, out, |part, out| self.part(part, out));
        }
    }

    fn restriction(&self, restriction: Element<'_>, out: &mut Writer) {
        out.element(tag("p"), |out| {
            out.text("Wartość: ");
            self.name(restriction, "base", Kind::Type, out);
            for facet in restriction.children().filter(|facet| !is(*facet, &["annotation", "enumeration"])) {
                out.text(&format!(", {} ", facet.local()));
                code(&facet.attribute("value").unwrap_or_default(), out);
            }
        });
        let values: Vec<_> = restriction.all(XS.name("enumeration")).collect();
        if !values.is_empty() {
            list(values, out, |value, out| {
                code(&value.attribute("value").unwrap_or_default(), out);
                out.text(&format!(": {}", collapsed(&documentation(value))));
            });
        }
    }

    fn part(&self, part: Element<'_>, out: &mut Writer) {
        match part.local() {
            "choice" => out.text("Jedno z:"),
            "sequence" => out.text("Kolejno:"),
            "element" | "attribute" => self.declaration(part, out),
            "any" => {
                out.text("Elementy przestrzeni nazw ");
                code(&part.attribute("namespace").unwrap_or_default(), out);
            }
            _ => return out.text(&format!("Warunek: {}", collapsed(&documentation(part)))),
        }
        if let Some(occurrence) = occurrence(part) {
            out.text(&format!(" {occurrence}"));
        }
        if let Some(item) = scope_item(part) {
            out.text(&format!(" · zakres {item}"));
        }
        let words = collapsed(&documentation(part));
        if !words.is_empty() {
            out.text(&format!(" · {words}"));
        }
        self.content(part, out);
    }

    fn declaration(&self, part: Element<'_>, out: &mut Writer) {
        let at = if part.local() == "attribute" { "@" } else { "" };
        match part.attribute("name") {
            Some(name) => code(&format!("{at}{name}"), out),
            None => self.name(part, "ref", Kind::Element, out),
        }
        if part.attribute("type").is_some() {
            out.text(" ");
            self.name(part, "type", Kind::Type, out);
        }
    }

    /// The name in an attribute, as a link where one of the schemas defines it.
    fn name(&self, holder: Element<'_>, attribute: &str, kind: Kind, out: &mut Writer) {
        let name = holder.attribute(attribute).unwrap_or_default();
        let (prefix, local) = name.split_once(':').unwrap_or(("", &name));
        let namespace = holder.prefix(prefix).unwrap_or_default();
        match self.pages.get(&(kind, namespace.to_owned(), local.to_owned())) {
            Some(page) => link(&format!("{PLACEHOLDER}/xsd/{page}#{}", kind.anchor(local)), &name, out),
            None => code(&name, out),
        }
    }
}

/// The global definitions in the order of the schema.
fn definitions(document: &Document) -> impl Iterator<Item = (Kind, String, Element<'_>)> {
    document.root().children().filter_map(|one| Some((Kind::of(one)?, one.attribute("name")?, one)))
}

/// Links to the schemas that this one includes or imports.
fn references(document: &Document, out: &mut Writer) {
    let others = document.root().children().filter(|one| is(*one, &["include", "import"]));
    let files: Vec<String> = others.filter_map(|one| one.attribute("schemaLocation")).collect();
    if files.is_empty() {
        return;
    }
    out.element(tag("p"), |out| {
        out.text("Korzysta z:");
        for file in &files {
            out.text(" ");
            link(&format!("{PLACEHOLDER}/xsd/{}", file.trim_end_matches(".xsd")), file, out);
        }
    });
}

/// Gathers what is listed below `holder`; a sequence that says nothing of its own is passed through.
fn gather<'d>(holder: Element<'d>, parts: &mut Vec<Element<'d>>) {
    for child in holder.children() {
        match child.local() {
            "complexType" | "simpleContent" | "extension" => gather(child, parts),
            "sequence" if holder.local() != "choice" && occurrence(child).is_none() => gather(child, parts),
            "element" | "attribute" | "choice" | "sequence" | "unique" | "any" => parts.push(child),
            _ => {}
        }
    }
}

/// How often a part may stand, unless it stands once.
fn occurrence(part: Element<'_>) -> Option<String> {
    if part.local() == "attribute" {
        let required = part.attribute("use").as_deref() == Some("required");
        return (!required).then(|| "(nieobowiązkowy)".to_owned());
    }
    let bound = |name| part.attribute(name).unwrap_or_else(|| "1".to_owned());
    let (least, most) = (bound("minOccurs"), bound("maxOccurs"));
    let most = if most == "unbounded" { "*" } else { &most };
    (least != "1" || most != "1").then(|| format!("[{least}..{most}]"))
}

fn scope_item(part: Element<'_>) -> Option<String> {
    let notes = part.child(XS.name("annotation"))?;
    let item = notes.all(XS.name("appinfo")).find(|note| note.attribute("source").as_deref() == Some(SCOPE_SOURCE))?;
    Some(item.token())
}

/// What the schema says of an element of its own; empty lines divide paragraphs.
fn documentation(element: Element<'_>) -> String {
    let notes = element.child(XS.name("annotation"));
    let words = notes.and_then(|notes| notes.child(XS.name("documentation"))).map(Element::text);
    words.unwrap_or_default()
}

fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn target(document: &Document) -> String {
    document.root().attribute("targetNamespace").unwrap_or_default()
}

fn is(element: Element<'_>, names: &[&str]) -> bool {
    names.contains(&element.local())
}
