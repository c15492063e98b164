//! What the platform has to know so that a restored administrator is served: itself, its keys, its sets, its address.

use diesel::prelude::*;

use super::manifest::Manifest;
use crate::store::schema::{sets, tenants};
use crate::store::{Address, Error, KeyRing, SetRecord, Stores};

/// What the platform knows of the administrator before it is restored.
pub(super) struct Known {
    /// Where its databases are registered to be; `None` when the platform does not know the administrator.
    pub(super) home: Option<Home>,
    /// Sets of the copy that are not registered.
    missing: Vec<SetRecord>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Home {
    Folder,
    Server(String),
}

impl Stores {
    /// Compares a copy with the registers.
    ///
    /// # Errors
    /// `Refused` when the administrator has other keys now or none any more, or somebody else has one of its sets.
    pub(super) fn known(&self, id: &str, manifest: &Manifest, ring: &KeyRing) -> Result<Known, Error> {
        let home = match self.platform().tenant_address(id) {
            Err(Error::Unknown(_)) => None,
            Err(error) => return Err(error),
            Ok(_) if !self.platform().tenant_keys(id)?.holds(ring) => {
                return Err(Error::Refused(format!("the copy is sealed with other keys than those that {id} has")));
            }
            Ok(Some(Address::Postgres(url))) => Some(Home::Server(url)),
            Ok(_) => Some(Home::Folder),
        };
        let registry = self.platform().registry()?;
        let mut missing = Vec::new();
        for set in manifest.sets()? {
            match registry.set(&set.id) {
                Some(own) if own.tenant == id && own.kind == set.kind => {}
                Some(other) => {
                    return Err(Error::Refused(format!("the set {} is one of {} here", set.id, other.tenant)));
                }
                None => missing.push(set),
            }
        }
        Ok(Known { home, missing })
    }

    /// Registers what is not: afterwards the administrator is served from `home`.
    pub(super) fn enrol(&self, manifest: &Manifest, ring: &KeyRing, known: &Known, home: &Home) -> Result<(), Error> {
        if known.home.as_ref() == Some(home) && known.missing.is_empty() {
            return Ok(());
        }
        let id = manifest.administrator.as_str();
        let sealed = match home {
            Home::Folder => None,
            Home::Server(url) => Some(self.platform().seal_text("baza", id, url)?),
        };
        self.platform().change(|db| {
            if known.home.is_some() {
                diesel::update(tenants::table.find(id)).set(tenants::database_sealed.eq(sealed)).execute(db)?;
            } else {
                let row = (tenants::id.eq(id), tenants::name.eq(&manifest.name), tenants::database_sealed.eq(sealed));
                diesel::insert_into(tenants::table).values(row).execute(db)?;
                self.platform().keep_keys(db, ring)?;
            }
            for set in &known.missing {
                let row = (
                    sets::id.eq(&set.id),
                    sets::tenant_id.eq(id),
                    sets::kind.eq(set.kind.wire()),
                    sets::name.eq(&set.name),
                );
                diesel::insert_into(sets::table).values(row).execute(db)?;
            }
            Ok(())
        })
    }
}
