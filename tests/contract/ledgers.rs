//! The registers of a world as they stand, read past the gateway.

use std::collections::BTreeMap;
use std::sync::Arc;

use brama::ledger::parse_entry;
use brama::store::{LedgerReader, PLATFORM, StoreSettings, Stores};
use brama::xml::Document;

use crate::content::Node;

/// How many entries each register has.
pub type Sizes = BTreeMap<String, u64>;

/// The registers of all administrators and of the platform.
pub struct Ledgers {
    stores: Stores,
}

/// An entry and where it was found.
pub struct Entry {
    pub ledger: String,
    pub document: Document,
    pub content: Node,
}

impl Ledgers {
    pub fn open(settings: StoreSettings) -> Self {
        Self { stores: Stores::open(settings).expect("the registers open") }
    }

    pub fn sizes(&self) -> Sizes {
        self.readers().map(|(name, reader)| (name, reader.head().expect("a head").size)).collect()
    }

    /// The entries that came after the registers had these sizes, the oldest of each register first.
    pub fn since(&self, sizes: &Sizes) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (ledger, reader) in self.readers() {
            for stored in reader.page(sizes[&ledger] + 1, 1000).expect("a page") {
                let document = parse_entry(&stored.leaf).expect("an entry is XML");
                let content = Node::of(document.root());
                entries.push(Entry { ledger: ledger.clone(), document, content });
            }
        }
        entries
    }

    fn readers(&self) -> impl Iterator<Item = (String, LedgerReader)> {
        let tenants = self.stores.platform().tenant_ids().expect("administrators");
        std::iter::once(PLATFORM.to_owned()).chain(tenants).map(|name| {
            let database = match name.as_str() {
                PLATFORM => Arc::clone(self.stores.platform_ledger()),
                tenant => Arc::clone(&self.stores.tenant(tenant).expect("an administrator").ledger),
            };
            (name.clone(), LedgerReader::new(name, database))
        })
    }
}

impl Drop for Ledgers {
    fn drop(&mut self) {
        self.stores.close();
    }
}
