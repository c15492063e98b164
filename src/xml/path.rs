//! Where an element stands, in words a caller can search for: the contract's prefixes, positions from 1.

use super::element::Element;
use super::names::Namespace;

/// Longest path in characters; a longer one loses its beginning.
const PATH_MAX: usize = 2000;
/// Longest name shown in a path, in characters.
const NAME_MAX: usize = 100;

impl Element<'_> {
    /// The path from the document's root, e.g. `/soap:Envelope/soap:Body`.
    #[must_use]
    pub fn path(self) -> String {
        self.path_below(None)
    }

    /// The path that begins with `root`, an ancestor or the element itself, e.g. `/u:X/u:zakres/u:pozycja[3]`.
    ///
    /// A position is given only where a sibling has the same name; a foreign namespace shows as `*`.
    #[must_use]
    pub fn path_from(self, root: Element<'_>) -> String {
        self.path_below(Some(root))
    }

    fn path_below(self, root: Option<Element<'_>>) -> String {
        let mut steps = Vec::new();
        let mut here = Some(self);
        while let Some(element) = here {
            let is_root = root == Some(element);
            steps.push(if is_root { shown(element) } else { step(element) });
            here = if is_root { None } else { element.parent() };
        }
        let mut path = String::new();
        for step in steps.iter().rev() {
            path.push('/');
            path.push_str(step);
        }
        tail(path)
    }
}

fn step(element: Element<'_>) -> String {
    let alike = |other: &Element<'_>| other.local() == element.local() && other.namespace() == element.namespace();
    let mut position = 0;
    let mut count = 0;
    for sibling in element.siblings().filter(alike) {
        count += 1;
        if sibling == element {
            position = count;
        }
    }
    let name = shown(element);
    if count > 1 { format!("{name}[{position}]") } else { name }
}

/// The element's name with our prefix, cut when it is absurdly long.
fn shown(element: Element<'_>) -> String {
    let local: String = element.local().chars().take(NAME_MAX).collect();
    match (element.namespace(), Namespace::of(element.namespace())) {
        ("", _) => local,
        (_, Some(namespace)) => format!("{}:{local}", namespace.prefix),
        (_, None) => format!("*:{local}"),
    }
}

fn tail(path: String) -> String {
    match path.char_indices().rev().nth(PATH_MAX - 1) {
        Some((start, _)) if start > 0 => {
            let kept = &path[start..];
            // The cut falls on a step's edge, so that no half of a name is shown.
            kept.find('/').map_or_else(String::new, |edge| kept[edge..].to_owned())
        }
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Document, Limits};
    use super::*;

    const TEXT: &str = "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>\
        <X xmlns='urn:brama:udostepnianie:1'><zakres><p/><p/><q/><p xmlns=''/><p xmlns='urn:other'/></zakres></X>\
        </s:Body></s:Envelope>";

    #[test]
    fn a_path_has_our_prefixes_and_positions_only_where_needed() {
        let document = Document::parse(TEXT.as_bytes(), &Limits::default()).unwrap();
        let body = document.root().children().next().unwrap();
        let message = body.children().next().unwrap();
        let scope = message.children().next().unwrap();
        let paths: Vec<_> = scope.children().map(|child| child.path_from(message)).collect();
        assert_eq!(
            paths,
            [
                "/u:X/u:zakres/u:p[1]",
                "/u:X/u:zakres/u:p[2]",
                "/u:X/u:zakres/u:q",
                "/u:X/u:zakres/p",
                "/u:X/u:zakres/*:p"
            ]
        );
        assert_eq!(scope.path(), "/soap:Envelope/soap:Body/u:X/u:zakres");
        assert_eq!(message.path_from(message), "/u:X");
        assert_eq!(document.root().path(), "/soap:Envelope");
    }

    #[test]
    fn a_very_long_path_keeps_its_end() {
        let name = "n".repeat(300);
        let text = format!("{}<last/>{}", format!("<{name}>").repeat(40), format!("</{name}>").repeat(40));
        let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        let path = document.root().descendants().last().unwrap().path();
        assert!(path.chars().count() <= PATH_MAX);
        assert!(path.starts_with("/n") && path.ends_with("n/last"));
    }
}
