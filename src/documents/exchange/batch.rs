//! A batch: the file by which a domain system feeds a set.

use yaserde::{YaDeserialize, YaSerialize};

use super::ps::RecordPs;
use super::pup::RecordPup;
use super::sr::RecordSr;
use super::values::{Day, words};

words! {
    /// Whether a batch replaces the whole set or brings changes.
    BatchKind { Full = "pelna", Incremental = "przyrostowa", }

    /// What an item does to the person's record.
    Action { Write = "zapis", Remove = "usuniecie", }
}

/// A whole batch file.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "Paczka", prefix = "z", namespaces = { "b" = "urn:brama:beneficjent:1", "z" = "urn:brama:zasilanie:1" })]
pub struct Batch {
    /// The sender's mark; together with the set it is the key of the batch.
    #[yaserde(attribute = true, rename = "oznaczenie")]
    pub mark: String,
    #[yaserde(attribute = true, rename = "zbior")]
    pub set: String,
    #[yaserde(attribute = true, rename = "rodzaj")]
    pub kind: BatchKind,
    /// The day that the data describe.
    #[yaserde(attribute = true, rename = "stanNa")]
    pub as_of: Day,
    /// Number of items.
    #[yaserde(attribute = true, rename = "liczbaOsob")]
    pub persons: u64,
    #[yaserde(attribute = true, rename = "czesciowo")]
    pub partial: Option<bool>,
    #[yaserde(attribute = true, rename = "pusta")]
    pub empty: Option<bool>,
    #[yaserde(rename = "Osoba", prefix = "z")]
    pub items: Vec<Item>,
}

/// One person's place in a batch: with `zapis` exactly one record, with `usuniecie` none.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "Osoba", prefix = "z", namespaces = { "b" = "urn:brama:beneficjent:1", "z" = "urn:brama:zasilanie:1" })]
pub struct Item {
    #[yaserde(attribute = true, rename = "idZrodlowe")]
    pub source_id: String,
    #[yaserde(attribute = true, rename = "operacja")]
    pub action: Action,
    #[yaserde(rename = "OsobaPUP", prefix = "b")]
    pub pup: Option<RecordPup>,
    #[yaserde(rename = "OsobaPS", prefix = "b")]
    pub ps: Option<RecordPs>,
    #[yaserde(rename = "OsobaSR", prefix = "b")]
    pub sr: Option<RecordSr>,
}
