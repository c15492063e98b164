//! What kind of value a leaf of a record holds, as far as showing it to people needs to know.

use std::collections::BTreeMap;

use super::xsd::{Node, words_at};

/// Kind of a value on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueKind {
    Text,
    /// A day without a zone: `RRRR-MM-DD`.
    Day,
    /// Złoty with two decimals.
    Amount,
    /// `true` or `false`.
    YesNo,
    /// One of a closed list: the word on the wire and how people say it.
    Words(Vec<(String, String)>),
}

impl ValueKind {
    /// The kind behind the name of a type, e.g. `w:Data`; `lists` are the common types that are closed lists.
    pub(super) fn of_type(name: &str, lists: &BTreeMap<String, Vec<(String, String)>>) -> Self {
        match name.strip_prefix("w:").unwrap_or_default() {
            "Data" => Self::Day,
            "Kwota" => Self::Amount,
            "TakNie" => Self::YesNo,
            other => match lists.get(other) {
                Some(words) if !words.is_empty() => Self::Words(words.clone()),
                _ => Self::Text,
            },
        }
    }
}

/// The words of a simple type, each with what the schema says about it, written as inside a sentence.
pub(super) fn words_of(simple_type: &Node) -> Vec<(String, String)> {
    let enumerations = simple_type.all("xs:restriction").flat_map(|restriction| restriction.all("xs:enumeration"));
    let word = |node: &Node| Some((node.attribute("value")?.to_owned(), inside_a_sentence(&words_at(node))));
    enumerations.filter_map(word).collect()
}

fn inside_a_sentence(words: &str) -> String {
    let words = words.trim_end_matches('.');
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::tests::catalogue;
    use super::*;
    use crate::subjects::SetKind;

    #[track_caller]
    fn check(path: &[&str], repeats: bool, kind: Option<&ValueKind>) {
        let catalogue = catalogue();
        let root = catalogue.kind(SetKind::Pup).root();
        let field = path.iter().try_fold(root, |field, name| field.child(name)).expect("a field");
        assert_eq!(field.repeats(), repeats, "{path:?}");
        assert_eq!(field.leaf().map(|(_, kind)| kind), kind, "{path:?}");
    }

    #[test]
    fn kinds_and_repetition_come_from_the_schemas() {
        let words = |words: &[(&str, &str)]| {
            ValueKind::Words(words.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect())
        };
        check(&["daneOsobowe", "nazwisko"], false, Some(&ValueKind::Text));
        check(&["daneOsobowe", "dataUrodzenia"], false, Some(&ValueKind::Day));
        check(&["daneOsobowe", "plec"], false, Some(&words(&[("K", "kobieta"), ("M", "mężczyzna")])));
        check(&["daneOsobowe", "adres"], true, None);
        check(&["daneOsobowe", "adres", "ulica"], false, Some(&ValueKind::Text));
        check(&["ewidencja", "skreslonaZEwidencji"], false, Some(&ValueKind::YesNo));
        check(&["ewidencja", "pobieranyZasilek"], true, None);
        check(&["ewidencja", "pobieranyZasilek", "kwotaNetto"], false, Some(&ValueKind::Amount));
        let status = words(&[("BEZROBOTNY", "bezrobotny"), ("POSZUKUJACY_PRACY", "poszukujący pracy")]);
        check(&["ewidencja", "okresRejestracji", "statusNaRynkuPracy"], false, Some(&status));
    }
}
