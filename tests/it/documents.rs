//! What a reader of PDF sees in what the default templates give: structure, fonts, text, margins, pages as pictures.

mod reader;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use brama::documents::content::Content;
use brama::xml::{Document, Limits};
use reader::{Pdf, without_spaces};

/// What the templates of a kind are filled with, with long names and amounts of eight digits.
fn record(kind: &str) -> String {
    let person = "<b:nazwisko>Żółć-Gęślą-Testowa</b:nazwisko><b:imie>Świętosława Źdźbła</b:imie><b:pesel>85831541742</b:pesel>\
        <b:dataUrodzenia>1885-03-15</b:dataUrodzenia>";
    let span = |until: &str| {
        let until = if until.is_empty() { String::new() } else { format!("<b:dataKoncowa>{until}</b:dataKoncowa>") };
        format!("<b:dataPoczatkowa>2025-02-03</b:dataPoczatkowa>{until}")
    };
    let amounts = "<b:kwotaBrutto>12345678.90</b:kwotaBrutto><b:kwotaNetto>98765432.10</b:kwotaNetto>";
    let inside = match kind {
        "PUP" => format!(
            "<b:daneOsobowe>{person}</b:daneOsobowe><b:ewidencja>\
             <b:okresRejestracji>{}<b:statusNaRynkuPracy>POSZUKUJACY_PRACY</b:statusNaRynkuPracy></b:okresRejestracji>\
             <b:okresRejestracji>{}<b:statusNaRynkuPracy>BEZROBOTNY</b:statusNaRynkuPracy></b:okresRejestracji>\
             <b:pobieranyZasilek>{}{amounts}</b:pobieranyZasilek><b:pobieraneInneSwiadczenie>{}{amounts}</b:pobieraneInneSwiadczenie>\
             <b:skreslonaZEwidencji>false</b:skreslonaZEwidencji></b:ewidencja>",
            span("2025-03-03"),
            span(""),
            span(""),
            span("2025-12-31")
        ),
        "PS" => format!(
            "<b:daneOsobowe>{person}</b:daneOsobowe>\
             <b:swiadczenie><b:nazwa>Zasiłek okresowy z tytułu długotrwałej choroby, niepełnosprawności albo bezrobocia</b:nazwa>{}{amounts}</b:swiadczenie>\
             <b:swiadczenie><b:nazwa>Posiłek</b:nazwa>{}</b:swiadczenie>",
            span(""),
            span("2025-06-30")
        ),
        _ => {
            let child = "<b:dziecko><b:nazwisko>Żółć-Gęślą-Testowy</b:nazwisko><b:imie>Jaźń</b:imie><b:dataUrodzenia>1899-01-02</b:dataUrodzenia></b:dziecko>";
            let granted = format!(
                "<b:przyznaneSwiadczenie><b:rodzaj>Zasiłek rodzinny</b:rodzaj>{}<b:kwota>12345678.90</b:kwota></b:przyznaneSwiadczenie>",
                span("")
            );
            let paid = |month: usize| {
                let day = format!("{}-{:02}-15", 2015 + month / 12, month % 12 + 1);
                format!(
                    "<b:wyplaconeSwiadczenie><b:rodzaj>Zasiłek rodzinny</b:rodzaj><b:dataWyplaty>{day}</b:dataWyplaty><b:kwota>124.50</b:kwota></b:wyplaconeSwiadczenie>"
                )
            };
            let paid: String = (0..90).map(paid).collect();
            format!("<b:podmiot>{person}</b:podmiot><b:decyzja>{child}{child}{granted}{paid}</b:decyzja>")
        }
    };
    format!("<b:Udostepniona{kind} xmlns:b=\"urn:brama:beneficjent:1\">{inside}</b:Udostepniona{kind}>")
}

/// Where everything is written that a person may want to look at.
fn output() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dokumenty");
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn brama(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_brama")).args(arguments).output().unwrap()
}

/// Previews a template in all three forms; `name` is that of the files.
fn preview(template: &str, record: Option<&str>, name: &str) -> (Content, String, Pdf) {
    let folder = output();
    let path = |ending: &str| folder.join(format!("{name}.{ending}")).to_str().unwrap().to_owned();
    let source = path("record.xml");
    if let Some(record) = record {
        fs::write(&source, record).unwrap();
    }
    for ending in ["xml", "html", "pdf"] {
        let out = path(ending);
        let mut arguments = vec!["template", "preview", template, "--out", &out, "--period", "2014-01-01/2025-12-31"];
        if record.is_some() {
            arguments.extend(["--record", &source]);
        }
        let done = brama(&arguments);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    let bytes = fs::read(path("xml")).unwrap();
    let limits = Limits { bytes: bytes.len(), ..Limits::default() };
    let content = Content::read(Document::parse(&bytes, &limits).unwrap().root()).unwrap();
    (content, fs::read_to_string(path("html")).unwrap(), Pdf::of(path("pdf").into()))
}

fn templates() -> Vec<(String, Option<String>)> {
    let mut all: Vec<String> = fs::read_dir("src/documents/templates")
        .unwrap()
        .map(|entry| entry.unwrap().path().display().to_string())
        .collect();
    all.sort();
    let kind = |path: &str| {
        let name = Path::new(path).file_stem().unwrap().to_str().unwrap().to_owned();
        let is_certificate = !name.contains("brak-osoby") && name != "wniosek";
        is_certificate.then(|| name.split('-').next().unwrap_or_default().to_uppercase())
    };
    all.into_iter().map(|path| (path.clone(), kind(&path))).collect()
}

#[test]
fn every_default_document_is_a_tagged_archival_file_that_says_what_its_content_says() {
    let templates = templates();
    assert_eq!(templates.len(), 9);
    for (path, kind) in templates {
        let name = Path::new(&path).file_stem().unwrap().to_str().unwrap();
        let (content, html, pdf) = preview(&path, kind.as_deref().map(record).as_deref(), name);
        pdf.check_structure();
        pdf.check_fonts();
        pdf.check_margins();
        assert!(pdf.draw_pages() > 0);
        assert_eq!(pdf.says(&content), without_spaces(content.texts()), "{name}");
        for text in content.texts() {
            let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            assert!(html.contains(&format!(">{escaped}<")), "{name}: {text}");
        }
        assert!(!html.contains("<script") && !html.contains("://"), "{name}");
    }
}

#[test]
fn a_table_over_three_pages_repeats_its_head() {
    let (_, _, pdf) = preview("src/documents/templates/sr-wyplacone.xml", Some(&record("SR")), "trzy-strony");
    let pages = pdf.pages();
    assert_eq!(pages.len(), 3);
    for page in &pages {
        assert!(page.contains("Świadczenie Data wypłaty Kwota"), "{page}");
    }
    // 90 times 124.50.
    assert!(
        pages[2].contains("Razem 11\u{a0}205,00\u{a0}zł") || pages[2].contains("Razem 11 205,00 zł"),
        "{}",
        pages[2]
    );
}

#[test]
fn long_names_and_amounts_of_eight_digits_stand_in_one_line() {
    let (_, _, pdf) = preview("src/documents/templates/ps-swiadczenia.xml", Some(&record("PS")), "dlugie");
    let page = pdf.pages().concat().replace('\u{a0}', " ");
    assert!(page.contains("Pani Świętosława Źdźbła Żółć-Gęślą-Testowa,"), "{page}");
    let line = page.lines().find(|line| line.contains("12 345 678,90 zł"));
    assert!(line.is_some_and(|line| line.contains("98 765 432,10 zł")), "{page}");
}

#[test]
fn the_same_template_and_record_give_the_same_bytes() {
    let template = "src/documents/templates/pup-status.xml";
    let record = record("PUP");
    let (one, html, pdf) = preview(template, Some(&record), "raz");
    let (other, again, once_more) = preview(template, Some(&record), "dwa");
    assert_eq!((one, html, pdf.bytes()), (other, again, once_more.bytes()));
}

#[test]
fn the_command_tells_every_fault_with_its_place() {
    let file = output().join("wadliwy.xml");
    let text = "<s:Szablon xmlns:s='urn:brama:szablon:1' identyfikator='P' wersja='1' rodzaj='WNIOSEK'>\n\
        <s:Akapit><s:Pole nazwa='organ.haslo'/></s:Akapit>\n<s:Dla pole='organ'><s:Podpis/></s:Dla></s:Szablon>";
    fs::write(&file, text).unwrap();
    let done = brama(&["template", "check", file.to_str().unwrap()]);
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8(done.stdout).unwrap();
    let lines: Vec<&str> =
        said.lines().filter_map(|line| line.split_once("wadliwy.xml:")).map(|(_, rest)| rest).collect();
    assert_eq!(
        lines,
        [
            "2:11 POLE_NIEZNANE Nie ma takiego pola.",
            "3:1 PETLA_NIE_PO_LISCIE Pętla musi iść po liście, a to nie jest lista."
        ]
    );
    let done = brama(&["template", "check", "src/documents/templates/pup-status.xml"]);
    assert_eq!(String::from_utf8(done.stdout).unwrap(), "PUP-STATUS 1 ZASWIADCZENIE PUP 1.1 1.2 1.3 2.1.1 2.1.2 2.5\n");
    assert_eq!(brama(&["template", "check", "no such file"]).status.code(), Some(2));
}
