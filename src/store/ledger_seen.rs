//! What a register knows already about events and claims, and how a claim is decided by it (rules 2.1, 2.2).

use std::collections::HashMap;

use diesel::prelude::*;
use uuid::Uuid;

use super::connection::on;
use super::ledger_tables::{ledger_claims, ledger_entries, ledger_signed_infos};
use super::ledger_values::{unsigned, uuid};
use super::submission::{Claim, RecordError, Standing};
use super::{Db, Error};

/// What the register knows about the claims and events of a group.
#[derive(Default)]
pub(super) struct Seen {
    /// Entries by event: the number, and whether each is a repeat.
    pub(super) events: HashMap<Uuid, (u64, bool)>,
    /// Messages, and for which event each was acted upon.
    signed_infos: HashMap<Vec<u8>, Uuid>,
    /// First requests, by task and system.
    tasks: HashMap<(String, String), First>,
}

/// The first request under a task.
struct First {
    content: Vec<u8>,
    event: Uuid,
}

/// The columns of a claim in the order of its table.
type Claimed = (String, String, Vec<u8>, Vec<u8>, Vec<u8>);

impl Seen {
    pub(super) fn load(db: &mut Db, events: &[Uuid], claims: &[&Claim]) -> Result<Self, Error> {
        let mut seen = Self::default();
        if !events.is_empty() {
            use ledger_entries::dsl;
            let wanted = events.iter().map(|event| event.as_bytes().as_slice());
            let rows =
                dsl::ledger_entries.filter(dsl::event.eq_any(wanted)).select((dsl::event, dsl::number, dsl::repeated));
            let rows: Vec<(Vec<u8>, i64, bool)> = on!(db, |db| rows.load(db))?;
            for (event, number, repeat) in rows {
                seen.events.insert(uuid(&event)?, (unsigned(number)?, repeat));
            }
        }
        if !claims.is_empty() {
            use ledger_signed_infos::dsl;
            let wanted = claims.iter().map(|claim| claim.signed_info.as_slice());
            let rows = dsl::ledger_signed_infos.filter(dsl::digest.eq_any(wanted));
            let rows: Vec<(Vec<u8>, Vec<u8>)> = on!(db, |db| rows.load(db))?;
            for (digest, event) in rows {
                seen.signed_infos.insert(digest, uuid(&event)?);
            }
        }
        let tasks: Vec<&str> = claims.iter().filter_map(|claim| claim.task.as_deref()).collect();
        if !tasks.is_empty() {
            let rows = ledger_claims::table.filter(ledger_claims::task.eq_any(tasks));
            let rows: Vec<Claimed> = on!(db, |db| rows.load(db))?;
            rows.into_iter().try_for_each(|row| seen.claimed(row))?;
        }
        Ok(seen)
    }

    /// What is known about one claim alone: lookups that a session prepares only once.
    pub(super) fn of(db: &mut Db, claim: &Claim) -> Result<Self, Error> {
        let mut seen = Self::default();
        let event = ledger_signed_infos::table.find(claim.signed_info.as_slice()).select(ledger_signed_infos::event);
        let event: Option<Vec<u8>> = on!(db, |db| event.get_result(db)).optional()?;
        if let Some(event) = event {
            seen.signed_infos.insert(claim.signed_info.to_vec(), uuid(&event)?);
        }
        if let Some(task) = &claim.task {
            let rows = ledger_claims::table.filter(ledger_claims::task.eq(task));
            let rows: Vec<Claimed> = on!(db, |db| rows.load(db))?;
            rows.into_iter().try_for_each(|row| seen.claimed(row))?;
        }
        Ok(seen)
    }

    /// Decides a claim; `own` is the event of whoever made it, so that trying again is not a replay of itself.
    pub(super) fn settle(
        &self,
        claim: &Claim,
        content: Option<&[u8; 32]>,
        own: Option<Uuid>,
    ) -> Result<Standing, RecordError> {
        if self.signed_infos.get(claim.signed_info.as_slice()).is_some_and(|event| Some(*event) != own) {
            return Err(RecordError::Replayed);
        }
        let Some((task, content)) = claim.task.as_ref().zip(content) else { return Ok(Standing::Fresh) };
        match self.tasks.get(&(task.clone(), claim.system.clone())) {
            None => Ok(Standing::Fresh),
            Some(first) if Some(first.event) == own => Ok(Standing::Fresh),
            Some(first) if first.content == content => Ok(Standing::Repeat),
            Some(_) => Err(RecordError::Differs),
        }
    }

    /// Whether the message was acted upon before.
    pub(super) fn has_message(&self, claim: &Claim) -> bool {
        self.signed_infos.contains_key(claim.signed_info.as_slice())
    }

    /// Whether nobody claimed the task for the system.
    pub(super) fn is_free(&self, task: &str, system: &str) -> bool {
        !self.tasks.contains_key(&(task.to_owned(), system.to_owned()))
    }

    /// The event of the first request under the claim's task.
    pub(super) fn first(&self, claim: &Claim) -> Option<Uuid> {
        let task = claim.task.clone()?;
        self.tasks.get(&(task, claim.system.clone())).map(|first| first.event)
    }

    /// Notes a claim that was written; the first content under a task stays.
    pub(super) fn keep(&mut self, claim: &Claim, content: Option<[u8; 32]>, event: Uuid) {
        self.signed_infos.entry(claim.signed_info.to_vec()).or_insert(event);
        if let Some((task, content)) = claim.task.as_ref().zip(content) {
            let first = First { content: content.to_vec(), event };
            self.tasks.entry((task.clone(), claim.system.clone())).or_insert(first);
        }
    }

    fn claimed(&mut self, (task, system, content, event, signed_info): Claimed) -> Result<(), Error> {
        let event = uuid(&event)?;
        self.signed_infos.insert(signed_info, event);
        self.tasks.insert((task, system), First { content, event });
        Ok(())
    }
}
