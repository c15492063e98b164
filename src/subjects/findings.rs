//! What the schema cannot see in a fed record: check digits, dates that contradict each other (rule 7.3).

use chrono::NaiveDate;

use super::identification::read_day;
use super::{DocumentKind, Error, IdentityDocument, Pesel, SetKind};
use crate::xml::{B, Element};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The record, or the whole batch, is refused.
    Error,
    /// The record enters; the register should look at it.
    Warning,
}

impl Severity {
    /// The word on the wire: `BLAD` or `OSTRZEZENIE`.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Error => "BLAD",
            Self::Warning => "OSTRZEZENIE",
        }
    }
}

macro_rules! finding_codes {
    ($($name:ident, $wire:literal, $severity:ident;)*) => {
        /// Closed list of what a batch's protocol may say.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingCode { $($name,)* }

        impl FindingCode {
            pub const ALL: &'static [FindingCode] = &[$(FindingCode::$name,)*];

            /// The word on the wire, e.g. `PESEL_NIEPOPRAWNY`.
            #[must_use]
            pub const fn wire(self) -> &'static str {
                match self { $(FindingCode::$name => $wire,)* }
            }

            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(FindingCode::$name => Severity::$severity,)* }
            }

            /// The code behind a word of the wire.
            #[must_use]
            pub fn parse(wire: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.wire() == wire)
            }
        }
    };
}

finding_codes! {
    MalformedXml, "NIEPOPRAWNY_XML", Error;
    CountDiffers, "LICZBA_OSOB_NIEZGODNA", Error;
    BatchEmpty, "PACZKA_PUSTA", Error;
    SchemaViolation, "NIEZGODNY_ZE_SCHEMATEM", Error;
    KindDiffers, "RODZAJ_NIEZGODNY", Error;
    RecordMissing, "BRAK_REKORDU", Error;
    RecordUnwanted, "REKORD_ZBEDNY", Error;
    DeletionInFullBatch, "USUNIECIE_W_PELNEJ", Error;
    IdRepeated, "ID_POWTORZONY", Error;
    PeselRepeated, "PESEL_POWTORZONY", Error;
    PeselInvalid, "PESEL_NIEPOPRAWNY", Error;
    DocumentInvalid, "NUMER_DOKUMENTU_NIEPOPRAWNY", Error;
    PeriodInvalid, "OKRES_NIEPOPRAWNY", Error;
    VisitWithoutDate, "BRAK_DATY_WIZYTY", Error;
    PeselAgainstBirthDate, "PESEL_NIEZGODNY_Z_DATA", Warning;
    PeselAgainstSex, "PESEL_NIEZGODNY_Z_PLCIA", Warning;
    PersonUnknown, "OSOBA_NIEZNANA", Warning;
}

/// One thing found in a record; it never quotes a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub code: FindingCode,
    pub severity: Severity,
    /// Path from the record's root, e.g. `/b:OsobaPS/b:daneOsobowe/b:pesel`.
    pub path: String,
    /// Line within the document that was parsed, from 1.
    pub line: u32,
    /// A Polish sentence.
    pub text: &'static str,
}

/// Checks the meaning of a record whose form the schema has already accepted; in document order.
#[must_use]
pub fn findings(kind: SetKind, record: Element<'_>) -> Vec<Finding> {
    let mut report = Report { record, found: Vec::new() };
    for element in record.descendants() {
        let local = element.local();
        if local == kind.subject_element() || (kind == SetKind::Sr && local == "dziecko") {
            report.person(element);
        }
        report.period(element, "dataPoczatkowa", "dataKoncowa");
        report.period(element, "dataRozpoczecia", "dataZakonczenia");
        if local == "wizyta" {
            report.visit(element);
        }
    }
    report.found
}

struct Report<'d> {
    record: Element<'d>,
    found: Vec<Finding>,
}

impl<'d> Report<'d> {
    fn add(&mut self, code: FindingCode, at: Element<'d>, text: &'static str) {
        let path = at.path_from(self.record);
        self.found.push(Finding { code, severity: code.severity(), path, line: at.line(), text });
    }

    fn person(&mut self, person: Element<'d>) {
        if let Some(element) = person.child(B.name("pesel")) {
            match Pesel::parse(&element.token()) {
                Ok(pesel) => self.agreement(person, element, &pesel),
                Err(error) => self.add(FindingCode::PeselInvalid, element, error.explain()),
            }
        }
        for document in person.all(B.name("dokumentTozsamosci")) {
            if let Some((at, error)) = document_error(document) {
                self.add(FindingCode::DocumentInvalid, at, error.explain());
            }
        }
    }

    /// Registers hold numbers that disagree with the person's data: a warning, never an error (rule 7.3).
    fn agreement(&mut self, person: Element<'d>, at: Element<'d>, pesel: &Pesel) {
        if date(person, "dataUrodzenia").is_some_and(|(_, day)| day != pesel.birth_date()) {
            self.add(FindingCode::PeselAgainstBirthDate, at, "Numer PESEL nie zgadza się z datą urodzenia.");
        }
        if person.child(B.name("plec")).is_some_and(|sex| sex.token() != pesel.sex().wire()) {
            self.add(FindingCode::PeselAgainstSex, at, "Numer PESEL nie zgadza się z płcią.");
        }
    }

    fn period(&mut self, element: Element<'d>, from: &'static str, to: &'static str) {
        if let (Some((_, first)), Some((at, last))) = (date(element, from), date(element, to))
            && last < first
        {
            self.add(FindingCode::PeriodInvalid, at, "Data końcowa jest wcześniejsza niż data początkowa.");
        }
    }

    fn visit(&mut self, visit: Element<'d>) {
        if ["dataPlanowana", "dataOdbycia"].iter().all(|name| visit.child(B.name(name)).is_none()) {
            self.add(FindingCode::VisitWithoutDate, visit, "Wizyta nie ma ani daty planowanej, ani daty odbycia.");
        }
    }
}

/// A child that holds a day.
fn date<'d>(parent: Element<'d>, name: &'static str) -> Option<(Element<'d>, NaiveDate)> {
    let element = parent.child(B.name(name))?;
    Some((element, read_day(&element.token())?))
}

fn document_error(document: Element<'_>) -> Option<(Element<'_>, Error)> {
    let kind = DocumentKind::parse(&document.child(B.name("rodzaj"))?.token())?;
    let number = document.child(B.name("numer"))?;
    IdentityDocument::parse(kind, &number.token()).err().map(|error| (number, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Document, Limits};

    /// Findings of a record, as `WORD path line`.
    fn found(kind: SetKind, inner: &str) -> Vec<String> {
        let root = kind.feed_root();
        let text = format!("<b:{root} xmlns:b=\"urn:brama:beneficjent:1\">\n{inner}</b:{root}>");
        let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        let list = findings(kind, document.root());
        list.iter().map(|finding| format!("{} {} {}", finding.code.wire(), finding.path, finding.line)).collect()
    }

    fn person(tag: &str, fields: &str) -> String {
        format!("<b:{tag}>{fields}</b:{tag}>")
    }

    #[test]
    fn a_right_record_has_no_findings() {
        let fields = "<b:pesel>85831541742</b:pesel><b:dataUrodzenia>1885-03-15</b:dataUrodzenia>\
            <b:dokumentTozsamosci><b:rodzaj>DOWOD</b:rodzaj><b:numer>ABA300000</b:numer></b:dokumentTozsamosci><b:plec>K</b:plec>";
        let period = "<b:swiadczenie><b:dataPoczatkowa>2025-01-01</b:dataPoczatkowa><b:dataKoncowa>2025-01-01</b:dataKoncowa></b:swiadczenie>";
        assert_eq!(found(SetKind::Ps, &(person("daneOsobowe", fields) + period)), Vec::<String>::new());
    }

    #[test]
    fn a_wrong_check_digit_is_an_error_in_the_subject_and_in_every_child() {
        let subject = person("podmiot", "<b:pesel>85831541743</b:pesel>");
        let child = person("dziecko", "<b:pesel>02222900003</b:pesel>");
        let record = format!("{subject}\n<b:decyzja>{child}</b:decyzja><b:decyzja>{child}\n{child}</b:decyzja>");
        assert_eq!(
            found(SetKind::Sr, &record),
            [
                "PESEL_NIEPOPRAWNY /b:OsobaSR/b:podmiot/b:pesel 2",
                "PESEL_NIEPOPRAWNY /b:OsobaSR/b:decyzja[1]/b:dziecko/b:pesel 3",
                "PESEL_NIEPOPRAWNY /b:OsobaSR/b:decyzja[2]/b:dziecko[1]/b:pesel 3",
                "PESEL_NIEPOPRAWNY /b:OsobaSR/b:decyzja[2]/b:dziecko[2]/b:pesel 4",
            ]
        );
    }

    #[test]
    fn a_pesel_that_disagrees_with_the_person_is_a_warning() {
        let fields = "<b:pesel>85831541742</b:pesel><b:dataUrodzenia>1885-03-16</b:dataUrodzenia><b:plec>M</b:plec>";
        assert_eq!(
            found(SetKind::Pup, &person("daneOsobowe", fields)),
            [
                "PESEL_NIEZGODNY_Z_DATA /b:OsobaPUP/b:daneOsobowe/b:pesel 2",
                "PESEL_NIEZGODNY_Z_PLCIA /b:OsobaPUP/b:daneOsobowe/b:pesel 2"
            ]
        );
        assert_eq!(FindingCode::PeselAgainstBirthDate.severity(), Severity::Warning);
        assert_eq!(FindingCode::PeselAgainstSex.severity(), Severity::Warning);
    }

    #[test]
    fn a_document_is_checked_by_its_kind() {
        let document = |kind: &str, number: &str| {
            format!(
                "<b:dokumentTozsamosci><b:rodzaj>{kind}</b:rodzaj><b:numer>{number}</b:numer></b:dokumentTozsamosci>"
            )
        };
        let fields =
            document("DOWOD", "ABA300001") + &document("INNY", "ABA300001") + &document("PASZPORT", "EP5200000");
        assert_eq!(
            found(SetKind::Ps, &person("daneOsobowe", &fields)),
            ["NUMER_DOKUMENTU_NIEPOPRAWNY /b:OsobaPS/b:daneOsobowe/b:dokumentTozsamosci[1]/b:numer 2"]
        );
    }

    #[test]
    fn a_period_must_not_end_before_it_begins() {
        let training = "<b:odbyteSzkolenie><b:dataRozpoczecia>2025-02-01</b:dataRozpoczecia><b:dataZakonczenia>2025-01-31</b:dataZakonczenia></b:odbyteSzkolenie>";
        let stay = "<b:ewidencja><b:okresRejestracji><b:dataPoczatkowa>2025-02-01</b:dataPoczatkowa><b:dataKoncowa>2024-12-31</b:dataKoncowa></b:okresRejestracji></b:ewidencja>";
        assert_eq!(
            found(SetKind::Pup, &format!("{stay}{training}")),
            [
                "OKRES_NIEPOPRAWNY /b:OsobaPUP/b:ewidencja/b:okresRejestracji/b:dataKoncowa 2",
                "OKRES_NIEPOPRAWNY /b:OsobaPUP/b:odbyteSzkolenie/b:dataZakonczenia 2",
            ]
        );
    }

    #[test]
    fn a_visit_needs_one_date_at_least() {
        let visit = |date: &str| format!("<b:wizyta><b:rodzaj>rejestracja</b:rodzaj>{date}</b:wizyta>");
        let record = visit("<b:dataOdbycia>2025-02-01</b:dataOdbycia>")
            + &visit("")
            + &visit("<b:dataPlanowana>2025-02-01</b:dataPlanowana>");
        assert_eq!(found(SetKind::Pup, &record), ["BRAK_DATY_WIZYTY /b:OsobaPUP/b:wizyta[2] 2"]);
    }

    #[test]
    fn every_code_is_found_by_its_word() {
        for code in FindingCode::ALL {
            assert_eq!(FindingCode::parse(code.wire()), Some(*code));
        }
    }
}
