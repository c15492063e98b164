//! Good documents with one thing made wrong: each is refused by the word and the line that its row tells.

use super::{forms, parse, samples, written};
use crate::documents::forms::{
    Attachment, DOCUMENT_BYTES_MAX, Error, Form, INLINE_BYTES_MAX, Odmowa, RefusalKind, RequestKind, Rule, StoredFile,
    Wniosek, check_file_name,
};
use crate::problem::{Code, Problem};

/// A document with every element on a line of its own.
fn spread(name: &str) -> String {
    let all = samples::all();
    let (_, form) = all.iter().find(|(one, _)| *one == name).expect("a sample");
    let lines = String::from_utf8(written(form)).expect("UTF-8").replace("><", ">\n<");
    // Two elements have to be empty.
    ["</meta:Jezyk>", "</cz:Szablon>"].iter().fold(lines, |text, end| text.replace(&format!("\n{end}"), end))
}

/// The word and the line by which a text is refused; the code is the word where no rule of ours is broken.
fn refusal(text: &str) -> Option<(String, u32)> {
    let document = match parse(text.as_bytes()) {
        Ok(document) => document,
        Err(error) => return Some(told(error)),
    };
    forms().read(&document).err().map(told)
}

fn told(problem: impl Into<Problem>) -> (String, u32) {
    let problem = problem.into();
    let detail = problem.details.first().cloned().unwrap_or_default();
    let word = detail.rule.filter(|rule| Rule::ALL.iter().any(|one| one.wire() == rule));
    (word.unwrap_or_else(|| problem.code.wire().to_owned()), detail.line.unwrap_or_default())
}

/// Puts `to` for `from` in the sample `name`; it is refused by `word` at the line on which `at` then stands first.
#[track_caller]
fn check(name: &str, from: &str, to: &str, at: &str, word: &str) {
    let good = spread(name);
    assert_eq!(refusal(&good), None, "{name}");
    assert!(good.contains(from), "{name} has no {from}");
    let bad = good.replacen(from, to, 1);
    let offset = bad.find(at).unwrap_or_else(|| panic!("{at} is nowhere"));
    let line = u32::try_from(bad[..offset].matches('\n').count() + 1).expect("a line");
    assert_eq!(refusal(&bad), Some((word.to_owned(), line)), "{name}: {from} -> {to}");
}

#[test]
fn what_is_no_xml_or_breaks_the_schema() {
    let schema = Code::SchemaViolation.wire();
    let xml = Code::MalformedXml.wire();
    check("wniosek", "<wnio:Dokument", "<!DOCTYPE a>\n<wnio:Dokument", "<!DOCTYPE", xml);
    check("wniosek", "</str:CID>", "", "</wnio:OpisDokumentu>", xml);
    check("wniosek", "<wnio:rodzaj>", "<wnio:rodzaj>&nbsp;", "&nbsp;", xml);
    check("wniosek", "UDOSTEPNIENIE", "PYTANIE", "PYTANIE", schema);
    check("wniosek", "UPS-105", "ups 105", "ups 105", schema);
    check("wniosek", "PUP-BUSKO/ewidencja", "PUP-BUSKO", "<wnio:zbior>", schema);
    check(
        "wniosek",
        "<w:pozycja xmlns:w=\"urn:brama:wspolne:1\">1</w:pozycja>\n<w:pozycja xmlns:w=\"urn:brama:wspolne:1\">2.1.1</w:pozycja>\n<w:pozycja xmlns:w=\"urn:brama:wspolne:1\">2.3</w:pozycja>",
        "",
        "<wnio:zakres>",
        schema,
    );
    check("wniosek", ">2.3<", ">2.x<", "2.x", schema);
    check("wniosek", "<wnio:pesel>85831541742</wnio:pesel>", "", "<wnio:osoba>", schema);
    check("wniosek", "<wnio:pesel>", "<wnio:imie>Anna</wnio:imie>\n<wnio:pesel>", "<wnio:pesel>", schema);
    check(
        "wniosek",
        "</wnio:osoba>",
        "</wnio:osoba>\n<wnio:osoba>\n<wnio:nazwisko>A</wnio:nazwisko>\n<wnio:pesel>85831541742</wnio:pesel>\n</wnio:osoba>",
        "<wnio:osoba>\n<wnio:nazwisko>A",
        schema,
    );
    check("wniosek", "<wnio:od>2026-01-01", "<wnio:od>2026-02-30", "<wnio:od>", schema);
    check("wniosek", "<wnio:do>2026-10-31</wnio:do>", "", "<wnio:okres>", schema);
    check("wniosek", "<wnio:przeznaczenie>wywiad środowiskowy</wnio:przeznaczenie>", "", "<wnio:zbior>", schema);
    check("wniosek", "<wnio:Wniosek>", "<wnio:Wniosek>\n<wnio:nowe>1</wnio:nowe>", "<wnio:nowe>", schema);
    check("wniosek", "<wnio:Wniosek>", "<wnio:Wniosek priorytet=\"1\">", "<wnio:Wniosek", schema);
    check("wniosek", "kodowanie=\"XML\"", "kodowanie=\"TXT\"", "kodowanie=\"TXT\"", schema);
    check("wniosek", " kodowanie=\"base64\"", " kodowanie=\"hex\"", "kodowanie=\"hex\"", schema);
    check("wniosek", "</wnio:TrescDokumentu>", "</wnio:TrescDokumentu>\n<x:y xmlns:x=\"urn:x\"></x:y>", "<x:y", schema);
    check(
        "wniosek",
        "<wnio:TrescDokumentu",
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"></ds:Signature>\n<wnio:TrescDokumentu",
        "<ds:Signature",
        schema,
    );
    check("wniosek", "<wnio:OpisDokumentu>", "<wnio:OpisDokumentu Id=\"1a\">", "<wnio:OpisDokumentu", schema);
    check("zaswiadczenie", "b:nazwisko>Łąkowa-Testowa</b:nazwisko", "b:wzrost>180</b:wzrost", "<b:wzrost>", schema);
    check("zaswiadczenie", "wersja=\"3\"", "wersja=\"0\"", "wersja=\"0\"", schema);
    check("zaswiadczenie", "<cz:naglowek>", "<cz:obraz></cz:obraz>\n<cz:naglowek>", "<cz:obraz>", schema);
    check("informacja", "rola=\"DZIECKO\"", "rola=\"WUJEK\"", "rola=\"WUJEK\"", schema);
    check("odmowa", "POSTANOWIENIE", "DECYZJA", "DECYZJA", schema);
    check("wezwanie", "<pis:dni>7", "<pis:dni>07", "<pis:dni>", schema);
}

#[test]
fn a_root_that_is_no_form_of_ours() {
    let good = spread("wniosek");
    let crd = good.replace("urn:brama:wzor:wniosek:1", "http://crd.gov.pl/wzor/2013/12/12/1410/");
    for foreign in [crd.as_str(), "<a/>", "<wnio:Wniosek xmlns:wnio=\"urn:brama:wzor:wniosek:1\"/>"] {
        let document = parse(foreign.as_bytes()).expect("XML");
        assert!(matches!(forms().read(&document), Err(Error::UnknownForm)), "{foreign}");
    }
}

#[test]
fn heads_that_say_what_cannot_be() {
    check(
        "wniosek",
        "<str:CID xmlns:str=\"http://crd.gov.pl/xml/schematy/struktura/2009/11/16/\">urn:brama:wzor:wniosek:1",
        "<str:CID xmlns:str=\"http://crd.gov.pl/xml/schematy/struktura/2009/11/16/\">urn:brama:wzor:wniosek:2",
        "<str:CID",
        "WZOR_NIEZGODNY",
    );
    check("wniosek", "2026-11-20T10:15:30+01:00", "2026-11-31T10:15:30+01:00", "typDaty=", "CZAS_NIEPOPRAWNY");
    check("wniosek", "2026-11-20T10:15:30+01:00", "2026-11-20", "typDaty=", "CZAS_NIEPOPRAWNY");
    check("wniosek", "typDaty=\"stworzony\"", "typDaty=\"uzyskany\"", "typDaty=\"uzyskany\"", "CZAS_NIEPOPRAWNY");
    check("wniosek", ">2026-11-20<", ">2026-11-21<", "typDaty=\"stworzony\">\n<meta:Czas>2026-11-21", "DATA_NIEZGODNA");
    check(
        "wniosek",
        "<meta:Wartosc>52d7a9c0-1b6e",
        "<meta:Wartosc>WN/2026/1 52d7a9c0-1b6e",
        "typIdentyfikatora=",
        "IDENTYFIKATOR_NIEPOPRAWNY",
    );
    check("wniosek", "\"idDokumentu\"", "\"numer\"", "typIdentyfikatora=", "IDENTYFIKATOR_NIEPOPRAWNY");
    check("wniosek", ">tekst<", ">obraz<", "<meta:RodzajDokumentu", "RODZAJ_NIEPOPRAWNY");
    check("wniosek", "\"pol\"", "\"eng\"", "<meta:Jezyk", "JEZYK_NIEPOPRAWNY");
}

#[test]
fn parties_that_cannot_be() {
    let second = "<meta:Podmiot xmlns:meta=\"http://crd.gov.pl/xml/schematy/meta/2009/11/16/\">\n<oso:Osoba xmlns:oso=\"http://crd.gov.pl/xml/schematy/osoba/2009/11/16/\"></oso:Osoba>\n</meta:Podmiot>";
    let both = |list: &str| format!("{second}\n</str:{list}>");
    check("wniosek", "</str:Adresaci>", &both("Adresaci"), "<str:Adresaci", "PODMIOT_NIE_JEDEN");
    check("wniosek", "</str:Nadawcy>", &both("Nadawcy"), "<str:Nadawcy", "PODMIOT_NIE_JEDEN");
    check("wniosek", ">brama-ID<", ">ePUAP-ID<", "<inst:Instytucja", "JEDNOSTKA_NIEOKRESLONA");
    check(
        "wniosek",
        "<inst:NazwaInstytucji>Powiatowy Urząd Pracy w Busku-Zdroju</inst:NazwaInstytucji>",
        "",
        "<inst:Instytucja",
        "JEDNOSTKA_NIEOKRESLONA",
    );
    check("wniosek-osoby", "<oso:PESEL>85831541742", "<oso:PESEL>85831541743", "<oso:PESEL>", "OSOBA_NIEOKRESLONA");
    check("wniosek-osoby", "<oso:Imie>Żaneta</oso:Imie>", "", "<oso:Osoba", "OSOBA_NIEOKRESLONA");
    check("wniosek-osoby", ">ZASWIADCZENIE<", ">UDOSTEPNIENIE<", "<str:Nadawcy", "NADAWCA_NIEWLASCIWY");
}

#[test]
fn contents_that_cannot_be() {
    check("wniosek", "<wnio:pesel>85831541742", "<wnio:pesel>85831541743", "<wnio:pesel>", "OSOBA_NIEPOPRAWNA");
    check(
        "wniosek",
        "<wnio:nazwisko>Łąkowa-Testowa</wnio:nazwisko>\n<wnio:pesel>85831541742</wnio:pesel>",
        "<wnio:rodzajDokumentu>DOWOD</wnio:rodzajDokumentu>\n<wnio:numerDokumentu>ABA300001</wnio:numerDokumentu>",
        "<wnio:numerDokumentu>",
        "OSOBA_NIEPOPRAWNA",
    );
    check("wniosek", "<wnio:do>2026-10-31", "<wnio:do>2025-12-31", "<wnio:okres>", "OKRES_ODWROCONY");
    check("wniosek", ">2.3<", "> 2.1.1 <", "> 2.1.1 <", "ZAKRES_POWTORZONY");
    check(
        "wniosek",
        "<wnio:uzupelnia>52d7a9c0-1b6e-4f0d-8e3a-7c5f1e2d3b09",
        "<wnio:uzupelnia>52d7a9c0-1b6e-4f0d-8e3a-7c5f1e2d3b01",
        "<wnio:uzupelnia>",
        "UZUPELNIA_SIEBIE",
    );
    check("zaswiadczenie", "<zas:rekord>", "<zas:rekord rola=\"PODMIOT\">", "<zas:rekord", "ROLA_NIEZGODNA");
    check("informacja", " rola=\"DZIECKO\"", "", "<zas:rekord>", "ROLA_NIEZGODNA");
    check(
        "zaswiadczenie",
        "</zas:rekord>",
        &format!("</zas:rekord>\n<zas:rekord><!-- 2 -->\n{}\n</zas:rekord>", samples::RECORD),
        "<zas:rekord><!-- 2",
        "REKORDY_NIEZGODNE",
    );
    check("odmowa", ">7<", ">14<", "<odm:zazalenie>", "ZAZALENIE_NIEZGODNE");
    check("odmowa", ">POSTANOWIENIE<", ">PISMO<", "<odm:zazalenie>", "ZAZALENIE_NIEZGODNE");
    check("odmowa-pismo", ">PISMO<", ">POSTANOWIENIE<", "<odm:Odmowa>", "ZAZALENIE_NIEZGODNE");
    check(
        "odmowa",
        "<odm:uzasadnieniePrawne>Organ potwierdza fakty z prowadzonej ewidencji.",
        "<odm:uzasadnieniePrawne> ",
        "<odm:uzasadnieniePrawne>",
        "TEKST_PUSTY",
    );
    check("wezwanie", "<pis:dni>7", "<pis:dni>6", "<pis:dni>", "TERMIN_NIEPOPRAWNY");
    check("wezwanie", "<pis:dni>7</pis:dni>", "", "<pis:Pismo>", "TERMIN_NIEPOPRAWNY");
    check("wezwanie", ">WEZWANIE<", ">ZWROT<", "<pis:dni>", "TERMIN_NIEPOPRAWNY");
}

#[test]
fn an_identifier_stands_once() {
    let good = spread("wniosek").replacen("<wnio:OpisDokumentu>", "<wnio:OpisDokumentu Id=\"a\">", 1);
    assert_eq!(refusal(&good), None);
    let bad = good.replacen("<wnio:DaneDokumentu>", "<wnio:DaneDokumentu Id=\"a\">", 1);
    let line = bad[..bad.find("<wnio:DaneDokumentu").expect("data")].matches('\n').count() + 1;
    assert_eq!(refusal(&bad), Some(("NIEPOPRAWNY_XML".to_owned(), u32::try_from(line).expect("a line"))));
}

#[test]
fn attachments_that_cannot_be() {
    let first = "<str:Zalacznik format=\"text/plain\" kodowanie=\"base64\"";
    let second = "<str:Zalacznik format=\"text/plain\" kodowanie=\"URI\"";
    check("wniosek", "zgoda.txt", "../zgoda.txt", first, "NAZWA_PLIKU_NIEPOPRAWNA");
    check("wniosek", "zgoda.txt", "zgoda.txt ", first, "NAZWA_PLIKU_NIEPOPRAWNA");
    check("wniosek", "zgoda.txt", "z\u{301}goda.txt", first, "NAZWA_PLIKU_NIEPOPRAWNA");
    check("wniosek", "zgoda.txt", "dowody żółte.txt", second, "NAZWA_PLIKU_POWTORZONA");
    check("wniosek", "zgoda.txt", "zgoda.exe", first, "TYP_PLIKU_NIEDOZWOLONY");
    check("wniosek", "zgoda.txt", "zgoda.pdf", first, "TYP_PLIKU_NIEDOZWOLONY");
    check(
        "wniosek",
        "\"text/plain\" kodowanie=\"base64\"",
        "\"text/csv\" kodowanie=\"base64\"",
        "\"text/csv\"",
        "TYP_PLIKU_NIEDOZWOLONY",
    );
    check("wniosek", "emdvZGEg", "em?vZGEg", first, "TRESC_PLIKU_NIEPOPRAWNA");
    check("wniosek", "emdvZGEg", "AAAA", first, "TYP_PLIKU_NIEDOZWOLONY");
    check("wniosek", ">urn:brama:plik:", ">urn:brama:plik:x", second, "ADRES_PLIKU_NIEPOPRAWNY");
    check(
        "wniosek",
        ">urn:brama:plik:52d7a9c0-1b6e-4f0d-8e3a-7c5f1e2d3bf1",
        ">https://example.org/52d7a9c0-1b6e-4f0d-8e3a-7c5f1e2d3bf1",
        second,
        "ADRES_PLIKU_NIEPOPRAWNY",
    );
    check(
        "wniosek",
        ">urn:brama:plik:52d7a9c0-1b6e-4f0d-8e3a-7c5f1e2d3bf1",
        ">urn:brama:plik:52d7a9c0-1b6e-4f0d-8e3a-7c5f1e2d3bf2",
        second,
        "BRAK_SKROTU_PLIKU",
    );
    check(
        "wniosek",
        "uri=\"urn:brama:plik:",
        "uri=\"urn:brama:inny:",
        "<cz:SkrotZalacznika",
        "ADRES_PLIKU_NIEPOPRAWNY",
    );
    check("zaswiadczenie", "application/pdf", "text/plain", "<str:Zalacznik ", "TYP_PLIKU_NIEDOZWOLONY");
    check("informacja", "zaswiadczenie.pdf", "dowody żółte.txt", "<str:Zalacznik ", "TYP_PLIKU_NIEDOZWOLONY");
    let digest = "<cz:SkrotZalacznika xmlns:cz=\"urn:brama:wzor:czesci:1\" rozmiar=\"3145728\" uri=\"urn:brama:plik:";
    let told = |last: &str| {
        format!("{digest}52d7a9c0-1b6e-4f0d-8e3a-7c5f1e2d3b{last}\">{}=</cz:SkrotZalacznika>", "A".repeat(43))
    };
    let end = "</wnio:Wniosek>";
    for last in ["f1", "f2"] {
        let at = told(last);
        check("wniosek", end, &format!("{at}\n{end}"), &at, "SKROT_BEZ_PLIKU");
    }
}

#[test]
fn attachments_that_are_too_large() {
    let of = |bytes: usize| "YWFh".repeat(bytes / 3);
    let content = "emdvZGEgd25pb3Nrb2Rhd2N5Cg==";
    let (most, half) = (INLINE_BYTES_MAX - INLINE_BYTES_MAX % 3, 1_572_864 / 3 * 3);
    let first = "<str:Zalacznik format=\"text/plain\" kodowanie=\"base64\"";
    let whole = |inside: &str| spread("wniosek").replacen(content, inside, 1);
    assert_eq!(refusal(&whole(&of(most))), None);
    check("wniosek", content, &of(most + 3), first, "ZALACZNIK_ZA_DUZY");
    let more = |bytes: usize| {
        format!(
            "<str:Zalacznik format=\"text/plain\" kodowanie=\"base64\" nazwaPliku=\"b.txt\">\n<str:DaneZalacznika>{}</str:DaneZalacznika>\n</str:Zalacznik>\n</str:Zalaczniki>",
            of(bytes)
        )
    };
    let pair = |bytes: usize| whole(&of(half)).replacen("</str:Zalaczniki>", &more(bytes), 1);
    assert_eq!(refusal(&pair(half)), None);
    let bad = pair(half + 3);
    let line = bad[..bad.find("b.txt").expect("the second")].matches('\n').count() + 1;
    assert_eq!(refusal(&bad), Some(("ZALACZNIKI_ZA_DUZE".to_owned(), u32::try_from(line).expect("a line"))));
    let huge = whole(&of(DOCUMENT_BYTES_MAX));
    assert_eq!(refusal(&huge), Some(("KOMUNIKAT_ZA_DUZY".to_owned(), 0)));
}

#[test]
fn a_certificate_begins_with_its_pages() {
    let mut form = samples::zaswiadczenie();
    form.attachments = vec![samples::far(), samples::pdf()];
    let broken = forms().write(&Form::Zaswiadczenie(form)).map_err(told);
    assert_eq!(broken, Err(("BRAK_PDF".to_owned(), 1)));
}

#[test]
fn what_cannot_be_is_not_written_either() {
    let written = |change: fn(&mut Wniosek)| {
        let mut form = samples::wniosek();
        change(&mut form);
        forms().write(&Form::Wniosek(form)).err().map(|error| told(error).0)
    };
    assert_eq!(written(|_| ()), None);
    assert_eq!(written(|form| form.legal_basis = "bez kodu".to_owned()).as_deref(), Some("NIEZGODNY_ZE_SCHEMATEM"));
    assert_eq!(written(|form| form.scope.clear()).as_deref(), Some("NIEZGODNY_ZE_SCHEMATEM"));
    assert_eq!(written(|form| form.person.surname = None).as_deref(), Some("NIEZGODNY_ZE_SCHEMATEM"));
    assert_eq!(written(|form| form.scope.push("1".to_owned())).as_deref(), Some("ZAKRES_POWTORZONY"));
    assert_eq!(written(|form| form.attachments.push(samples::far())).as_deref(), Some("SKROT_BEZ_PLIKU"));
}

#[track_caller]
fn check_name(name: &str, is_sound: bool) {
    assert_eq!(check_file_name(name).is_ok(), is_sound, "{name:?}");
}

#[test]
fn a_file_name_can_be_shown_and_stored_anywhere() {
    for name in ["a.pdf", "Żółć – gęślą  jaźń.pdf", "a", "a..b", &"ż".repeat(255)] {
        check_name(name, true);
    }
    for name in [
        "",
        " a",
        "a ",
        ".",
        "..",
        ".a",
        "a/b",
        "a\\b",
        "a\0b",
        "a\nb",
        "a\u{7f}b",
        "a\u{85}b",
        "a\u{202E}fdp.exe",
        "a\u{2028}b",
        "z\u{301}",
        &"ż".repeat(256),
    ] {
        check_name(name, false);
    }
}

#[test]
fn a_file_that_arrives_is_the_one_that_was_told() {
    let file = StoredFile::of(samples::id(1), b"abc");
    assert_eq!(file.holds(3, &file.sha256), Ok(()));
    assert_eq!(file.holds(4, &file.sha256), Err(Rule::FileDiffers));
    assert_eq!(file.holds(3, &[0; 32]), Err(Rule::FileDiffers));
    assert_eq!(Attachment::inline("a.png", b"GIF89a".to_vec(), None), Err(Rule::FileKind));
    assert_eq!(Attachment::stored("a.gif", file, None), Err(Rule::FileKind));
}

#[test]
fn a_refusal_has_the_shape_that_its_request_demands() {
    let (office, person) = (samples::wniosek(), samples::desk_wniosek());
    let asks_for_certificate = Wniosek { kind: RequestKind::Certificate, ..samples::wniosek() };
    let refusal = |kind, request: &Wniosek| Odmowa { kind, request: request.header.id, ..samples::odmowa() };
    for (kind, request, verdict) in [
        (RefusalKind::Ruling, &person, Ok(())),
        (RefusalKind::Letter, &person, Err(Rule::RulingKind)),
        (RefusalKind::Ruling, &office, Err(Rule::RulingKind)),
        (RefusalKind::Letter, &office, Ok(())),
        (RefusalKind::Ruling, &asks_for_certificate, Ok(())),
        (RefusalKind::Letter, &asks_for_certificate, Ok(())),
    ] {
        assert_eq!(refusal(kind, request).answers(request), verdict, "{kind:?} {request:?}");
    }
    assert_eq!(refusal(RefusalKind::Ruling, &office).answers(&person), Err(Rule::OtherRequest));
    assert_eq!(samples::pismo().answers(&office), Ok(()));
    assert_eq!(samples::pismo().answers(&person), Err(Rule::OtherRequest));
}
