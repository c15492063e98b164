//! From the elements of a template that keeps the schema to its checked shape; what the schema cannot say is found here.

use super::fields::Fields;
use super::finding::{Code, Finding};
use super::resolve::{Names, Refusal};
use super::shape::{Block, Column, Inline, Loop, Path, Sum, Test};
use super::{NESTING_MAX, Purpose, Template};
use crate::disclosure::{Catalogue, SetKind, ValueKind};
use crate::documents::content::{Layout, Level};
use crate::documents::formats::{self, Format};
use crate::xml::{Element, Places, S};

/// What stands for a value that is not there, and for the end of a period that goes on.
const NOTHING: &str = "—";
const STILL: &str = "nadal";

/// The head of a template, by which the known fields are chosen.
pub(super) struct Reader<'p> {
    places: &'p Places<'p>,
    purpose: Purpose,
    kind: Option<SetKind>,
    fields: Fields,
}

/// The way through the blocks.
struct Pass<'p, 'f> {
    places: &'p Places<'p>,
    names: Names<'f>,
    findings: Vec<Finding>,
    /// Lists and conditions of the record, to be looked at once everything was read.
    conditions: Vec<(Element<'p>, Vec<String>)>,
    nesting: usize,
}

impl<'p> Reader<'p> {
    pub fn new(places: &'p Places<'p>, catalogue: &Catalogue, root: Element<'p>) -> Result<Self, Vec<Finding>> {
        let wrong = |text: &str| vec![Finding::new(places.at(root), Code::NotTheSchema, text)];
        let purpose = root.attribute("rodzaj").and_then(|word| Purpose::parse(word.trim()));
        let purpose = purpose.ok_or_else(|| wrong("Nieznany rodzaj szablonu."))?;
        let kind = root.attribute("zbiorRodzaj").and_then(|word| SetKind::parse(word.trim()));
        if kind.is_none() && purpose != Purpose::Request {
            return Err(wrong("Brakuje wymaganego atrybutu zbiorRodzaj; bez niego może być tylko szablon wniosku."));
        }
        Ok(Self { places, purpose, kind, fields: Fields::of(catalogue, purpose, kind) })
    }

    pub fn template(&self, root: Element<'p>) -> Result<Template, Vec<Finding>> {
        let names = Names::new(&self.fields);
        let mut pass = Pass { places: self.places, names, findings: Vec::new(), conditions: Vec::new(), nesting: 0 };
        let blocks = pass.blocks(root);
        pass.look_at_conditions();
        let Pass { names, mut findings, .. } = pass;
        if !findings.is_empty() {
            findings.sort_by_key(|finding| (finding.at.line, finding.at.column, finding.code));
            return Err(findings);
        }
        let attribute = |name| root.attribute(name).unwrap_or_default().trim().to_owned();
        Ok(Template {
            identifier: attribute("identyfikator"),
            version: attribute("wersja").parse().unwrap_or_default(),
            purpose: self.purpose,
            kind: self.kind,
            scope: names.scope,
            blocks,
        })
    }
}

impl<'p> Pass<'p, '_> {
    /// The blocks in an element; the alternative of a condition is none of them.
    fn blocks(&mut self, parent: Element<'p>) -> Vec<Block> {
        parent.children().filter(|child| !child.is(S.name("Inaczej"))).filter_map(|child| self.block(child)).collect()
    }

    fn block(&mut self, element: Element<'p>) -> Option<Block> {
        let layout = || Layout::parse(attribute(element, "uklad").as_deref()).unwrap_or_default();
        match element.local() {
            "Naglowek" => {
                let level = Level::parse(attribute(element, "poziom").as_deref()).unwrap_or(Level::Title);
                Some(Block::Heading { level, inline: self.inline(element) })
            }
            "Akapit" => Some(Block::Paragraph { layout: layout(), inline: self.inline(element) }),
            "Podpis" => Some(Block::Signature),
            _ => {
                self.nesting += 1;
                let block = if self.nesting > NESTING_MAX {
                    self.find(element, (Code::Limit, "Zagnieżdżono więcej niż 5 pętli, warunków, tabel i wyliczeń."));
                    None
                } else {
                    self.nested(element)
                };
                self.nesting -= 1;
                block
            }
        }
    }

    fn nested(&mut self, element: Element<'p>) -> Option<Block> {
        let empty = || attribute(element, "puste").unwrap_or_else(|| NOTHING.to_owned());
        match element.local() {
            "Tabela" => self.over(element, "dla", |pass, over| {
                let columns: Vec<Column> = element
                    .all(S.name("Kolumna"))
                    .map(|column| Column {
                        title: attribute(column, "tytul").unwrap_or_default(),
                        inline: pass.inline(column),
                    })
                    .collect();
                let sums = pass.sums(element, &columns);
                Block::Table { over, columns, sums, empty: empty() }
            }),
            "Lista" => self.over(element, "dla", |pass, over| Block::List {
                over,
                inline: pass.inline(element),
                empty: empty(),
            }),
            "Dla" => self.over(element, "pole", |pass, over| Block::Each { over, blocks: pass.blocks(element) }),
            _ => self.condition(element),
        }
    }

    /// A block that goes over the list which one of its attributes names.
    fn over(
        &mut self,
        element: Element<'p>,
        named_by: &str,
        inside: impl FnOnce(&mut Self, Loop) -> Block,
    ) -> Option<Block> {
        let within_period = attribute(element, "okres").as_deref() == Some("wniosek");
        match self.names.list(&attribute(element, named_by).unwrap_or_default(), within_period) {
            Err(refusal) => {
                self.find(element, refusal);
                None
            }
            Ok((over, list, absolute)) => {
                self.conditions.push((element, absolute.clone()));
                self.names.enter(list, absolute);
                let block = inside(self, over);
                self.names.leave();
                Some(block)
            }
        }
    }

    fn condition(&mut self, element: Element<'p>) -> Option<Block> {
        let then = self.blocks(element);
        let otherwise = element.child(S.name("Inaczej")).map(|other| self.blocks(other)).unwrap_or_default();
        let (path, kind) = match self.names.condition(&attribute(element, "pole").unwrap_or_default()) {
            Ok(found) => found,
            Err(refusal) => {
                self.find(element, refusal);
                return None;
            }
        };
        self.conditions.push((element, self.names.absolute(&path)));
        let test = match (attribute(element, "rowne"), attribute(element, "jest")) {
            (Some(value), None) => {
                let fits = kind.is_some_and(|kind| formats::plain(kind, &value).is_ok());
                if !fits {
                    let text = "Pole nie może mieć takiej wartości; porównuje się z postacią z rekordu, np. BEZROBOTNY, true, 2026-03-03.";
                    self.find(element, (Code::FormatMismatch, text));
                }
                Test::Equals(value)
            }
            (None, Some(word)) => Test::Exists(word == "tak"),
            _ => {
                self.find(element, (Code::NotTheSchema, "Warunek ma dokładnie jeden z atrybutów rowne i jest."));
                return None;
            }
        };
        Some(Block::If { path, test, then, otherwise })
    }

    fn inline(&mut self, parent: Element<'p>) -> Vec<Inline> {
        parent.children().filter_map(|child| self.piece(child)).collect()
    }

    fn piece(&mut self, element: Element<'p>) -> Option<Inline> {
        let word = |name| attribute(element, name).unwrap_or_default();
        match element.local() {
            "Tekst" => Some(Inline::Text(element.text())),
            "Odmiana" => Some(Inline::Gendered { masculine: word("meska"), feminine: word("zenska") }),
            _ => match self.names.value(&word("nazwa")) {
                Err(refusal) => {
                    self.find(element, refusal);
                    None
                }
                Ok((path, field, kind)) => {
                    let format = attribute(element, "format").as_deref().and_then(Format::parse);
                    if format.is_some_and(|format| !format.fits(kind)) {
                        self.find(element, (Code::FormatMismatch, "Format nie pasuje do rodzaju pola."));
                    }
                    let default = if field.is_end() { STILL } else { NOTHING };
                    let empty = attribute(element, "puste").unwrap_or_else(|| default.to_owned());
                    Some(Inline::Field { path, kind: kind.clone(), format, empty })
                }
            },
        }
    }

    fn sums(&mut self, table: Element<'p>, columns: &[Column]) -> Vec<Sum> {
        let mut sums: Vec<Sum> = Vec::new();
        for element in table.all(S.name("Suma")) {
            match self.sum(&attribute(element, "pole").unwrap_or_default(), columns) {
                Ok(sum) if sums.iter().any(|other| other.column == sum.column) => {
                    self.find(element, (Code::NotTheSchema, "Suma tej kolumny już jest."));
                }
                Ok(sum) => sums.push(sum),
                Err(refusal) => self.find(element, refusal),
            }
        }
        sums
    }

    fn sum(&mut self, name: &str, columns: &[Column]) -> Result<Sum, Refusal> {
        let (path, _, kind) = self.names.value(name)?;
        if *kind != ValueKind::Amount {
            return Err((Code::FormatMismatch, "Sumuje się tylko kwoty."));
        }
        match columns.iter().position(|column| column.shows(&path)) {
            Some(0) => Err((Code::NotTheSchema, "Pierwsza kolumna nie może mieć sumy: stoi tam słowo „Razem”.")),
            Some(column) => Ok(Sum { column, path }),
            None => Err((Code::FieldUnknown, "Żadna kolumna tabeli nie pokazuje tego pola.")),
        }
    }

    fn look_at_conditions(&mut self) {
        for (element, absolute) in std::mem::take(&mut self.conditions) {
            if !self.names.is_ever_there(&absolute) {
                let text = "Szablon nie czyta stąd żadnego pola, więc w przyciętym rekordzie nic tu nie będzie.";
                self.find(element, (Code::FieldUnknown, text));
            }
        }
    }

    fn find(&mut self, element: Element<'_>, (code, text): Refusal) {
        self.findings.push(Finding::new(self.places.at(element), code, text));
    }
}

impl Column {
    fn shows(&self, path: &Path) -> bool {
        self.inline.iter().any(|piece| matches!(piece, Inline::Field { path: own, .. } if own == path))
    }

    /// Whether amounts alone stand in it, which then keep to the right.
    pub(super) fn is_right(&self) -> bool {
        matches!(
            self.inline.as_slice(),
            [Inline::Field { kind: ValueKind::Amount, format: None | Some(Format::Amount), .. }]
        )
    }
}

/// An attribute without the white space around it, which the schema passes over.
fn attribute(element: Element<'_>, name: &str) -> Option<String> {
    element.attribute(name).map(|value| value.trim_matches([' ', '\t', '\n', '\r']).to_owned())
}
