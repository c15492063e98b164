//! Bad templates, each with the code and the place of its faults.

use std::fmt::Write;
use std::time::{Duration, Instant};

use super::*;

/// Faults as `line:column CODE`.
fn faults(text: &str) -> Vec<String> {
    let findings = check(text).err().unwrap_or_default();
    assert!(findings.iter().all(|finding| finding.text.ends_with('.')), "{findings:?}");
    findings.iter().map(|one| format!("{}:{} {}", one.at.line, one.at.column, one.code.wire())).collect()
}

#[track_caller]
fn refused(blocks: &str, expected: &[&str]) {
    assert_eq!(faults(&about_pup(blocks)), expected, "{blocks}");
}

#[track_caller]
fn refused_whole(text: &str, expected: &[&str]) {
    assert_eq!(faults(text), expected, "{text}");
}

#[test]
fn names_that_mean_nothing() {
    refused("<s:Akapit><s:Pole nazwa='rekord.daneOsobowe.wzrost'/></s:Akapit>", &["2:11 POLE_NIEZNANE"]);
    refused("<s:Akapit>\n <s:Pole nazwa='rekord.nazwisko'/></s:Akapit>", &["3:2 POLE_NIEZNANE"]);
    refused("<s:Akapit><s:Pole nazwa='zegar.teraz'/></s:Akapit>", &["2:11 POLE_NIEZNANE"]);
    refused("<s:Akapit><s:Pole nazwa='Rekord.daneOsobowe.imie'/></s:Akapit>", &["2:11 POLE_NIEZNANE"]);
    refused("<s:Akapit><s:Pole nazwa='organ.haslo'/></s:Akapit>", &["2:11 POLE_NIEZNANE"]);
    // A record of another kind has other fields.
    refused("<s:Lista dla='rekord.swiadczenie'><s:Pole nazwa='.nazwa'/></s:Lista>", &["2:1 POLE_NIEZNANE"]);
    refused("<s:Akapit><s:Pole nazwa='rekord.daneOsobowe.imie.pierwsze'/></s:Akapit>", &["2:11 POLE_NIEZNANE"]);
    refused("<s:Akapit><s:Pole nazwa='rekord.daneOsobowe'/></s:Akapit>", &["2:11 POLE_NIEZNANE"]);
    refused("<s:Akapit><s:Pole nazwa='rekord'/></s:Akapit>", &["2:11 POLE_NIEZNANE"]);
    refused("<s:Jezeli pole='rekord.nic' jest='tak'><s:Podpis/></s:Jezeli>", &["2:1 POLE_NIEZNANE"]);
    refused(
        "<s:Lista dla='rekord.zatrudnienie'><s:Pole nazwa='.pensja'/></s:Lista>",
        &["2:1 POLE_NIEZNANE", "2:36 POLE_NIEZNANE"],
    );
    refused(
        "<s:Tabela dla='rekord.ewidencja.pobieranyZasilek'><s:Kolumna tytul='a'><s:Pole nazwa='.dataPoczatkowa'/></s:Kolumna>\n<s:Suma pole='.kwotaNetto'/></s:Tabela>",
        &["3:1 POLE_NIEZNANE"],
    );
}

#[test]
fn conditions_and_loops_over_what_the_cut_takes_away() {
    refused("<s:Jezeli pole='rekord.kwalifikacje' jest='tak'><s:Podpis/></s:Jezeli>", &["2:1 POLE_NIEZNANE"]);
    refused("<s:Dla pole='rekord.zatrudnienie'><s:Podpis/></s:Dla>", &["2:1 POLE_NIEZNANE"]);
    refused("<s:Jezeli pole='rekord.wizyta' jest='nie'><s:Podpis/></s:Jezeli>", &["2:1 POLE_NIEZNANE"]);
}

#[test]
fn templates_without_a_record_know_none() {
    let field = "<s:Akapit><s:Pole nazwa='rekord.daneOsobowe.imie'/></s:Akapit>";
    for head in ["rodzaj='WNIOSEK'", "rodzaj='WNIOSEK' zbiorRodzaj='PUP'", "rodzaj='BRAK_OSOBY' zbiorRodzaj='PUP'"] {
        refused_whole(&with_head(&format!("identyfikator='P' wersja='1' {head}"), field), &["2:11 POLE_NIEZNANE"]);
    }
}

#[test]
fn fields_of_lists_outside_their_loop() {
    refused("<s:Akapit><s:Pole nazwa='rekord.zatrudnienie.pracodawca'/></s:Akapit>", &["2:11 POLE_POZA_PETLA"]);
    refused("<s:Akapit><s:Pole nazwa='.pracodawca'/></s:Akapit>", &["2:11 POLE_POZA_PETLA"]);
    refused("<s:Akapit><s:Pole nazwa='wniosek.zakres.pozycja.numer'/></s:Akapit>", &["2:11 POLE_POZA_PETLA"]);
    refused("<s:Jezeli pole='rekord.zatrudnienie.zawod' jest='tak'><s:Podpis/></s:Jezeli>", &["2:1 POLE_POZA_PETLA"]);
    refused("<s:Jezeli pole='.zawod' jest='tak'><s:Podpis/></s:Jezeli>", &["2:1 POLE_POZA_PETLA"]);
    refused(
        "<s:Lista dla='rekord.zatrudnienie'><s:Pole nazwa='rekord.zatrudnienie.rodzaj'/></s:Lista>",
        &["2:1 POLE_NIEZNANE", "2:36 POLE_POZA_PETLA"],
    );
    // The loop has ended.
    refused(
        "<s:Lista dla='rekord.zatrudnienie'><s:Pole nazwa='.rodzaj'/></s:Lista>\n<s:Akapit><s:Pole nazwa='.rodzaj'/></s:Akapit>",
        &["3:11 POLE_POZA_PETLA"],
    );
    refused(
        "<s:Tabela dla='rekord.ewidencja.pobieranyZasilek'><s:Kolumna tytul='a'><s:Pole nazwa='.kwotaNetto'/></s:Kolumna>\n<s:Suma pole='rekord.ewidencja.pobieranyZasilek.kwotaNetto'/></s:Tabela>",
        &["3:1 POLE_POZA_PETLA"],
    );
}

#[test]
fn loops_over_what_is_no_list() {
    refused("<s:Dla pole='rekord.ewidencja'><s:Podpis/></s:Dla>", &["2:1 PETLA_NIE_PO_LISCIE"]);
    refused("<s:Lista dla='rekord.daneOsobowe.imie'><s:Tekst>a</s:Tekst></s:Lista>", &["2:1 PETLA_NIE_PO_LISCIE"]);
    refused(
        "<s:Tabela dla='organ'><s:Kolumna tytul='a'><s:Tekst>a</s:Tekst></s:Kolumna></s:Tabela>",
        &["2:1 PETLA_NIE_PO_LISCIE"],
    );
    refused("<s:Dla pole='wniosek.zakres'><s:Podpis/></s:Dla>", &["2:1 PETLA_NIE_PO_LISCIE"]);
}

#[test]
fn formats_that_do_not_fit() {
    let format =
        |field: &str, format: &str| format!("<s:Akapit><s:Pole nazwa='{field}' format='{format}'/></s:Akapit>");
    for (field, format_name) in [
        ("rekord.daneOsobowe.imie", "data"),
        ("rekord.daneOsobowe.imie", "kwota"),
        ("rekord.daneOsobowe.dataUrodzenia", "kwotaSlownie"),
        ("rekord.daneOsobowe.dataUrodzenia", "takNie"),
        ("rekord.ewidencja.skreslonaZEwidencji", "dataSlownie"),
        ("rekord.daneOsobowe.plec", "takNie"),
    ] {
        refused(&format(field, format_name), &["2:11 FORMAT_NIEZGODNY"]);
    }
    let equals = |field: &str, value: &str| format!("<s:Jezeli pole='{field}' rowne='{value}'><s:Podpis/></s:Jezeli>");
    refused(&equals("rekord.daneOsobowe.plec", "kobieta"), &["2:1 FORMAT_NIEZGODNY"]);
    refused(&equals("rekord.ewidencja.skreslonaZEwidencji", "tak"), &["2:1 FORMAT_NIEZGODNY"]);
    refused(&equals("rekord.daneOsobowe.dataUrodzenia", "15.03.1885"), &["2:1 FORMAT_NIEZGODNY"]);
    refused(&equals("wniosek.okres", "2026"), &["2:1 FORMAT_NIEZGODNY"]);
    refused(
        "<s:Tabela dla='rekord.zatrudnienie'><s:Kolumna tytul='a'><s:Pole nazwa='.rodzaj'/></s:Kolumna>\n<s:Suma pole='.rodzaj'/></s:Tabela>",
        &["3:1 FORMAT_NIEZGODNY"],
    );
    // Neither has dates that put it in time.
    refused(
        "<s:Lista dla='rekord.wizyta' okres='wniosek'><s:Pole nazwa='.rodzaj'/></s:Lista>",
        &["2:1 FORMAT_NIEZGODNY"],
    );
    refused(
        "<s:Lista dla='wniosek.zakres.pozycja' okres='wniosek'><s:Pole nazwa='.numer'/></s:Lista>",
        &["2:1 FORMAT_NIEZGODNY"],
    );
}

#[test]
fn shapes_that_the_schema_does_not_know() {
    let schema = "NIEZGODNY_ZE_SCHEMATEM";
    let at = |place: &str| format!("{place} {schema}");
    for (blocks, place) in [
        ("<s:Akapit>tekst</s:Akapit>", "2:1"),
        ("<s:Akapit/>", "2:1"),
        ("<s:Skrypt>alert(1)</s:Skrypt>", "2:1"),
        ("<s:Akapit><s:Tekst>a<s:Pole nazwa='organ.nazwa'/></s:Tekst></s:Akapit>", "2:11"),
        ("<s:Akapit><s:Pole nazwa='{{organ.nazwa}}'/></s:Akapit>", "2:11"),
        ("<s:Akapit><s:Pole nazwa='../../etc/passwd'/></s:Akapit>", "2:11"),
        ("<s:Akapit><s:Pole nazwa='organ.nazwa' wyrazenie='1+1'/></s:Akapit>", "2:11"),
        ("<s:Akapit><s:Pole nazwa='organ.nazwa' format='HTML'/></s:Akapit>", "2:11"),
        ("<s:Akapit><s:Pole/></s:Akapit>", "2:11"),
        ("<s:Akapit uklad='z boku'><s:Tekst>a</s:Tekst></s:Akapit>", "2:1"),
        ("<s:Akapit><s:Jezeli pole='organ.nip' jest='tak'><s:Podpis/></s:Jezeli></s:Akapit>", "2:11"),
        ("<s:Naglowek poziom='3'><s:Tekst>a</s:Tekst></s:Naglowek>", "2:1"),
        ("<s:Tabela dla='rekord.zatrudnienie'/>", "2:1"),
        ("<s:Akapit><s:Odmiana meska='Pan'/></s:Akapit>", "2:11"),
        ("<s:Dla pole='rekord.zatrudnienie' okres='zawsze'><s:Podpis/></s:Dla>", "2:1"),
        ("<s:Inaczej><s:Podpis/></s:Inaczej>", "2:1"),
        ("<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/passwd'/>", "2:1"),
        ("<xsl:value-of xmlns:xsl='http://www.w3.org/1999/XSL/Transform' select='/'/>", "2:1"),
        ("<s:Jezeli pole='organ.nip'><s:Podpis/></s:Jezeli>", "2:1"),
        ("<s:Jezeli pole='organ.nip' jest='tak' rowne='1'><s:Podpis/></s:Jezeli>", "2:1"),
        ("<?php exit; ?>", "2:1"),
        ("<s:Akapit><s:Tekst>&wirus;</s:Tekst></s:Akapit>", "2:27"),
    ] {
        let found = faults(&about_pup(blocks));
        assert_eq!(found.first(), Some(&at(place)), "{blocks}");
        assert!(found.iter().all(|fault| fault.ends_with(schema)), "{blocks}: {found:?}");
    }
}

#[test]
fn heads_that_are_wrong() {
    let block = "<s:Podpis/>";
    for head in [
        "identyfikator='p' wersja='1' rodzaj='WNIOSEK'",
        "identyfikator='P' wersja='0' rodzaj='WNIOSEK'",
        "identyfikator='P' rodzaj='WNIOSEK'",
        "identyfikator='P' wersja='1' rodzaj='PROGRAM'",
        "identyfikator='P' wersja='1' rodzaj='ZASWIADCZENIE'",
        "identyfikator='P' wersja='1' rodzaj='BRAK_OSOBY'",
        "identyfikator='P' wersja='1' rodzaj='ZASWIADCZENIE' zbiorRodzaj='ZUS'",
    ] {
        refused_whole(&with_head(head, block), &["1:1 NIEZGODNY_ZE_SCHEMATEM"]);
    }
    refused_whole("<s:Podpis xmlns:s='urn:brama:szablon:1'/>", &["1:1 NIEZGODNY_ZE_SCHEMATEM"]);
    refused_whole("<Szablon/>", &["1:1 NIEZGODNY_ZE_SCHEMATEM"]);
    refused_whole("", &["1:1 NIEZGODNY_ZE_SCHEMATEM"]);
    refused_whole("<s:Szablon xmlns:s='urn:brama:szablon:1'>", &["1:42 NIEZGODNY_ZE_SCHEMATEM"]);
}

#[test]
fn sums_that_have_no_place() {
    let table = |columns: &str, sums: &str| {
        about_pup(&format!("<s:Tabela dla='rekord.ewidencja.pobieranyZasilek'>{columns}\n{sums}</s:Tabela>"))
    };
    let amount = "<s:Kolumna tytul='a'><s:Pole nazwa='.kwotaNetto'/></s:Kolumna>";
    let sum = "<s:Suma pole='.kwotaNetto'/>";
    refused_whole(&table(amount, sum), &["3:1 NIEZGODNY_ZE_SCHEMATEM"]);
    let both = format!("<s:Kolumna tytul='b'><s:Tekst>b</s:Tekst></s:Kolumna>{amount}");
    assert!(check(&table(&both, sum)).is_ok());
    refused_whole(&table(&both, &format!("{sum}{sum}")), &["3:29 NIEZGODNY_ZE_SCHEMATEM"]);
}

#[test]
fn nothing_expands_and_nothing_is_fetched() {
    let template = about_pup("<s:Podpis/>");
    let laughs: String =
        (1..10).map(|level| format!("<!ENTITY l{level} '{}'>", format!("&l{};", level - 1).repeat(10))).collect();
    let started = Instant::now();
    for prologue in [
        format!("<!DOCTYPE s [<!ENTITY l0 'ha'>{laughs}]>"),
        "<!DOCTYPE s SYSTEM 'http://example.org/s.dtd'>".to_owned(),
        "<!DOCTYPE s [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>".to_owned(),
        "<?xml-stylesheet href='http://example.org/s.xsl'?>".to_owned(),
    ] {
        refused_whole(&format!("{prologue}{template}"), &["1:1 NIEZGODNY_ZE_SCHEMATEM"]);
    }
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn limits_hold_to_the_last_byte_element_and_level() {
    let paragraph = "<s:Akapit><s:Tekst>a</s:Tekst></s:Akapit>";
    let whole = about_pup(paragraph);
    let padded = |bytes: usize| format!("{whole}{}", " ".repeat(bytes - whole.len()));
    assert!(check(&padded(BYTES_MAX)).is_ok());
    refused_whole(&padded(BYTES_MAX + 1), &["1:1 LIMIT_SZABLONU"]);

    // The root, a paragraph of two elements, and single ones.
    let of = |elements: usize| about_pup(&format!("{paragraph}{}", "<s:Podpis/>".repeat(elements - 3)));
    assert!(check(&of(ELEMENTS_MAX)).is_ok());
    let findings = check(&of(ELEMENTS_MAX + 1)).unwrap_err();
    assert_eq!(findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::Limit]);

    let nested = |levels: usize| {
        let mut text = String::new();
        (0..levels).for_each(|_| text.push_str("<s:Jezeli pole='organ.nip' jest='tak'>\n"));
        write!(text, "{paragraph}{}", "</s:Jezeli>".repeat(levels)).unwrap();
        about_pup(&text)
    };
    assert!(check(&nested(NESTING_MAX)).is_ok());
    refused_whole(&nested(NESTING_MAX + 1), &["7:1 LIMIT_SZABLONU"]);
    assert_eq!(check(&nested(100)).unwrap_err()[0].code, Code::Limit);
}

#[test]
fn all_faults_are_told_in_the_order_of_the_file() {
    refused(
        "<s:Akapit><s:Pole nazwa='a'/><s:Pole nazwa='.b'/></s:Akapit>\n<s:Dla pole='organ'><s:Podpis/></s:Dla>\n\
         <s:Akapit><s:Pole nazwa='dokument.data' format='kwota'/></s:Akapit>",
        &["2:11 POLE_NIEZNANE", "2:30 POLE_POZA_PETLA", "3:1 PETLA_NIE_PO_LISCIE", "4:11 FORMAT_NIEZGODNY"],
    );
}
