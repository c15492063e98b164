//! WSDLs, the register of operations and the contract cases say the same.

use std::collections::BTreeSet;

use brama::contract::WSDL;
use brama::problem::Code;
use brama::services::SERVICES;

use super::none;
use super::sources::{file, names};

/// Codes that are given before it matters which operation is asked for: a case of any operation shows each.
const BEFORE_THE_OPERATION: [&str; 11] = [
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

/// Codes that no request can provoke: operation (`*` for all), code, reason.
const WITHOUT_CASE: [(&str, &str, &str); 12] = [
    (
        "*",
        "NAGLOWEK_NIEPOPRAWNY",
        "WS-Addressing is judged by the conformance suite, at the door and for all operations alike",
    ),
    ("*", "BLAD_WEWNETRZNY", "needs a mistake of our own"),
    ("*", "POWTORZENIE_WYGASLE", "answers are kept for hours; the tests of the ledger shorten them"),
    ("WeryfikujDaneOsoby", "ZAKRES_NIEZNANY", "names no items: every value it compares has one in every kind"),
    ("PobierzZbiory", "DANE_NIEPOPRAWNE", "nothing in it can be valid by schema and wrong by meaning"),
    ("PobierzOdpowiedz", "DANE_NIEPOPRAWNE", "as above"),
    ("PrzekazPaczke", "DANE_NIEPOPRAWNE", "as above: what is wrong inside the file stands in the protocol"),
    ("RozpocznijPaczke", "DANE_NIEPOPRAWNE", "as above"),
    ("PrzekazCzesc", "DANE_NIEPOPRAWNE", "as above"),
    ("ZamknijPaczke", "DANE_NIEPOPRAWNE", "as above"),
    ("PobierzStatusPaczki", "DANE_NIEPOPRAWNE", "as above"),
    ("PobierzProtokol", "DANE_NIEPOPRAWNE", "as above"),
];

/// An operation as its WSDL describes it.
#[derive(Debug, PartialEq, Eq)]
struct Described {
    name: String,
    codes: Vec<String>,
}

/// What the cases of an operation show.
#[derive(Default)]
struct Shown {
    replies: usize,
    codes: BTreeSet<String>,
}

#[test]
fn the_register_has_the_operations_of_the_wsdls() {
    let described = described_services();
    let registered: Vec<(String, Vec<String>)> = SERVICES
        .iter()
        .map(|service| {
            (service.name.to_owned(), service.operations.iter().map(|one| one.request.local.to_owned()).collect())
        })
        .collect();
    let described: Vec<(String, Vec<String>)> =
        described.into_iter().map(|(service, all)| (service, all.into_iter().map(|one| one.name).collect())).collect();
    none(&differences(&described, &registered));
}

#[test]
fn every_operation_has_a_case_of_a_reply_and_of_each_of_its_codes() {
    let services = described_services();
    let all: Vec<(&Described, Shown)> = services
        .iter()
        .flat_map(|(service, operations)| {
            operations.iter().map(move |one| (one, shown(&format!("tests/contract/{service}/{}", one.name))))
        })
        .collect();
    let anywhere: BTreeSet<String> = all.iter().flat_map(|(_, shown)| shown.codes.clone()).collect();
    none(&all.iter().flat_map(|(operation, shown)| without_case(operation, shown, &anywhere)).collect::<Vec<_>>());
}

#[test]
fn every_exception_is_about_a_code_that_is_listed_and_has_no_case() {
    let mut idle = Vec::new();
    for (operation, code, _) in WITHOUT_CASE {
        let services = described_services();
        let concerned = services
            .iter()
            .flat_map(|(service, all)| all.iter().map(move |one| (service, one)))
            .filter(|(_, one)| operation == "*" || one.name == operation);
        let (mut listed, mut has_case) = (false, false);
        for (service, one) in concerned {
            listed |= one.codes.iter().any(|listed| listed == code);
            has_case |= shown(&format!("tests/contract/{service}/{}", one.name)).codes.contains(code);
        }
        if !listed || has_case {
            idle.push(format!("{operation}: {code} needs no exception"));
        }
    }
    none(&idle);
}

/// Codes of forms, whose service is not built yet.
const AWAITED: [&str; 1] = ["ZALACZNIK_NIEZGODNY"];

#[test]
fn every_code_is_listed_by_some_operation() {
    let listed: BTreeSet<String> =
        described_services().into_iter().flat_map(|(_, all)| all).flat_map(|one| one.codes).collect();
    let known = Code::ALL.iter().map(|code| code.wire()).filter(|code| !AWAITED.contains(code));
    assert_eq!(listed, known.map(str::to_owned).collect());
}

fn described_services() -> Vec<(String, Vec<Described>)> {
    let read = |(service, bytes): &(&str, &[u8])| {
        let text = std::str::from_utf8(bytes).expect("a WSDL is UTF-8");
        ((*service).to_owned(), operations(text))
    };
    WSDL.iter().map(read).collect()
}

/// The operations of the WSDL's port type, with the codes of their `Kody:` lines.
fn operations(wsdl: &str) -> Vec<Described> {
    let port_type = wsdl.split("</wsdl:portType>").next().unwrap_or_default();
    let described = port_type.split("<wsdl:operation name=\"").skip(1);
    let read = |text: &str| {
        let name = text.split('"').next().unwrap_or_default().to_owned();
        let line = text.lines().find_map(|line| line.trim().strip_prefix("Kody: ")).unwrap_or_default();
        let codes = line.trim_end_matches('.').split(", ").filter(|code| !code.is_empty()).map(str::to_owned).collect();
        Described { name, codes }
    };
    described.map(read).collect()
}

fn shown(folder: &str) -> Shown {
    let mut shown = Shown::default();
    for case in names(folder) {
        let files = names(&format!("{folder}/{case}"));
        shown.replies += usize::from(files.iter().any(|name| name == "reply.xml"));
        if files.iter().any(|name| name == "fault.xml") {
            shown.codes.extend(code(&file(&format!("{folder}/{case}/fault.xml")).text));
        }
    }
    shown
}

fn code(fault: &str) -> Option<String> {
    Some(fault.split_once("<w:kod>")?.1.split_once("</w:kod>")?.0.to_owned())
}

fn differences(described: &[(String, Vec<String>)], registered: &[(String, Vec<String>)]) -> Vec<String> {
    let names = |list: &[(String, Vec<String>)]| -> BTreeSet<String> {
        list.iter()
            .flat_map(|(service, all)| all.iter().map(move |operation| format!("{service}/{operation}")))
            .collect()
    };
    let (described, registered) = (names(described), names(registered));
    let unregistered =
        described.difference(&registered).map(|name| format!("{name} is in the WSDL and not in the register"));
    unregistered
        .chain(registered.difference(&described).map(|name| format!("{name} is in the register and not in the WSDL")))
        .collect()
}

fn without_case(operation: &Described, shown: &Shown, anywhere: &BTreeSet<String>) -> Vec<String> {
    let name = &operation.name;
    let mut findings = Vec::new();
    if shown.replies == 0 {
        findings.push(format!("{name}: no case with a reply"));
    }
    if operation.codes.is_empty() {
        findings.push(format!("{name}: its WSDL lists no codes"));
    }
    for code in &operation.codes {
        let excused = WITHOUT_CASE.iter().any(|(of, excused, _)| (*of == "*" || of == name) && excused == code);
        let cases = if BEFORE_THE_OPERATION.contains(&code.as_str()) { anywhere } else { &shown.codes };
        if !excused && !cases.contains(code) {
            findings.push(format!("{name}: no case of {code}"));
        }
    }
    let unlisted = shown.codes.iter().filter(|code| !operation.codes.contains(code));
    findings.extend(unlisted.map(|code| format!("{name}: a case of {code}, which its WSDL does not list")));
    findings
}

const SMALL: &str = r#"<wsdl:portType><wsdl:operation name="A"><wsdl:documentation>
  Kody: BRAK_PODPISU, PACZKA_NIEZNANA, BLAD_WEWNETRZNY.
</wsdl:documentation></wsdl:operation></wsdl:portType><wsdl:operation name="A">"#;

#[track_caller]
fn check(replies: usize, codes: &[&str], findings: &[&str]) {
    let shown = Shown { replies, codes: codes.iter().map(|code| (*code).to_owned()).collect() };
    let anywhere = BTreeSet::from(["BRAK_PODPISU".to_owned()]);
    assert_eq!(without_case(&operations(SMALL)[0], &shown, &anywhere), findings);
}

#[test]
fn what_has_no_case_is_found() {
    check(1, &["PACZKA_NIEZNANA"], &[]);
    check(0, &["PACZKA_NIEZNANA"], &["A: no case with a reply"]);
    check(1, &[], &["A: no case of PACZKA_NIEZNANA"]);
    check(1, &["PACZKA_NIEZNANA", "ZAKRES_NIEZNANY"], &["A: a case of ZAKRES_NIEZNANY, which its WSDL does not list"]);
    let silent = Described { name: "A".to_owned(), codes: Vec::new() };
    assert_eq!(
        without_case(&silent, &Shown { replies: 1, ..Shown::default() }, &BTreeSet::new()),
        ["A: its WSDL lists no codes"]
    );
    assert_eq!(code("<w:Wyjatek><w:kod>X</w:kod>").as_deref(), Some("X"));
}

#[test]
fn an_operation_of_one_side_only_is_found() {
    let side = |operation: &str| vec![("usluga".to_owned(), vec![operation.to_owned()])];
    assert_eq!(differences(&side("A"), &side("A")), Vec::<String>::new());
    assert_eq!(differences(&side("A"), &side("B")).len(), 2);
}
