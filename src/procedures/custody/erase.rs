//! Destroying what opens the parts about one person.

use super::person::{Known, known};
use super::warrant::{Warrant, part};
use super::{Error, Official};
use crate::disclosure::Right;
use crate::ledger::{Draft, EventKind};
use crate::procedures::order;
use crate::procedures::question::Outcome;
use crate::store::{Erased, Stores};
use crate::subjects::{Identification, IdentificationFields};

/// What was destroyed.
#[derive(Debug)]
pub struct Forgotten {
    pub erased: Erased,
    /// Questions of orders that were ended: nothing is told to them any more.
    pub questions: usize,
    /// What kept the database's own files from forgetting too; asking again tries again.
    pub remains: Option<crate::store::Error>,
}

/// Destroys the keys of the person in one transaction with the entry that says so, which names nobody (rule 3.6). Before,
/// the orders about the person end at this administrator.
///
/// # Errors
/// As [`Error`] says; a missing right, nobody found and several persons that match are recorded.
pub fn erase(stores: &Stores, official: Official<'_>, person: &IdentificationFields) -> Result<Forgotten, Error> {
    let identification = Identification::parse(person).map_err(Error::Person)?;
    let asked = part(person, &identification, official.reason);
    let warrant = Warrant::of(stores, official, Right::EraseRegister, Some(&asked))?;
    let Known { materials, ambiguous } = known(&warrant.tenant, &warrant.registry, &identification)?;
    let draft = warrant.draft(EventKind::KeyDestroyed);
    if ambiguous {
        warrant.record(Draft { outcome: Some(Outcome::Ambiguous.wire().into()), ..draft })?;
        return Err(Error::Ambiguous);
    }
    let recorder = &warrant.tenant.recorder;
    let questions = order::forget(stores, &warrant.tenant, &materials)?;
    let is_known = |erased: &Erased| erased.keys + questions > 0;
    let erased = recorder.erase(&materials, |erased| {
        let outcome = if is_known(&erased) { Outcome::Found } else { Outcome::NotFound };
        Draft { outcome: Some(outcome.wire().into()), ..draft }
    })?;
    let remains = [recorder.settle(), stores.orders().vanish()].into_iter().find_map(Result::err);
    match (is_known(&erased), remains) {
        (false, Some(remains)) => Err(remains.into()),
        (false, None) => Err(Error::Nobody),
        (true, remains) => Ok(Forgotten { erased, questions, remains }),
    }
}
