//! The demo shows everything: enough people, every field, every word, the awkward cases, and only invented persons.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::*;
use crate::contract::XSD;
use crate::documents::exchange;
use crate::subjects::{DocumentKind, IdentityDocument, Pesel};
use crate::xml;

fn written(batch: &Batch) -> String {
    xml::start();
    let schema = exchange::schema().expect("the contract compiles");
    String::from_utf8(exchange::write(batch, &schema).expect("valid")).expect("UTF-8")
}

#[test]
fn every_office_knows_two_thousand_persons_and_all_three_share_many() {
    let population = Population::new();
    for batch in [population.pup_batch(), population.ps_batch(), population.sr_batch()] {
        assert!(batch.persons >= 2_000, "{}: {}", batch.set, batch.persons);
    }
    let shared = population.residents.iter().filter(|resident| resident.in_pup && resident.in_ps && resident.in_sr);
    assert!(shared.count() > 1_000);
    let children: HashSet<usize> = population.residents.iter().flat_map(|resident| resident.children.clone()).collect();
    assert!(children.len() > 2_000);
    assert!(children.iter().filter(|child| population.residents[**child].in_pup).count() > 50);
    assert!(children.iter().any(|child| population.residents[*child].in_sr));
}

#[test]
fn the_batches_are_the_same_every_time() {
    assert_eq!(Population::new().pup_batch(), Population::new().pup_batch());
    assert_eq!(Population::new().sr_batch(), Population::new().sr_batch());
}

/// Names of the elements and words of the enumerations that the schema declares.
fn declared(file: &str, mark: &str) -> BTreeSet<String> {
    let (_, bytes) = XSD.iter().find(|(name, _)| *name == file).expect("part of the contract");
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    text.split(mark).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[track_caller]
fn check_shows(batch: &Batch, file: &str) {
    let text = written(batch);
    for shared in [file, "osoba.xsd"] {
        for element in declared(shared, "<xs:element name=\"") {
            assert!(text.contains(&format!("<b:{element}>")), "{file}: {element} never occurs");
        }
    }
}

#[test]
fn every_field_of_every_record_occurs() {
    let population = Population::new();
    check_shows(&population.pup_batch(), "pup.xsd");
    check_shows(&population.ps_batch(), "ps.xsd");
    check_shows(&population.sr_batch(), "sr.xsd");
}

#[test]
fn every_word_of_the_records_dictionaries_occurs() {
    let population = Population::new();
    let text = written(&population.pup_batch());
    let words = [
        "DOWOD",
        "PASZPORT",
        "KARTA_POBYTU",
        "INNY",
        "STALEGO_POBYTU",
        "CZASOWEGO_POBYTU",
        "ZAMIESZKANIA",
        "KORESPONDENCYJNY",
    ];
    let states = ["KAWALER_PANNA", "ZONATY_ZAMEZNA", "ROZWIEDZIONY_ROZWIEDZIONA", "WDOWIEC_WDOWA", "W_SEPARACJI"];
    let office = ["BEZROBOTNY", "POSZUKUJACY_PRACY", "UKONCZONE", "PRZERWANE", "W_TRAKCIE", "WYUCZONY", "WYKONYWANY"];
    for word in words.iter().chain(&states).chain(&office) {
        assert!(text.contains(&format!(">{word}<")), "{word} never occurs");
    }
}

#[test]
fn nobody_can_be_mistaken_for_a_living_person() {
    let mut given = HashSet::new();
    for Resident { data, remark, .. } in &Population::new().residents {
        assert!(data.surname.ends_with("-Testowy") || data.surname.ends_with("-Testowa"), "{}", data.surname);
        assert!(data.birth_date.to_string().starts_with("18"), "{}", data.birth_date);
        if let Some(pesel) = &data.pesel {
            let pesel = Pesel::parse(pesel).expect("a right PESEL");
            assert!(pesel.birth_date().to_string().starts_with("18"), "{pesel:?}");
            assert!(given.insert(pesel.as_str().to_owned()), "{pesel:?} twice");
            if remark.is_empty() {
                assert_eq!(pesel.birth_date(), data.birth_date.0);
                assert_eq!(pesel.sex().wire(), data.sex.wire());
            }
        } else {
            assert!(!data.documents.is_empty(), "{} cannot be identified", data.surname);
        }
        for document in &data.documents {
            let kind = DocumentKind::parse(document.kind.wire()).expect("the same words");
            assert!(IdentityDocument::parse(kind, &document.number).is_ok(), "{}", document.number);
            assert!(given.insert(document.number.clone()), "{} twice", document.number);
        }
    }
}

#[test]
fn some_names_and_birth_dates_fit_several_persons_of_one_set() {
    let population = Population::new();
    let mut namesakes: BTreeMap<(&str, &str, Day), usize> = BTreeMap::new();
    for Resident { data, .. } in population.residents.iter().filter(|resident| resident.in_ps) {
        let first = data.given_names.split(' ').next().unwrap_or_default();
        *namesakes.entry((&data.surname, first, data.birth_date)).or_default() += 1;
    }
    assert!(namesakes.values().filter(|count| **count > 1).count() >= 12);
}

#[test]
fn the_person_of_the_samples_is_registered_as_in_the_samples() {
    let batch = Population::new().pup_batch();
    let record = batch.items[0].pup.as_ref().expect("a record of the labour office");
    assert_eq!(
        (record.personal.surname.as_str(), record.personal.pesel.as_deref()),
        ("Lipowa-Testowa", Some("85831541742"))
    );
    let registrations: Vec<(String, Option<Day>, &str)> =
        record.register.registrations.iter().map(|one| (one.from.to_string(), one.to, one.status.wire())).collect();
    assert_eq!(registrations, [("2025-02-03".to_owned(), None, "BEZROBOTNY")]);
}
