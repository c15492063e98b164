//! A protocol: what became of a batch, finding by finding.

use yaserde::{YaDeserialize, YaSerialize};

use super::values::words;

words! {
    /// State of a batch.
    BatchState {
        Begun = "ROZPOCZETA",
        Accepted = "PRZYJETA",
        Processing = "PRZETWARZANA",
        Finished = "ZAKONCZONA",
        FinishedWithErrors = "ZAKONCZONA_Z_BLEDAMI",
        Rejected = "ODRZUCONA",
    }

    /// Weight of a finding.
    Severity { Error = "BLAD", Warning = "OSTRZEZENIE", }
}

/// The findings of a batch, or one page of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "Protokol", prefix = "z", namespaces = { "z" = "urn:brama:zasilanie:1" })]
pub struct Protocol {
    #[yaserde(rename = "idPaczki", prefix = "z")]
    pub batch: String,
    #[yaserde(rename = "oznaczenie", prefix = "z")]
    pub mark: String,
    #[yaserde(rename = "zbior", prefix = "z")]
    pub set: String,
    #[yaserde(rename = "stan", prefix = "z")]
    pub state: BatchState,
    #[yaserde(rename = "podsumowanie", prefix = "z")]
    pub summary: Summary,
    /// Of the whole batch, whatever the page.
    #[yaserde(rename = "liczbaUsterek", prefix = "z")]
    pub findings_in_all: u64,
    #[yaserde(rename = "usterka", prefix = "z")]
    pub findings: Vec<Finding>,
}

/// Persons counted by outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "podsumowanie", prefix = "z", namespaces = { "z" = "urn:brama:zasilanie:1" })]
pub struct Summary {
    #[yaserde(rename = "liczbaOsob", prefix = "z")]
    pub persons: u64,
    #[yaserde(rename = "zapisano", prefix = "z")]
    pub written: u64,
    #[yaserde(rename = "usunieto", prefix = "z")]
    pub removed: u64,
    #[yaserde(rename = "bezZmian", prefix = "z")]
    pub unchanged: u64,
    #[yaserde(rename = "odrzucono", prefix = "z")]
    pub rejected: u64,
    #[yaserde(rename = "ostrzezen", prefix = "z")]
    pub warnings: u64,
}

/// One finding; it never quotes a value.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "usterka", prefix = "z", namespaces = { "z" = "urn:brama:zasilanie:1" })]
pub struct Finding {
    /// Ordinal of the item, from 1; absent when the finding is about the file.
    #[yaserde(rename = "lp", prefix = "z")]
    pub item: Option<u64>,
    #[yaserde(rename = "idZrodlowe", prefix = "z")]
    pub source_id: Option<String>,
    #[yaserde(rename = "waga", prefix = "z")]
    pub severity: Severity,
    #[yaserde(rename = "kod", prefix = "z")]
    pub code: String,
    #[yaserde(rename = "linia", prefix = "z")]
    pub line: Option<u64>,
    #[yaserde(rename = "kolumna", prefix = "z")]
    pub column: Option<u64>,
    /// From the record's root.
    #[yaserde(rename = "sciezka", prefix = "z")]
    pub path: Option<String>,
    #[yaserde(rename = "regula", prefix = "z")]
    pub rule: Option<String>,
    #[yaserde(rename = "opis", prefix = "z")]
    pub text: String,
}
