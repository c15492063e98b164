//! A report fits its schema and reads as it should.

use super::*;
use crate::contract::XSD;
use crate::xml::{Document, Limits, Schema};
use uuid::Uuid;

fn item(number: &str, name: &str) -> ReportItem {
    ReportItem { number: number.to_owned(), name: Some(name.to_owned()) }
}

fn disclosed() -> ReportedEntry {
    let text = |text: &str| Some(text.to_owned());
    let time = DateTime::from_timestamp_micros(1_763_640_000_000_007).unwrap();
    ReportedEntry {
        head: EntryHead {
            number: 7,
            epoch: 1,
            time,
            event: Uuid::from_u128(1),
            kind: "UDOSTEPNIENIE".to_owned(),
            tenant: "PUP-BUSKO".to_owned(),
            unit: text("OPS-BUSKO"),
            repeat: true,
            parts: 1,
            removed: None,
        },
        facts: EntryFacts {
            unit: text("OPS-BUSKO"),
            system: text("pomoc"),
            user: text("ops1"),
            set: text("PUP-BUSKO/ewidencja"),
            basis: text("UPS-105"),
            outcome: text("ZNALEZIONO"),
            as_of: text("2025-11-20"),
            ..EntryFacts::default()
        },
        unit_name: text("Ośrodek Pomocy Społecznej"),
        set_name: text("Ewidencja"),
        basis_title: text("ustawa o pomocy społecznej, art. 105"),
        asked: vec![item("1.2", "Numer PESEL"), item("2.1.1", "Data początkowa")],
        granted: vec![item("1.2", "Numer PESEL")],
        content: Some(PersonContent {
            identification: IdentificationFields::default(),
            matter: text("OPS.5020.17.2025"),
            purpose: text("zasiłek <okresowy>"),
            fields: vec!["nazwisko".to_owned()],
            records: Vec::new(),
        }),
    }
}

fn refused() -> ReportedEntry {
    let disclosed = disclosed();
    let facts = EntryFacts { outcome: None, code: Some("BRAK_UPRAWNIEN".to_owned()), ..disclosed.facts };
    let head = EntryHead { kind: "ODMOWA".to_owned(), number: 8, repeat: false, ..disclosed.head };
    ReportedEntry { head, facts, asked: Vec::new(), granted: Vec::new(), content: None, ..disclosed }
}

fn report(entries: Vec<ReportedEntry>) -> Report {
    let person = IdentificationFields {
        surname: Some("Lipowa-Testowa".to_owned()),
        pesel: Some("85831541742".to_owned()),
        ..IdentificationFields::default()
    };
    Report {
        tenant: Named { id: "PUP-BUSKO".to_owned(), name: Some("Urząd Pracy".to_owned()) },
        person,
        time: DateTime::from_timestamp_micros(1_783_640_000_000_000).unwrap(),
        unit: Named { id: "PUP-BUSKO".to_owned(), name: None },
        user: "pup1".to_owned(),
        reason: "wniosek osoby".to_owned(),
        entries,
    }
}

#[test]
fn a_report_fits_its_schema() {
    let schema = Schema::compile("rejestr.xsd", XSD).unwrap();
    for entries in [vec![], vec![disclosed(), refused()]] {
        let bytes = report(entries).to_xml();
        let document = Document::parse(&bytes, &Limits::default()).unwrap();
        let violations = schema.validate(document.root(), document.root()).into_iter();
        assert_eq!(violations.map(|found| (found.path, found.text)).collect::<Vec<_>>(), []);
    }
}

#[test]
fn a_text_tells_to_whom_when_what_and_why() {
    let text = report(vec![disclosed(), refused()]).to_text();
    let expected = "RAPORT O UDOSTĘPNIENIACH DANYCH OSOBY

Administrator danych: Urząd Pracy (PUP-BUSKO)
Osoba: Lipowa-Testowa, PESEL 85831541742
Sporządzono: 10.07.2026 01:33:20 (czas polski)
Sporządził: PUP-BUSKO, pracownik pup1
Powód: wniosek osoby

1. 20.11.2025 13:00:00: pytanie o dane osoby (ponowienie)
   Komu: Ośrodek Pomocy Społecznej (OPS-BUSKO), pracownik ops1, system pomoc
   Zbiór: Ewidencja (PUP-BUSKO/ewidencja), stan na 20.11.2025
   Podstawa prawna: ustawa o pomocy społecznej, art. 105 (UPS-105)
   Przeznaczenie: zasiłek <okresowy>
   Sprawa: OPS.5020.17.2025
   Porównane dane: nazwisko
   Żądany zakres:
     1.2    Numer PESEL
     2.1.1  Data początkowa
   Udzielony zakres:
     1.2    Numer PESEL
   Wynik: osoba jest w zbiorze
   Wpis: 7, 00000000-0000-0000-0000-000000000001

2. 20.11.2025 13:00:00: odmowa
   Komu: Ośrodek Pomocy Społecznej (OPS-BUSKO), pracownik ops1, system pomoc
   Zbiór: Ewidencja (PUP-BUSKO/ewidencja), stan na 20.11.2025
   Podstawa prawna: ustawa o pomocy społecznej, art. 105 (UPS-105)
   Przeznaczenie: nie można odczytać
   Wynik: odmowa, kod BRAK_UPRAWNIEN
   Wpis: 8, 00000000-0000-0000-0000-000000000001

Liczba zdarzeń: 2.
";
    assert_eq!(text, expected);
    assert!(report(Vec::new()).to_text().ends_with("W rejestrze nie ma wpisów o tej osobie.\n"));
}
