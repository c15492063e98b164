//! Opens what a register says about one person; only a procedure that has a right, a reason and an entry of its own calls it
//! (rule 4.6).

use std::collections::HashMap;

use diesel::prelude::*;

use super::ledger_persons::{PersonTag, open_part, person_tag, unwrap_person_key};
use super::ledger_read::{Row, stored};
use super::ledger_tables::{ledger_entries, ledger_person_entries, ledger_person_keys};
use super::{Db, Error, Key, Tenant};
use crate::ledger::{PersonContent, StoredEntry, parse_entry, sealed_parts};

/// An entry that concerns a person, with what it says about them; nothing where the part does not open.
pub type Concerning = (StoredEntry, Option<PersonContent>);

/// Entry, part (from 1), person.
type Place = (i64, i64, Vec<u8>);

impl Tenant {
    /// The entries about whoever is told apart by one of `persons`, in the order of the register.
    ///
    /// # Errors
    /// `Busy` or `Unavailable` as of the database; `Internal` when an entry cannot be read.
    pub fn concerning(&self, persons: &[Vec<u8>]) -> Result<Vec<Concerning>, Error> {
        let tags: Vec<PersonTag> =
            persons.iter().map(|person| person_tag(&self.keys, person)).collect::<Result<_, _>>()?;
        let (places, rows, wrapped) = self.ledger.read(|db| load(db, &tags))?;
        let mut keys: HashMap<Vec<u8>, Key> = HashMap::new();
        for (person, wrapped) in wrapped {
            let tag = PersonTag::try_from(&person[..]).map_err(Error::internal)?;
            keys.insert(person, unwrap_person_key(&self.keys, &tag, &wrapped)?);
        }
        let rows = rows.into_iter().map(|row| Ok((row.0, stored(row)?)));
        let entries: HashMap<i64, StoredEntry> = rows.collect::<Result<_, Error>>()?;
        let told = places.into_iter().filter_map(|(number, part, person)| {
            let entry = entries.get(&number)?;
            Some(self.open_part_of(entry, part, keys.get(&person)).map(|content| (entry.clone(), content)))
        });
        told.collect()
    }

    fn open_part_of(&self, entry: &StoredEntry, part: i64, key: Option<&Key>) -> Result<Option<PersonContent>, Error> {
        let document = parse_entry(&entry.leaf).map_err(Error::internal)?;
        let parts = sealed_parts(document.root()).map_err(Error::internal)?;
        let part = usize::try_from(part - 1).ok().and_then(|at| parts.get(at));
        let Some((part, key)) = part.zip(key) else { return Ok(None) };
        let Ok(clear) = open_part(&self.id, key, entry.event, part) else {
            log::warn!("tenant.id" = self.id.as_str(); "a part of entry {} does not open", entry.number);
            return Ok(None);
        };
        PersonContent::from_xml(&clear).map(Some).map_err(Error::internal)
    }
}

type Loaded = (Vec<Place>, Vec<Row>, Vec<(Vec<u8>, Vec<u8>)>);

fn load(db: &mut Db, tags: &[PersonTag]) -> Result<Loaded, Error> {
    let tags: Vec<&[u8]> = tags.iter().map(<[u8; 32]>::as_slice).collect();
    let places = ledger_person_entries::table.filter(ledger_person_entries::person.eq_any(tags.clone()));
    let order = (ledger_person_entries::number, ledger_person_entries::part);
    let places: Vec<Place> = places.order(order).load(db)?;
    let mut rows = Vec::with_capacity(places.len());
    for (number, ..) in &places {
        // One by one: a person has few entries, and a list of any length is not for every database.
        if rows.last().is_none_or(|row: &Row| row.0 != *number) {
            rows.push(ledger_entries::table.find(*number).first(db)?);
        }
    }
    let keys = ledger_person_keys::table.filter(ledger_person_keys::person.eq_any(tags)).load(db)?;
    Ok((places, rows, keys))
}
