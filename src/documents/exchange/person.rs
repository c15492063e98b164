//! Personal data, shared by all kinds of records.

use yaserde::{YaDeserialize, YaSerialize};

use super::values::{Day, words};

words! {
    /// Sex.
    Sex { Female = "K", Male = "M", }

    /// Marital status.
    MaritalStatus {
        Single = "KAWALER_PANNA",
        Married = "ZONATY_ZAMEZNA",
        Divorced = "ROZWIEDZIONY_ROZWIEDZIONA",
        Widowed = "WDOWIEC_WDOWA",
        Separated = "W_SEPARACJI",
    }

    /// Kind of an identity document.
    DocumentKind {
        IdentityCard = "DOWOD",
        Passport = "PASZPORT",
        ResidenceCard = "KARTA_POBYTU",
        Other = "INNY",
    }

    /// Kind of an address.
    AddressKind {
        PermanentResidence = "STALEGO_POBYTU",
        TemporaryResidence = "CZASOWEGO_POBYTU",
        Dwelling = "ZAMIESZKANIA",
        Correspondence = "KORESPONDENCYJNY",
    }
}

/// Who a person is: scope items 1.1 to 1.7.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "daneOsobowe", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct PersonalData {
    #[yaserde(rename = "nazwisko", prefix = "b")]
    pub surname: String,
    /// All given names, one space between.
    #[yaserde(rename = "imie", prefix = "b")]
    pub given_names: String,
    #[yaserde(rename = "pesel", prefix = "b")]
    pub pesel: Option<String>,
    #[yaserde(rename = "dataUrodzenia", prefix = "b")]
    pub birth_date: Day,
    #[yaserde(rename = "dokumentTozsamosci", prefix = "b")]
    pub documents: Vec<IdentityDocument>,
    #[yaserde(rename = "plec", prefix = "b")]
    pub sex: Sex,
    #[yaserde(rename = "stanCywilny", prefix = "b")]
    pub marital_status: Option<MaritalStatus>,
    /// At most one of each kind.
    #[yaserde(rename = "adres", prefix = "b")]
    pub addresses: Vec<Address>,
}

/// An identity document.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "dokumentTozsamosci", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct IdentityDocument {
    #[yaserde(rename = "rodzaj", prefix = "b")]
    pub kind: DocumentKind,
    #[yaserde(rename = "numer", prefix = "b")]
    pub number: String,
}

/// An address.
#[derive(Debug, Clone, Default, PartialEq, Eq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "adres", prefix = "b", namespaces = { "b" = "urn:brama:beneficjent:1" })]
pub struct Address {
    #[yaserde(rename = "rodzaj", prefix = "b")]
    pub kind: AddressKind,
    /// Absent only abroad.
    #[yaserde(rename = "kodPocztowy", prefix = "b")]
    pub postal_code: Option<String>,
    #[yaserde(rename = "miejscowosc", prefix = "b")]
    pub place: String,
    #[yaserde(rename = "ulica", prefix = "b")]
    pub street: Option<String>,
    #[yaserde(rename = "nrDomu", prefix = "b")]
    pub house: String,
    #[yaserde(rename = "nrLokalu", prefix = "b")]
    pub flat: Option<String>,
}
