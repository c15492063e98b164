//! Each value under its item, each answer by its name.

use super::*;
use crate::disclosure::catalogue::tests::catalogue;
use crate::disclosure::{Caller, Grant, LegalBasis, ScopeItem};
use crate::problem::{Code, Problem};
use crate::subjects::{IdentificationFields, people};

const PATH: &str = "/u:WeryfikujDaneOsoby/u:porownanie";

fn all() -> ComparisonFields {
    let text = |text: &str| Some(text.to_owned());
    ComparisonFields {
        surname: text("LIPOWA–testowa"),
        given_name: text("Anna"),
        pesel: text("85831541742"),
        birth_date: text("1885-03-15"),
        document: Some(("DOWOD".to_owned(), "aba300000".to_owned())),
        sex: text("K"),
        marital_status: text("WDOWIEC_WDOWA"),
        address: Some(AddressFields {
            kind: "ZAMIESZKANIA".to_owned(),
            postal_code: text("28-100"),
            town: text("busko-zdrój"),
            street: text("Leśna"),
            house: text("7A"),
            flat: None,
        }),
    }
}

fn person(tag: &str, given_name: &str) -> String {
    format!(
        "<b:{tag}><b:nazwisko>Lipowa-Testowa</b:nazwisko><b:imie>{given_name}</b:imie><b:pesel>85831541742</b:pesel>\
         <b:dataUrodzenia>1885-03-15</b:dataUrodzenia>\
         <b:dokumentTozsamosci><b:rodzaj>DOWOD</b:rodzaj><b:numer>ABA 300000</b:numer></b:dokumentTozsamosci><b:plec>K</b:plec>\
         <b:adres><b:rodzaj>KORESPONDENCYJNY</b:rodzaj><b:miejscowosc>Kielce</b:miejscowosc><b:ulica>Leśna</b:ulica><b:nrDomu>1</b:nrDomu></b:adres>\
         <b:adres><b:rodzaj>ZAMIESZKANIA</b:rodzaj><b:kodPocztowy>28-100</b:kodPocztowy><b:miejscowosc>Busko-Zdrój</b:miejscowosc>\
         <b:nrDomu>7a</b:nrDomu></b:adres></b:{tag}>"
    )
}

fn rights(kind: SetKind, numbers: &str) -> Rights {
    let grant = Grant {
        unit: "OPS-BUSKO".into(),
        group: "urzednicy".into(),
        set: "A/b".into(),
        items: numbers.split_whitespace().filter_map(ScopeItem::parse).collect(),
        basis: "UPS-105".into(),
    };
    let today = "2025-11-20".parse().unwrap();
    let basis = LegalBasis { code: "UPS-105".into(), title: String::new(), valid_from: today, valid_to: None };
    let groups = ["urzednicy".to_owned()];
    let caller = Caller { unit: "OPS-BUSKO", groups: &groups, narrowed_to: None, set: "A/b", basis: "UPS-105" };
    Rights::find(catalogue().kind(kind), &[grant], Some(&basis), caller, today).unwrap()
}

fn permit(kind: SetKind, numbers: &str, fields: &ComparisonFields) -> Result<Permitted, Refusal> {
    Comparison::parse(fields).unwrap().permit(&rights(kind, numbers), catalogue().kind(kind), PATH)
}

#[test]
fn each_value_is_answered_by_its_name() {
    let record = person("daneOsobowe", "Anna Maria");
    let people = people(SetKind::Pup, record.as_bytes()).unwrap();
    let comparison = Comparison::parse(&all()).unwrap();
    let answer = comparison.against(&[&people.subject]);
    assert_eq!(
        answer,
        [
            ("nazwisko", true),
            ("imie", true),
            ("pesel", true),
            ("dataUrodzenia", true),
            ("dokumentTozsamosci", true),
            ("plec", true),
            // No marital status and no street of this kind of address on record.
            ("stanCywilny", false),
            ("kodPocztowy", true),
            ("miejscowosc", true),
            ("ulica", false),
            ("nrDomu", true),
        ]
    );
    assert_eq!(comparison.names(), answer.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}

#[test]
fn values_that_differ_do_not_agree() {
    let record = person("daneOsobowe", "Anna");
    let people = people(SetKind::Pup, record.as_bytes()).unwrap();
    let check = |fields: ComparisonFields| {
        let answer = Comparison::parse(&fields).unwrap().against(&[&people.subject]);
        assert!(answer.iter().all(|(_, agrees)| !agrees), "{answer:?}");
    };
    let none = ComparisonFields::default;
    check(ComparisonFields { surname: Some("Polna-Testowa".into()), ..none() });
    check(ComparisonFields { given_name: Some("Maria".into()), ..none() });
    check(ComparisonFields { pesel: Some("71822823375".into()), ..none() });
    check(ComparisonFields { birth_date: Some("1885-03-16".into()), ..none() });
    check(ComparisonFields { document: Some(("INNY".into(), "ABA300000".into())), ..none() });
    check(ComparisonFields { sex: Some("M".into()), ..none() });
}

#[test]
fn one_agreeing_record_of_the_person_is_enough() {
    let (one, other) = (person("podmiot", "Anna"), person("podmiot", "Ewa"));
    let (one, other) = (people(SetKind::Sr, one.as_bytes()).unwrap(), people(SetKind::Sr, other.as_bytes()).unwrap());
    let fields = ComparisonFields { given_name: Some("Ewa".into()), ..Default::default() };
    let comparison = Comparison::parse(&fields).unwrap();
    assert_eq!(comparison.against(&[&one.subject, &other.subject]), [("imie", true)]);
    assert_eq!(comparison.against(&[&one.subject]), [("imie", false)]);
}

#[track_caller]
fn fails(fields: &ComparisonFields, field: &str, error: Error) {
    let found = Comparison::parse(fields).map(|comparison| comparison.names()).unwrap_err();
    assert_eq!((found.field, found.error), (field, error));
}

#[test]
fn wrong_values_are_refused_by_field() {
    let none = ComparisonFields::default;
    fails(&ComparisonFields { pesel: Some("85831541743".into()), ..all() }, "pesel", Error::PeselCheckDigit);
    fails(&ComparisonFields { birth_date: Some("1871-02-30".into()), ..none() }, "dataUrodzenia", Error::Date);
    let number = Some(("DOWOD".into(), "ABA300001".into()));
    fails(&ComparisonFields { document: number, ..none() }, "dokumentTozsamosci/numer", Error::DocumentCheckDigit);
    fails(&none(), "", Error::NothingToCompare);
    let bare = Some(AddressFields { kind: "ZAMIESZKANIA".into(), ..Default::default() });
    fails(&ComparisonFields { address: bare, ..none() }, "adres", Error::NothingToCompare);
}

#[test]
fn each_value_needs_its_item() {
    assert_eq!(
        permit(SetKind::Ps, "1", &all()).unwrap().decision.granted.numbers(),
        ["1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"]
    );
    let problem = Problem::from(permit(SetKind::Ps, "1.1 1.2 1.3 1.5 1.6", &all()).unwrap_err());
    assert_eq!(problem.code, Code::ScopeNotGranted);
    let details: Vec<_> =
        problem.details.iter().map(|detail| (detail.path.as_deref().unwrap(), detail.text.as_str())).collect();
    assert_eq!(details[0], ("/u:WeryfikujDaneOsoby/u:porownanie/u:dokumentTozsamosci", "Pozycji 1.4 nie nadano."));
    assert_eq!(details[1], ("/u:WeryfikujDaneOsoby/u:porownanie/u:adres/u:kodPocztowy", "Pozycji 1.7 nie nadano."));
    assert_eq!(details.len(), 5);
}

#[test]
fn in_family_benefits_only_granted_places_are_compared() {
    let fields = ComparisonFields { sex: Some("K".into()), ..Default::default() };
    let places =
        |numbers: &str| permit(SetKind::Sr, numbers, &fields).map(|permitted| (permitted.subject, permitted.children));
    assert_eq!(places("1"), Ok((true, true)));
    assert_eq!(places("1.1 2"), Ok((true, false)));
    assert_eq!(places("1.2.5"), Ok((false, true)));
    assert_eq!(places("1.1.1").unwrap_err().code(), Code::ScopeNotGranted);
    assert_eq!(permit(SetKind::Sr, "1", &fields).unwrap().decision.granted.numbers(), ["1.1.5", "1.2.5"]);
}

#[test]
fn a_child_is_compared_only_where_children_are_permitted() {
    let record = person("podmiot", "Ewa") + "<b:decyzja>" + &person("dziecko", "Anna") + "</b:decyzja>";
    let people = people(SetKind::Sr, record.as_bytes()).unwrap();
    let sought = IdentificationFields {
        surname: Some("Lipowa-Testowa".into()),
        given_name: Some("Anna".into()),
        birth_date: Some("1885-03-15".into()),
        ..Default::default()
    };
    let sought = Identification::parse(&sought).unwrap();
    let fields = ComparisonFields { sex: Some("K".into()), ..Default::default() };
    let found = |numbers: &str| permit(SetKind::Sr, numbers, &fields).unwrap().persons(&people, &sought).len();
    assert_eq!(found("1.2"), 1);
    assert_eq!(found("1.1"), 0);
}
