//! Every format with its values, and values that have none.

use super::*;

#[track_caller]
fn check(format: &str, text: &str, written: &str) {
    let format = Format::parse(format).unwrap();
    assert_eq!(format.write(text).as_deref(), Ok(written.replace('_', "\u{a0}").as_str()), "{text:?}");
}

#[track_caller]
fn refused(format: &str, text: &str) {
    assert_eq!(Format::parse(format).unwrap().write(text), Err(NotOfKind), "{format} {text:?}");
}

#[test]
fn a_date_is_written_in_figures() {
    check("data", "2026-03-03", "03.03.2026");
    check("data", "2024-02-29", "29.02.2024");
    check("data", "1885-12-31", "31.12.1885");
    check("data", "0999-01-01", "01.01.0999");
}

#[test]
fn a_date_is_written_with_its_month_in_the_genitive() {
    check("dataSlownie", "2026-03-03", "3 marca 2026 r.");
    check("dataSlownie", "2026-01-01", "1 stycznia 2026 r.");
    check("dataSlownie", "2026-02-28", "28 lutego 2026 r.");
    check("dataSlownie", "2026-04-30", "30 kwietnia 2026 r.");
    check("dataSlownie", "2026-05-10", "10 maja 2026 r.");
    check("dataSlownie", "2026-06-11", "11 czerwca 2026 r.");
    check("dataSlownie", "2026-07-12", "12 lipca 2026 r.");
    check("dataSlownie", "2026-08-13", "13 sierpnia 2026 r.");
    check("dataSlownie", "2026-09-14", "14 września 2026 r.");
    check("dataSlownie", "2026-10-15", "15 października 2026 r.");
    check("dataSlownie", "2026-11-16", "16 listopada 2026 r.");
    check("dataSlownie", "2026-12-31", "31 grudnia 2026 r.");
}

#[test]
fn an_amount_has_groups_of_three_digits() {
    check("kwota", "1234.56", "1_234,56_zł");
    check("kwota", "0.00", "0,00_zł");
    check("kwota", "0.05", "0,05_zł");
    check("kwota", "999.99", "999,99_zł");
    check("kwota", "1000.00", "1_000,00_zł");
    check("kwota", "12345.00", "12_345,00_zł");
    check("kwota", "100000.10", "100_000,10_zł");
    check("kwota", "1000000.00", "1_000_000,00_zł");
    check("kwota", "12345678.90", "12_345_678,90_zł");
    check("kwota", "99999999.99", "99_999_999,99_zł");
}

#[test]
fn an_amount_is_written_in_words() {
    check("kwotaSlownie", "1234.56", "jeden tysiąc dwieście trzydzieści cztery złote 56/100");
    check("kwotaSlownie", "0.00", "zero złotych 00/100");
    check("kwotaSlownie", "0.07", "zero złotych 07/100");
    check("kwotaSlownie", "1.00", "jeden złoty 00/100");
    check("kwotaSlownie", "2.01", "dwa złote 01/100");
    check("kwotaSlownie", "5.99", "pięć złotych 99/100");
    check("kwotaSlownie", "21.10", "dwadzieścia jeden złotych 10/100");
    check("kwotaSlownie", "1522.12", "jeden tysiąc pięćset dwadzieścia dwa złote 12/100");
    check("kwotaSlownie", "1000000.00", "jeden milion złotych 00/100");
    check(
        "kwotaSlownie",
        "12345678.90",
        "dwanaście milionów trzysta czterdzieści pięć tysięcy sześćset siedemdziesiąt osiem złotych 90/100",
    );
}

#[test]
fn a_truth_is_yes_or_no() {
    check("takNie", "true", "tak");
    check("takNie", "false", "nie");
}

#[test]
fn what_is_not_of_the_kind_is_refused() {
    for text in ["", "2026-02-30", "2026-3-3", "03.03.2026", "2026-03-03Z", "+2026-03-03", "26-03-03"] {
        refused("data", text);
        refused("dataSlownie", text);
    }
    for text in ["", "1", "1.5", "-1.00", "1,00", "1 000.00", "1e3"] {
        refused("kwota", text);
        refused("kwotaSlownie", text);
    }
    for text in ["", "1", "TRUE", "tak"] {
        refused("takNie", text);
    }
}

#[test]
fn a_word_of_a_closed_list_is_written_as_people_say_it() {
    let words = ValueKind::Words(vec![("BEZROBOTNY".to_owned(), "bezrobotny".to_owned())]);
    assert_eq!(plain(&words, "BEZROBOTNY").as_deref(), Ok("bezrobotny"));
    assert_eq!(plain(&words, "INNY"), Err(NotOfKind));
    assert_eq!(plain(&ValueKind::Text, "Żółć-Gęślą").as_deref(), Ok("Żółć-Gęślą"));
    assert_eq!(plain(&ValueKind::Day, "2026-03-03").as_deref(), Ok("03.03.2026"));
    assert_eq!(plain(&ValueKind::Amount, "1.00").as_deref(), Ok("1,00\u{a0}zł"));
    assert_eq!(plain(&ValueKind::YesNo, "true").as_deref(), Ok("tak"));
}

#[test]
fn a_format_fits_one_kind() {
    let kinds = [ValueKind::Text, ValueKind::Day, ValueKind::Amount, ValueKind::YesNo, ValueKind::Words(Vec::new())];
    let fitting = |format: Format| kinds.iter().filter(|kind| format.fits(kind)).count();
    assert!(Format::ALL.into_iter().all(|format| fitting(format) == 1));
    assert_eq!(Format::parse("Data"), None);
}
