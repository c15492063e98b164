//! What a page holds, seen from inside; what a reader of PDF sees, `tests/it/documents` tells.

use super::sheet::{BOTTOM, LEFT, Mark, Owner, Page, RIGHT, TOP};
use super::*;
use crate::documents::content::{Block, Column, Layout, Level, Table};

const IMPRINT: Imprint<'_> =
    Imprint { id: "01900000-0000-7000-8000-000000000001", number: "DE.1.2026", date: NaiveDate::MIN };

fn paragraph(layout: Layout, text: &str) -> Block {
    Block::Paragraph { layout, text: text.to_owned() }
}

fn table(rows: usize, cell: &str) -> Block {
    let columns = ["Lp.", "Nazwa", "Kwota"].map(|title| Column { title: title.to_owned(), is_right: title == "Kwota" });
    let row = |number: usize| vec![number.to_string(), cell.to_owned(), "12\u{a0}345\u{a0}678,90\u{a0}zł".to_owned()];
    Block::Table(Table { columns: columns.to_vec(), rows: (1..=rows).map(row).collect(), sum: None })
}

fn pages(blocks: Vec<Block>) -> Vec<Page> {
    flow::flow(&Content { blocks }, &IMPRINT).unwrap()
}

/// The texts of a page, without the imprint.
fn texts(page: &Page) -> Vec<(String, Owner, f32)> {
    let text = |mark: &Mark| match mark {
        Mark::Text { text, owner, baseline, .. } if *owner != Owner::Imprint => Some((text.clone(), *owner, *baseline)),
        _ => None,
    };
    page.iter().filter_map(text).collect()
}

#[test]
fn nothing_stands_outside_the_margins() {
    let long = "Zażółć gęślą jaźń ".repeat(60) + &"w".repeat(500);
    let mut blocks: Vec<Block> = Layout::ALL.map(|layout| paragraph(layout, &long)).to_vec();
    blocks.push(table(40, &long));
    blocks.push(Block::List(vec![long.clone(); 5]));
    blocks.push(Block::Heading { level: Level::Title, text: long });
    for page in pages(blocks) {
        for mark in page {
            let (left, right, top, bottom) = match mark {
                Mark::Text { left, baseline, style, text, .. } => {
                    let right = left + style.width(text.trim_end_matches(' ')).unwrap();
                    (left, right, baseline - style.size * 0.9, baseline + style.size * 0.25)
                }
                Mark::Rule { left, top, width, height } => (left, left + width, top, top + height),
            };
            assert!(left >= LEFT - 0.01 && right <= RIGHT + 0.6, "{left} {right}");
            assert!(top >= TOP - 0.01 && bottom <= BOTTOM + 0.6, "{top} {bottom}");
        }
    }
}

#[test]
fn every_text_is_there_in_the_order_of_reading() {
    let blocks = vec![
        paragraph(Layout::Sender, "Urząd"),
        paragraph(Layout::Right, "Busko-Zdrój, 3 marca 2026 r."),
        Block::Heading { level: Level::Title, text: "ZAŚWIADCZENIE".to_owned() },
        table(200, "Zasiłek dla bezrobotnych z prawem do dodatku"),
        Block::List(vec!["jeden".to_owned(), "dwa".to_owned()]),
        paragraph(Layout::Signature, "Jan Brzozowy-Testowy"),
    ];
    let content = Content { blocks: blocks.clone() };
    let drawn: String = pages(blocks)
        .iter()
        .flat_map(texts)
        .filter(|(text, owner, _)| matches!(owner, Owner::Text(_)) && text != "•")
        .map(|(text, ..)| text.replace(' ', ""))
        .collect();
    let wanted: String = content.texts().map(|text| text.replace(' ', "")).collect();
    assert_eq!(drawn, wanted);
}

#[test]
fn a_table_repeats_its_head_on_every_page_and_divides_no_row() {
    let pages = pages(vec![table(200, "Zasiłek")]);
    assert!(pages.len() > 2);
    for (index, page) in pages.iter().enumerate() {
        let texts = texts(page);
        let head: Vec<&str> = texts.iter().take(3).map(|(text, ..)| text.as_str()).collect();
        assert_eq!(head, ["Lp.", "Nazwa", "Kwota"]);
        assert_eq!(matches!(texts[0].1, Owner::HeadAgain), index > 0);
        assert!(texts.len().is_multiple_of(3));
    }
}

#[test]
fn a_row_higher_than_a_page_goes_on_over_the_next() {
    let pages = pages(vec![table(1, &"słowo ".repeat(3000))]);
    assert!(pages.len() > 1);
    let words: usize = pages.iter().flat_map(texts).map(|(text, ..)| text.matches("słowo").count()).sum();
    assert_eq!(words, 3000);
}

#[test]
fn place_and_date_stand_beside_the_sender() {
    let pages = pages(vec![
        paragraph(Layout::Sender, "Urząd"),
        paragraph(Layout::Sender, "ul. Różana 2"),
        paragraph(Layout::Right, "Busko-Zdrój"),
        paragraph(Layout::Plain, "Treść"),
    ]);
    let baselines: Vec<f32> = texts(&pages[0]).into_iter().map(|(.., baseline)| baseline).collect();
    assert!((baselines[0] - baselines[2]).abs() < 0.01, "{baselines:?}");
    assert!(baselines[1] > baselines[0] && baselines[3] > baselines[1], "{baselines:?}");
}

#[test]
fn a_heading_goes_with_what_follows_it_and_a_signature_stays_whole() {
    for lines in 40..60 {
        let mut blocks: Vec<Block> = (0..lines).map(|_| paragraph(Layout::Small, "a")).collect();
        blocks.push(Block::Heading { level: Level::Section, text: "H".to_owned() });
        blocks.push(paragraph(Layout::Plain, "b"));
        blocks.push(paragraph(Layout::Signature, "Jan"));
        blocks.push(paragraph(Layout::Signature, "kierownik"));
        let pages = pages(blocks);
        let page_of = |wanted: &str| pages.iter().position(|page| texts(page).iter().any(|(text, ..)| text == wanted));
        assert_eq!(page_of("H"), page_of("b"), "{lines}");
        assert_eq!(page_of("Jan"), page_of("kierownik"), "{lines}");
        assert_eq!(page_of("Jan"), page_of("b"), "{lines}");
    }
}

#[test]
fn every_page_says_which_document_is_the_original() {
    let pages = pages(vec![table(200, "a")]);
    let total = pages.len();
    for (index, page) in pages.iter().enumerate() {
        let imprint: Vec<&str> = page
            .iter()
            .filter_map(|mark| match mark {
                Mark::Text { text, owner: Owner::Imprint, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        let counted = format!("strona {}/{total}", index + 1);
        let original = format!("Oryginałem jest dokument XML nr {}", IMPRINT.id);
        assert_eq!(imprint, ["DE.1.2026", &original, &counted]);
    }
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    let blocks = vec![
        Block::Heading { level: Level::Title, text: "Ż".to_owned() },
        table(100, "Gęślą"),
        paragraph(Layout::Plain, "a"),
    ];
    let imprint = Imprint { date: NaiveDate::from_ymd_opt(2026, 3, 3).unwrap(), ..IMPRINT };
    let content = Content { blocks };
    let first = draw(&content, &imprint).unwrap();
    assert!(first.starts_with(b"%PDF-1.7"));
    assert_eq!(draw(&content, &imprint), Ok(first.clone()));
    let other = Imprint { id: "01900000-0000-7000-8000-000000000002", ..imprint };
    assert_ne!(draw(&content, &other), Ok(first));
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let refused = |blocks: Vec<Block>| draw(&Content { blocks }, &IMPRINT).unwrap_err();
    assert_eq!(refused(vec![paragraph(Layout::Plain, "日本")]), PdfError::NoGlyph('日'));
    assert_eq!(refused(vec![table(1, "a\u{301}\u{1F600}")]), PdfError::NoGlyph('\u{1F600}'));
    assert_eq!(refused(vec![table(12_000, "a")]), PdfError::TooManyPages);
    let column = Column { title: "w".repeat(9000), is_right: false };
    let high = Table { columns: vec![column], rows: vec![vec![String::new()]], sum: None };
    assert_eq!(refused(vec![Block::Table(high)]), PdfError::HeadTooHigh);
    let number = Imprint { number: "№ ☃", ..IMPRINT };
    assert_eq!(draw(&Content::default(), &number), Err(PdfError::NoGlyph('☃')));
}
