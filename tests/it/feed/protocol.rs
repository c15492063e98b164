//! What a protocol says of a file that is wrong as a whole, and of persons that are the same.

use super::*;
use crate::on_both_databases;

on_both_databases! {
    a_file_that_stops_being_xml_is_refused_with_line_and_column
    a_head_that_contradicts_is_refused
    the_number_of_persons_must_be_right
    an_empty_full_batch_must_say_so
    both_of_two_same_persons_are_named
    a_former_record_survives_its_repeated_successors
    warnings_do_not_refuse
    the_protocol_comes_in_pages
}

const PARTIAL: &str = "rodzaj=\"przyrostowa\" czesciowo=\"true\"";

fn a_file_that_stops_being_xml_is_refused_with_line_and_column(engine: Engine) {
    let house = House::new(engine);
    let mut bytes = file("X-1", PARTIAL, &batches::written(0, 300));
    let at = bytes.windows(9).rposition(|window| window == b"<z:Osoba ").expect("the last person");
    bytes.truncate(at + 4);
    let batch = house.feed("X-1", &bytes);
    assert_eq!(batch.state, BatchState::Refused);
    summary(&batch, [299, 0, 0, 0, 299, 0]);
    let findings = house.findings(&batch);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!((findings[0].code.wire(), findings[0].ordinal), ("NIEPOPRAWNY_XML", None));
    assert_eq!(findings[0].detail.line, Some(301));
    assert!(findings[0].detail.column.is_some());
    assert!(!house.is_there(0));

    let batch = house.feed("X-2", b"<!DOCTYPE z:Paczka []><z:Paczka/>");
    assert_eq!(house.named(&batch), [(0, "NIEPOPRAWNY_XML")]);
    let batch = house.feed("X-3", b"nic");
    assert_eq!(house.named(&batch), [(0, "NIEPOPRAWNY_XML")]);
}

fn a_head_that_contradicts_is_refused(engine: Engine) {
    let house = House::new(engine);
    let batch = house.feed("X-1", &file("Y-1", PARTIAL, &batches::written(0, 1)));
    assert_eq!(batch.state, BatchState::Refused);
    let findings = house.findings(&batch);
    assert_eq!(findings[0].detail.path.as_deref(), Some("/z:Paczka/@oznaczenie"));
    let batch = house.feed("X-2", &file("X-2", "rodzaj=\"cala\"", &batches::written(0, 1)));
    assert_eq!(house.named(&batch), [(0, "NIEZGODNY_ZE_SCHEMATEM")]);
    let stranger = "<z:Inna/>".to_owned();
    let batch = house.feed("X-3", &file("X-3", PARTIAL, &[batches::written(0, 1), vec![stranger]].concat()));
    assert_eq!(house.named(&batch), [(0, "NIEZGODNY_ZE_SCHEMATEM"), (0, "LICZBA_OSOB_NIEZGODNA")]);
    assert!(!house.is_there(0));
}

fn the_number_of_persons_must_be_right(engine: Engine) {
    let house = House::new(engine);
    let text = String::from_utf8(file("X-1", PARTIAL, &batches::written(0, 2))).expect("a text");
    let batch = house.feed("X-1", text.replace("liczbaOsob=\"2\"", "liczbaOsob=\"3\"").as_bytes());
    assert_eq!(house.named(&batch), [(0, "LICZBA_OSOB_NIEZGODNA")]);
    assert_eq!(batch.state, BatchState::Refused);
}

fn an_empty_full_batch_must_say_so(engine: Engine) {
    let house = House::new(engine);
    house.feed("X-0", &file("X-0", PARTIAL, &batches::written(0, 1)));
    let batch = house.feed("X-1", &file("X-1", "rodzaj=\"pelna\"", &[]));
    assert_eq!(house.named(&batch), [(0, "PACZKA_PUSTA")]);
    assert!(house.is_there(0));
    let batch = house.feed("X-2", &file("X-2", "rodzaj=\"pelna\" pusta=\"true\"", &[]));
    assert_eq!(batch.state, BatchState::Done);
    assert!(!house.is_there(0));
}

fn both_of_two_same_persons_are_named(engine: Engine) {
    let house = House::new(engine);
    let mut items = batches::written(0, 700);
    // The same idZrodlowe far apart, and thrice; the same PESEL within one chunk; a person doubled whole.
    items[650] = items[650].replace("PS-650", "PS-10");
    items[690] = items[690].replace("PS-690", "PS-10");
    items[31] = items[31].replace(&Person::number(31).pesel, &Person::number(30).pesel);
    items[660] = items[20].clone();
    let batch = house.feed("X-1", &file("X-1", PARTIAL, &items));
    let errors: Vec<_> = house.named(&batch).into_iter().filter(|(_, code)| code.ends_with("POWTORZONY")).collect();
    assert_eq!(
        errors,
        [
            (11, "ID_POWTORZONY"),
            (21, "ID_POWTORZONY"),
            (31, "PESEL_POWTORZONY"),
            (32, "PESEL_POWTORZONY"),
            (651, "ID_POWTORZONY"),
            (661, "ID_POWTORZONY"),
            (691, "ID_POWTORZONY"),
        ]
    );
    assert_eq!(batch.summary.refused, 7);
    assert_eq!(batch.summary.written, 693);
    assert_eq!(house.count("records"), 693);
    let findings = house.findings(&batch);
    let first = findings.iter().find(|finding| finding.ordinal == Some(11)).expect("named");
    assert_eq!((first.source_id.as_deref(), first.detail.line), (Some("PS-10"), Some(12)));
    assert!(first.detail.text.contains("651"), "{}", first.detail.text);
}

fn a_former_record_survives_its_repeated_successors(engine: Engine) {
    let house = House::new(engine);
    house.feed("X-1", &file("X-1", PARTIAL, &batches::written(0, 3)));
    let mut changed = Person::number(0);
    changed.status = "nowy".to_owned();
    let filling = batches::written(1000, 1600);
    let items = [
        vec![changed.written(), Person::number(1).removed()],
        filling,
        vec![changed.written(), Person::number(1).removed()],
    ];
    let batch = house.feed("X-2", &file("X-2", PARTIAL, &items.concat()));
    assert_eq!(batch.state, BatchState::DoneWithErrors);
    summary(&batch, [604, 600, 0, 0, 4, 0]);
    assert_eq!(house.status(&changed).as_deref(), Some("bez zmian"));
    assert!(house.is_there(1));
    assert_eq!(house.count("records"), 603);
}

fn warnings_do_not_refuse(engine: Engine) {
    let house = House::new(engine);
    let mut person = Person::number(5);
    person.birth_date = "1850-01-01".to_owned();
    let woman = Person::number(6).written().replace("<b:plec>M</b:plec>", "<b:plec>K</b:plec>");
    let batch = house.feed("X-1", &file("X-1", "rodzaj=\"przyrostowa\"", &[person.written(), woman]));
    assert_eq!(house.named(&batch), [(1, "PESEL_NIEZGODNY_Z_DATA"), (2, "PESEL_NIEZGODNY_Z_PLCIA")]);
    assert_eq!(batch.state, BatchState::Done);
    summary(&batch, [2, 2, 0, 0, 0, 2]);
}

fn the_protocol_comes_in_pages(engine: Engine) {
    let house = House::new(engine);
    let items: Vec<_> = (0..250).map(|number| batches::broken(number, 26).0).collect();
    let batch = house.feed("X-1", &file("X-1", "rodzaj=\"przyrostowa\"", &items));
    let page = |from, most| follow::protocol(house.tenant.batches(), batch.id, from, most).expect("a page");
    assert_eq!(page(1, 1).findings_total, 250);
    let ordinals =
        |from, most| page(from, most).page.iter().map(|finding| finding.ordinal.unwrap_or(0)).collect::<Vec<_>>();
    assert_eq!(ordinals(1, 3), [1, 2, 3]);
    assert_eq!(ordinals(249, 10), [249, 250]);
    assert!(ordinals(251, 10).is_empty());
    for finding in page(1, 250).page {
        assert!(finding.source_id.is_some());
    }
}
