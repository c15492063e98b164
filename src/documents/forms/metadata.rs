//! What can be told of any document that follows the structure of the CRD, ours or foreign, without knowing its form.

use super::party::UNIT_ID_KIND;
use crate::xml::Element;

/// What a document says of itself; nothing here was checked, and whatever it does not say is absent.
///
/// Elements are found by their local names: the namespaces of the CRD carry the dates of their versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The namespace of the root, by which the form is known.
    pub form: String,
    pub id: Option<String>,
    /// The moment or day as written.
    pub created: Option<String>,
    pub title: Option<String>,
    /// Code of the language, e.g. `pol`.
    pub language: Option<String>,
    pub addressees: Vec<MetadataParty>,
    pub senders: Vec<MetadataParty>,
}

/// A party as a document names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetadataParty {
    pub name: Option<String>,
    /// `brama-ID`, when there is one.
    pub unit: Option<String>,
    pub is_person: bool,
}

impl Metadata {
    /// Reads what `root` says.
    #[must_use]
    pub fn read(root: Element<'_>) -> Self {
        let description = child(root, "OpisDokumentu");
        let data = child(root, "DaneDokumentu");
        let below = |path: &[&str]| [description, data].into_iter().flatten().find_map(|part| at(part, path));
        Self {
            form: root.namespace().to_owned(),
            id: below(&["Identyfikator", "Wartosc"]).and_then(value),
            created: below(&["Data", "Czas"]).or_else(|| below(&["Data"])).and_then(value),
            title: below(&["Naglowek", "NazwaDokumentu"]).and_then(value),
            language: below(&["Jezyk"]).and_then(|language| language.attribute("kodJezyka")),
            addressees: parties(data, "Adresaci"),
            senders: parties(data, "Nadawcy"),
        }
    }
}

fn parties(data: Option<Element<'_>>, list: &str) -> Vec<MetadataParty> {
    let list = data.and_then(|data| child(data, list));
    let holders = list.iter().flat_map(|list| list.children().filter(|one| one.local() == "Podmiot"));
    holders.flat_map(Element::children).map(party).collect()
}

fn party(party: Element<'_>) -> MetadataParty {
    let is_person = party.local() == "Osoba";
    let text = |name| child(party, name).and_then(value);
    let name = if is_person {
        let surnames = party.children().filter(|one| one.local() == "Nazwisko").filter_map(value).collect::<Vec<_>>();
        let words: Vec<String> =
            text("Imie").into_iter().chain((!surnames.is_empty()).then(|| surnames.join("-"))).collect();
        (!words.is_empty()).then(|| words.join(" "))
    } else {
        text("NazwaInstytucji")
    };
    let ids = child(party, "IdInstytucji").into_iter().flat_map(Element::children);
    let own = ids
        .filter(|one| one.local() == "InnyIdentyfikator")
        .find(|one| at(*one, &["TypIdentyfikatora"]).and_then(value).as_deref() == Some(UNIT_ID_KIND));
    MetadataParty { name, unit: own.and_then(|own| at(own, &["WartoscIdentyfikatora"])).and_then(value), is_person }
}

fn at<'d>(from: Element<'d>, path: &[&str]) -> Option<Element<'d>> {
    path.iter().try_fold(from, |here, step| child(here, step))
}

fn child<'d>(of: Element<'d>, local: &str) -> Option<Element<'d>> {
    of.children().find(|one| one.local() == local)
}

fn value(of: Element<'_>) -> Option<String> {
    Some(of.token()).filter(|text| !text.is_empty())
}
