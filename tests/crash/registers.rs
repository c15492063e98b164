//! The administrator's register as it stands, read past the gateway.

use std::collections::BTreeMap;
use std::sync::Arc;

use brama::ledger::{StoredEntry, parse_entry, readable_fields};
use brama::store::LedgerReader;
use uuid::Uuid;

use crate::office::{ADMINISTRATOR, Offices};

const PAGE: u64 = 1000;

/// The readable part of an entry.
pub struct Entry {
    pub number: u64,
    pub event: Uuid,
    pub kind: String,
    pub repeat: bool,
    pub fields: BTreeMap<String, String>,
}

impl Entry {
    /// A field, empty when it is absent.
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    pub fn id(&self, name: &str) -> Option<Uuid> {
        Uuid::parse_str(self.text(name)).ok()
    }

    /// Number of the set's state that was read or written.
    pub fn state(&self) -> Option<u64> {
        self.text("numerStanu").parse().ok()
    }
}

/// All entries, by ascending number.
pub fn entries(offices: &Offices) -> Vec<Entry> {
    let stores = offices.stores();
    let ledger = Arc::clone(&stores.tenant(ADMINISTRATOR).expect("an administrator").ledger);
    let reader = LedgerReader::new(ADMINISTRATOR, ledger);
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let next = entries.last().map_or(1, |entry| entry.number + 1);
        let page = reader.page(next, PAGE).expect("a page");
        if page.is_empty() {
            break;
        }
        entries.extend(page.into_iter().map(entry));
    }
    stores.close();
    entries
}

fn entry(stored: StoredEntry) -> Entry {
    let document = parse_entry(&stored.leaf).expect("an entry is XML");
    let fields = readable_fields(document.root()).into_iter().collect();
    Entry { number: stored.number, event: stored.event, kind: stored.kind, repeat: stored.repeat, fields }
}
