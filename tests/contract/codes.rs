//! Every code that a description of services announces has a case; what none can provoke is listed with the reason.

use std::collections::{BTreeMap, BTreeSet};

use brama::contract::WSDL;

use crate::case::Case;
use crate::content::Node;

/// Refused before the operation matters: one case for all, under `UdostepnijDaneOsoby`.
const AT_THE_DOOR: [&str; 11] = [
    "NIEPOPRAWNY_XML",
    "KOMUNIKAT_ZA_DUZY",
    "OPERACJA_NIEZNANA",
    "BRAK_PODPISU",
    "PODPIS_NIEPOPRAWNY",
    "CERTYFIKAT_NIEZNANY",
    "CERTYFIKAT_NIEWAZNY",
    "KOMUNIKAT_PRZETERMINOWANY",
    "LIMIT_PRZEKROCZONY",
    "NIEDOSTEPNY",
    "PRZECIAZENIE",
];

/// What is announced and cannot be provoked by any request: where (empty: everywhere), which code, and why.
const BEYOND_A_CASE: [(&str, &str, &str); 10] = [
    ("", "BLAD_WEWNETRZNY", "it is a fault of ours; none is known"),
    ("", "POWTORZENIE_WYGASLE", "answers are not stored: a retry is answered afresh"),
    (
        "udostepnianie/WeryfikujDaneOsoby",
        "ZAKRES_NIEZNANY",
        "no scope is asked for, and every kind has an item for each compared value",
    ),
    ("udostepnianie/PobierzZbiory", "DANE_NIEPOPRAWNE", NO_WRONG_MEANING),
    ("zasilanie/PrzekazPaczke", "DANE_NIEPOPRAWNE", NO_WRONG_MEANING),
    ("zasilanie/RozpocznijPaczke", "DANE_NIEPOPRAWNE", NO_WRONG_MEANING),
    ("zasilanie/PrzekazCzesc", "DANE_NIEPOPRAWNE", NO_WRONG_MEANING),
    ("zasilanie/ZamknijPaczke", "DANE_NIEPOPRAWNE", NO_WRONG_MEANING),
    ("zasilanie/PobierzStatusPaczki", "DANE_NIEPOPRAWNE", NO_WRONG_MEANING),
    ("zasilanie/PobierzProtokol", "DANE_NIEPOPRAWNE", NO_WRONG_MEANING),
];

const NO_WRONG_MEANING: &str = "nothing in the request is valid by schema and wrong by meaning";

#[test]
fn every_announced_code_has_a_case_and_no_case_has_another() {
    let mut problems = Vec::new();
    let announced = announced();
    let provoked: BTreeMap<String, BTreeSet<String>> =
        announced.iter().map(|(place, _)| (place.clone(), provoked(place))).collect();
    let at_the_door = &provoked["udostepnianie/UdostepnijDaneOsoby"];
    for (place, codes) in &announced {
        for code in codes {
            let here = provoked[place].contains(code);
            let there = AT_THE_DOOR.contains(&code.as_str()) && at_the_door.contains(code);
            let beyond = BEYOND_A_CASE
                .iter()
                .find(|(operation, beyond, _)| beyond == code && (operation.is_empty() || operation == place));
            match beyond {
                None if !here && !there => problems.push(format!("{place}: no case provokes {code}")),
                Some((_, _, why)) if here => problems.push(format!("{place}: a case provokes {code}, though {why}")),
                _ => {}
            }
        }
        problems.extend(
            provoked[place]
                .difference(codes)
                .map(|code| format!("{place}: a case expects {code}, which is not announced")),
        );
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// `<service>/<Operation>` and its line `Kody: …`.
fn announced() -> Vec<(String, BTreeSet<String>)> {
    let mut announced = Vec::new();
    for (service, wsdl) in WSDL {
        let text = std::str::from_utf8(wsdl).expect("UTF-8");
        let port_type = text
            .split("<wsdl:portType")
            .nth(1)
            .and_then(|rest| rest.split("</wsdl:portType>").next())
            .expect("a port type");
        for operation in port_type.split("<wsdl:operation name=\"").skip(1) {
            let name = operation.split('"').next().expect("a name");
            let codes = operation.lines().find_map(|line| line.trim().strip_prefix("Kody: ")).expect("codes");
            let codes = codes.trim_end_matches('.').split(", ").map(str::to_owned).collect();
            announced.push((format!("{service}/{name}"), codes));
        }
    }
    announced
}

/// The codes that the faults of an operation's cases have.
fn provoked(place: &str) -> BTreeSet<String> {
    let service = place.split('/').next().expect("a service");
    let faults = Case::every(service)
        .into_iter()
        .filter(|case| case.name.starts_with(&format!("{place}/")))
        .filter_map(|case| case.text("fault.xml"));
    faults.filter_map(|fault| Node::read(&fault).word("kod").map(str::to_owned)).collect()
}
