//! What is sealed in stored entries opens with the keys of their persons, and with nothing else.

use std::sync::Arc;

use chrono::TimeDelta;
use tempfile::TempDir;

use super::super::ledger_known::Known;
use super::super::ledger_persons::open_part;
use super::super::ledger_register::Owner;
use super::super::{Address, Database, Gate, KeyRing, Servers, StoreSettings, Tree, migrate};
use super::*;
use crate::ledger::{EventKind, PersonContent, PersonPart, parse_entry};
use crate::signatures::KeyFamily;
use crate::signatures::pki::Authority;
use crate::subjects::IdentificationFields;
use crate::xml::R;

fn register(folder: &TempDir) -> Register {
    let settings = StoreSettings::new(folder.path(), folder.path().join("master.key"));
    let address = Address::File(folder.path().join("rejestr.sqlite"));
    let database = Database::new(&Servers::new(&settings), address, Arc::new(Gate::new(8))).unwrap();
    migrate(&database, Tree::Ledger).unwrap();
    let keys = Arc::new(KeyRing::generate("OPS").unwrap());
    let authority = Authority::new("test", Utc::now()).unwrap();
    let seal = authority.issue("brama", KeyFamily::Ecdsa, Utc::now()).unwrap().signing_key().unwrap();
    let known = Known::open(None, "OPS").unwrap();
    let owner = Owner { tenant: "OPS".to_owned(), keys, seal: Some(Arc::new(seal)), known };
    Register::new(owner, Arc::new(database), TimeDelta::hours(24), Utc::now)
}

fn part(person: &str) -> PersonPart {
    let identification = IdentificationFields { surname: Some(person.to_owned()), ..IdentificationFields::default() };
    let content =
        PersonContent { identification, matter: None, purpose: None, fields: Vec::new(), records: Vec::new() };
    PersonPart { person: person.as_bytes().to_vec(), content }
}

fn entrant(persons: &[&str]) -> Entrant {
    let parts = persons.iter().map(|person| part(person)).collect();
    let draft = Draft { parts, ..Draft::new(Uuid::new_v4(), EventKind::Disclosure, "OPS") };
    Entrant {
        id: draft.event,
        submission: Submission { draft: Some(draft), ..Submission::default() },
        aside: Aside::default(),
    }
}

/// The sealed parts of entry `number`.
fn sealed_parts(register: &Register, number: i64) -> Vec<SealedPart> {
    use ledger_entries::dsl;
    let leaf: Vec<u8> =
        register.database.read(|db| Ok(dsl::ledger_entries.find(number).select(dsl::leaf).first(db)?)).unwrap();
    let document = parse_entry(&leaf).unwrap();
    let bytes = |text: String| openssl::base64::decode_block(&text).unwrap();
    let parts = document.root().all(R.name("czesc")).map(|part| SealedPart {
        commitment: bytes(part.child(R.name("zobowiazanieKlucza")).unwrap().text()).try_into().unwrap(),
        sealed: bytes(part.child(R.name("tresc")).unwrap().text()),
    });
    parts.collect()
}

fn stored_key(register: &Register, person: &str) -> Key {
    use ledger_person_keys::dsl;
    let tag = person_tag(&register.keys, person.as_bytes()).unwrap();
    let wrapped: Vec<u8> = register
        .database
        .read(|db| Ok(dsl::ledger_person_keys.find(tag.as_slice()).select(dsl::wrapped).first(db)?))
        .unwrap();
    unwrap_person_key(&register.keys, &tag, &wrapped).unwrap()
}

fn entries_of(register: &Register, person: &str) -> Vec<(i64, i64)> {
    use ledger_person_entries::dsl;
    let tag = person_tag(&register.keys, person.as_bytes()).unwrap();
    let of_person = dsl::ledger_person_entries.filter(dsl::person.eq(tag.as_slice()));
    let rows = of_person.select((dsl::number, dsl::part)).order((dsl::number, dsl::part));
    register.database.read(|db| Ok(rows.load(db)?)).unwrap()
}

#[test]
fn every_person_of_an_entry_has_a_part_that_only_their_key_opens() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(&folder);
    let group = [entrant(&["Anna-Testowa", "Jan-Testowy"]), entrant(&["Anna-Testowa"])];
    for outcome in register.append(group.iter()).unwrap() {
        outcome.unwrap();
    }
    let (anna, jan) = (stored_key(&register, "Anna-Testowa"), stored_key(&register, "Jan-Testowy"));
    assert_eq!(entries_of(&register, "Anna-Testowa"), [(1, 1), (2, 1)]);
    assert_eq!(entries_of(&register, "Jan-Testowy"), [(1, 2)]);

    let first = sealed_parts(&register, 1);
    let open = |key: &Key, part: &SealedPart, of: usize| open_part("OPS", key, group[of].id, part).ok();
    assert_eq!(open(&anna, &first[0], 0).map(|clear| clear.to_vec()), Some(part("Anna-Testowa").content.to_xml()));
    assert_eq!(open(&jan, &first[1], 0).map(|clear| clear.to_vec()), Some(part("Jan-Testowy").content.to_xml()));
    assert!(open(&jan, &first[0], 0).is_none() && open(&anna, &first[1], 0).is_none());

    let second = sealed_parts(&register, 2);
    assert!(open(&anna, &second[0], 1).is_some());
    assert!(open(&anna, &second[0], 0).is_none(), "the part of another event");
}

#[test]
fn after_a_persons_key_is_gone_older_parts_stay_closed_and_newer_ones_open() {
    use ledger_person_keys::dsl;
    let folder = tempfile::tempdir().unwrap();
    let register = register(&folder);
    let group = [entrant(&["Anna-Testowa"]), entrant(&["Anna-Testowa"])];
    register.append(group[..1].iter()).unwrap();
    register.database.write(|db| Ok(diesel::delete(dsl::ledger_person_keys).execute(db)?)).unwrap();
    register.append(group[1..].iter()).unwrap();

    let key = stored_key(&register, "Anna-Testowa");
    assert!(open_part("OPS", &key, group[0].id, &sealed_parts(&register, 1)[0]).is_err());
    assert!(open_part("OPS", &key, group[1].id, &sealed_parts(&register, 2)[0]).is_ok());
}
