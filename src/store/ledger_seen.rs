//! What a register knows already about events and claims, and how a claim is decided by it (rules 2.1, 2.2).

use std::collections::HashMap;

use diesel::prelude::*;
use uuid::Uuid;

use super::connection::on;
use super::ledger_append::{unsigned, uuid};
use super::ledger_tables::{ledger_claims, ledger_entries, ledger_signed_infos};
use super::recorder::{Claim, RecordError, Recorded, Standing};
use super::{Db, Error};

/// What the register knows about the claims and events of a group.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) events: HashMap<Uuid, Recorded>,
    pub(super) signed_infos: HashMap<[u8; 32], Uuid>,
    pub(super) tasks: HashMap<(String, String), (Vec<u8>, Uuid)>,
}

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
                seen.events.insert(uuid(&event)?, Recorded { number: Some(unsigned(number)?), repeat });
            }
        }
        if !claims.is_empty() {
            use ledger_signed_infos::dsl;
            let wanted = claims.iter().map(|claim| claim.signed_info.as_slice());
            let rows = dsl::ledger_signed_infos.filter(dsl::digest.eq_any(wanted));
            let rows: Vec<(Vec<u8>, Vec<u8>)> = on!(db, |db| rows.load(db))?;
            for (digest, event) in rows {
                seen.signed_infos.insert(fixed(&digest)?, uuid(&event)?);
            }
        }
        let tasks: Vec<_> = claims.iter().filter_map(|claim| Some((&claim.system, &claim.task.as_ref()?.0))).collect();
        if !tasks.is_empty() {
            use ledger_claims::dsl;
            let rows = dsl::ledger_claims
                .filter(dsl::system.eq_any(tasks.iter().map(|(system, _)| system.as_str())))
                .filter(dsl::task.eq_any(tasks.iter().map(|(_, task)| task.as_str())));
            let rows: Vec<(String, String, Vec<u8>, Vec<u8>)> = on!(db, |db| rows.load(db))?;
            for (system, task, content, event) in rows {
                seen.tasks.insert((system, task), (content, uuid(&event)?));
            }
        }
        Ok(seen)
    }

    /// What is known about one claim alone: lookups that a session prepares only once.
    pub(super) fn of(db: &mut Db, claim: &Claim) -> Result<Self, Error> {
        let mut seen = Self::default();
        let event = ledger_signed_infos::table.find(claim.signed_info.as_slice()).select(ledger_signed_infos::event);
        let event: Option<Vec<u8>> = on!(db, |db| event.get_result(db)).optional()?;
        if let Some(event) = event {
            seen.signed_infos.insert(claim.signed_info, uuid(&event)?);
        }
        if let Some((task, _)) = &claim.task {
            let known =
                ledger_claims::table.find((&claim.system, task)).select((ledger_claims::content, ledger_claims::event));
            let known: Option<(Vec<u8>, Vec<u8>)> = on!(db, |db| known.get_result(db)).optional()?;
            if let Some((content, event)) = known {
                seen.tasks.insert((claim.system.clone(), task.clone()), (content, uuid(&event)?));
            }
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
        if self.signed_infos.get(&claim.signed_info).is_some_and(|event| Some(*event) != own) {
            return Err(RecordError::Replayed);
        }
        let Some((task, content)) = claim.task.as_ref().map(|(task, _)| task).zip(content) else {
            return Ok(Standing::Fresh);
        };
        match self.tasks.get(&(claim.system.clone(), task.clone())) {
            None => Ok(Standing::Fresh),
            Some((_, event)) if Some(*event) == own => Ok(Standing::Fresh),
            Some((known, _)) if known == content => Ok(Standing::Repeat),
            Some(_) => Err(RecordError::Differs),
        }
    }
}

fn fixed(bytes: &[u8]) -> Result<[u8; 32], Error> {
    bytes.try_into().map_err(|_| Error::internal("a stored digest of another length"))
}
