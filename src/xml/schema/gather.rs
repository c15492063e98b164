//! Gathers the violations of one validation: one for each place and rule, up to a bound.

use std::collections::HashSet;
use std::ffi::c_void;
use std::ptr::NonNull;

use libxml::bindings as lib;

use super::super::element::Element;
use super::super::library::string;
use super::super::names::Namespace;
use super::explain::{Explanation, Matter, explain, unexplained};
use super::kinds::Kinds;

/// A rule of the schema that an element breaks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// Line on which the element's start tag ends, in the bytes that were parsed; `Item::in_file` gives that of the file.
    pub line: u32,
    /// Path of the element or attribute with the contract's prefixes.
    pub path: String,
    /// The rule by the schema's word for it, e.g. `pattern`, `element`, `minOccurs`, `use`, `unique`.
    pub rule: String,
    /// A Polish sentence without any value.
    pub text: String,
}

impl Violation {
    /// The most violations that one validation tells.
    pub const MAX: usize = 100;
}

/// A place: an element, or one of its attributes.
type Place<'d> = (Element<'d>, Option<String>);

pub(super) struct Gather<'d, 's> {
    element: Element<'d>,
    root: Element<'d>,
    kinds: &'s Kinds,
    violations: Vec<Violation>,
    seen: HashSet<(Place<'d>, &'static str)>,
    /// Places with a violation of any rule: a bad value is then not told once more in other words.
    touched: HashSet<Place<'d>>,
}

impl<'d, 's> Gather<'d, 's> {
    pub(super) fn new(element: Element<'d>, root: Element<'d>, kinds: &'s Kinds) -> Self {
        Self { element, root, kinds, violations: Vec::new(), seen: HashSet::new(), touched: HashSet::new() }
    }

    /// The violations; never none when libxml2 did not find the element valid.
    pub(super) fn finish(mut self, is_valid: bool) -> Vec<Violation> {
        if !is_valid && self.violations.is_empty() {
            self.add((self.element, None), unexplained(self.kinds));
        }
        self.violations
    }

    fn add(&mut self, place: Place<'d>, explanation: Explanation) {
        let first_here = self.touched.insert(place.clone());
        let repeats = explanation.matter == Matter::Value && !first_here;
        if repeats || self.violations.len() >= Violation::MAX || !self.seen.insert((place.clone(), explanation.rule)) {
            return;
        }
        let (element, attribute) = place;
        let mut path = element.path_from(self.root);
        if let Some(attribute) = attribute {
            path.push_str("/@");
            path.push_str(&attribute);
        }
        let Explanation { rule, text, .. } = explanation;
        self.violations.push(Violation { line: element.line(), path, rule: rule.to_owned(), text });
    }

    fn report(&mut self, error: &lib::xmlError) {
        if self.violations.len() >= Violation::MAX {
            return;
        }
        // SAFETY: libxml2 names a node of the document under validation, which lives for `'d`.
        let element = unsafe { nearest_element(error.node.cast()) }.unwrap_or(self.element);
        let message = unsafe { string(error.message.cast()) }.trim_end_matches('\n');
        let (attribute, message) = split(element, message);
        let code = u32::try_from(error.code).unwrap_or(0);
        self.add((element, attribute), explain(code, message, self.kinds));
    }
}

/// The callback of libxml2.
pub(super) unsafe extern "C" fn report(gather: *mut c_void, error: lib::xmlErrorPtr) {
    let gather = unsafe { &mut *gather.cast::<Gather<'_, '_>>() };
    if let Some(error) = unsafe { error.as_ref() } {
        gather.report(error);
    }
}

unsafe fn nearest_element<'d>(node: *mut lib::xmlNode) -> Option<Element<'d>> {
    let mut here = NonNull::new(node)?;
    // An attribute begins with the same fields as an element, the parent among them.
    // It is smaller than one, so no reference to the whole may be made before the type is known.
    while unsafe { (*here.as_ptr()).type_ } != lib::xmlElementType_XML_ELEMENT_NODE {
        here = NonNull::new(unsafe { (*here.as_ptr()).parent })?;
    }
    Some(unsafe { Element::from_node(here) })
}

/// Cuts the name of the place off a message: `Element '{urn:x}a', attribute 'b': The value …`.
///
/// Gives the attribute with our prefix when the element has it. Names hold no apostrophe, and the element's is known, so
/// no value can be taken for a name.
fn split<'m>(element: Element<'_>, message: &'m str) -> (Option<String>, &'m str) {
    let name = match element.namespace() {
        "" => element.local().to_owned(),
        namespace => format!("{{{namespace}}}{}", element.local()),
    };
    let Some(rest) = message.strip_prefix("Element '").and_then(|rest| rest.strip_prefix(&name)?.strip_prefix('\''))
    else {
        return (None, message);
    };
    if let Some(text) = rest.strip_prefix(": ") {
        return (None, text);
    }
    element
        .attributes()
        .find_map(|attribute| {
            let (name, shown) = match (attribute.namespace, Namespace::of(attribute.namespace)) {
                ("", _) => (attribute.local.to_owned(), attribute.local.to_owned()),
                (uri, known) => {
                    let prefix = known.map_or("*", |namespace| namespace.prefix);
                    (format!("{{{uri}}}{}", attribute.local), format!("{prefix}:{}", attribute.local))
                }
            };
            let text = rest.strip_prefix(", attribute '")?.strip_prefix(&name)?.strip_prefix("': ")?;
            Some((Some(shown), text))
        })
        .unwrap_or((None, rest))
}
