//! XML as cases compare it: names by namespace, attributes and text; prefixes, comments and white space between elements gone.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use brama::xml::names::{Namespace, R, SOAP11, WSSE};
use brama::xml::{Document, Element, Limits};

/// An element with everything in it that counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    pub namespace: String,
    pub local: String,
    /// By namespace and local name.
    pub attributes: BTreeMap<(String, String), String>,
    /// Of an element with child elements: trimmed.
    pub text: String,
    pub children: Vec<Node>,
}

/// Stands for any content but none.
const ANY: &str = "*";

/// What is different each time: expectations written anew hold [`ANY`] in its place.
const CHANGING: [&str; 6] = ["idUdostepnienia", "idZdarzenia", "idPaczki", "idZlecenia", "przyjeto", "zakonczono"];
/// In entries, and in what proves them.
const CHANGING_IN_REGISTERS: [&str; 12] = [
    "numer",
    "czas",
    "skrotCertyfikatu",
    "numerStanu",
    "generacjaUprawnien",
    "czesc",
    "tresc",
    "podpis",
    "certyfikat",
    "wpis",
    "skrotLiscia",
    "skrot",
];

impl Node {
    pub fn of(element: Element<'_>) -> Self {
        let children: Vec<Self> = element.children().map(Self::of).collect();
        let text = element.text();
        let attributes = element.attributes();
        Self {
            namespace: element.namespace().to_owned(),
            local: element.local().to_owned(),
            attributes: attributes.map(|one| ((one.namespace.to_owned(), one.local.to_owned()), one.value)).collect(),
            text: if children.is_empty() { text } else { text.trim().to_owned() },
            children,
        }
    }

    /// # Panics
    /// When the text is no XML: expectations are.
    pub fn read(text: &str) -> Self {
        let document = Document::parse(text.as_bytes(), &Limits { bytes: text.len(), ..Limits::default() });
        Self::of(document.unwrap_or_else(|error| panic!("{error}\n{text}")).root())
    }

    /// This element or the first below it of that name, in the order of the document.
    pub fn first(&self, local: &str) -> Option<&Self> {
        if self.local == local { Some(self) } else { self.children.iter().find_map(|child| child.first(local)) }
    }

    /// The text of the first element of that name.
    pub fn word(&self, local: &str) -> Option<&str> {
        self.first(local).map(|node| node.text.as_str())
    }

    /// The same with [`ANY`] wherever `expected` has it and there is something.
    pub fn masked(&self, expected: &Self) -> Self {
        self.beside(Some(expected), &|node, expected| {
            expected.filter(|expected| expected.text == ANY && !node.is_empty()).map(|_| ANY.to_owned())
        })
    }

    /// The same as a new expectation in the place of `old`: with its stars and placeholders, and a star for what changes.
    pub fn as_expectation(&self, old: Option<&Self>, filled: Option<&Self>) -> Self {
        let starred = self.beside(old, &|node, old| {
            let star = old.is_some_and(|old| old.text == ANY) && !node.is_empty();
            let quoted = old.is_some_and(|old| old.text.contains("{reply "));
            (star || node.changes() && !quoted).then(|| ANY.to_owned())
        });
        let (Some(old), Some(filled)) = (old, filled) else { return starred };
        let mut filled = filled.clone();
        quote(&mut filled, old);
        starred.beside(Some(&filled), &|node, filled| {
            let (text, placeholder) = filled?.text.split_once('\0')?;
            (node.text == text).then(|| placeholder.to_owned())
        })
    }

    /// Walks this tree beside another one and puts other text where `change` has some; children meet by name and order.
    fn beside(&self, other: Option<&Self>, change: &dyn Fn(&Self, Option<&Self>) -> Option<String>) -> Self {
        if let Some(text) = change(self, other) {
            return Self { text, children: Vec::new(), ..self.clone() };
        }
        let mut met: BTreeMap<&str, usize> = BTreeMap::new();
        let children = self.children.iter().map(|child| {
            let at = met.entry(&child.local).or_default();
            let mut twins =
                other.into_iter().flat_map(|other| &other.children).filter(|twin| twin.local == child.local);
            let twin = twins.nth(*at);
            *at += 1;
            child.beside(twin, change)
        });
        Self { children: children.collect(), ..self.clone() }
    }

    fn changes(&self) -> bool {
        let name = &self.local.as_str();
        CHANGING.contains(name) || self.namespace == R.uri && CHANGING_IN_REGISTERS.contains(name)
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty() && self.children.is_empty()
    }

    /// The element as a file has it: indented, with the prefixes of the contract, declared at the root; in a fault where
    /// they are first used.
    pub fn show(&self) -> String {
        let mut text = String::new();
        let declared = if self.namespace == SOAP11.uri { Vec::new() } else { self.prefixes() };
        self.write(&mut text, 0, &mut Vec::new(), &declared);
        text
    }

    fn write(&self, out: &mut String, depth: usize, declared: &mut Vec<&'static str>, wanted: &[&'static str]) {
        let before = declared.len();
        let name = qualified(&self.namespace, &self.local);
        let _ = write!(out, "{:1$}<{name}", "", 2 * depth);
        for uri in own_prefixes(self).into_iter().chain(wanted.iter().copied()) {
            if !declared.contains(&uri) {
                declared.push(uri);
                let _ = write!(out, " xmlns:{}=\"{uri}\"", prefix(uri));
            }
        }
        for ((namespace, local), value) in &self.attributes {
            let _ = write!(out, " {}=\"{}\"", qualified(namespace, local), escaped(value).replace('"', "&quot;"));
        }
        if self.is_empty() {
            out.push_str("/>\n");
        } else if self.children.is_empty() {
            let _ = writeln!(out, ">{}</{name}>", escaped(&self.text));
        } else {
            let _ = writeln!(out, ">{}", escaped(&self.text));
            for child in &self.children {
                child.write(out, depth + 1, declared, &[]);
            }
            let _ = writeln!(out, "{:1$}</{name}>", "", 2 * depth);
        }
        declared.truncate(before);
    }

    /// Every namespace of ours in this tree, in the order of first use.
    fn prefixes(&self) -> Vec<&'static str> {
        let mut found = own_prefixes(self);
        for child in &self.children {
            for uri in child.prefixes() {
                if !found.contains(&uri) {
                    found.push(uri);
                }
            }
        }
        found
    }
}

/// Marks in `filled` what a placeholder of `raw` was filled with.
fn quote(filled: &mut Node, raw: &Node) {
    if raw.text.contains("{reply ") {
        filled.text = format!("{}\0{}", filled.text, raw.text);
    }
    for (filled, raw) in filled.children.iter_mut().zip(&raw.children) {
        quote(filled, raw);
    }
}

/// The namespaces that the element's own name needs; a fault that speaks of WS-Security needs that one for its text.
fn own_prefixes(node: &Node) -> Vec<&'static str> {
    let mut own: Vec<_> = Namespace::of(&node.namespace).map(|namespace| namespace.uri).into_iter().collect();
    if node.word("faultcode").is_some_and(|code| code.starts_with("wsse:")) && node.local == "Fault" {
        own.push(WSSE.uri);
    }
    own
}

fn prefix(uri: &str) -> &str {
    Namespace::of(uri).map_or(uri, |namespace| namespace.prefix)
}

fn qualified(namespace: &str, local: &str) -> String {
    match namespace {
        "" => local.to_owned(),
        uri if Namespace::of(uri).is_some() => format!("{}:{local}", prefix(uri)),
        uri => format!("{{{uri}}}{local}"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The lines that differ, with a few around them; `None` when none does.
pub fn difference(expected: &str, actual: &str) -> Option<String> {
    if expected == actual {
        return None;
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), actual.lines().collect());
    // Length of the longest common subsequence of what follows.
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for one in (0..old.len()).rev() {
        for other in (0..new.len()).rev() {
            common[one][other] = if old[one] == new[other] {
                common[one + 1][other + 1] + 1
            } else {
                common[one + 1][other].max(common[one][other + 1])
            };
        }
    }
    let (mut one, mut other, mut lines) = (0, 0, Vec::new());
    while one < old.len() || other < new.len() {
        if one < old.len() && other < new.len() && old[one] == new[other] {
            lines.push((' ', old[one]));
            (one, other) = (one + 1, other + 1);
        } else if other == new.len() || one < old.len() && common[one + 1][other] >= common[one][other + 1] {
            lines.push(('-', old[one]));
            one += 1;
        } else {
            lines.push(('+', new[other]));
            other += 1;
        }
    }
    let near = |at: usize| lines[at.saturating_sub(2)..lines.len().min(at + 3)].iter().any(|(sign, _)| *sign != ' ');
    let shown = (0..lines.len()).filter(|at| near(*at)).map(|at| format!("  {} {}", lines[at].0, lines[at].1));
    Some(shown.collect::<Vec<_>>().join("\n"))
}
