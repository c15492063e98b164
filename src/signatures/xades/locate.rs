//! Where signatures may stand: as the root, as children of the root, and as counter-signatures of those.

use super::properties::counter_signatures;
use crate::xml::{DS, Document, Element};

/// A signature element and what its place makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'d> {
    pub element: Element<'d>,
    pub kind: PlaceKind<'d>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceKind<'d> {
    Top,
    /// Signs the value of the signature above it.
    Counter {
        above: Element<'d>,
    },
    /// Somewhere else, where nobody has to look for it.
    Misplaced,
}

/// Every `ds:Signature` of the document; counter-signatures follow the one above them, misplaced ones come last.
pub fn signatures(document: &Document) -> Vec<Place<'_>> {
    let root = document.root();
    let is_signature = |element: &Element<'_>| element.is(DS.name("Signature"));
    let top: Vec<Element<'_>> =
        if is_signature(&root) { vec![root] } else { root.children().filter(is_signature).collect() };
    let mut places = Vec::new();
    for element in top {
        places.push(Place { element, kind: PlaceKind::Top });
        counters(element, &mut places);
    }
    for element in root.descendants().filter(is_signature) {
        if !places.iter().any(|place| place.element == element) {
            places.push(Place { element, kind: PlaceKind::Misplaced });
        }
        if places.len() > super::SIGNATURES_MAX {
            break;
        }
    }
    places
}

/// No deeper than elements are nested, which the parser bounds.
fn counters<'d>(above: Element<'d>, places: &mut Vec<Place<'d>>) {
    for element in counter_signatures(above) {
        if places.len() > super::SIGNATURES_MAX {
            return;
        }
        places.push(Place { element, kind: PlaceKind::Counter { above } });
        counters(element, places);
    }
}
