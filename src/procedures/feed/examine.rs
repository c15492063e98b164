//! Examines one `Osoba` alone: its attributes, its record against schema and sense, and the one form in which it is stored.

use crate::problem::Detail;
use crate::subjects::{self, People, Pesel, SetKind};
use crate::xml::{B, Document, Element, Error, Item, Limits, Schema, Violation, Writer, XSI, Z, rewrite};

use super::finding::{Finding, FindingCode};
use super::header::{Coverage, collapse};
use super::plan::Action;

/// Findings about the meaning of one person's data at most.
const FINDINGS_MAX: usize = 100;

/// What the examination has to know of the batch.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// The schemas of records, `beneficjent.xsd`.
    pub schema: &'a Schema,
    pub set: &'a str,
    pub kind: SetKind,
    pub coverage: Coverage,
    pub limits: &'a Limits,
}

/// A record that may be stored.
#[derive(Debug)]
pub struct Record {
    /// The canonical children of its root (rule 5.4).
    pub bytes: Vec<u8>,
    /// Materials of its search keys (rule 4.2).
    pub terms: Vec<Vec<u8>>,
}

/// One examined `Osoba`.
#[derive(Debug)]
pub struct Examined {
    /// Ordinal in the file, from 1.
    pub ordinal: u64,
    /// First line of it in the file.
    pub line: u32,
    pub source_id: Option<String>,
    pub action: Option<Action>,
    pub findings: Vec<Finding>,
    /// Present exactly when it is to be written and nothing is wrong.
    pub record: Option<Record>,
    /// PESEL of the record's own person, also of a broken record when it could be read.
    pub pesel: Option<String>,
}

impl Examined {
    /// Whether it has an error of its own.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }

    /// Whether nobody can say whose record is broken.
    #[must_use]
    pub const fn is_nameless(&self) -> bool {
        self.source_id.is_none()
    }

    fn find(&mut self, code: FindingCode, detail: Detail) {
        let source_id = self.source_id.clone();
        self.findings.push(Finding { code, ordinal: Some(self.ordinal), source_id, detail });
    }

    fn find_at(&mut self, code: FindingCode, path: &str, text: &str) {
        let detail = Detail { line: Some(self.line), path: Some(path.into()), text: text.into(), ..Detail::default() };
        self.find(code, detail);
    }
}

/// Examines the person that stands in `item` as number `ordinal`; `None` when the element is no `Osoba` at all.
///
/// # Errors
/// When the item is not acceptable XML: that is a fault of the file, with its place there.
pub fn examine(rules: Rules<'_>, item: &Item, ordinal: u64) -> Result<Option<Examined>, Error> {
    let document = item.parse(rules.limits)?;
    let person = document.root();
    if !person.is(Z.name("Osoba")) {
        return Ok(None);
    }
    let line = item.line;
    let mut seen =
        Examined { ordinal, line, source_id: None, action: None, findings: vec![], record: None, pesel: None };
    seen.source_id = source_id(person);
    if seen.source_id.is_none() {
        let text = if rules.coverage == Coverage::Full {
            "Brakuje idZrodlowe od 1 do 100 znaków; nie wiadomo, czyj zapis zachować, więc ta pełna paczka nikogo nie usuwa."
        } else {
            "Brakuje idZrodlowe od 1 do 100 znaków."
        };
        seen.find_at(FindingCode::SchemaViolation, "/z:Osoba/@idZrodlowe", text);
    }
    seen.action = action(person);
    if seen.action.is_none() {
        seen.find_at(FindingCode::SchemaViolation, "/z:Osoba/@operacja", "Operacja to zapis albo usuniecie.");
    }
    if person.attributes().any(|attribute| !is_known(attribute.namespace, attribute.local)) {
        seen.find_at(FindingCode::SchemaViolation, "/z:Osoba", "Element Osoba ma atrybut, którego schemat nie zna.");
    }
    if !collapse(&person.text()).is_empty() {
        seen.find_at(FindingCode::SchemaViolation, "/z:Osoba", "Element Osoba nie może zawierać tekstu.");
    }
    let mut records = person.children();
    let record = records.next();
    if records.next().is_some() {
        seen.find_at(FindingCode::SchemaViolation, "/z:Osoba", "Element Osoba może zawierać tylko jeden rekord.");
    }
    if seen.action == Some(Action::Remove) {
        removal(rules, record, &mut seen);
    } else if let Some(record) = record {
        writing(rules, record, &mut seen);
    } else if seen.action == Some(Action::Write) {
        seen.find_at(FindingCode::RecordMissing, "/z:Osoba", "Zapis osoby wymaga rekordu.");
    }
    Ok(Some(seen))
}

fn removal(rules: Rules<'_>, record: Option<Element<'_>>, seen: &mut Examined) {
    if rules.coverage == Coverage::Full {
        let text = "W pełnej paczce nie ma usunięć: kogo się nie wymienia, ten opuszcza zbiór.";
        seen.find_at(FindingCode::DeletionInFullBatch, "/z:Osoba/@operacja", text);
    }
    if record.is_some() {
        seen.find_at(FindingCode::RecordUnwanted, "/z:Osoba", "Usunięcie osoby nie może zawierać rekordu.");
    }
}

fn writing(rules: Rules<'_>, record: Element<'_>, seen: &mut Examined) {
    if record.namespace() == B.uri
        && SetKind::ALL.iter().any(|kind| *kind != rules.kind && kind.feed_root() == record.local())
    {
        let line = seen.line + record.line().saturating_sub(1);
        let (path, text) = (Some(format!("/b:{}", record.local())), "Rekord jest innego rodzaju niż zbiór.".to_owned());
        seen.find(FindingCode::KindDiffers, Detail { line: Some(line), path, text, ..Detail::default() });
        return;
    }
    // Whatever else is wrong with the record, a PESEL that can be read takes part in the search for repeated ones.
    let subject = record.child(B.name(rules.kind.subject_element()));
    let pesel = subject.and_then(|subject| subject.child(B.name("pesel"))).map(Element::token);
    seen.pesel = pesel.and_then(|text| Pesel::parse(&text).ok()).map(|pesel| pesel.as_str().to_owned());
    let violations = rules.schema.validate(record, record);
    if record.namespace() != B.uri || record.local() != rules.kind.feed_root() || !violations.is_empty() {
        if violations.is_empty() {
            seen.find_at(
                FindingCode::SchemaViolation,
                "/z:Osoba",
                "Element Osoba zawiera element, którego schemat nie zna.",
            );
        }
        for violation in violations {
            let line = seen.line + violation.line.saturating_sub(1);
            seen.find(FindingCode::SchemaViolation, violation_detail(violation, line));
        }
        return;
    }
    for finding in subjects::findings(rules.kind, record).into_iter().take(FINDINGS_MAX) {
        let line = seen.line + finding.line.saturating_sub(1);
        let detail =
            Detail { line: Some(line), path: Some(finding.path), text: finding.text.into(), ..Detail::default() };
        seen.find(finding.code, detail);
    }
    let bytes = canonical(record);
    match people(rules, &bytes) {
        Ok(people) => {
            if !seen.is_broken() {
                let terms = people.terms().iter().map(|term| term.material(rules.set)).collect();
                seen.record = Some(Record { bytes: inner(&bytes).to_vec(), terms })
                    .filter(|_| seen.action == Some(Action::Write));
            }
        }
        Err(_) if seen.is_broken() => {}
        Err(fault) => {
            log::error!(ordinal = seen.ordinal; "a record valid by schema has no stored form: {fault}");
            seen.find_at(FindingCode::SchemaViolation, "/z:Osoba", "Rekordu nie da się zapisać w postaci kanonicznej.");
        }
    }
}

/// The record rewritten: fixed prefixes, no attributes, no comments, white space collapsed.
fn canonical(record: Element<'_>) -> Vec<u8> {
    let mut out = Writer::new();
    rewrite(record, &mut out);
    out.into_bytes()
}

/// The persons of the rewritten record, which is valid too: what is stored is what was judged (rule 5.4).
fn people(rules: Rules<'_>, bytes: &[u8]) -> Result<People, String> {
    let document = Document::parse(bytes, rules.limits).map_err(|error| error.to_string())?;
    if let Some(violation) = rules.schema.validate(document.root(), document.root()).first() {
        return Err(format!("{} at {}", violation.rule, violation.path));
    }
    subjects::people(rules.kind, inner(bytes)).map_err(|error| error.to_string())
}

/// What stands between the root's tags.
fn inner(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|byte| *byte == b'>').map_or(0, |at| at + 1);
    let end = bytes.windows(2).rposition(|pair| pair == b"</").unwrap_or(bytes.len());
    bytes.get(start..end).unwrap_or_default()
}

fn source_id(person: Element<'_>) -> Option<String> {
    let id = collapse(&person.attribute("idZrodlowe")?);
    (1..=100).contains(&id.chars().count()).then_some(id)
}

fn action(person: Element<'_>) -> Option<Action> {
    match collapse(&person.attribute("operacja")?).as_str() {
        "zapis" => Some(Action::Write),
        "usuniecie" => Some(Action::Remove),
        _ => None,
    }
}

fn is_known(namespace: &str, local: &str) -> bool {
    let hint = ["schemaLocation", "noNamespaceSchemaLocation"].contains(&local);
    (namespace == XSI.uri && hint) || (namespace.is_empty() && ["idZrodlowe", "operacja"].contains(&local))
}

fn violation_detail(violation: Violation, line: u32) -> Detail {
    Detail {
        line: Some(line),
        column: None,
        path: Some(violation.path),
        rule: Some(violation.rule),
        text: violation.text,
    }
}
