//! A record of a social-assistance unit.

use yaserde::{YaDeserialize, YaSerialize};

use super::person::PersonalData;
use super::values::{Amount, Day};

/// Everything a social-assistance unit knows of one person.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "OsobaPS", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct RecordPs {
    #[yaserde(rename = "daneOsobowe", prefix = "b")]
    pub personal: PersonalData,
    #[yaserde(rename = "informacjeOgolne", prefix = "b")]
    pub general: General,
    #[yaserde(rename = "swiadczenie", prefix = "b")]
    pub benefits: Vec<Benefit>,
}

/// Standing in the unit: section 2.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "informacjeOgolne", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct General {
    #[yaserde(rename = "zarejestrowana", prefix = "b")]
    pub registered: bool,
    #[yaserde(rename = "status", prefix = "b")]
    pub status: Option<String>,
}

/// A benefit granted and drawn: section 3.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "swiadczenie", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct Benefit {
    #[yaserde(rename = "nazwa", prefix = "b")]
    pub name: String,
    #[yaserde(rename = "dataPoczatkowa", prefix = "b")]
    pub from: Day,
    #[yaserde(rename = "dataKoncowa", prefix = "b")]
    pub to: Option<Day>,
    /// Absent for help in kind.
    #[yaserde(rename = "kwotaBrutto", prefix = "b")]
    pub gross: Option<Amount>,
    #[yaserde(rename = "kwotaNetto", prefix = "b")]
    pub net: Option<Amount>,
}
