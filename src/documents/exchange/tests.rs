//! Every type goes out and comes back the same; what a schema refuses is neither read nor written.

use super::batch::{Action, Batch, BatchKind, Item};
use super::person::{Address, AddressKind, DocumentKind, IdentityDocument, MaritalStatus, PersonalData, Sex};
use super::protocol::{BatchState, Finding, Protocol, Severity, Summary};
use super::values::{Amount, Day};
use super::{Error, ps, pup, read, schema, sr, write};
use crate::xml::{self, Limits};

fn text(text: &str) -> String {
    text.to_owned()
}

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn person() -> PersonalData {
    PersonalData {
        surname: text("Łąkowa-Testowa"),
        given_names: text("Żaneta Ćwikła"),
        pesel: Some(text("85831541742")),
        birth_date: day("1885-03-15"),
        documents: vec![
            IdentityDocument { kind: DocumentKind::IdentityCard, number: text("ABS123456") },
            IdentityDocument { kind: DocumentKind::Passport, number: text("ZS0000177") },
        ],
        sex: Sex::Female,
        marital_status: Some(MaritalStatus::Widowed),
        addresses: vec![
            Address {
                kind: AddressKind::Dwelling,
                postal_code: Some(text("28-100")),
                place: text("Busko-Zdrój"),
                street: Some(text("„Pod Lipą” & <Syn>")),
                house: text("7a"),
                flat: Some(text("3")),
            },
            Address {
                kind: AddressKind::Correspondence,
                place: text("Lwów, Ukraina"),
                house: text("1"),
                ..Address::default()
            },
        ],
    }
}

fn least() -> PersonalData {
    PersonalData { surname: text("Polny-Testowy"), given_names: text("Jan"), ..PersonalData::default() }
}

fn pup_record() -> pup::RecordPup {
    let (from, to) = (day("2025-01-02"), Some(day("2025-02-03")));
    let drawn = || vec![pup::DrawnBenefit { from, to, gross: Amount(172_190), net: Amount(156_600) }];
    pup::RecordPup {
        personal: person(),
        register: pup::Register {
            registrations: vec![
                pup::Registration { from, to, status: pup::LabourStatus::Unemployed },
                pup::Registration { from, to: None, status: pup::LabourStatus::JobSeeker },
            ],
            granted: vec![pup::GrantedBenefit { name: text("zasiłek"), from, to: None }],
            allowances: drawn(),
            other_benefits: drawn(),
            struck_off: true,
        },
        offered_trainings: vec![pup::OfferedTraining {
            offered_on: from,
            accepted: Some(false),
            refusal_justified: Some(true),
            training: text("florystyka"),
        }],
        trainings: vec![pup::Training {
            referred_on: from,
            subject: text("spawanie"),
            end: pup::TrainingEnd::Interrupted,
            from,
            to,
        }],
        offered_jobs: vec![pup::OfferedJob {
            offered_on: from,
            accepted: None,
            refusal_justified: None,
            position: text("kucharz"),
            kind: Some(text("staż")),
        }],
        qualifications: Some(pup::Qualifications {
            education: vec![pup::Education { kind: text("wyższe") }],
            occupations: vec![pup::Occupation { name: text("murarz"), character: pup::OccupationCharacter::Practised }],
            licences: vec![pup::Licence { name: text("prawo jazdy") }],
            languages: vec![pup::Language {
                name: text("angielski"),
                spoken: Some(text("B1")),
                written: None,
                read: Some(text("B2")),
            }],
            skills: vec![pup::Skill { name: text("szycie") }],
        }),
        visits: vec![pup::Visit {
            kind: text("rozmowa"),
            place: Some(text("pokój 3")),
            planned_on: Some(from),
            made_on: to,
        }],
        employments: vec![pup::Employment {
            kind: text("umowa"),
            from,
            to,
            employer: text("Tartak"),
            occupation: Some(text("stolarz")),
            position: Some(text("stolarz")),
        }],
        status_changes: vec![pup::StatusChange {
            on: from,
            kind: text("rejestracja"),
            variety: Some(text("bezrobotny")),
            description: Some(text("opis")),
        }],
    }
}

fn ps_record() -> ps::RecordPs {
    ps::RecordPs {
        personal: person(),
        general: ps::General { registered: true, status: Some(text("korzystająca")) },
        benefits: vec![
            ps::Benefit {
                name: text("zasiłek stały"),
                from: day("2025-01-02"),
                to: None,
                gross: Some(Amount(5)),
                net: Some(Amount(0)),
            },
            ps::Benefit {
                name: text("posiłek"),
                from: day("2025-01-02"),
                to: Some(day("2025-03-01")),
                gross: None,
                net: None,
            },
        ],
    }
}

fn sr_record() -> sr::RecordSr {
    sr::RecordSr {
        subject: person(),
        decisions: vec![sr::Decision {
            children: vec![person(), least()],
            granted: vec![sr::GrantedBenefit {
                kind: text("zasiłek rodzinny"),
                from: day("2025-01-02"),
                to: None,
                amount: Amount(12_400),
            }],
            paid: vec![sr::PaidBenefit {
                kind: text("zasiłek rodzinny"),
                paid_on: day("2025-02-01"),
                amount: Amount(12_400),
            }],
        }],
    }
}

fn batch(items: Vec<Item>) -> Batch {
    Batch {
        mark: text("OPS-2025/1"),
        set: text("OPS-BUSKO/pomoc"),
        kind: BatchKind::Incremental,
        as_of: day("2025-11-20"),
        persons: items.len() as u64,
        partial: Some(true),
        empty: None,
        items,
    }
}

fn item(source_id: &str) -> Item {
    Item { source_id: text(source_id), action: Action::Write, ..Item::default() }
}

fn protocol() -> Protocol {
    Protocol {
        batch: text("52d7a9c0-1b6e-4f0d-8e3a-7c5f1e2d3b4a"),
        mark: text("OPS-2025/1"),
        set: text("OPS-BUSKO/pomoc"),
        state: BatchState::FinishedWithErrors,
        summary: Summary { persons: 2, written: 1, rejected: 1, ..Summary::default() },
        findings_in_all: 2,
        findings: vec![
            Finding {
                item: Some(2),
                source_id: Some(text("PS-1002")),
                severity: Severity::Error,
                code: text("NIEZGODNY_ZE_SCHEMATEM"),
                line: Some(9),
                column: Some(3),
                path: Some(text("/b:OsobaPS/b:daneOsobowe/b:dataUrodzenia")),
                rule: Some(text("datatype")),
                text: text("To nie jest istniejąca data w postaci RRRR-MM-DD."),
            },
            Finding {
                severity: Severity::Warning,
                code: text("OSOBA_NIEZNANA"),
                text: text("Nieznana."),
                ..Finding::default()
            },
        ],
    }
}

#[track_caller]
fn check_round_trip<T: yaserde::YaSerialize + yaserde::YaDeserialize + PartialEq + std::fmt::Debug>(document: &T) {
    xml::start();
    let schema = schema().expect("the contract compiles");
    let bytes = write(document, &schema).expect("valid on the way out");
    let back: T = read(&bytes, &schema, &Limits::default()).expect("valid on the way in");
    assert_eq!(&back, document);
}

#[test]
fn a_batch_of_every_kind_of_record_comes_back_the_same() {
    check_round_trip(&batch(vec![
        Item { pup: Some(pup_record()), ..item("PUP-1") },
        Item { ps: Some(ps_record()), ..item("PS-1") },
        Item { sr: Some(sr_record()), ..item("SR-1") },
        Item { action: Action::Remove, ..item("PS \"2\" & <3>") },
    ]));
    check_round_trip(&Batch { kind: BatchKind::Full, partial: None, empty: Some(true), ..batch(vec![]) });
}

#[test]
fn the_least_record_of_each_kind_comes_back_the_same() {
    check_round_trip(&batch(vec![
        Item { pup: Some(pup::RecordPup { personal: least(), ..Default::default() }), ..item("1") },
        Item { ps: Some(ps::RecordPs { personal: least(), ..Default::default() }), ..item("2") },
        Item { sr: Some(sr::RecordSr { subject: least(), decisions: vec![sr::Decision::default()] }), ..item("3") },
    ]));
}

#[test]
fn a_protocol_comes_back_the_same() {
    check_round_trip(&protocol());
    check_round_trip(&Protocol { findings: vec![], findings_in_all: 0, ..protocol() });
}

#[test]
fn what_breaks_the_schema_is_not_written() {
    xml::start();
    let schema = schema().expect("the contract compiles");
    let mut wrong = ps_record();
    wrong.personal.pesel = Some(text("123"));
    let written = write(&batch(vec![Item { ps: Some(wrong), ..item("1") }]), &schema);
    assert!(matches!(written, Err(Error::Invalid(_))), "{written:?}");
}

#[track_caller]
fn check_refused(from: &str, to: &str) {
    xml::start();
    let schema = schema().expect("the contract compiles");
    let bytes = write(&batch(vec![Item { ps: Some(ps_record()), ..item("1") }]), &schema).expect("valid");
    let text = String::from_utf8(bytes).expect("UTF-8");
    assert!(text.contains(from), "{from}");
    let refused = read::<Batch>(text.replacen(from, to, 1).as_bytes(), &schema, &Limits::default());
    assert!(refused.is_err(), "{to}");
}

#[test]
fn what_yaserde_would_let_pass_is_refused_by_the_schema() {
    check_refused("<b:plec>K</b:plec>", "<b:plec>K</b:plec><b:plec>M</b:plec>");
    check_refused("<b:plec>K</b:plec>", "<b:plec>K</b:plec><b:nowe>1</b:nowe>");
    check_refused("<b:plec>K</b:plec>", "<x:plec xmlns:x=\"urn:x\">K</x:plec>");
    check_refused("<b:kwotaBrutto>0.05</b:kwotaBrutto>", "<b:kwotaBrutto></b:kwotaBrutto>");
    check_refused("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<!DOCTYPE z:Paczka>");
}

#[test]
fn comments_and_sections_inside_a_value_do_not_shorten_it() {
    xml::start();
    let schema = schema().expect("the contract compiles");
    let bytes = write(&batch(vec![Item { ps: Some(ps_record()), ..item("1") }]), &schema).expect("valid");
    let text = String::from_utf8(bytes).expect("UTF-8").replace("zasiłek stały", "zasi<!-- ł -->łek<![CDATA[ stały]]>");
    let back: Batch = read(text.as_bytes(), &schema, &Limits::default()).expect("valid");
    assert_eq!(back.items[0].ps.as_ref().map(|record| record.benefits[0].name.as_str()), Some("zasiłek stały"));
}
