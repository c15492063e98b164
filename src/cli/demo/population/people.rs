//! The invented people of the county, before any office knows anything about them.

use chrono::{Datelike, Days, NaiveDate};

use super::identifiers::Identifiers;
use super::random::Random;
use super::words;
use crate::documents::exchange::person::{
    Address, AddressKind, DocumentKind, IdentityDocument, MaritalStatus, PersonalData, Sex,
};
use crate::documents::exchange::values::Day;

/// One invented person and the sets that know them.
pub struct Resident {
    pub data: PersonalData,
    pub in_pup: bool,
    pub in_ps: bool,
    /// Known as the subject of decisions; children are found through their families.
    pub in_sr: bool,
    /// Positions of the children in the decisions about this person.
    pub children: Vec<usize>,
    /// What is unusual about this person, for readers of the list.
    pub remark: &'static str,
}

/// Everybody, in a fixed order: the persons of the published samples come first.
pub struct Population {
    pub residents: Vec<Resident>,
}

/// How many adults the county has; children come on top.
const ADULTS: usize = 3_000;
/// Pairs of different persons with the same names and birth date.
const NAMESAKES: usize = 12;
/// Every so-many-th adult of some sets is a foreigner without a PESEL.
const FOREIGNER_EVERY: usize = 53;

mod purpose {
    pub const ADULT: u64 = 1;
    pub const NAMESAKE: u64 = 2;
    pub const FAMILY: u64 = 3;
    pub const CHILD: u64 = 4;
}

impl Population {
    /// Makes the same people every time.
    #[must_use]
    pub fn new() -> Self {
        let mut identifiers = Identifiers::default();
        let mut residents = known_persons(&mut identifiers);
        for position in residents.len()..ADULTS {
            residents.push(adult(&mut identifiers, position));
        }
        add_contradictions(&mut residents);
        add_namesakes(&mut identifiers, &mut residents);
        add_families(&mut identifiers, &mut residents);
        Self { residents }
    }

    /// The person's identifier in a domain system: stable, and the samples' persons have the samples' numbers.
    #[must_use]
    pub fn source_id(prefix: &str, position: usize) -> String {
        format!("{prefix}-{}", 1001 + position)
    }
}

/// The two persons of the published samples, and the mother of the first.
fn known_persons(identifiers: &mut Identifiers) -> Vec<Resident> {
    let day = |year, month, day| Day(NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default());
    let known = |surname: &str, given_names: &str, pesel: &str, birth_date, sex, marital_status| PersonalData {
        surname: surname.to_owned(),
        given_names: given_names.to_owned(),
        pesel: Some(pesel.to_owned()),
        birth_date,
        sex,
        marital_status: Some(marital_status),
        ..PersonalData::default()
    };
    let people = [
        known("Lipowa-Testowa", "Anna", "85831541742", day(1885, 3, 15), Sex::Female, MaritalStatus::Single),
        known("Polny-Testowy", "Jan", "71822823375", day(1871, 2, 28), Sex::Male, MaritalStatus::Married),
        known("Lipowa-Testowa", "Maria Józefa", "58911204280", day(1858, 11, 12), Sex::Female, MaritalStatus::Widowed),
    ];
    let remarks = ["osoba z przykładów", "osoba z przykładów", "matka osoby z przykładów"];
    let children = [vec![], vec![], vec![0]];
    let mut residents = Vec::new();
    for (((mut data, remark), children), position) in people.into_iter().zip(remarks).zip(children).zip(0..) {
        let random = &mut Random::of(purpose::ADULT, position);
        identifiers.reserve(data.pesel.as_deref().unwrap_or_default());
        data.documents = vec![
            identifiers.document(random, DocumentKind::IdentityCard),
            identifiers.document(random, DocumentKind::Passport),
        ];
        data.addresses =
            vec![home(AddressKind::Dwelling, "7a", None), home(AddressKind::PermanentResidence, "12", Some("4"))];
        let (in_pup, in_ps, in_sr) = (position == 0, position < 2, position != 1);
        residents.push(Resident { data, in_pup, in_ps, in_sr, children, remark });
    }
    residents
}

fn home(kind: AddressKind, house: &str, flat: Option<&str>) -> Address {
    Address {
        kind,
        postal_code: Some("28-100".to_owned()),
        place: "Busko-Zdrój".to_owned(),
        street: Some("Lipowa".to_owned()),
        house: house.to_owned(),
        flat: flat.map(str::to_owned),
    }
}

fn adult(identifiers: &mut Identifiers, position: usize) -> Resident {
    let random = &mut Random::of(purpose::ADULT, position);
    let sex = if random.chance(55) { Sex::Female } else { Sex::Male };
    let born = birthday(random, 1830, 1880);
    let foreigner = position.is_multiple_of(FOREIGNER_EVERY);
    let given_names = match (foreigner, sex) {
        (true, Sex::Female) => random.pick(words::FOREIGN_FEMALE_NAMES).to_owned(),
        (true, Sex::Male) => random.pick(words::FOREIGN_MALE_NAMES).to_owned(),
        (false, _) => given_names(random, sex),
    };
    let status = [
        MaritalStatus::Married,
        MaritalStatus::Married,
        MaritalStatus::Single,
        MaritalStatus::Divorced,
        MaritalStatus::Widowed,
        MaritalStatus::Separated,
    ];
    let marital_status = if random.chance(95) { Some(random.pick(&status)) } else { None };
    let data = PersonalData {
        surname: surname(random.pick(words::SURNAMES), sex),
        given_names,
        pesel: (!foreigner).then(|| identifiers.pesel(random, born, sex)),
        birth_date: Day(born),
        documents: if foreigner { foreign_documents(identifiers, random) } else { documents(identifiers, random) },
        sex,
        marital_status,
        addresses: addresses(random),
    };
    let (mut in_pup, in_ps, in_sr) = (random.chance(74), random.chance(74), random.chance(74));
    if !in_ps && !in_sr {
        in_pup = true;
    }
    let remark = match (foreigner, data.addresses.is_empty()) {
        (true, _) => "bez PESEL",
        (false, true) => "bez adresu",
        (false, false) => "",
    };
    Resident { data, in_pup, in_ps, in_sr, children: Vec::new(), remark }
}

/// Registers do contain people whose PESEL contradicts their birth date or sex; a feed warns of them.
fn add_contradictions(residents: &mut [Resident]) {
    for (position, by_sex) in [(101, false), (202, false), (303, true)] {
        let Resident { data, in_pup, in_ps, in_sr, remark, .. } = &mut residents[position];
        if by_sex {
            data.sex = if data.sex == Sex::Female { Sex::Male } else { Sex::Female };
            *remark = "PESEL niezgodny z płcią";
        } else {
            data.birth_date = Day(data.birth_date.0 + Days::new(1));
            *remark = "PESEL niezgodny z datą urodzenia";
        }
        (*in_pup, *in_ps, *in_sr) = (true, true, true);
    }
}

/// Different persons whom name and birth date cannot tell apart, in all three sets.
fn add_namesakes(identifiers: &mut Identifiers, residents: &mut Vec<Resident>) {
    for pair in 0..NAMESAKES {
        let random = &mut Random::of(purpose::NAMESAKE, pair);
        let original = &mut residents[10 + 7 * pair];
        original.remark = "imiennik: to samo nazwisko, imię i data urodzenia";
        (original.in_pup, original.in_ps, original.in_sr) = (true, true, true);
        let mut data = original.data.clone();
        let first = data.given_names.split(' ').next().unwrap_or_default().to_owned();
        data.given_names = if pair % 3 == 0 { format!("{first} {}", second_name(data.sex)) } else { first };
        // Every fourth of them has no PESEL, only a document.
        data.pesel = (pair % 4 != 3).then(|| identifiers.pesel(random, data.birth_date.0, data.sex));
        data.documents = documents(identifiers, random);
        if data.documents.is_empty() {
            data.documents.push(identifiers.document(random, DocumentKind::IdentityCard));
        }
        data.addresses = addresses(random);
        let remark = original.remark;
        residents.push(Resident { data, in_pup: true, in_ps: true, in_sr: true, children: Vec::new(), remark });
    }
}

const fn second_name(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "Sława",
        Sex::Male => "Świętosław",
    }
}

/// Children of the subjects of decisions; some are adults with records of their own, some have both parents in the set.
fn add_families(identifiers: &mut Identifiers, residents: &mut Vec<Resident>) {
    let parents = residents.len();
    for parent in 3..parents {
        if !residents[parent].in_sr {
            continue;
        }
        let random = &mut Random::of(purpose::FAMILY, parent);
        for _ in 0..random.pick(&[0, 0, 1, 1, 1, 2, 2, 3]) {
            let position = residents.len();
            let child = child_of(identifiers, &residents[parent].data, position);
            residents[parent].children.push(position);
            residents.push(child);
        }
        let partner = parent + 1;
        if parent.is_multiple_of(97) && partner < parents && residents[partner].in_sr {
            let shared = residents[parent].children.clone();
            residents[partner].children.extend(shared);
        }
        // An adult who has a record of their own and is still somebody's child in a decision.
        let grown_up = parent.saturating_sub(1);
        if parent.is_multiple_of(61) && younger_by_a_generation(&residents[parent].data, &residents[grown_up].data) {
            residents[parent].children.push(grown_up);
        }
    }
}

fn younger_by_a_generation(parent: &PersonalData, child: &PersonalData) -> bool {
    child.birth_date.0.year() - parent.birth_date.0.year() >= 18
}

fn child_of(identifiers: &mut Identifiers, parent: &PersonalData, position: usize) -> Resident {
    let random = &mut Random::of(purpose::CHILD, position);
    let sex = if random.chance(50) { Sex::Female } else { Sex::Male };
    let born = birthday(random, 1882, 1899);
    let masculine = parent.surname.trim_end_matches("-Testowy").trim_end_matches("-Testowa");
    let masculine = format!("{}y", &masculine[..masculine.len() - 1]);
    let without_pesel = position.is_multiple_of(101);
    let identified = without_pesel || random.chance(40);
    let kind = if without_pesel { DocumentKind::Passport } else { DocumentKind::IdentityCard };
    let data = PersonalData {
        surname: surname(&masculine, sex),
        given_names: given_names(random, sex),
        pesel: (!without_pesel).then(|| identifiers.pesel(random, born, sex)),
        birth_date: Day(born),
        documents: if identified { vec![identifiers.document(random, kind)] } else { Vec::new() },
        sex,
        marital_status: random.chance(15).then_some(MaritalStatus::Single),
        addresses: parent.addresses.clone(),
    };
    let grown_up = born.year() < 1888;
    Resident {
        data,
        in_pup: grown_up && random.chance(30),
        in_ps: random.chance(8),
        in_sr: false,
        children: Vec::new(),
        remark: if without_pesel { "bez PESEL" } else { "" },
    }
}

fn surname(masculine: &str, sex: Sex) -> String {
    match sex {
        Sex::Male => format!("{masculine}-Testowy"),
        Sex::Female => format!("{}a-Testowa", masculine.trim_end_matches('y')),
    }
}

fn given_names(random: &mut Random, sex: Sex) -> String {
    let names = match sex {
        Sex::Female => words::FEMALE_NAMES,
        Sex::Male => words::MALE_NAMES,
    };
    let (first, second) = (random.pick(names), random.pick(names));
    if first != second && random.chance(40) { format!("{first} {second}") } else { first.to_owned() }
}

fn birthday(random: &mut Random, first_year: u32, last_year: u32) -> NaiveDate {
    let year = random.between(first_year, last_year).cast_signed();
    let day = random.between(1, 365);
    NaiveDate::from_yo_opt(year, day).unwrap_or_default()
}

fn documents(identifiers: &mut Identifiers, random: &mut Random) -> Vec<IdentityDocument> {
    let mut documents = Vec::new();
    if random.chance(92) {
        documents.push(identifiers.document(random, DocumentKind::IdentityCard));
    }
    if random.chance(20) {
        documents.push(identifiers.document(random, DocumentKind::Passport));
    }
    documents
}

fn foreign_documents(identifiers: &mut Identifiers, random: &mut Random) -> Vec<IdentityDocument> {
    let kinds = [DocumentKind::ResidenceCard, DocumentKind::Other, DocumentKind::ResidenceCard];
    let kind = random.pick(&kinds);
    let mut documents = vec![identifiers.document(random, kind)];
    if random.chance(40) {
        documents.push(identifiers.document(random, DocumentKind::Passport));
    }
    documents
}

/// At most one address of each kind; a homeless person has none.
fn addresses(random: &mut Random) -> Vec<Address> {
    if random.chance(2) {
        return Vec::new();
    }
    let mut addresses = vec![address(random, AddressKind::Dwelling)];
    if random.chance(60) {
        addresses.push(address(random, AddressKind::PermanentResidence));
    }
    if random.chance(10) {
        addresses.push(address(random, AddressKind::TemporaryResidence));
    }
    if random.chance(3) {
        let (place, street) = random.pick(words::ABROAD);
        addresses.push(Address {
            kind: AddressKind::Correspondence,
            postal_code: None,
            place: place.to_owned(),
            street: Some(street.to_owned()),
            house: random.between(1, 200).to_string(),
            flat: None,
        });
    } else if random.chance(15) {
        addresses.push(address(random, AddressKind::Correspondence));
    }
    addresses
}

fn address(random: &mut Random, kind: AddressKind) -> Address {
    // Half of the county lives in its capital.
    let (postal_code, place, streets) = if random.chance(50) { words::PLACES[0] } else { random.pick(words::PLACES) };
    let number = random.between(1, 120);
    Address {
        kind,
        postal_code: Some(postal_code.to_owned()),
        place: place.to_owned(),
        street: (!streets.is_empty()).then(|| random.pick(streets).to_owned()),
        house: if random.chance(15) {
            format!("{number}{}", random.pick(&['a', 'b', 'c']))
        } else {
            number.to_string()
        },
        flat: (!streets.is_empty() && random.chance(50)).then(|| random.between(1, 40).to_string()),
    }
}
