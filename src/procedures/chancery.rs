//! What documents are judged, sealed and time-stamped with: the lists, the authority of time, the keys of the units.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::problem::{Code, Problem};
use crate::signatures::lists::{Link, Lists};
use crate::signatures::timestamps::TimeAuthority;
use crate::signatures::xades::Policy;
use crate::signatures::{Error, SigningKey};
use crate::store::{self, Registry, Stores};

/// Shared by all requests of a node.
pub struct Chancery {
    pub lists: Lists,
    pub policy: Policy,
    /// Who stamps; none unless `signatures.tsa_url` is set.
    pub authority: Option<Box<dyn TimeAuthority>>,
    /// By unit; those of an earlier generation of the registers are read again (rule 9.3). A key in a token keeps its
    /// sessions here.
    keys: Mutex<HashMap<String, (i64, Arc<UnitKey>)>>,
}

/// A unit's key for seals.
pub struct UnitKey {
    pub key: SigningKey,
    /// Those that came with it.
    pub certificates: Vec<Link>,
}

impl Chancery {
    #[must_use]
    pub fn new(lists: Lists, policy: Policy, authority: Option<Box<dyn TimeAuthority>>) -> Self {
        Self { lists, policy, authority, keys: Mutex::default() }
    }

    /// The key of `unit` as the registers of this generation have it.
    ///
    /// # Errors
    /// `USLUGA_NIEDOSTEPNA` when the unit has none or the library of its token cannot be used, `NIEDOSTEPNY` when the
    /// platform database is away.
    pub fn key(&self, stores: &Stores, registry: &Registry, unit: &str) -> Result<Arc<UnitKey>, Problem> {
        let generation = registry.generation();
        if let Some((_, key)) = self.keys().get(unit).filter(|(of, _)| *of == generation) {
            return Ok(Arc::clone(key));
        }
        let stored = stores.seal_key(unit).map_err(|error| match error {
            store::Error::Unknown(_) => {
                Problem::new(Code::ServiceUnavailable).explain("Jednostka nie ma klucza pieczęci.").caused_by(error)
            }
            error => error.into(),
        })?;
        let (key, certificates) = stored.open().map_err(unusable)?;
        let key = Arc::new(UnitKey { key, certificates });
        self.keys().insert(unit.to_owned(), (generation, Arc::clone(&key)));
        Ok(key)
    }

    fn keys(&self) -> std::sync::MutexGuard<'_, HashMap<String, (i64, Arc<UnitKey>)>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A key that does not sign: nothing else does in its place (rule 11.8).
pub(super) fn unusable(error: Error) -> Problem {
    match error {
        Error::Token(_) => {
            let text = "Token z kluczem pieczęci jest niedostępny; inny klucz go nie zastępuje.";
            Problem::new(Code::ServiceUnavailable).explain(text).caused_by(error)
        }
        error => Problem::internal(error),
    }
}
