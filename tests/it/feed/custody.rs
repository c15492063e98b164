//! Officials name persons who are on record: whoever is named wrongly is nobody, and never somebody else.

use brama::contract::XSD;
use brama::disclosure::{Catalogue, Right};
use brama::ledger::{Draft, EventKind, PersonContent, PersonPart};
use brama::procedures::custody::{self, Error, Official};
use brama::store::{NewUser, SetRecord, Submission, UnitRecord};
use brama::subjects::{IdentificationFields, Pesel, SearchTerm, SetKind};
use chrono::Utc;
use uuid::Uuid;

use super::batches::{Person, SET, file, written};
use super::{ADMINISTRATOR, House};
use crate::on_both_databases;
use crate::support::stores::Engine;

on_both_databases! {
    a_pesel_with_another_surname_erases_and_reports_nobody
}

/// An administrator with three persons on record and an official who may do everything.
fn house(engine: Engine) -> House {
    let house = House::new(engine);
    let stores = &house.stores;
    let set = SetRecord {
        id: SET.to_owned(),
        tenant: ADMINISTRATOR.to_owned(),
        kind: SetKind::Ps,
        name: "Pomoc społeczna".to_owned(),
    };
    stores.add_set(&set).expect("a set");
    let unit = UnitRecord {
        id: ADMINISTRATOR.to_owned(),
        name: "Ośrodek".to_owned(),
        terc: "260101".to_owned(),
        tenant: Some(ADMINISTRATOR.to_owned()),
        nip: None,
        regon: None,
        address: None,
    };
    stores.add_unit(&unit).expect("a unit");
    let groups = ["inspektorzy".to_owned()];
    let user = NewUser { unit: ADMINISTRATOR, login: "ops1", groups: &groups, pesel: None, position: None };
    stores.add_user(&user).expect("an official");
    for right in [Right::InspectRegister, Right::EraseRegister] {
        stores.add_right(ADMINISTRATOR, "inspektorzy", right).expect("a right");
    }
    house.feed("1", &file("1", "rodzaj=\"pelna\"", &written(1, 4)));
    house
}

fn named(person: &Person, surname: &str) -> IdentificationFields {
    IdentificationFields {
        surname: Some(surname.to_owned()),
        pesel: Some(person.pesel.clone()),
        ..IdentificationFields::default()
    }
}

/// Records that the person was told about.
fn tell(house: &House, person: &Person) {
    let content = PersonContent {
        identification: named(person, &person.surname),
        matter: None,
        purpose: None,
        fields: Vec::new(),
        records: Vec::new(),
    };
    let term = SearchTerm::pesel(&Pesel::parse(&person.pesel).expect("a PESEL"));
    let parts = vec![PersonPart { person: term.tag_material(), content }];
    let draft = Draft { parts, ..Draft::new(Uuid::new_v4(), EventKind::Disclosure, ADMINISTRATOR) };
    let submission = Submission { draft: Some(draft), ..Submission::default() };
    house.tenant.recorder.submit(submission).expect("queued").wait_blocking().expect("recorded");
}

fn a_pesel_with_another_surname_erases_and_reports_nobody(engine: Engine) {
    let house = house(engine);
    let (person, other) = (Person::number(1), Person::number(2));
    tell(&house, &person);
    let official = Official { tenant: ADMINISTRATOR, unit: ADMINISTRATOR, login: "ops1", reason: "sprawa 17" };
    let catalogue = Catalogue::read(XSD).expect("the catalogue");
    let report = |surname: &str| {
        let named = named(&person, surname);
        custody::report(&house.stores, &catalogue, official, &named, Utc::now()).expect("a report").entries.len()
    };
    let erase = |surname: &str| custody::erase(&house.stores, official, &named(&person, surname));

    assert_eq!((report(&other.surname), report(&person.surname)), (0, 2), "the entry, and the look that found nobody");
    assert!(matches!(erase(&other.surname), Err(Error::Nobody)));
    assert_eq!(report(&person.surname), 3, "everything can still be read");
    let erased = erase(&person.surname).expect("erased").erased;
    assert_eq!((erased.keys, erased.entries), (1, 4));
    assert_eq!(report(&person.surname), 0);
}
