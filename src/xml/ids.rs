//! The identifiers to which a signature may refer, gathered in one pass, each of them unique.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::element::{Attribute, Element};
use super::error::Error;
use super::names::{WSU, XML};
use super::parse::Document;

/// Elements by identifier.
///
/// Invariant: no identifier names two elements, so a reference has at most one meaning.
#[derive(Debug, Default)]
pub struct Ids<'d>(HashMap<String, Element<'d>>);

impl<'d> Ids<'d> {
    /// The element that bears `id`.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Element<'d>> {
        self.0.get(id).copied()
    }
}

/// Gathers `Id`, `wsu:Id` and `xml:id` of the whole document.
///
/// # Errors
/// [`Error::DuplicateId`] when two elements bear the same one.
pub fn ids(document: &Document) -> Result<Ids<'_>, Error> {
    ids_with(document, &[])
}

/// The same, with attributes without a namespace called `extra` as identifiers too.
///
/// # Errors
/// [`Error::DuplicateId`] when two elements bear the same one.
pub fn ids_with<'d>(document: &'d Document, extra: &[&str]) -> Result<Ids<'d>, Error> {
    let root = document.root();
    let mut ids = HashMap::new();
    for element in std::iter::once(root).chain(root.descendants()) {
        for attribute in element.attributes().filter(|attribute| is_id(attribute, extra)) {
            match ids.entry(attribute.value) {
                Entry::Vacant(place) => {
                    place.insert(element);
                }
                Entry::Occupied(place) if *place.get() == element => {}
                Entry::Occupied(_) => return Err(Error::DuplicateId { line: element.line() }),
            }
        }
    }
    Ok(Ids(ids))
}

fn is_id(attribute: &Attribute<'_>, extra: &[&str]) -> bool {
    match attribute.namespace {
        "" => attribute.local == "Id" || extra.contains(&attribute.local),
        namespace if namespace == WSU.uri => attribute.local == "Id",
        namespace if namespace == XML.uri => attribute.local == "id",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Limits;
    use super::*;

    #[track_caller]
    fn check(inside: &str, extra: &[&str], expected: Result<&[(&str, &str)], u32>) {
        let text = format!("<root xmlns:wsu='{}'>{inside}</root>", WSU.uri);
        let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        match (ids_with(&document, extra), expected) {
            (Ok(ids), Ok(expected)) => {
                let mut found: Vec<_> = ids.0.iter().map(|(id, element)| (id.as_str(), element.local())).collect();
                found.sort_unstable();
                assert_eq!(found, expected, "{inside}");
            }
            (Err(Error::DuplicateId { line }), Err(expected)) => assert_eq!(line, expected, "{inside}"),
            (found, _) => panic!("{inside}: {found:?}"),
        }
    }

    #[test]
    fn three_attributes_are_identifiers() {
        check("<a Id='1'/><b wsu:Id='2'/><c xml:id='3'/>", &[], Ok(&[("1", "a"), ("2", "b"), ("3", "c")]));
        check("<a id='1'/><b ID='1'/><c name='1'/>", &[], Ok(&[]));
        check("<a id='1'/>", &["id"], Ok(&[("1", "a")]));
    }

    #[test]
    fn an_identifier_used_twice_is_refused_whatever_attribute_holds_it() {
        check("<a Id='1'/>\n<b Id='1'/>", &[], Err(2));
        check("<a Id='1'/><b wsu:Id='1'/>", &[], Err(1));
        check("<a xml:id='1'><b Id='1'/></a>", &[], Err(1));
        check("<a xml:id='x'><b xml:id='x'/></a>", &[], Err(1));
        check("<a Id='1' wsu:Id='1'/>", &[], Ok(&[("1", "a")]));
    }
}
