//! What templates give.

use super::*;
use crate::documents::formats::NotOfKind;
use crate::xml::{Document, Limits};

const NB: char = '\u{a0}';

fn record(kind: &str, inside: &str) -> Document {
    let text = format!("<b:Udostepniona{kind} xmlns:b='urn:brama:beneficjent:1'>{inside}</b:Udostepniona{kind}>");
    let limits = Limits { bytes: 100_000_000, elements: 1_000_000, ..Limits::default() };
    Document::parse(text.as_bytes(), &limits).unwrap()
}

fn fill(blocks: &str, inside: &str, facts: &Facts) -> Result<Content, FillError> {
    let template = check(&about_pup(blocks)).unwrap_or_else(|findings| panic!("{findings:?}"));
    template.fill(facts, Some(record("PUP", inside).root()))
}

fn benefits(rows: &[(&str, &str, &str)]) -> String {
    let row = |(from, until, amount): &(&str, &str, &str)| {
        let until = if until.is_empty() { String::new() } else { format!("<b:dataKoncowa>{until}</b:dataKoncowa>") };
        format!(
            "<b:pobieranyZasilek><b:dataPoczatkowa>{from}</b:dataPoczatkowa>{until}<b:kwotaNetto>{amount}</b:kwotaNetto></b:pobieranyZasilek>"
        )
    };
    format!("<b:ewidencja>{}</b:ewidencja>", rows.iter().map(row).collect::<String>())
}

#[track_caller]
fn says(inline: &str, inside: &str, text: &str) {
    let content = fill(&format!("<s:Akapit>{inline}</s:Akapit>"), inside, &everything()).unwrap();
    assert_eq!(content.texts().collect::<Vec<_>>(), [text.replace('_', "\u{a0}")], "{inline}");
}

#[test]
fn a_text_is_its_pieces_with_single_spaces() {
    says("<s:Tekst>  a\n\tb </s:Tekst> <s:Tekst> c</s:Tekst>", "", "a b c");
    says("<s:Tekst>art._217</s:Tekst>".replace('_', "\u{a0}").as_str(), "", "art._217");
    says("<s:Tekst>Z\u{307}o\u{301}\u{142}c\u{301}</s:Tekst>", "", "Żółć");
    says("<s:Tekst>&lt;b&gt; &amp; {{x}}</s:Tekst>", "", "<b> & {{x}}");
    says("<s:Pole nazwa='organ.nazwa'/><s:Tekst>, </s:Tekst><s:Pole nazwa='organ.nip'/>", "", "Urząd, 6550000000");
}

#[test]
fn values_are_written_by_their_kind_or_as_asked() {
    let person = "<b:daneOsobowe><b:nazwisko>Żółć-Gęślą</b:nazwisko><b:dataUrodzenia>1885-03-15</b:dataUrodzenia><b:plec>K</b:plec></b:daneOsobowe>";
    says("<s:Pole nazwa='rekord.daneOsobowe.nazwisko'/>", person, "Żółć-Gęślą");
    says("<s:Pole nazwa='rekord.daneOsobowe.dataUrodzenia'/>", person, "15.03.1885");
    says("<s:Pole nazwa='rekord.daneOsobowe.dataUrodzenia' format='dataSlownie'/>", person, "15 marca 1885 r.");
    says("<s:Pole nazwa='rekord.daneOsobowe.plec'/>", person, "kobieta");
    says("<s:Pole nazwa='wniosek.osoba.rodzajDokumentu'/>", person, "dowód osobisty");
    says("<s:Pole nazwa='dokument.rodzaj'/>", person, "zaświadczenie");
}

#[test]
fn what_is_not_there_is_a_dash_or_what_the_template_says() {
    says("<s:Pole nazwa='rekord.daneOsobowe.pesel'/>", "", "—");
    says("<s:Tekst>a </s:Tekst><s:Pole nazwa='rekord.daneOsobowe.pesel' puste=''/>", "", "a");
    says("<s:Pole nazwa='rekord.daneOsobowe.pesel' puste='brak numeru'/>", "", "brak numeru");
    let list = |puste: &str| {
        format!("<s:Lista dla='rekord.ewidencja.pobieranyZasilek'><s:Pole nazwa='.dataKoncowa'{puste}/></s:Lista>")
    };
    let open = benefits(&[("2025-01-01", "", "1.00")]);
    let texts =
        |blocks: &str, inside: &str| fill(blocks, inside, &everything()).unwrap().texts().collect::<Vec<_>>().join("|");
    assert_eq!(texts(&list(""), &open), "nadal");
    assert_eq!(texts(&list(" puste='bezterminowo'"), &open), "bezterminowo");
    assert_eq!(texts(&list(""), ""), "—");
    assert_eq!(texts(&list("").replace("<s:Lista", "<s:Lista puste='Nie pobierał.'"), ""), "Nie pobierał.");
}

#[test]
fn a_word_follows_the_person_of_the_request() {
    let inline = "<s:Akapit><s:Odmiana meska='Pan' zenska='Pani'/></s:Akapit>";
    let word = |pesel: Option<&str>| {
        let mut facts = everything();
        facts.request.person.pesel = pesel.map(str::to_owned);
        fill(inline, "", &facts).unwrap().texts().collect::<Vec<_>>().join("|")
    };
    assert_eq!(word(Some("85831541742")), "Pani");
    assert_eq!(word(Some("85831541735")), "Pan");
    assert_eq!(word(None), "Pan/Pani");
    assert_eq!(word(Some("nie numer")), "Pan/Pani");
}

#[test]
fn conditions_look_at_values_lists_and_groups() {
    let holds = |condition: &str, inside: &str| {
        // Whatever is asked about is read, too, as the checker demands.
        let blocks = format!(
            "<s:Jezeli {condition}><s:Akapit><s:Tekst>tak</s:Tekst></s:Akapit><s:Inaczej><s:Akapit><s:Tekst>nie</s:Tekst></s:Akapit></s:Inaczej></s:Jezeli>\
             <s:Jezeli pole='organ.nip' jest='nie'><s:Lista dla='rekord.ewidencja.pobieranyZasilek'><s:Pole nazwa='.kwotaNetto'/></s:Lista></s:Jezeli>"
        );
        fill(&blocks, inside, &everything()).unwrap().texts().next().map(str::to_owned).unwrap()
    };
    let some = benefits(&[("2025-01-01", "", "1.00")]);
    assert_eq!(holds("pole='rekord.ewidencja.pobieranyZasilek' jest='tak'", &some), "tak");
    assert_eq!(holds("pole='rekord.ewidencja.pobieranyZasilek' jest='tak'", ""), "nie");
    assert_eq!(holds("pole='rekord.ewidencja' jest='nie'", ""), "tak");
    assert_eq!(
        holds(
            "pole='rekord.ewidencja.skreslonaZEwidencji' rowne='true'",
            "<b:ewidencja><b:skreslonaZEwidencji>true</b:skreslonaZEwidencji></b:ewidencja>"
        ),
        "tak"
    );
    assert_eq!(holds("pole='rekord.ewidencja.skreslonaZEwidencji' rowne='false'", ""), "nie");
    assert_eq!(holds("pole='wniosek.okres' jest='tak'", ""), "tak");
    assert_eq!(holds("pole='wniosek.rodzaj' rowne='UDOSTEPNIENIE'", ""), "tak");
}

const TABLE: &str = "<s:Tabela dla='rekord.ewidencja.pobieranyZasilek' okres='OKRES'>\
    <s:Kolumna tytul='Od'><s:Pole nazwa='.dataPoczatkowa'/></s:Kolumna>\
    <s:Kolumna tytul='Kwota'><s:Pole nazwa='.kwotaNetto'/></s:Kolumna><s:Suma pole='.kwotaNetto'/></s:Tabela>";

#[test]
fn a_table_has_a_row_for_every_item_and_a_sum() {
    let inside = benefits(&[("2025-01-01", "2025-01-31", "12345678.90"), ("2025-02-01", "", "0.15")]);
    let content = fill(&TABLE.replace("OKRES", "wszystkie"), &inside, &everything()).unwrap();
    let amount = |text: &str| text.replace('_', "\u{a0}");
    let column = |title: &str, is_right| Column { title: title.to_owned(), is_right };
    let expected = Table {
        columns: vec![column("Od", false), column("Kwota", true)],
        rows: vec![
            vec!["01.01.2025".to_owned(), amount("12_345_678,90_zł")],
            vec!["01.02.2025".to_owned(), amount("0,15_zł")],
        ],
        sum: Some(vec!["Razem".to_owned(), amount("12_345_679,05_zł")]),
    };
    assert_eq!(content.blocks, [Said::Table(expected)]);
}

#[test]
fn only_what_meets_the_period_of_the_request_is_shown() {
    let inside = benefits(&[
        ("2024-01-01", "2024-12-31", "1.00"),
        ("2024-06-01", "2025-01-01", "2.00"),
        ("2025-12-31", "2026-02-01", "4.00"),
        ("2026-01-01", "2026-02-01", "8.00"),
        ("2020-01-01", "", "16.00"),
    ]);
    let sum = |period: Option<(&str, &str)>| {
        let mut facts = everything();
        let day = |text: &str| text.parse().ok();
        facts.request.period = period.map(|(from, until)| Period { from: day(from).unwrap(), until: day(until) });
        let content = fill(&TABLE.replace("OKRES", "wniosek"), &inside, &facts).unwrap();
        content.texts().last().unwrap().replace(NB, " ")
    };
    assert_eq!(sum(Some(("2025-01-01", "2025-12-31"))), "22,00 zł");
    assert_eq!(sum(Some(("2026-01-01", ""))), "28,00 zł");
    assert_eq!(sum(Some(("2019-01-01", "2019-12-31"))), "—");
    assert_eq!(sum(None), "31,00 zł");
}

#[test]
fn a_loop_goes_into_lists_in_lists_and_over_them_at_once() {
    let benefit = |kind: &str| format!("<b:przyznaneSwiadczenie><b:rodzaj>{kind}</b:rodzaj></b:przyznaneSwiadczenie>");
    let inside = format!(
        "<b:decyzja>{}{}</b:decyzja><b:decyzja/><b:decyzja>{}</b:decyzja>",
        benefit("a"),
        benefit("b"),
        benefit("c")
    );
    let texts = |blocks: &str| {
        let template =
            check(&with_head("identyfikator='P' wersja='1' rodzaj='ZASWIADCZENIE' zbiorRodzaj='SR'", blocks)).unwrap();
        let content = template.fill(&everything(), Some(record("SR", &inside).root())).unwrap();
        content.texts().collect::<Vec<_>>().join("|")
    };
    let list = |over: &str| format!("<s:Lista dla='{over}'><s:Pole nazwa='.rodzaj'/></s:Lista>");
    assert_eq!(texts(&list("rekord.decyzja.przyznaneSwiadczenie")), "a|b|c");
    assert_eq!(texts(&format!("<s:Dla pole='rekord.decyzja'>{}</s:Dla>", list(".przyznaneSwiadczenie"))), "a|b|—|c");
}

#[test]
fn headings_layouts_and_the_signature_become_blocks() {
    let blocks = "<s:Naglowek><s:Tekst>T</s:Tekst></s:Naglowek><s:Naglowek poziom='2'><s:Tekst>S</s:Tekst></s:Naglowek>\
        <s:Akapit uklad='prawo'><s:Tekst>p</s:Tekst></s:Akapit><s:Podpis/>";
    let paragraph = |layout, text: &str| Said::Paragraph { layout, text: text.to_owned() };
    let heading = |level, text: &str| Said::Heading { level, text: text.to_owned() };
    assert_eq!(
        fill(blocks, "", &everything()).unwrap().blocks,
        [
            heading(Level::Title, "T"),
            heading(Level::Section, "S"),
            paragraph(Layout::Right, "p"),
            paragraph(Layout::Signature, "Jan Brzozowy-Testowy"),
            paragraph(Layout::Signature, "kierownik"),
        ]
    );
}

#[test]
fn what_does_not_go_together_is_refused() {
    let certificate = check(&about_pup("<s:Podpis/>")).unwrap();
    assert_eq!(certificate.fill(&everything(), None), Err(FillError::OtherRecord));
    assert_eq!(certificate.fill(&everything(), Some(record("PS", "").root())), Err(FillError::OtherRecord));
    let request = check(&with_head("identyfikator='P' wersja='1' rodzaj='WNIOSEK'", "<s:Podpis/>")).unwrap();
    assert_eq!(request.fill(&everything(), Some(record("PUP", "").root())), Err(FillError::OtherRecord));
    let broken = benefits(&[("2025-13-01", "", "1.00")]);
    assert_eq!(fill(&TABLE.replace("OKRES", "wszystkie"), &broken, &everything()), Err(FillError::Value(NotOfKind)));
    let nothing = "<s:Jezeli pole='organ.nip' jest='nie'><s:Podpis/></s:Jezeli>";
    assert_eq!(fill(nothing, "", &everything()), Err(FillError::Empty));
}

#[test]
fn rows_and_text_are_bounded() {
    let rows = |count: usize| benefits(&vec![("2025-01-01", "", "1.00"); count]);
    let table = TABLE.replace("OKRES", "wszystkie");
    assert!(fill(&table, &rows(ROWS_MAX), &everything()).is_ok());
    assert_eq!(fill(&table, &rows(ROWS_MAX + 1), &everything()), Err(FillError::TooManyRows));
    // Loops that come one after the other share the bound.
    assert_eq!(fill(&table.repeat(2), &rows(ROWS_MAX / 2 + 1), &everything()), Err(FillError::TooManyRows));
    let long = format!(
        "<s:Lista dla='rekord.ewidencja.pobieranyZasilek'><s:Pole nazwa='.kwotaNetto'/><s:Tekst>{}</s:Tekst></s:Lista>",
        "a".repeat(4000)
    );
    assert_eq!(fill(&long, &rows(1000), &everything()), Err(FillError::TooLarge));
}
