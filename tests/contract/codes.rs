//! Every code that a description of services announces has a case; what no case can provoke is listed with its reason.

use std::collections::{BTreeMap, BTreeSet};

use brama::contract::WSDL;

use crate::case::Case;
use crate::content::Node;

/// Refused before the operation is known: one case for all, under `UdostepnijDaneOsoby`.
const AT_THE_DOOR: [&str; 10] = [
    "NIEPOPRAWNY_XML",
    "KOMUNIKAT_ZA_DUZY",
    "OPERACJA_NIEZNANA",
    "BRAK_PODPISU",
    "PODPIS_NIEPOPRAWNY",
    "CERTYFIKAT_NIEZNANY",
    "CERTYFIKAT_NIEWAZNY",
    "KOMUNIKAT_PRZETERMINOWANY",
    "LIMIT_PRZEKROCZONY",
    "PRZECIAZENIE",
];

/// Needs more than a request: a database that is away, a fault of our own, an answer kept for a day.
const BEYOND_A_CASE: [&str; 3] = ["NIEDOSTEPNY", "BLAD_WEWNETRZNY", "POWTORZENIE_WYGASLE"];

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
            if !here && !there && !BEYOND_A_CASE.contains(&code.as_str()) {
                problems.push(format!("{place}: no case provokes {code}"));
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
