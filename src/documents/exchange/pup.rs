//! A record of a labour office.

use yaserde::{YaDeserialize, YaSerialize};

use super::person::PersonalData;
use super::values::{Amount, Day, words};

words! {
    /// Status on the labour market.
    LabourStatus { Unemployed = "BEZROBOTNY", JobSeeker = "POSZUKUJACY_PRACY", }

    /// How a training ended.
    TrainingEnd { Completed = "UKONCZONE", Interrupted = "PRZERWANE", Underway = "W_TRAKCIE", }

    /// Whether an occupation was learned or is practised.
    OccupationCharacter { Learned = "WYUCZONY", Practised = "WYKONYWANY", }
}

/// Everything a labour office knows of one person.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "OsobaPUP", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct RecordPup {
    #[yaserde(rename = "daneOsobowe", prefix = "b")]
    pub personal: PersonalData,
    #[yaserde(rename = "ewidencja", prefix = "b")]
    pub register: Register,
    #[yaserde(rename = "proponowaneSzkolenie", prefix = "b")]
    pub offered_trainings: Vec<OfferedTraining>,
    #[yaserde(rename = "odbyteSzkolenie", prefix = "b")]
    pub trainings: Vec<Training>,
    #[yaserde(rename = "proponowanaPraca", prefix = "b")]
    pub offered_jobs: Vec<OfferedJob>,
    #[yaserde(rename = "kwalifikacje", prefix = "b")]
    pub qualifications: Option<Qualifications>,
    #[yaserde(rename = "wizyta", prefix = "b")]
    pub visits: Vec<Visit>,
    #[yaserde(rename = "zatrudnienie", prefix = "b")]
    pub employments: Vec<Employment>,
    #[yaserde(rename = "zmianaStatusu", prefix = "b")]
    pub status_changes: Vec<StatusChange>,
}

/// Registrations and money: section 2.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "ewidencja", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct Register {
    #[yaserde(rename = "okresRejestracji", prefix = "b")]
    pub registrations: Vec<Registration>,
    #[yaserde(rename = "przyznaneSwiadczenie", prefix = "b")]
    pub granted: Vec<GrantedBenefit>,
    #[yaserde(rename = "pobieranyZasilek", prefix = "b")]
    pub allowances: Vec<DrawnBenefit>,
    #[yaserde(rename = "pobieraneInneSwiadczenie", prefix = "b")]
    pub other_benefits: Vec<DrawnBenefit>,
    #[yaserde(rename = "skreslonaZEwidencji", prefix = "b")]
    pub struck_off: bool,
}

/// A period of registration.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "okresRejestracji", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct Registration {
    #[yaserde(rename = "dataPoczatkowa", prefix = "b")]
    pub from: Day,
    #[yaserde(rename = "dataKoncowa", prefix = "b")]
    pub to: Option<Day>,
    #[yaserde(rename = "statusNaRynkuPracy", prefix = "b")]
    pub status: LabourStatus,
}

/// A granted benefit.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "przyznaneSwiadczenie", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct GrantedBenefit {
    #[yaserde(rename = "nazwa", prefix = "b")]
    pub name: String,
    #[yaserde(rename = "dataPoczatkowa", prefix = "b")]
    pub from: Day,
    #[yaserde(rename = "dataKoncowa", prefix = "b")]
    pub to: Option<Day>,
}

/// A benefit as drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "pobieranyZasilek", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct DrawnBenefit {
    #[yaserde(rename = "dataPoczatkowa", prefix = "b")]
    pub from: Day,
    #[yaserde(rename = "dataKoncowa", prefix = "b")]
    pub to: Option<Day>,
    #[yaserde(rename = "kwotaBrutto", prefix = "b")]
    pub gross: Amount,
    #[yaserde(rename = "kwotaNetto", prefix = "b")]
    pub net: Amount,
}

/// An offered training: section 3.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "proponowaneSzkolenie", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct OfferedTraining {
    #[yaserde(rename = "dataPropozycji", prefix = "b")]
    pub offered_on: Day,
    #[yaserde(rename = "propozycjaPrzyjeta", prefix = "b")]
    pub accepted: Option<bool>,
    #[yaserde(rename = "odmowaUzasadniona", prefix = "b")]
    pub refusal_justified: Option<bool>,
    #[yaserde(rename = "szkolenie", prefix = "b")]
    pub training: String,
}

/// An attended training: section 4.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "odbyteSzkolenie", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct Training {
    #[yaserde(rename = "dataSkierowania", prefix = "b")]
    pub referred_on: Day,
    #[yaserde(rename = "zakresTematyczny", prefix = "b")]
    pub subject: String,
    #[yaserde(rename = "sposobZakonczenia", prefix = "b")]
    pub end: TrainingEnd,
    #[yaserde(rename = "dataRozpoczecia", prefix = "b")]
    pub from: Day,
    #[yaserde(rename = "dataZakonczenia", prefix = "b")]
    pub to: Option<Day>,
}

/// An offered job: section 5.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "proponowanaPraca", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct OfferedJob {
    #[yaserde(rename = "dataPropozycji", prefix = "b")]
    pub offered_on: Day,
    #[yaserde(rename = "propozycjaPrzyjeta", prefix = "b")]
    pub accepted: Option<bool>,
    #[yaserde(rename = "odmowaUzasadniona", prefix = "b")]
    pub refusal_justified: Option<bool>,
    #[yaserde(rename = "stanowisko", prefix = "b")]
    pub position: String,
    #[yaserde(rename = "rodzajPropozycji", prefix = "b")]
    pub kind: Option<String>,
}

/// Education and skills: section 6.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "kwalifikacje", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct Qualifications {
    #[yaserde(rename = "wyksztalcenie", prefix = "b")]
    pub education: Vec<Education>,
    #[yaserde(rename = "zawod", prefix = "b")]
    pub occupations: Vec<Occupation>,
    #[yaserde(rename = "uprawnienie", prefix = "b")]
    pub licences: Vec<Licence>,
    #[yaserde(rename = "jezykObcy", prefix = "b")]
    pub languages: Vec<Language>,
    #[yaserde(rename = "umiejetnosc", prefix = "b")]
    pub skills: Vec<Skill>,
}

/// An education.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "wyksztalcenie", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct Education {
    #[yaserde(rename = "rodzaj", prefix = "b")]
    pub kind: String,
}

/// An occupation.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "zawod", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct Occupation {
    #[yaserde(rename = "nazwa", prefix = "b")]
    pub name: String,
    #[yaserde(rename = "charakter", prefix = "b")]
    pub character: OccupationCharacter,
}

/// A licence or permit.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "uprawnienie", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct Licence {
    #[yaserde(rename = "nazwa", prefix = "b")]
    pub name: String,
}

/// A foreign language.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "jezykObcy", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct Language {
    #[yaserde(rename = "nazwa", prefix = "b")]
    pub name: String,
    #[yaserde(rename = "stopienWMowie", prefix = "b")]
    pub spoken: Option<String>,
    #[yaserde(rename = "stopienWPismie", prefix = "b")]
    pub written: Option<String>,
    #[yaserde(rename = "stopienWCzytaniu", prefix = "b")]
    pub read: Option<String>,
}

/// A skill.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "umiejetnosc", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct Skill {
    #[yaserde(rename = "nazwa", prefix = "b")]
    pub name: String,
}

/// A visit, planned or made: section 7.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "wizyta", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct Visit {
    #[yaserde(rename = "rodzaj", prefix = "b")]
    pub kind: String,
    #[yaserde(rename = "miejsce", prefix = "b")]
    pub place: Option<String>,
    #[yaserde(rename = "dataPlanowana", prefix = "b")]
    pub planned_on: Option<Day>,
    #[yaserde(rename = "dataOdbycia", prefix = "b")]
    pub made_on: Option<Day>,
}

/// An employment: section 8.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "zatrudnienie", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct Employment {
    #[yaserde(rename = "rodzaj", prefix = "b")]
    pub kind: String,
    #[yaserde(rename = "dataPoczatkowa", prefix = "b")]
    pub from: Day,
    #[yaserde(rename = "dataKoncowa", prefix = "b")]
    pub to: Option<Day>,
    #[yaserde(rename = "pracodawca", prefix = "b")]
    pub employer: String,
    #[yaserde(rename = "zawod", prefix = "b")]
    pub occupation: Option<String>,
    #[yaserde(rename = "stanowisko", prefix = "b")]
    pub position: Option<String>,
}

/// A change of status: section 9.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "zmianaStatusu", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct StatusChange {
    #[yaserde(rename = "dataZmiany", prefix = "b")]
    pub on: Day,
    #[yaserde(rename = "rodzaj", prefix = "b")]
    pub kind: String,
    #[yaserde(rename = "typ", prefix = "b")]
    pub variety: Option<String>,
    #[yaserde(rename = "opis", prefix = "b")]
    pub description: Option<String>,
}
