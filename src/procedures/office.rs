//! What every request finds in place: the databases, the scope catalogue, the counters.

use std::sync::Arc;

use super::{Bell, Chancery, Rates, Tries};
use crate::config::Limits;
use crate::disclosure::Catalogue;
use crate::problem::Problem;
use crate::store::{Registry, Stores};

/// Shared by all requests of a node.
pub struct Office {
    pub stores: Arc<Stores>,
    pub catalogue: Catalogue,
    pub chancery: Chancery,
    pub rates: Rates,
    pub tries: Tries,
    /// Rung when a batch is accepted.
    pub feeds: Bell,
    /// Rung when an order is stored.
    pub orders: Bell,
}

impl Office {
    /// The registers as they are now, at most a second old (rule 9.3).
    ///
    /// # Errors
    /// `NIEDOSTEPNY` when the platform database is away.
    pub fn registry(&self) -> Result<Arc<Registry>, Problem> {
        Ok(self.stores.platform().registry()?)
    }

    #[must_use]
    pub fn new(stores: Arc<Stores>, catalogue: Catalogue, chancery: Chancery, limits: &Limits) -> Self {
        Self {
            stores,
            catalogue,
            chancery,
            rates: Rates::new(limits.requests_per_second),
            tries: Tries::new(limits.verification_tries),
            feeds: Bell::default(),
            orders: Bell::default(),
        }
    }
}
