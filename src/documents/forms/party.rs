//! Who sends and who receives a document: a unit of the gateway, or a person at the desk.

use std::fmt;

use super::error::{Error, Rule};
use super::fields::{optional, put, put_optional, text};
use crate::subjects::Pesel;
use crate::xml::names::{ADR, INST, META, OSO, QName};
use crate::xml::{Attr, Element, Writer, collapse};

/// The kind of identifier by which the gateway knows a unit.
pub const UNIT_ID_KIND: &str = "brama-ID";

/// A sender or an addressee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Party {
    Unit(Unit),
    Person(Person),
}

/// A unit: `inst:Instytucja`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    pub name: String,
    pub nip: Option<String>,
    pub regon: Option<String>,
    /// The unit's identifier in the gateway (`brama-ID`).
    pub id: String,
    pub address: Option<Address>,
}

/// A person at the desk: `oso:Osoba`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Person {
    pub pesel: Option<String>,
    pub given_name: String,
    pub second_name: Option<String>,
    pub surname: String,
    pub second_surname: Option<String>,
    pub address: Option<Address>,
}

/// An address: `adr:Adres`. One that is kept as a line stands in `notes`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Address {
    pub postal_code: Option<String>,
    pub post_office: Option<String>,
    pub place: Option<String>,
    pub street: Option<String>,
    pub building: Option<String>,
    pub flat: Option<String>,
    pub country: Option<String>,
    pub notes: Option<String>,
}

impl Party {
    /// The unit's identifier; a person has none in the gateway.
    #[must_use]
    pub fn unit_id(&self) -> Option<&str> {
        match self {
            Self::Unit(unit) => Some(&unit.id),
            Self::Person(_) => None,
        }
    }

    /// The unit's name, or given name and surname.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Unit(unit) => unit.name.clone(),
            Self::Person(person) => {
                let last = person.second_surname.iter().map(|second| format!("-{second}"));
                format!("{} {}{}", person.given_name, person.surname, last.collect::<String>())
            }
        }
    }
}

impl Address {
    /// An address of which only the whole is known.
    #[must_use]
    pub fn line(text: &str) -> Self {
        Self { notes: Some(text.to_owned()), ..Self::default() }
    }

    /// The fields in the order of the schema.
    fn fields(&self) -> [(QName, Option<&str>); 8] {
        [
            (ADR.name("KodPocztowy"), self.postal_code.as_deref()),
            (ADR.name("Poczta"), self.post_office.as_deref()),
            (ADR.name("Miejscowosc"), self.place.as_deref()),
            (ADR.name("Ulica"), self.street.as_deref()),
            (ADR.name("Budynek"), self.building.as_deref()),
            (ADR.name("Lokal"), self.flat.as_deref()),
            (ADR.name("Kraj"), self.country.as_deref()),
            (ADR.name("Uwagi"), self.notes.as_deref()),
        ]
    }
}

/// The one party inside `str:Adresaci` or `str:Nadawcy`.
///
/// # Errors
/// [`Rule::OneParty`], [`Rule::UnitId`], [`Rule::PartyName`].
pub(super) fn read(list: Element<'_>) -> Result<Party, Error> {
    let mut parties = list.all(META.name("Podmiot")).flat_map(Element::children);
    let (Some(party), None) = (parties.next(), parties.next()) else {
        return Err(Rule::OneParty.at(list.line()));
    };
    if party.is(INST.name("Instytucja")) { unit(party).map(Party::Unit) } else { person(party).map(Party::Person) }
}

fn unit(unit: Element<'_>) -> Result<Unit, Error> {
    let ids = unit.child(INST.name("IdInstytucji"));
    let others = ids.iter().flat_map(|ids| ids.all(INST.name("InnyIdentyfikator")));
    let mut own = others.filter(|one| text(*one, INST.name("TypIdentyfikatora")) == UNIT_ID_KIND);
    let (Some(id), None, Some(name)) = (own.next(), own.next(), optional(unit, INST.name("NazwaInstytucji"))) else {
        return Err(Rule::UnitId.at(unit.line()));
    };
    let of_ids = |name| ids.and_then(|ids| optional(ids, name));
    Ok(Unit {
        name,
        nip: of_ids(INST.name("NIP")),
        regon: of_ids(INST.name("REGON")),
        id: text(id, INST.name("WartoscIdentyfikatora")),
        address: unit.child(ADR.name("Adres")).map(address),
    })
}

fn person(person: Element<'_>) -> Result<Person, Error> {
    let mut surnames = person.all(OSO.name("Nazwisko")).map(Element::token);
    let (Some(given_name), Some(surname)) = (optional(person, OSO.name("Imie")), surnames.next()) else {
        return Err(Rule::PartyName.at(person.line()));
    };
    let pesel = person.child(OSO.name("IdOsoby")).and_then(|ids| ids.child(OSO.name("PESEL")));
    if let Some(pesel) = pesel {
        Pesel::parse(&pesel.token()).map_err(|_| Rule::PartyName.at(pesel.line()))?;
    }
    Ok(Person {
        pesel: pesel.map(Element::token),
        given_name,
        second_name: optional(person, OSO.name("ImieDrugie")),
        surname,
        second_surname: surnames.next(),
        address: person.child(ADR.name("Adres")).map(address),
    })
}

fn address(address: Element<'_>) -> Address {
    Address {
        postal_code: optional(address, ADR.name("KodPocztowy")),
        post_office: optional(address, ADR.name("Poczta")),
        place: optional(address, ADR.name("Miejscowosc")),
        street: optional(address, ADR.name("Ulica")),
        building: optional(address, ADR.name("Budynek")),
        flat: optional(address, ADR.name("Lokal")),
        country: optional(address, ADR.name("Kraj")),
        notes: optional(address, ADR.name("Uwagi")),
    }
}

pub(super) fn write(list: QName, party: &Party, out: &mut Writer) {
    out.element(list, |out| {
        out.element(META.name("Podmiot"), |out| match party {
            Party::Unit(unit) => write_unit(unit, out),
            Party::Person(person) => write_person(person, out),
        });
    });
}

fn write_unit(unit: &Unit, out: &mut Writer) {
    out.element(INST.name("Instytucja"), |out| {
        put(out, INST.name("NazwaInstytucji"), &unit.name);
        out.element(INST.name("IdInstytucji"), |out| {
            put_optional(out, INST.name("NIP"), unit.nip.as_deref());
            put_optional(out, INST.name("REGON"), unit.regon.as_deref());
            out.element(INST.name("InnyIdentyfikator"), |out| {
                put(out, INST.name("TypIdentyfikatora"), UNIT_ID_KIND);
                put(out, INST.name("WartoscIdentyfikatora"), &unit.id);
            });
        });
        write_address(unit.address.as_ref(), out);
    });
}

fn write_person(person: &Person, out: &mut Writer) {
    out.element(OSO.name("Osoba"), |out| {
        if let Some(pesel) = &person.pesel {
            out.element(OSO.name("IdOsoby"), |out| put(out, OSO.name("PESEL"), pesel));
        }
        put(out, OSO.name("Imie"), &person.given_name);
        put_optional(out, OSO.name("ImieDrugie"), person.second_name.as_deref());
        let parts = [("pierwszy", Some(&person.surname)), ("drugi", person.second_surname.as_ref())];
        for (part, surname) in parts.into_iter().filter_map(|(part, surname)| Some((part, surname?))) {
            // The part is told only where there are two.
            let attribute = [Attr::Plain("rodzajCzlonu", part)];
            let told = if person.second_surname.is_some() { &attribute[..] } else { &[] };
            out.open_with(OSO.name("Nazwisko"), told);
            out.text(&collapse(surname));
            out.close();
        }
        write_address(person.address.as_ref(), out);
    });
}

fn write_address(address: Option<&Address>, out: &mut Writer) {
    let Some(address) = address else { return };
    out.element(ADR.name("Adres"), |out| {
        address.fields().into_iter().for_each(|(name, value)| put_optional(out, name, value));
    });
}

/// Nothing of the person: who stands at the desk does not belong in logs.
impl fmt::Debug for Person {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Person(…)")
    }
}

/// Nothing of the address, which may be a person's.
impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Address(…)")
    }
}
