//! A record of a family-benefit unit.

use yaserde::{YaDeserialize, YaSerialize};

use super::person::PersonalData;
use super::values::{Amount, Day};

/// The subject of decisions and all decisions about them.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "OsobaSR", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct RecordSr {
    #[yaserde(rename = "podmiot", prefix = "b")]
    pub subject: PersonalData,
    /// One at least.
    #[yaserde(rename = "decyzja", prefix = "b")]
    pub decisions: Vec<Decision>,
}

/// One decision: its children and its money stay together.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "decyzja", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct Decision {
    #[yaserde(rename = "dziecko", prefix = "b")]
    pub children: Vec<PersonalData>,
    #[yaserde(rename = "przyznaneSwiadczenie", prefix = "b")]
    pub granted: Vec<GrantedBenefit>,
    #[yaserde(rename = "wyplaconeSwiadczenie", prefix = "b")]
    pub paid: Vec<PaidBenefit>,
}

/// A granted benefit: section 2.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "przyznaneSwiadczenie", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct GrantedBenefit {
    #[yaserde(rename = "rodzaj", prefix = "b")]
    pub kind: String,
    #[yaserde(rename = "dataPoczatkowa", prefix = "b")]
    pub from: Day,
    #[yaserde(rename = "dataKoncowa", prefix = "b")]
    pub to: Option<Day>,
    #[yaserde(rename = "kwota", prefix = "b")]
    pub amount: Amount,
}

/// A payment: section 3.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "wyplaconeSwiadczenie", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct PaidBenefit {
    #[yaserde(rename = "rodzaj", prefix = "b")]
    pub kind: String,
    #[yaserde(rename = "dataWyplaty", prefix = "b")]
    pub paid_on: Day,
    #[yaserde(rename = "kwota", prefix = "b")]
    pub amount: Amount,
}
