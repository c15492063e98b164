//! The scope catalogue: which element of a record belongs to which scope item, read from the schemas at start-up (rule 5.3).

use std::collections::BTreeMap;

use super::value_kind::{ValueKind, words_of};
use super::xsd::{Node, words_at};
use super::{Error, Scope, ScopeItem};
use crate::subjects::SetKind;

const SCOPE_SOURCE: &str = "urn:brama:zakres:1";
const RECORDS: &str = "urn:brama:beneficjent:1";
const COMMON: &str = "urn:brama:wspolne:1";
/// No record is nested deeper; a type that contains itself ends here.
const DEPTH_MAX: usize = 16;

/// The catalogues of all kinds of sets.
#[derive(Debug)]
pub struct Catalogue {
    pup: KindCatalogue,
    ps: KindCatalogue,
    sr: KindCatalogue,
    lists: BTreeMap<String, Vec<(String, String)>>,
}

/// The elements of one kind of record, each leaf with its scope item.
#[derive(Debug)]
pub struct KindCatalogue {
    kind: SetKind,
    root: Field,
    leaves: Scope,
    /// What each leaf is about, in the words of the schema.
    names: BTreeMap<ScopeItem, String>,
}

/// An element of a record.
#[derive(Debug)]
pub struct Field {
    pub(super) name: String,
    pub(super) content: Content,
    /// Whether a record may have several of it side by side.
    repeats: bool,
    /// What it is about, in the words of the schema.
    about: String,
    kind: ValueKind,
}

#[derive(Debug)]
pub(super) enum Content {
    /// A value, and the item of the nearest annotated ancestor-or-self.
    Leaf(ScopeItem),
    /// Elements in it; it has no item of its own.
    Container(Vec<Field>),
}

impl Catalogue {
    /// Reads the feed types out of the schemas (file name and bytes); files of other namespaces are passed over.
    ///
    /// # Errors
    /// Whatever would leave an element without exactly one item: a leaf without a number, a numbered type used twice,
    /// a number that is a heading too, a construct that records must not have.
    pub fn read(schemas: &[(&str, &[u8])]) -> Result<Self, Error> {
        let mut declarations = Declarations::default();
        let mut trees = Vec::new();
        for (file, bytes) in schemas {
            trees.push(Node::read(file, bytes)?);
        }
        let of = |namespace| move |tree: &&Node| tree.attribute("targetNamespace") == Some(namespace);
        for tree in trees.iter().filter(of(RECORDS)) {
            declarations.add(tree)?;
        }
        for tree in trees.iter().filter(of(COMMON)) {
            let named = |node: &'_ Node| node.attribute("name").map(|name| (name.to_owned(), words_of(node)));
            declarations.lists.extend(tree.all("xs:simpleType").filter_map(named));
        }
        let mut kind = |kind| KindCatalogue::read(kind, &mut declarations);
        let (pup, ps, sr) = (kind(SetKind::Pup)?, kind(SetKind::Ps)?, kind(SetKind::Sr)?);
        Ok(Self { pup, ps, sr, lists: declarations.lists })
    }

    /// The kind of value of a common type by its name, e.g. `RodzajDokumentu`.
    #[must_use]
    pub fn value_kind(&self, common_type: &str) -> ValueKind {
        ValueKind::of_type(&format!("w:{common_type}"), &self.lists)
    }

    /// The catalogue of one kind.
    #[must_use]
    pub const fn kind(&self, kind: SetKind) -> &KindCatalogue {
        match kind {
            SetKind::Pup => &self.pup,
            SetKind::Ps => &self.ps,
            SetKind::Sr => &self.sr,
        }
    }
}

impl KindCatalogue {
    #[must_use]
    pub const fn kind(&self) -> SetKind {
        self.kind
    }

    /// All leaves of this kind.
    #[must_use]
    pub const fn leaves(&self) -> &Scope {
        &self.leaves
    }

    /// The leaves that an item means; `None` when this kind has no such item.
    #[must_use]
    pub fn expand(&self, item: ScopeItem) -> Option<Scope> {
        let leaves: Scope = self.leaves.iter().filter(|leaf| item.covers(*leaf)).collect();
        (!leaves.is_empty()).then_some(leaves)
    }

    /// What a leaf is about, in Polish: the words at its elements up to the first semicolon, joined by `; `.
    #[must_use]
    pub fn name(&self, leaf: ScopeItem) -> Option<&str> {
        self.names.get(&leaf).map(String::as_str)
    }

    /// The item of a leaf by its path below the root, e.g. `["daneOsobowe", "plec"]`.
    #[must_use]
    pub fn item_at(&self, path: &[&str]) -> Option<ScopeItem> {
        let field = path.iter().try_fold(&self.root, |field, name| field.child(name))?;
        match field.content {
            Content::Leaf(item) => Some(item),
            Content::Container(_) => None,
        }
    }

    /// The record itself, with everything that may stand in it.
    #[must_use]
    pub const fn root(&self) -> &Field {
        &self.root
    }

    fn read(kind: SetKind, declarations: &mut Declarations<'_>) -> Result<Self, Error> {
        let name = kind.feed_root();
        let element = *declarations.elements.get(name).ok_or(Error::RootMissing(name))?;
        let mut leaves = Scope::default();
        let root = declarations.field(element, "", None, &mut leaves)?;
        for leaf in leaves.iter() {
            if leaves.iter().any(|other| other != leaf && leaf.covers(other)) {
                return Err(Error::LeafAndHeading(leaf));
            }
        }
        let names = std::mem::take(&mut declarations.names);
        Ok(Self { kind, root, leaves, names })
    }
}

impl Field {
    /// Local name of the element.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a record may have several of it side by side.
    #[must_use]
    pub const fn repeats(&self) -> bool {
        self.repeats
    }

    /// What it is about, in Polish; the words of the schema.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.about
    }

    /// Scope item and kind of value of a leaf; `None` for an element that holds others.
    #[must_use]
    pub const fn leaf(&self) -> Option<(ScopeItem, &ValueKind)> {
        match &self.content {
            Content::Leaf(item) => Some((*item, &self.kind)),
            Content::Container(_) => None,
        }
    }

    /// The elements in it; none for a leaf.
    #[must_use]
    pub fn children(&self) -> &[Self] {
        match &self.content {
            Content::Leaf(_) => &[],
            Content::Container(fields) => fields,
        }
    }

    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        match &self.content {
            Content::Leaf(_) => None,
            Content::Container(fields) => fields.iter().find(|field| field.name == name),
        }
    }
}

/// What the schemas of the records' namespace declare at their top.
#[derive(Default)]
struct Declarations<'s> {
    elements: BTreeMap<&'s str, &'s Node>,
    complex_types: BTreeMap<&'s str, &'s Node>,
    /// Named types that carry scope numbers and have been used.
    numbered_types: Vec<&'s str>,
    /// What is said at elements with a number of their own, of the kind being read.
    names: BTreeMap<ScopeItem, String>,
    /// Common simple types, each with its closed list of words, empty for most.
    lists: BTreeMap<String, Vec<(String, String)>>,
}

impl<'s> Declarations<'s> {
    fn add(&mut self, schema: &'s Node) -> Result<(), Error> {
        for node in &schema.children {
            let known = match node.name.as_str() {
                "xs:element" => &mut self.elements,
                "xs:complexType" => &mut self.complex_types,
                _ => continue,
            };
            let name = node.attribute("name").unwrap_or_default();
            if known.insert(name, node).is_some() {
                return Err(Error::DeclaredTwice(name.to_owned()));
            }
        }
        Ok(())
    }

    /// Reads one `xs:element`; `inherited` is the item of the nearest annotated ancestor.
    fn field(
        &mut self,
        element: &'s Node,
        parent: &str,
        inherited: Option<ScopeItem>,
        leaves: &mut Scope,
    ) -> Result<Field, Error> {
        let name = element.attribute("name").ok_or_else(|| unsupported(parent, "xs:element/@ref"))?.to_owned();
        let path = format!("{parent}/b:{name}");
        if path.matches('/').count() > DEPTH_MAX {
            return Err(unsupported(&path, "a type that contains itself"));
        }
        let own = own_item(element, &path)?;
        own.into_iter().for_each(|item| self.note(item, element));
        let item = own.or(inherited);
        let content = match self.complex_type(element, &path)? {
            None => {
                let item = item.ok_or(Error::LeafWithoutItem(path))?;
                leaves.extend([item]);
                Content::Leaf(item)
            }
            Some(complex_type) => {
                let mut fields = Vec::new();
                self.particles(complex_type, &path, item, leaves, &mut fields)?;
                if fields.is_empty() {
                    return Err(unsupported(&path, "an empty complex type"));
                }
                Content::Container(fields)
            }
        };
        let repeats = element.attribute("maxOccurs").is_some_and(|most| most != "1");
        let kind = ValueKind::of_type(element.attribute("type").unwrap_or_default(), &self.lists);
        Ok(Field { name, content, repeats, about: words_at(element), kind })
    }

    fn note(&mut self, item: ScopeItem, element: &'s Node) {
        let words = words_at(element);
        let words = words.split(';').next().unwrap_or_default().trim_end_matches('.');
        let name = self.names.entry(item).or_default();
        if !words.is_empty() && !name.split("; ").any(|known| known == words) {
            let joint = if name.is_empty() { "" } else { "; " };
            name.push_str(joint);
            name.push_str(words);
        }
    }

    /// The complex type of an element, `None` when its type is simple.
    fn complex_type(&mut self, element: &'s Node, path: &str) -> Result<Option<&'s Node>, Error> {
        let Some(type_name) = element.attribute("type") else {
            let mut inline = element.all("xs:complexType").chain(element.all("xs:simpleType"));
            let found = inline.next().ok_or_else(|| unsupported(path, "an element without type"))?;
            return Ok((found.name == "xs:complexType").then_some(found));
        };
        if type_name.starts_with("w:") || type_name.starts_with("xs:") {
            // Common types are simple without exception: nothing inside a record is of their namespace.
            return Ok(None);
        }
        let unknown = || Error::TypeUnknown { path: path.to_owned(), name: type_name.to_owned() };
        let name = type_name.strip_prefix("b:").ok_or_else(unknown)?;
        let (name, found) =
            self.complex_types.get_key_value(name).map(|(name, node)| (*name, *node)).ok_or_else(unknown)?;
        if has_numbers(found) {
            if self.numbered_types.contains(&name) {
                return Err(Error::NumberedTypeShared(name.to_owned()));
            }
            self.numbered_types.push(name);
        }
        Ok(Some(found))
    }

    fn particles(
        &mut self,
        parent: &'s Node,
        path: &str,
        item: Option<ScopeItem>,
        leaves: &mut Scope,
        fields: &mut Vec<Field>,
    ) -> Result<(), Error> {
        for node in &parent.children {
            match node.name.as_str() {
                "xs:annotation" => (),
                "xs:sequence" | "xs:choice" | "xs:all" => self.particles(node, path, item, leaves, fields)?,
                "xs:element" => {
                    let field = self.field(node, path, item, leaves)?;
                    if fields.iter().any(|known| known.name == field.name) {
                        return Err(Error::SiblingRepeated(format!("{path}/b:{}", field.name)));
                    }
                    fields.push(field);
                }
                other => return Err(unsupported(path, other)),
            }
        }
        Ok(())
    }
}

/// The number that stands at the element itself.
fn own_item(element: &Node, path: &str) -> Result<Option<ScopeItem>, Error> {
    let mut numbers = element.all("xs:annotation").flat_map(numbers_in);
    let Some(text) = numbers.next() else { return Ok(None) };
    let item = ScopeItem::parse(text).filter(|_| numbers.next().is_none());
    item.map(Some).ok_or_else(|| Error::NotAnItem { path: path.to_owned(), text: text.to_owned() })
}

fn numbers_in(annotation: &Node) -> impl Iterator<Item = &str> {
    let notes = annotation.all("xs:appinfo").filter(|note| note.attribute("source") == Some(SCOPE_SOURCE));
    notes.map(|note| note.text.trim())
}

fn has_numbers(node: &Node) -> bool {
    numbers_in(node).next().is_some() || node.children.iter().any(has_numbers)
}

fn unsupported(path: &str, what: &str) -> Error {
    Error::Unsupported { path: path.to_owned(), what: what.to_owned() }
}

#[cfg(test)]
pub(super) mod tests;
