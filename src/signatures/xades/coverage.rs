//! How much of a document a signature covers: by the very nodes that its references lead to, never by names or paths.

use super::facts::{Coverage, Form};
use crate::signatures::dsig::Data;
use crate::xml::{DS, Element, XADES};

/// What the references of a signature lead to; those whose digest holds are told apart.
pub struct Covered<'d, 'c> {
    pub signature: Element<'d>,
    pub root: Element<'d>,
    /// The value of the signature above, for a counter-signature.
    pub above: Option<Element<'d>>,
    /// Data of references to anything but the signed properties, and whether the digest holds.
    pub data: Vec<(Data<'d>, bool)>,
    pub contents: &'c [(String, Vec<u8>)],
}

impl Covered<'_, '_> {
    pub fn form(&self) -> Form {
        if self.above.is_some() {
            return Form::Counter;
        }
        let mut data = self.data.iter().map(|(data, _)| *data);
        if data.clone().any(|data| self.is_around(data)) {
            Form::Enveloped
        } else if data.any(|data| matches!(data, Data::Element(element) if self.objects().any(|one| one == element))) {
            Form::Enveloping
        } else {
            Form::Detached
        }
    }

    pub fn coverage(&self) -> Coverage {
        let holding: Vec<_> = self.data.iter().filter(|(_, holds)| *holds).map(|(data, _)| *data).collect();
        let covers = |element| holding.contains(&Data::Element(element));
        if let Some(above) = self.above {
            return Coverage::Other { is_countersigned: covers(above) };
        }
        let objects: Vec<_> = self.objects().collect();
        // An object that is not signed could be taken for signed content by a reader.
        let are_objects_covered = objects.iter().all(|object| covers(*object));
        let are_contents_covered = self.contents.iter().all(|(_, bytes)| {
            holding.iter().any(|data| matches!(data, Data::Content(one) if std::ptr::eq(*one, bytes.as_slice())))
        });
        let is_whole = if self.root == self.signature || self.holds_signatures_alone() {
            (!objects.is_empty() || !self.contents.is_empty()) && are_objects_covered && are_contents_covered
        } else {
            (holding.contains(&Data::Document) || covers(self.root)) && are_objects_covered
        };
        match (is_whole, holding.is_empty()) {
            (true, _) => Coverage::Whole,
            (false, false) => Coverage::Part,
            (false, true) => Coverage::Other { is_countersigned: false },
        }
    }

    /// Whether the signature stands inside what is signed.
    fn is_around(&self, data: Data<'_>) -> bool {
        match data {
            Data::Document => true,
            Data::Element(element) => {
                std::iter::successors(self.signature.parent(), |one| one.parent()).any(|one| one == element)
            }
            Data::Content(_) => false,
        }
    }

    /// Objects with content, as against the one with the properties.
    fn objects(&self) -> impl Iterator<Item = Element<'_>> {
        let is_of_properties = |object: &Element<'_>| {
            let mut inside = object.children();
            inside.next().is_some_and(|one| one.is(XADES.name("QualifyingProperties"))) && inside.next().is_none()
        };
        self.signature.all(DS.name("Object")).filter(move |object| !is_of_properties(object))
    }

    /// Whether the root is nothing but a bag of signatures over content elsewhere.
    fn holds_signatures_alone(&self) -> bool {
        self.root.children().all(|child| child.is(DS.name("Signature")))
            && self.root.token().is_empty()
            && !self.contents.is_empty()
    }
}
