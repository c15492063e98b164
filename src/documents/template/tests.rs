//! What templates are refused for, and what filling them gives.

use super::*;
use crate::documents::content::{Block as Said, Column, Content, Layout, Level, Table};
use crate::subjects::IdentificationFields;
use chrono::NaiveDate;

mod filled;
mod refused;

fn catalogue() -> Catalogue {
    Catalogue::read(XSD).unwrap()
}

fn check(text: &str) -> Result<Template, Vec<Finding>> {
    Checker::new().unwrap().check(text.as_bytes(), &catalogue())
}

/// A template about a labour office's record; its blocks begin in line 2, column 1.
fn about_pup(blocks: &str) -> String {
    with_head("identyfikator='P' wersja='1' rodzaj='ZASWIADCZENIE' zbiorRodzaj='PUP'", blocks)
}

fn with_head(attributes: &str, blocks: &str) -> String {
    format!("<s:Szablon xmlns:s='urn:brama:szablon:1' {attributes}>\n{blocks}\n</s:Szablon>")
}

#[test]
fn the_templates_that_come_along_are_right_and_named_after_their_files() {
    for (file, bytes) in defaults::ALL {
        let template = Checker::new()
            .unwrap()
            .check(bytes, &catalogue())
            .unwrap_or_else(|findings| panic!("{file}: {findings:?}"));
        assert_eq!(template.identifier().to_lowercase(), *file);
        let kind = template.kind().map(|kind| kind.wire().to_lowercase());
        assert!(kind.is_none_or(|kind| file.starts_with(&kind)), "{file}");
        assert_eq!(template.scope().is_empty(), template.purpose() != Purpose::Certificate, "{file}");
    }
    let on_disk = std::fs::read_dir("src/documents/templates").unwrap().count();
    assert_eq!(defaults::ALL.len(), on_disk);
    let of = |purpose: Purpose| {
        let all = defaults::ALL.iter().filter_map(|(_, bytes)| Checker::new().unwrap().check(bytes, &catalogue()).ok());
        all.filter(|template| template.purpose() == purpose).count()
    };
    assert_eq!(Purpose::ALL.map(of), [1, 5, 3]);
}

#[test]
fn the_template_in_the_guide_is_right() {
    let guide = std::fs::read_to_string("docs/szablony.md").unwrap();
    let example = guide.split("```xml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(check(example).unwrap().scope().numbers().join(" "), "1.1 2.1.1");
    for code in Code::ALL {
        assert!(guide.contains(&format!("| `{}` |", code.wire())), "{}", code.wire());
    }
    for format in crate::documents::formats::Format::ALL {
        assert!(guide.contains(&format!("`{}`", format.wire())), "{}", format.wire());
    }
}

#[test]
fn a_scope_is_what_a_template_reads_and_no_more() {
    let scope = |blocks: &str| check(&about_pup(blocks)).unwrap().scope().numbers().join(" ");
    assert_eq!(scope("<s:Akapit><s:Pole nazwa='organ.nazwa'/></s:Akapit>"), "");
    assert_eq!(scope("<s:Akapit><s:Pole nazwa='rekord.daneOsobowe.imie'/></s:Akapit>"), "1.1");
    let condition = "<s:Jezeli pole='rekord.ewidencja.skreslonaZEwidencji' rowne='true'><s:Podpis/></s:Jezeli>";
    assert_eq!(scope(condition), "2.5");
    let list = |attributes: &str| {
        format!("<s:Lista dla='rekord.zatrudnienie'{attributes}><s:Pole nazwa='.pracodawca'/></s:Lista>")
    };
    assert_eq!(scope(&list("")), "8.3");
    // To choose by a period is to read its dates.
    assert_eq!(scope(&list(" okres='wniosek'")), "8.2 8.3");
    let sum = "<s:Tabela dla='rekord.ewidencja.pobieranyZasilek'><s:Kolumna tytul='a'><s:Tekst>a</s:Tekst></s:Kolumna>\
        <s:Kolumna tytul='b'><s:Pole nazwa='.kwotaNetto'/></s:Kolumna><s:Suma pole='.kwotaNetto'/></s:Tabela>";
    assert_eq!(scope(sum), "2.3.2");
}

#[test]
fn open_ends_are_those_of_which_the_schemas_say_so() {
    let catalogue = catalogue();
    for kind in SetKind::ALL {
        for listed in Fields::of(&catalogue, Purpose::Certificate, Some(kind)).list() {
            let goes_on = listed.field.about.contains("trwa nadal");
            let of_record = listed.name.starts_with("rekord.");
            assert_eq!(listed.field.is_end() && of_record, goes_on, "{}", listed.name);
        }
    }
}

#[test]
fn every_fact_has_its_field_and_every_field_its_fact() {
    fn names(node: &facts::Node, before: &str, all: &mut Vec<String>) {
        let name = format!("{before}{}", node.name);
        all.push(name.clone());
        node.children.iter().for_each(|child| names(child, &format!("{name}."), all));
    }
    let mut found = Vec::new();
    everything().tree().iter().for_each(|node| names(node, "", &mut found));
    let fields = Fields::of(&catalogue(), Purpose::Request, None);
    let known: Vec<String> = fields.list().into_iter().map(|listed| listed.name).collect();
    assert_eq!(found, known);
}

/// Facts with nothing left out.
fn everything() -> Facts {
    let word = |text: &str| Some(text.to_owned());
    let day = NaiveDate::from_ymd_opt(2026, 3, 3);
    let party = |name: &str| Party {
        name: name.to_owned(),
        nip: word("6550000000"),
        regon: word("290000000"),
        street: word("ul. Różana 2"),
        postal_code: word("28-100"),
        town: word("Busko-Zdrój"),
    };
    Facts {
        document: DocumentFacts {
            matter: word("DE.1.2026"),
            kind: Some(DocumentKind::Certificate),
            legal_basis: word("art. 217 KPA"),
            place: "Busko-Zdrój".to_owned(),
            date: day.unwrap(),
            as_of: day,
            ..DocumentFacts::default()
        },
        authority: party("Urząd"),
        recipient: party("Ośrodek"),
        request: RequestFacts {
            date: day,
            matter: word("OPS.2.2026"),
            legal_basis: "art. 105".to_owned(),
            need: word("potrzeba"),
            purpose: "cel".to_owned(),
            set: "zbiór".to_owned(),
            scope: vec![("1.1".to_owned(), "Nazwisko".to_owned())],
            person: IdentificationFields {
                surname: word("Lipowa-Testowa"),
                pesel: word("85831541742"),
                given_name: word("Anna"),
                birth_date: word("1885-03-15"),
                document_kind: word("DOWOD"),
                document_number: word("AAA000000"),
            },
            period: Some(Period { from: day.unwrap(), until: day }),
            ..RequestFacts::default()
        },
        signer: Signer {
            given_name: "Jan".to_owned(),
            surname: "Brzozowy-Testowy".to_owned(),
            position: "kierownik".to_owned(),
        },
    }
}
