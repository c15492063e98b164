//! Which named types are dates, numbers and so on, read from the schema texts: it decides only how an error is worded.

use std::collections::HashMap;

use super::super::element::Element;
use super::super::error::Error;
use super::super::limits::Limits;
use super::super::names::XS;
use super::super::parse::Document;

/// What a value of a simple type is, in a reader's eyes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Date,
    DateTime,
    Integer,
    Decimal,
    Boolean,
    Base64,
    Other,
}

/// Kinds of the named simple types, and of the patterns that stand in them.
#[derive(Default)]
pub(super) struct Kinds {
    /// By name as libxml2 reports it: `{urn:brama:wspolne:1}Data`.
    types: HashMap<String, Kind>,
    patterns: HashMap<String, Kind>,
}

impl Kinds {
    pub(super) fn read(files: &[(&str, &[u8])]) -> Result<Self, Error> {
        let limits = Limits { bytes: 16 * 1024 * 1024, elements: 1_000_000, ..Limits::default() };
        let mut bases = HashMap::new();
        let mut patterns = Vec::new();
        for (name, text) in files {
            let failed = |error: &Error| Error::Schema { file: (*name).to_owned(), reason: error.to_string() };
            let document = Document::parse(text, &limits).map_err(|error| failed(&error))?;
            let root = document.root();
            let namespace = root.attribute("targetNamespace").unwrap_or_default();
            for simple in root.all(XS.name("simpleType")) {
                let Some(restriction) = simple.child(XS.name("restriction")) else { continue };
                let (Some(name), Some(base)) = (simple.attribute("name"), restriction.attribute("base")) else {
                    continue;
                };
                let base = qualified(restriction, &base);
                let found = restriction.all(XS.name("pattern")).filter_map(|pattern| pattern.attribute("value"));
                patterns.extend(found.map(|pattern| (pattern, base.clone())));
                bases.insert(format!("{{{namespace}}}{name}"), base);
            }
        }
        let types = bases.keys().map(|name| (name.clone(), kind(&bases, name))).collect();
        let patterns = patterns.into_iter().map(|(pattern, base)| (pattern, kind(&bases, &base))).collect();
        Ok(Self { types, patterns })
    }

    /// The kind of a type as libxml2 names it at the end of a message: `xs:date` or `{urn:x}Data`.
    pub(super) fn of_type(&self, name: &str) -> Kind {
        match name.strip_prefix("xs:") {
            Some(local) => built_in(local),
            None => self.types.get(name).copied().unwrap_or(Kind::Other),
        }
    }

    /// The kind of the type in which this pattern stands.
    pub(super) fn of_pattern(&self, pattern: &str) -> Kind {
        self.patterns.get(pattern).copied().unwrap_or(Kind::Other)
    }
}

/// `prefix:local` as `{uri}local`.
fn qualified(element: Element<'_>, name: &str) -> String {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    format!("{{{}}}{local}", element.prefix(prefix).unwrap_or_default())
}

fn kind(bases: &HashMap<String, String>, name: &str) -> Kind {
    // A type that rests on itself does not compile, but this runs before the compiler.
    let mut name = name;
    for _ in 0..=bases.len() {
        match bases.get(name) {
            Some(base) => name = base,
            None => break,
        }
    }
    let built_in_name = name.strip_prefix('{').and_then(|rest| rest.strip_prefix(XS.uri)?.strip_prefix('}'));
    built_in_name.map_or(Kind::Other, built_in)
}

fn built_in(local: &str) -> Kind {
    match local {
        "date" => Kind::Date,
        "dateTime" => Kind::DateTime,
        "boolean" => Kind::Boolean,
        "base64Binary" => Kind::Base64,
        "decimal" | "float" | "double" => Kind::Decimal,
        "byte" | "short" | "int" | "long" | "integer" | "unsignedByte" | "unsignedShort" | "unsignedInt"
        | "unsignedLong" | "positiveInteger" | "nonNegativeInteger" | "negativeInteger" | "nonPositiveInteger" => {
            Kind::Integer
        }
        _ => Kind::Other,
    }
}
