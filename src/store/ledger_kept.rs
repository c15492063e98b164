//! How kept answers are sealed: each with a key that derives from the person's, so that destroying that key reaches every
//! copy of them, in files and backups too (rule 3.6).

use diesel::prelude::*;
use uuid::Uuid;

use super::connection::on;
use super::ledger_persons::{NO_NUMBER, PersonTag, answer_key, unwrap_person_key};
use super::ledger_tables::{ledger_entries, ledger_person_entries, ledger_person_keys};
use super::seal::key_id;
use super::{Db, Error, Key, KeyRing, KeyUse, Label};
use crate::ledger::KeptAnswer;

/// Answers are padded to this many bytes.
const PAD: usize = 256;

/// The part of an entry whose person an answer is about.
const FIRST_PART: i64 = 1;

/// Seals the answer given under `event` to a question about `person`; one about nobody, with the ledger key.
pub(super) fn seal(
    keys: &KeyRing,
    person: Option<&Key>,
    event: Uuid,
    purpose: &str,
    answer: &KeptAnswer,
) -> Result<Vec<u8>, Error> {
    let clear = zeroize::Zeroizing::new(answer.to_bytes());
    let label = label(purpose, &event);
    match person {
        Some(person) => answer_key(person, event).seal(keys.owner(), label, &clear, PAD),
        None => keys.seal(KeyUse::Ledger, label, &clear, PAD),
    }
}

/// Opens what [`seal`] made; nothing when the person's key was destroyed.
pub(super) fn open(
    db: &mut Db,
    keys: &KeyRing,
    event: Uuid,
    purpose: &str,
    sealed: &[u8],
) -> Result<Option<KeptAnswer>, Error> {
    let label = label(purpose, &event);
    let clear = if key_id(sealed)? == NO_NUMBER {
        let Some(person) = person_of(db, keys, event)? else { return Ok(None) };
        answer_key(&person, event).open(keys.owner(), label, sealed)?
    } else {
        // About nobody, or kept before answers had keys of their own.
        keys.open(KeyUse::Ledger, label, sealed)?
    };
    KeptAnswer::from_bytes(&clear).map(Some).ok_or(Error::Sealed("an answer of another form"))
}

/// The key of whom the entry of `event` is about, as long as there is one.
fn person_of(db: &mut Db, keys: &KeyRing, event: Uuid) -> Result<Option<Key>, Error> {
    let number = ledger_entries::table.filter(ledger_entries::event.eq(event.as_bytes().as_slice()));
    let person = ledger_person_entries::table
        .filter(ledger_person_entries::part.eq(FIRST_PART))
        .filter(ledger_person_entries::number.eq_any(number.select(ledger_entries::number)));
    let key = ledger_person_keys::table
        .filter(ledger_person_keys::person.eq_any(person.select(ledger_person_entries::person)));
    let key: Option<(Vec<u8>, Vec<u8>)> = on!(db, |db| key.first(db)).optional()?;
    let Some((person, wrapped)) = key else { return Ok(None) };
    let person = PersonTag::try_from(&person[..]).map_err(Error::internal)?;
    unwrap_person_key(keys, &person, &wrapped).map(Some)
}

fn label<'a>(purpose: &'a str, event: &'a Uuid) -> Label<'a> {
    Label { purpose, set: "", row: event.as_bytes() }
}
