//! The catalogue against the contract's tables, and against schemas that must stop the start.

use super::*;
use crate::contract::XSD;

/// The catalogue of the schemas that are served.
pub fn catalogue() -> Catalogue {
    Catalogue::read(XSD).unwrap()
}

fn item(text: &str) -> ScopeItem {
    ScopeItem::parse(text).unwrap()
}

/// Lines `path: item`, depth first.
fn lines(field: &Field, path: &str, found: &mut Vec<String>) {
    match &field.content {
        Content::Leaf(item) => found.push(format!("{path}: {item}")),
        Content::Container(fields) => {
            for field in fields {
                lines(field, &format!("{path}/{}", field.name), found);
            }
        }
    }
}

const PERSON: &str = "nazwisko 1 imie 1 pesel 2 dataUrodzenia 3 dokumentTozsamosci/rodzaj 4 dokumentTozsamosci/numer 4 plec 5 \
    stanCywilny 6 adres/rodzaj 7 adres/kodPocztowy 7 adres/miejscowosc 7 adres/ulica 7 adres/nrDomu 7 adres/nrLokalu 7";

/// Expects exactly these leaves: groups of a container's path, a prefix of numbers, then pairs of a name and the rest of its number.
#[track_caller]
fn check(kind: SetKind, groups: &[(&str, &str, &str)]) {
    let mut found = Vec::new();
    lines(catalogue().kind(kind).root(), "", &mut found);
    let mut expected = Vec::new();
    for (container, prefix, pairs) in groups {
        let words: Vec<_> = pairs.split_whitespace().collect();
        expected.extend(words.chunks(2).map(|pair| format!("{container}/{}: {prefix}{}", pair[0], pair[1])));
    }
    assert_eq!(found, expected);
}

#[test]
fn labour_offices_have_the_items_of_the_contract() {
    check(
        SetKind::Pup,
        &[
            ("/daneOsobowe", "1.", PERSON),
            ("/ewidencja/okresRejestracji", "2.1.", "dataPoczatkowa 1 dataKoncowa 1 statusNaRynkuPracy 2"),
            ("/ewidencja/przyznaneSwiadczenie", "2.2.", "nazwa 1 dataPoczatkowa 2 dataKoncowa 2"),
            ("/ewidencja/pobieranyZasilek", "2.3.", "dataPoczatkowa 1 dataKoncowa 1 kwotaBrutto 2 kwotaNetto 2"),
            (
                "/ewidencja/pobieraneInneSwiadczenie",
                "2.4.",
                "dataPoczatkowa 1 dataKoncowa 1 kwotaBrutto 2 kwotaNetto 2",
            ),
            ("/ewidencja", "2.", "skreslonaZEwidencji 5"),
            ("/proponowaneSzkolenie", "3.", "dataPropozycji 1 propozycjaPrzyjeta 2 odmowaUzasadniona 3 szkolenie 4"),
            (
                "/odbyteSzkolenie",
                "4.",
                "dataSkierowania 1 zakresTematyczny 2 sposobZakonczenia 3 dataRozpoczecia 4 dataZakonczenia 4",
            ),
            (
                "/proponowanaPraca",
                "5.",
                "dataPropozycji 1 propozycjaPrzyjeta 2 odmowaUzasadniona 3 stanowisko 4 rodzajPropozycji 5",
            ),
            (
                "/kwalifikacje",
                "6.",
                "wyksztalcenie/rodzaj 1.1 zawod/nazwa 2.1 zawod/charakter 2.2 uprawnienie/nazwa 3.1",
            ),
            ("/kwalifikacje/jezykObcy", "6.4.", "nazwa 1 stopienWMowie 2 stopienWPismie 2 stopienWCzytaniu 2"),
            ("/kwalifikacje", "6.", "umiejetnosc/nazwa 5.1"),
            ("/wizyta", "7.", "rodzaj 1 miejsce 2 dataPlanowana 3 dataOdbycia 3"),
            ("/zatrudnienie", "8.", "rodzaj 1 dataPoczatkowa 2 dataKoncowa 2 pracodawca 3 zawod 4 stanowisko 5"),
            ("/zmianaStatusu", "9.", "dataZmiany 1 rodzaj 2 typ 2 opis 2"),
        ],
    );
}

#[test]
fn social_assistance_has_the_items_of_the_contract() {
    check(
        SetKind::Ps,
        &[
            ("/daneOsobowe", "1.", PERSON),
            ("/informacjeOgolne", "2.", "zarejestrowana 1 status 2"),
            ("/swiadczenie", "3.", "nazwa 1 dataPoczatkowa 2 dataKoncowa 2 kwotaBrutto 3 kwotaNetto 3"),
        ],
    );
}

#[test]
fn family_benefits_have_the_items_of_the_contract() {
    check(
        SetKind::Sr,
        &[
            ("/podmiot", "1.1.", PERSON),
            ("/decyzja/dziecko", "1.2.", PERSON),
            ("/decyzja/przyznaneSwiadczenie", "2.", "rodzaj 1 dataPoczatkowa 2 dataKoncowa 2 kwota 3"),
            ("/decyzja/wyplaconeSwiadczenie", "3.", "rodzaj 1 dataWyplaty 2 kwota 3"),
        ],
    );
}

#[test]
fn a_heading_expands_to_its_leaves_and_a_leaf_to_itself() {
    let catalogue = catalogue();
    let check = |kind, asked: &str, leaves: Option<&str>| {
        let found = catalogue.kind(kind).expand(item(asked)).map(|scope| scope.numbers().join(" "));
        assert_eq!(found.as_deref(), leaves, "{asked} in {kind:?}");
    };
    check(SetKind::Pup, "2", Some("2.1.1 2.1.2 2.2.1 2.2.2 2.3.1 2.3.2 2.4.1 2.4.2 2.5"));
    check(SetKind::Pup, "6.4", Some("6.4.1 6.4.2"));
    check(SetKind::Pup, "2.5", Some("2.5"));
    check(SetKind::Pup, "2.6", None);
    check(SetKind::Pup, "1.1.1", None);
    check(SetKind::Ps, "3", Some("3.1 3.2 3.3"));
    check(SetKind::Ps, "4", None);
    check(SetKind::Sr, "1.2", Some("1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.2.6 1.2.7"));
    check(SetKind::Sr, "1.3", None);
}

#[test]
fn a_leaf_is_found_by_its_path() {
    let catalogue = catalogue();
    let sr = catalogue.kind(SetKind::Sr);
    assert_eq!(sr.item_at(&["decyzja", "dziecko", "adres", "ulica"]), Some(item("1.2.7")));
    assert_eq!(sr.item_at(&["decyzja", "dziecko", "adres"]), None);
    assert_eq!(sr.item_at(&["daneOsobowe", "plec"]), None);
}

/// A schema with `OsobaPUP` around `inside` and two small roots for the other kinds; `types` stands beside them.
fn small(inside: &str, types: &str) -> Result<Catalogue, Error> {
    let leaf = |name: &str| {
        format!(
            "<xs:element name=\"{name}\"><xs:complexType><xs:sequence>{}</xs:sequence></xs:complexType></xs:element>",
            simple("a", "1")
        )
    };
    let schema = format!(
        "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"urn:brama:beneficjent:1\">\
         <xs:element name=\"OsobaPUP\"><xs:complexType><xs:sequence>{inside}</xs:sequence></xs:complexType></xs:element>{}{}{types}</xs:schema>",
        leaf("OsobaPS"),
        leaf("OsobaSR")
    );
    Catalogue::read(&[("small.xsd", schema.as_bytes())])
}

fn note(number: &str) -> String {
    format!("<xs:annotation><xs:appinfo source=\"urn:brama:zakres:1\">{number}</xs:appinfo></xs:annotation>")
}

fn simple(name: &str, number: &str) -> String {
    format!("<xs:element name=\"{name}\" type=\"w:Tekst\">{}</xs:element>", note(number))
}

fn complex(name: &str, number: &str, inside: &str) -> String {
    let note = if number.is_empty() { String::new() } else { note(number) };
    format!(
        "<xs:element name=\"{name}\">{note}<xs:complexType><xs:sequence>{inside}</xs:sequence></xs:complexType></xs:element>"
    )
}

#[test]
fn the_nearest_number_above_counts() {
    let plain = "<xs:element name=\"c\" type=\"w:Tekst\"/>";
    let read = small(&complex("a", "2", &format!("{plain}{}", simple("d", "3"))), "").unwrap();
    assert_eq!(read.kind(SetKind::Pup).item_at(&["a", "c"]), Some(item("2")));
    assert_eq!(read.kind(SetKind::Pup).item_at(&["a", "d"]), Some(item("3")));
}

#[test]
fn a_shared_type_without_numbers_takes_the_number_of_its_use() {
    let types = "<xs:complexType name=\"T\"><xs:sequence><xs:element name=\"c\" type=\"w:Tekst\"/></xs:sequence></xs:complexType>";
    let used =
        |name: &str, number: &str| format!("<xs:element name=\"{name}\" type=\"b:T\">{}</xs:element>", note(number));
    let read = small(&format!("{}{}", used("a", "1.1"), used("d", "1.2")), types).unwrap();
    assert_eq!(read.kind(SetKind::Pup).item_at(&["d", "c"]), Some(item("1.2")));
}

#[test]
fn a_number_is_looked_for_in_choices_too() {
    let read = small(
        &format!("<xs:choice>{}<xs:sequence>{}</xs:sequence></xs:choice>", simple("a", "1"), simple("c", "2")),
        "",
    )
    .unwrap();
    assert_eq!(read.kind(SetKind::Pup).leaves().numbers(), ["1", "2"]);
}

#[track_caller]
fn stops(inside: &str, types: &str, expected: &str) {
    assert_eq!(small(inside, types).unwrap_err().to_string(), expected);
}

#[test]
fn a_leaf_without_a_number_stops_the_start() {
    stops("<xs:element name=\"a\" type=\"w:Tekst\"/>", "", "/b:OsobaPUP/b:a is a leaf that belongs to no scope item");
}

#[test]
fn a_numbered_type_used_twice_stops_the_start() {
    let types = format!("<xs:complexType name=\"T\"><xs:sequence>{}</xs:sequence></xs:complexType>", simple("c", "1"));
    let uses = "<xs:element name=\"a\" type=\"b:T\"/><xs:element name=\"d\" type=\"b:T\"/>";
    stops(uses, &types, "the type T carries scope numbers and is used more than once");
    assert!(small("<xs:element name=\"a\" type=\"b:T\"/>", &types).is_ok());
}

#[test]
fn a_number_that_is_a_heading_too_stops_the_start() {
    stops(&format!("{}{}", simple("a", "1.1"), simple("c", "1.1.1")), "", "1.1 is a leaf and a heading at once");
}

#[test]
fn a_text_that_is_no_number_stops_the_start() {
    stops(&simple("a", "x"), "", "/b:OsobaPUP/b:a: \"x\" is not a number of the scope catalogue");
    let two = format!("<xs:element name=\"a\" type=\"w:Tekst\">{}{}</xs:element>", note("1"), note("2"));
    stops(&two, "", "/b:OsobaPUP/b:a: \"1\" is not a number of the scope catalogue");
}

#[test]
fn constructs_that_records_must_not_have_stop_the_start() {
    stops(&complex("a", "1", "<xs:any/>"), "", "/b:OsobaPUP/b:a: xs:any has no place in a record's schema");
    stops(&complex("a", "1", ""), "", "/b:OsobaPUP/b:a: an empty complex type has no place in a record's schema");
    stops("<xs:element ref=\"b:a\"/>", "", "/b:OsobaPUP: xs:element/@ref has no place in a record's schema");
    stops("<xs:element name=\"a\"/>", "", "/b:OsobaPUP/b:a: an element without type has no place in a record's schema");
    let attribute = "<xs:element name=\"a\"><xs:complexType><xs:attribute name=\"x\"/></xs:complexType></xs:element>";
    stops(attribute, "", "/b:OsobaPUP/b:a: xs:attribute has no place in a record's schema");
    stops("<xs:element name=\"a\" type=\"b:X\"/>", "", "/b:OsobaPUP/b:a: the type b:X is unknown");
    stops(&format!("{}{}", simple("a", "1"), simple("a", "1")), "", "/b:OsobaPUP/b:a stands twice in one element");
}

#[test]
fn a_type_that_contains_itself_stops_the_start() {
    let types =
        "<xs:complexType name=\"T\"><xs:sequence><xs:element name=\"t\" type=\"b:T\"/></xs:sequence></xs:complexType>";
    let error = small("<xs:element name=\"a\" type=\"b:T\"/>", types).unwrap_err().to_string();
    assert!(error.ends_with("a type that contains itself has no place in a record's schema"), "{error}");
}

#[test]
fn a_kind_without_its_root_stops_the_start() {
    let others: Vec<_> = XSD.iter().copied().filter(|(file, _)| *file != "sr.xsd").collect();
    assert_eq!(Catalogue::read(&others).unwrap_err(), Error::RootMissing("OsobaSR"));
}

#[test]
fn every_leaf_is_named_in_the_words_of_the_schema() {
    let catalogue = catalogue();
    for kind in SetKind::ALL {
        let kind = catalogue.kind(kind);
        for leaf in kind.leaves().iter() {
            assert!(kind.name(leaf).is_some_and(|name| !name.is_empty()), "{leaf}");
        }
    }
    let name = |kind, item| catalogue.kind(kind).name(ScopeItem::parse(item).unwrap()).map(str::to_owned);
    assert_eq!(name(SetKind::Pup, "1.2").as_deref(), Some("Numer PESEL"));
    let dates = "Data początkowa okresu rejestracji; Data końcowa okresu rejestracji";
    assert_eq!(name(SetKind::Pup, "2.1.1").as_deref(), Some(dates));
    assert_eq!(name(SetKind::Ps, "9.1"), None);
}
