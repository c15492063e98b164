//! `brama template preview`: fills a template with invented facts and a record from a file.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Args;
use uuid::Uuid;

use super::{Failure, checked, read, refused, unreadable};
use crate::contract::XSD;
use crate::disclosure::SetKind;
use crate::documents::content::Content;
use crate::documents::template::{
    DocumentFacts, DocumentKind, Facts, Party, Period, Purpose, RequestFacts, RequestKind, Signer, Template,
};
use crate::documents::{html, pdf};
use crate::subjects::IdentificationFields;
use crate::xml::{B, Document, Element, Limits, Schema};

/// The provisions on certificates.
const CERTIFICATES: &str = "art. 217 i 218 ustawy z dnia 14 czerwca 1960 r. – Kodeks postępowania administracyjnego";

/// Fill a template with invented facts and write what it gives.
#[derive(Args)]
pub struct PreviewArgs {
    file: PathBuf,
    /// A file with a record as it stands in a reply: b:UdostepnionaPUP, …PS or …SR, alone or inside anything else.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// The period of the request, e.g. 2025-01-01/2025-12-31; without end it goes on.
    #[arg(long, value_name = "DAY/DAY")]
    period: Option<String>,
    /// Where to write it; the ending .xml (content), .html or .pdf says what.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl PreviewArgs {
    pub fn run(&self) -> Result<(), Failure> {
        let template = checked(&self.file)?;
        let period = self.period.as_deref().map(period).transpose()?;
        let content = match &self.record {
            None => fill(&template, None, period)?,
            Some(path) => {
                let bytes = read(path)?;
                let limits = Limits { bytes: bytes.len().max(1), ..Limits::default() };
                let document = Document::parse(&bytes, &limits).map_err(refused)?;
                fill(&template, Some(record(path, &document, template.kind())?), period)?
            }
        };
        let facts = facts(&template, None, period);
        let id = facts.document.id.to_string();
        let number = facts.document.matter.as_deref().unwrap_or_default();
        let imprint = pdf::Imprint { id: &id, number, date: facts.document.date };
        let bytes = match self.out.extension().and_then(|ending| ending.to_str()) {
            Some("xml") => content.to_bytes(),
            Some("html") => html::page(&content, &imprint).into_bytes(),
            Some("pdf") => pdf::draw(&content, &imprint).map_err(refused)?,
            _ => return Err(unreadable(&self.out, "its ending is not .xml, .html or .pdf")),
        };
        fs::write(&self.out, bytes).map_err(|error| unreadable(&self.out, error))
    }
}

fn fill(template: &Template, record: Option<Element<'_>>, period: Option<Period>) -> Result<Content, Failure> {
    template.fill(&facts(template, record, period), record).map_err(refused)
}

/// The record in a document, which keeps the schema of replies.
fn record<'d>(path: &Path, document: &'d Document, kind: Option<SetKind>) -> Result<Element<'d>, Failure> {
    let kind = kind.ok_or_else(|| Failure::Refused("this template knows no record".to_owned()))?;
    let root = document.root();
    let mut all = std::iter::once(root).chain(root.descendants());
    let found = all.find(|element| element.is(B.name(kind.reply_root())));
    let found = found.ok_or_else(|| unreadable(path, format!("no b:{} in it", kind.reply_root())))?;
    let schema = format!("{}-udostepniona.xsd", kind.wire().to_lowercase());
    match Schema::compile(&schema, XSD).map_err(refused)?.validate(found, root).first() {
        None => Ok(found),
        Some(violation) => Err(unreadable(path, format!("{}: {}", violation.line, violation.text))),
    }
}

fn period(text: &str) -> Result<Period, Failure> {
    let wrong = || Failure::Unreadable(format!("--period {text}: DAY/DAY or DAY/ is needed"));
    let day = |text: &str| text.parse::<NaiveDate>().map_err(|_| wrong());
    let (from, until) = text.split_once('/').ok_or_else(wrong)?;
    let until = if until.is_empty() { None } else { Some(day(until)?) };
    Ok(Period { from: day(from)?, until })
}

/// An invented matter about an invented person, or about the person of the record.
fn facts(template: &Template, record: Option<Element<'_>>, period: Option<Period>) -> Facts {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    let office = |name: &str, street: &str| Party {
        name: name.to_owned(),
        nip: Some("6550000000".to_owned()),
        regon: Some("290000000".to_owned()),
        street: Some(street.to_owned()),
        postal_code: Some("28-100".to_owned()),
        town: Some("Busko-Zdrój".to_owned()),
    };
    let word = |text: &str| Some(text.to_owned());
    let asking = office("Ośrodek Pomocy Społecznej w Busku-Zdroju", "ul. Kościuszki 2a");
    let (keeping, set) = match template.kind() {
        Some(SetKind::Ps) => ("Miejski Ośrodek Pomocy Rodzinie w Kielcach", "osoby korzystające z pomocy społecznej"),
        Some(SetKind::Sr) => ("Urząd Miasta i Gminy w Busku-Zdroju", "świadczenia rodzinne"),
        Some(SetKind::Pup) | None => {
            ("Powiatowy Urząd Pracy w Busku-Zdroju", "ewidencja bezrobotnych i poszukujących pracy")
        }
    };
    let keeping = office(keeping, "ul. Różana 2");
    let is_request = template.purpose() == Purpose::Request;
    let (authority, recipient) = if is_request { (asking, keeping) } else { (keeping, asking) };
    let of_record = |name| record?.descendants().find(|element| element.is(B.name(name))).map(Element::token);
    Facts {
        document: DocumentFacts {
            id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001),
            matter: word(if is_request { "OPS.5012.4.2026" } else { "DE.5400.17.2026" }),
            kind: (!is_request).then_some(DocumentKind::Certificate),
            legal_basis: word(CERTIFICATES),
            place: "Busko-Zdrój".to_owned(),
            date: day(2026, 3, 3),
            as_of: Some(day(2026, 3, 2)),
        },
        authority,
        recipient,
        request: RequestFacts {
            id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002),
            date: Some(day(2026, 2, 26)),
            kind: RequestKind::Certificate,
            matter: word("OPS.5012.4.2026"),
            legal_basis: CERTIFICATES.to_owned(),
            need: None,
            purpose: "ustalenie prawa do zasiłku okresowego".to_owned(),
            set: set.to_owned(),
            scope: vec![
                ("1.1".to_owned(), "Nazwisko; imię".to_owned()),
                ("2.1.1".to_owned(), "Okres rejestracji".to_owned()),
            ],
            person: IdentificationFields {
                surname: of_record("nazwisko").or(word("Lipowa-Testowa")),
                pesel: of_record("pesel").or(word("85831541742")),
                ..IdentificationFields::default()
            },
            period,
        },
        signer: Signer {
            given_name: "Jan".to_owned(),
            surname: "Brzozowy-Testowy".to_owned(),
            position: "kierownik działu ewidencji".to_owned(),
        },
    }
}
