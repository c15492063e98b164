//! The head of a batch file: the attributes of its root `Paczka`, each checked; whatever is wrong has a path and a sentence.

use chrono::NaiveDate;

use crate::problem::Detail;
use crate::xml::{RootInfo, Z};

/// Whether a batch brings the whole set or changes to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// `pelna`: whoever is not named leaves the set.
    Full,
    /// `przyrostowa`: whoever is not named stays.
    Changes,
}

/// What the root of a batch file says; every field has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// `oznaczenie`: the sender's mark, with `set` the key of the batch.
    pub mark: String,
    /// `zbior`, e.g. `PUP-BUSKO/ewidencja`.
    pub set: String,
    pub coverage: Coverage,
    /// `stanNa`: the day the data describe.
    pub as_of: NaiveDate,
    /// `liczbaOsob`: how many `Osoba` the sender says there are.
    pub persons: u64,
    /// `czesciowo`: good records enter although others are broken.
    pub partial: bool,
    /// `pusta`: a full batch of nobody is meant as such.
    pub empty: bool,
}

impl Header {
    /// Reads the root of a batch file.
    ///
    /// # Errors
    /// Everything that is wrong with it, one detail each, with the line of the root.
    pub fn of(root: &RootInfo) -> Result<Self, Vec<Detail>> {
        if (root.namespace.as_str(), root.name.as_str()) != (Z.uri, "Paczka") {
            let text = format!("Korzeniem pliku ma być element Paczka przestrzeni nazw {}.", Z.uri);
            return Err(vec![Detail { line: Some(root.line), path: Some("/".into()), text, ..Detail::default() }]);
        }
        let mut attributes = Attributes { root, faults: Vec::new() };
        attributes.refuse_unknown();
        let mark = attributes.required(
            "oznaczenie",
            mark,
            "Oznaczenie ma od 1 do 100 znaków: liter, cyfr oraz . _ / -, a zaczyna się literą lub cyfrą.",
        );
        let set = attributes.required("zbior", set, "Zbiór ma postać administrator/nazwa.");
        let coverage = attributes.required("rodzaj", coverage, "Rodzaj paczki to pelna albo przyrostowa.");
        let as_of = attributes.required("stanNa", date, "To nie jest istniejąca data w postaci RRRR-MM-DD.");
        let persons = attributes.required("liczbaOsob", count, "Liczba osób to liczba całkowita nieujemna.");
        let partial = attributes.optional("czesciowo", boolean, "Wartością ma być true albo false.");
        let empty = attributes.optional("pusta", boolean, "Wartością ma być true albo false.");
        match (mark, set, coverage, as_of, persons) {
            (Some(mark), Some(set), Some(coverage), Some(as_of), Some(persons)) if attributes.faults.is_empty() => {
                let (partial, empty) = (partial.unwrap_or(false), empty.unwrap_or(false));
                Ok(Self { mark, set, coverage, as_of, persons, partial, empty })
            }
            _ => Err(attributes.faults),
        }
    }

    /// What contradicts the request that brought the file.
    #[must_use]
    pub fn contradictions(&self, mark: &str, set: &str, line: u32) -> Vec<Detail> {
        let mut faults = Vec::new();
        for (name, own, asked) in [("oznaczenie", &*self.mark, mark), ("zbior", &*self.set, set)] {
            if own != asked {
                faults.push(attribute_fault(name, line, "Atrybut ma inną wartość niż w żądaniu."));
            }
        }
        faults
    }
}

struct Attributes<'a> {
    root: &'a RootInfo,
    faults: Vec<Detail>,
}

impl Attributes<'_> {
    fn refuse_unknown(&mut self) {
        const KNOWN: [&str; 7] = ["oznaczenie", "zbior", "rodzaj", "stanNa", "liczbaOsob", "czesciowo", "pusta"];
        for (name, _) in &self.root.attributes {
            if !KNOWN.contains(&name.as_str()) {
                let text = "Element Paczka ma atrybut, którego schemat nie zna.";
                self.faults.push(Detail {
                    line: Some(self.root.line),
                    path: Some("/z:Paczka".into()),
                    text: text.into(),
                    ..Detail::default()
                });
            }
        }
    }

    fn required<T>(&mut self, name: &'static str, read: fn(&str) -> Option<T>, otherwise: &str) -> Option<T> {
        let value = self.optional(name, read, otherwise);
        if value.is_none() && self.root.attribute(name).is_none() {
            self.faults.push(attribute_fault(name, self.root.line, "Brakuje wymaganego atrybutu."));
        }
        value
    }

    fn optional<T>(&mut self, name: &'static str, read: fn(&str) -> Option<T>, otherwise: &str) -> Option<T> {
        let text = self.root.attribute(name)?;
        let value = read(collapse(text).as_str());
        if value.is_none() {
            self.faults.push(attribute_fault(name, self.root.line, otherwise));
        }
        value
    }
}

fn attribute_fault(name: &str, line: u32, text: &str) -> Detail {
    Detail { line: Some(line), path: Some(format!("/z:Paczka/@{name}")), text: text.into(), ..Detail::default() }
}

/// White space as `xs:token` collapses it.
pub(super) fn collapse(text: &str) -> String {
    text.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `z:Oznaczenie`.
fn mark(text: &str) -> Option<String> {
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte);
    let fits = (1..=100).contains(&text.len()) && text.as_bytes()[0].is_ascii_alphanumeric() && text.bytes().all(rest);
    fits.then(|| text.to_owned())
}

/// `w:Zbior`: two identifiers with a slash between.
fn set(text: &str) -> Option<String> {
    let identifier = |part: &str| {
        let rest = |byte: u8| byte.is_ascii_alphanumeric() || b"._@-".contains(&byte);
        (1..=64).contains(&part.len()) && part.as_bytes()[0].is_ascii_alphanumeric() && part.bytes().all(rest)
    };
    let (administrator, name) = text.split_once('/')?;
    (identifier(administrator) && identifier(name)).then(|| text.to_owned())
}

fn coverage(text: &str) -> Option<Coverage> {
    match text {
        "pelna" => Some(Coverage::Full),
        "przyrostowa" => Some(Coverage::Changes),
        _ => None,
    }
}

/// `w:Data`: ten characters, no zone.
fn date(text: &str) -> Option<NaiveDate> {
    let shape = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    if shape { text.parse().ok() } else { None }
}

/// `xs:nonNegativeInteger`, within what a file can hold.
fn count(text: &str) -> Option<u64> {
    if let Some(zeros) = text.strip_prefix('-') {
        return (!zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0')).then_some(0);
    }
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// `xs:boolean`.
fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 5] = [
        ("oznaczenie", "PUP-2025/11.20_01"),
        ("zbior", "PUP-BUSKO/ewidencja"),
        ("rodzaj", "pelna"),
        ("stanNa", "2025-11-20"),
        ("liczbaOsob", "2"),
    ];

    fn root(attributes: Vec<(String, String)>) -> RootInfo {
        RootInfo { name: "Paczka".into(), namespace: Z.uri.into(), attributes, line: 3 }
    }

    fn read(changes: &[(&str, &str)]) -> Result<Header, Vec<Detail>> {
        let kept = GOOD.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        let changed = changes.iter().filter(|(_, value)| *value != "-");
        Header::of(&root(kept.chain(changed).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()))
    }

    #[track_caller]
    fn check(changes: &[(&str, &str)], paths: &[&str]) {
        let found: Vec<_> =
            read(changes).err().unwrap_or_default().into_iter().filter_map(|detail| detail.path).collect();
        assert_eq!(found, paths, "{changes:?}");
    }

    #[test]
    fn a_complete_root_is_read() {
        let header = read(&[("czesciowo", " 1 "), ("liczbaOsob", "+0002")]).unwrap();
        assert_eq!(header.mark, "PUP-2025/11.20_01");
        assert_eq!(header.coverage, Coverage::Full);
        assert_eq!((header.persons, header.partial, header.empty), (2, true, false));
    }

    #[test]
    fn each_attribute_is_checked_and_all_faults_are_told() {
        check(&[("oznaczenie", "/od-ukośnika")], &["/z:Paczka/@oznaczenie"]);
        check(&[("zbior", "PUP-BUSKO")], &["/z:Paczka/@zbior"]);
        check(&[("zbior", "PUP/BUSKO/x")], &["/z:Paczka/@zbior"]);
        check(&[("rodzaj", "Pelna")], &["/z:Paczka/@rodzaj"]);
        check(&[("stanNa", "2025-02-30")], &["/z:Paczka/@stanNa"]);
        check(&[("stanNa", "2025-02-03Z")], &["/z:Paczka/@stanNa"]);
        check(&[("liczbaOsob", "-1"), ("pusta", "tak")], &["/z:Paczka/@liczbaOsob", "/z:Paczka/@pusta"]);
        check(&[("liczbaOsob", "")], &["/z:Paczka/@liczbaOsob"]);
        check(&[("oznaczenie", "-"), ("stanNa", "-")], &["/z:Paczka/@oznaczenie", "/z:Paczka/@stanNa"]);
        check(&[("uwagi", "x")], &["/z:Paczka"]);
    }

    #[test]
    fn another_root_is_no_batch() {
        let other = RootInfo { namespace: "urn:inne".into(), ..root(vec![]) };
        assert_eq!(Header::of(&other).unwrap_err()[0].path.as_deref(), Some("/"));
    }

    #[test]
    fn a_file_under_another_mark_contradicts_the_request() {
        let header = read(&[]).unwrap();
        assert!(header.contradictions("PUP-2025/11.20_01", "PUP-BUSKO/ewidencja", 1).is_empty());
        assert_eq!(header.contradictions("inne", "OPS-BUSKO/pomoc", 1).len(), 2);
    }
}
