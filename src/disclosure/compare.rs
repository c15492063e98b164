//! `WeryfikujDaneOsoby`: whether given values agree with what a set holds, field by field, each under its scope item (rule 5.7).

use chrono::NaiveDate;

use super::{Asked, Decision, KindCatalogue, Refusal, Rights};
use crate::subjects::{
    Address, DocumentKind, Error, FieldError, Identification, IdentityDocument, People, Pesel, RecordPerson, SetKind,
    Sex, first_given_name, named, normalise, read_day,
};

/// The fields of `porownanie` as they stand in a request, in wire order.
#[derive(Clone, Default)]
pub struct ComparisonFields {
    pub surname: Option<String>,
    pub given_name: Option<String>,
    pub pesel: Option<String>,
    pub birth_date: Option<String>,
    /// Kind and number.
    pub document: Option<(String, String)>,
    pub sex: Option<String>,
    pub marital_status: Option<String>,
    pub address: Option<AddressFields>,
}

/// The fields of `porownanie/adres`.
#[derive(Clone, Default)]
pub struct AddressFields {
    pub kind: String,
    pub postal_code: Option<String>,
    pub town: Option<String>,
    pub street: Option<String>,
    pub house: Option<String>,
    pub flat: Option<String>,
}

/// Values to compare, checked; at least one.
#[derive(Clone)]
pub struct Comparison {
    values: Vec<Value>,
}

#[derive(Clone)]
enum Value {
    Surname(String),
    GivenName(String),
    Pesel(Pesel),
    BirthDate(NaiveDate),
    Document(IdentityDocument),
    Sex(Sex),
    MaritalStatus(String),
    Address { kind: String, part: AddressPart, value: String },
}

#[derive(Clone, Copy)]
enum AddressPart {
    PostalCode,
    Town,
    Street,
    House,
    Flat,
}

/// In which places the caller may compare, and on what ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permitted {
    /// Items of all permitted places together.
    pub decision: Decision,
    /// Against the record's own person.
    pub subject: bool,
    /// Against children of decisions; always false except in a family-benefit set.
    pub children: bool,
}

impl Comparison {
    /// Checks the fields of a request.
    ///
    /// # Errors
    /// The field that is wrong and why; an address without any part, like an empty `porownanie`, has nothing to compare.
    pub fn parse(fields: &ComparisonFields) -> Result<Self, FieldError> {
        let at = |field: &'static str| move |error: Error| FieldError { field, error };
        let mut values = Vec::new();
        if let Some(text) = &fields.surname {
            values.push(Value::Surname(named(text).map_err(at("nazwisko"))?));
        }
        if let Some(text) = &fields.given_name {
            values.push(Value::GivenName(named(text).map_err(at("imie"))?));
        }
        if let Some(text) = &fields.pesel {
            values.push(Value::Pesel(Pesel::parse(text).map_err(at("pesel"))?));
        }
        if let Some(text) = &fields.birth_date {
            values.push(Value::BirthDate(read_day(text).ok_or(Error::Date).map_err(at("dataUrodzenia"))?));
        }
        if let Some((kind, number)) = &fields.document {
            let kind = DocumentKind::parse(kind).ok_or(Error::Word).map_err(at("dokumentTozsamosci/rodzaj"))?;
            values
                .push(Value::Document(IdentityDocument::parse(kind, number).map_err(at("dokumentTozsamosci/numer"))?));
        }
        if let Some(text) = &fields.sex {
            values.push(Value::Sex(Sex::parse(text).ok_or(Error::Word).map_err(at("plec"))?));
        }
        if let Some(text) = &fields.marital_status {
            values.push(Value::MaritalStatus(text.clone()));
        }
        if let Some(address) = &fields.address {
            let before = values.len();
            values.extend(address_values(address));
            if values.len() == before {
                return Err(FieldError { field: "adres", error: Error::NothingToCompare });
            }
        }
        if values.is_empty() {
            return Err(FieldError { field: "", error: Error::NothingToCompare });
        }
        Ok(Self { values })
    }

    /// Names of the values given, as `pole/nazwa` has them: in wire order, one for each.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.values.iter().map(Value::name).collect()
    }

    /// Decides whether each value may be compared; `path` is the path of `porownanie` in the request.
    ///
    /// In a family-benefit set the person may be the subject or a child, under different items: only the places where
    /// every value's item is granted are permitted.
    ///
    /// # Errors
    /// [`Refusal::NotGranted`] for the record's own person when no place is permitted.
    pub fn permit(&self, rights: &Rights, catalogue: &KindCatalogue, path: &str) -> Result<Permitted, Refusal> {
        let subject =
            rights.narrow(catalogue, &self.asked(catalogue, &[catalogue.kind().subject_element()], path), false);
        let children = match catalogue.kind() {
            SetKind::Pup | SetKind::Ps => return Ok(Permitted { decision: subject?, subject: true, children: false }),
            SetKind::Sr => rights.narrow(catalogue, &self.asked(catalogue, &["decyzja", "dziecko"], path), false),
        };
        match (subject, children) {
            (Ok(subject), Ok(children)) => {
                Ok(Permitted { decision: subject.and(children), subject: true, children: true })
            }
            (Ok(decision), Err(_)) => Ok(Permitted { decision, subject: true, children: false }),
            (Err(_), Ok(decision)) => Ok(Permitted { decision, subject: false, children: true }),
            (Err(refusal), Err(_)) => Err(refusal),
        }
    }

    /// The answer for a person found in one or more records: each name with whether one of the records agrees.
    ///
    /// A value that no record has does not agree.
    #[must_use]
    pub fn against(&self, found: &[&RecordPerson]) -> Vec<(&'static str, bool)> {
        self.values.iter().map(|value| (value.name(), found.iter().any(|person| value.agrees(person)))).collect()
    }

    /// The items of the values at a person's place in the record.
    fn asked(&self, catalogue: &KindCatalogue, place: &[&str], path: &str) -> Vec<Asked> {
        let asked = |value: &Value| {
            let leaf: Vec<_> = [place, value.steps(), value.leaf_below()].concat();
            let item = catalogue.item_at(&leaf).expect("every compared value has its leaf in every kind of record");
            let path = value.steps().iter().fold(path.to_owned(), |path, step| path + "/u:" + step);
            Asked { item, path }
        };
        self.values.iter().map(asked).collect()
    }
}

impl Permitted {
    /// Whoever matches in the record at a permitted place, the record's own person first.
    #[must_use]
    pub fn persons<'r>(&self, people: &'r People, sought: &Identification) -> Vec<&'r RecordPerson> {
        let subject = self.subject.then_some(&people.subject);
        let children = people.children.iter().filter(|_| self.children).map(|(_, child)| child);
        subject.into_iter().chain(children).filter(|person| person.matches(sought)).collect()
    }
}

impl Value {
    /// Where the value stands, below the person's element in a record and below `porownanie` in a request.
    const fn steps(&self) -> &'static [&'static str] {
        match self {
            Self::Surname(_) => &["nazwisko"],
            Self::GivenName(_) => &["imie"],
            Self::Pesel(_) => &["pesel"],
            Self::BirthDate(_) => &["dataUrodzenia"],
            Self::Document(_) => &["dokumentTozsamosci"],
            Self::Sex(_) => &["plec"],
            Self::MaritalStatus(_) => &["stanCywilny"],
            Self::Address { part, .. } => match part {
                AddressPart::PostalCode => &["adres", "kodPocztowy"],
                AddressPart::Town => &["adres", "miejscowosc"],
                AddressPart::Street => &["adres", "ulica"],
                AddressPart::House => &["adres", "nrDomu"],
                AddressPart::Flat => &["adres", "nrLokalu"],
            },
        }
    }

    /// A document is compared as a pair; both its leaves have one item.
    const fn leaf_below(&self) -> &'static [&'static str] {
        match self {
            Self::Document(_) => &["numer"],
            _ => &[],
        }
    }

    fn name(&self) -> &'static str {
        self.steps().last().copied().unwrap_or_default()
    }

    fn agrees(&self, person: &RecordPerson) -> bool {
        match self {
            Self::Surname(given) => normalise(&person.surname) == normalise(given),
            Self::GivenName(given) => first_given_name(&person.given_names) == first_given_name(given),
            Self::Pesel(given) => person.pesel.as_ref() == Some(given),
            Self::BirthDate(given) => person.birth_date == *given,
            Self::Document(given) => person.documents.contains(given),
            Self::Sex(given) => person.sex == *given,
            Self::MaritalStatus(given) => person.marital_status.as_ref() == Some(given),
            Self::Address { kind, part, value } => {
                let of_kind = person.addresses.iter().filter(|address| address.kind == *kind);
                of_kind.filter_map(|address| part.of(address)).any(|own| normalise(own) == normalise(value))
            }
        }
    }
}

impl AddressPart {
    fn of(self, address: &Address) -> Option<&str> {
        match self {
            Self::PostalCode => address.postal_code.as_deref(),
            Self::Town => address.town.as_deref(),
            Self::Street => address.street.as_deref(),
            Self::House => address.house.as_deref(),
            Self::Flat => address.flat.as_deref(),
        }
    }
}

fn address_values(address: &AddressFields) -> impl Iterator<Item = Value> {
    let parts = [
        (AddressPart::PostalCode, &address.postal_code),
        (AddressPart::Town, &address.town),
        (AddressPart::Street, &address.street),
        (AddressPart::House, &address.house),
        (AddressPart::Flat, &address.flat),
    ];
    parts.into_iter().filter_map(|(part, value)| {
        value.clone().map(|value| Value::Address { kind: address.kind.clone(), part, value })
    })
}

#[cfg(test)]
mod tests;
