//! The transaction of a group: settles claims, numbers the winners, writes them (rules 2.3, 2.4, 3.3).

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::connection::on;
use super::ledger_persons::{PersonTag, new_person_key, person_tag, seal_part, unwrap_person_key, wrap_person_key};
use super::ledger_register::{Head, Published, Register};
use super::ledger_seen::Seen;
use super::ledger_tables::{
    ledger_claims, ledger_entries, ledger_person_entries, ledger_person_keys, ledger_signed_infos,
};
use super::ledger_values::unsigned;
use super::order_contents::SealedContent;
use super::receipt::Outcome;
use super::submission::{Claim, RecordError, Recorded, Standing, Submission};
use super::{Db, Error, Key, ledger_answers, ledger_order_answers, ledger_tree, orders};
use crate::ledger::{Draft, Edge, KeptAnswer, Position, SealedPart, leaf_hash, write_entry};

/// A submission with the identity by which trying again finds it.
pub(super) struct Entrant {
    /// The draft's event, or a random one for a claim alone.
    pub(super) id: Uuid,
    pub(super) submission: Submission,
    pub(super) aside: Aside,
}

/// What of a submission is kept beside its entry: an order sealed, answers until their person's key is known.
#[derive(Default)]
pub(super) struct Aside {
    pub(super) answer: Option<KeptAnswer>,
    pub(super) order: Option<SealedContent>,
    /// With the time when it goes.
    pub(super) order_answer: Option<(KeptAnswer, DateTime<Utc>)>,
}

/// The open transaction: what is known, what was added, where the register ends.
pub(super) struct Page<'r> {
    register: &'r Register,
    head: Head,
    edge: Edge,
    seen: Seen,
    persons: HashMap<PersonTag, Key>,
    time: DateTime<Utc>,
    grew: bool,
    /// Whether somebody's entry was there already: a commit whose outcome stayed unknown.
    found: bool,
    /// What the clock says, by which kept answers grow old; [`Page::time`] may be ahead of it.
    now: DateTime<Utc>,
}

impl<'r> Page<'r> {
    pub(super) fn open(
        register: &'r Register,
        db: &mut Db,
        head: Head,
        edge: Edge,
        group: &[&Entrant],
    ) -> Result<Self, Error> {
        let events: Vec<Uuid> =
            group.iter().filter(|entrant| entrant.submission.draft.is_some()).map(|entrant| entrant.id).collect();
        let claims: Vec<&Claim> = group.iter().filter_map(|entrant| entrant.submission.claim.as_ref()).collect();
        let seen = Seen::load(db, &events, &claims)?;
        let last = DateTime::from_timestamp_micros(head.last_time).unwrap_or(DateTime::UNIX_EPOCH);
        // rule 3.3: never earlier than the entry before, whatever the clock says. Whole microseconds, as written.
        let now = (register.clock)();
        let now = DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now);
        Ok(Self {
            register,
            head,
            edge,
            seen,
            persons: HashMap::new(),
            time: now.max(last),
            grew: false,
            found: false,
            now,
        })
    }

    /// Settles and writes one entrant. An error undoes the group; what concerns the entrant alone is its outcome, and the
    /// group's transaction stands either way.
    pub(super) fn enter(&mut self, db: &mut Db, entrant: &Entrant) -> Result<Outcome, Error> {
        let Submission { claim, draft, order, retold, .. } = &entrant.submission;
        let Aside { answer, order: sealed_order, order_answer } = &entrant.aside;
        let register = self.register;
        if let Some((number, repeat)) = self.seen.events.get(&entrant.id) {
            self.found = true;
            let repeats = claim.as_ref().filter(|_| *repeat).and_then(|claim| self.seen.first(claim));
            return Ok(Ok(Recorded { number: Some(*number), repeats }));
        }
        let mut repeats = None;
        let mut content = None;
        if let Some(claim) = claim {
            content = self.register.content(claim)?;
            match self.seen.settle(claim, content.as_ref(), Some(entrant.id)) {
                Ok(Standing::Fresh) => {}
                Ok(Standing::Repeat) => repeats = self.seen.first(claim),
                Err(refused) => return Ok(Err(refused)),
            }
        }
        let mut draft = draft.as_ref().map(Cow::Borrowed);
        if let (Some(first), Some(_)) = (repeats, answer) {
            let since = self.now - self.register.answers_kept;
            let Some(kept) = ledger_answers::find(db, &self.register.keys, first, since)? else {
                return Ok(Err(RecordError::Expired));
            };
            match draft.as_deref().map(|draft| kept.retell(draft)) {
                Some(None) => return Ok(Err(RecordError::Expired)),
                Some(Some(told)) => draft = Some(Cow::Owned(told)),
                None => {}
            }
        }
        let mut recorded = Recorded { number: None, repeats };
        if let Some(draft) = &draft {
            let repeat = *retold || repeats.is_some();
            let number = self.write(db, draft, repeat)?;
            recorded.number = Some(number);
            self.seen.events.insert(entrant.id, (number, repeat));
            if let Some(answer) = order_answer {
                let person = self.person_of(db, draft)?;
                ledger_order_answers::keep(db, &register.keys, person, entrant.id, answer)?;
            }
        }
        let is_new = claim.as_ref().map_or(Ok(false), |claim| self.claim(db, claim, content, entrant.id))?;
        if is_new && repeats.is_none() {
            if let Some(answer) = answer {
                let person = draft.as_deref().map(|draft| self.person_of(db, draft)).transpose()?.flatten();
                ledger_answers::keep(db, &register.keys, person, entrant.id, answer)?;
            }
            if let Some((order, sealed)) = order.as_ref().zip(sealed_order.as_ref()) {
                orders::insert(db, order, sealed)?;
            }
        }
        Ok(Ok(recorded))
    }

    /// What the clock says.
    pub(super) const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Ends the page: the head says how far the register goes now, and is signed.
    pub(super) fn close(&self, db: &mut Db) -> Result<Option<Published>, Error> {
        self.register.sweep(db, self.now)?;
        if self.grew {
            return self.register.write_head(db, self.head, &self.edge).map(Some);
        }
        let newest = if self.found { ledger_tree::newest(db)? } else { None };
        newest.map(|signed| Ok((signed.read().map_err(Error::internal)?, signed))).transpose()
    }

    pub(super) fn write(&mut self, db: &mut Db, draft: &Draft, repeat: bool) -> Result<u64, Error> {
        use ledger_entries::dsl;
        let sealed = self.seal(db, draft)?;
        let parts: Vec<SealedPart> = sealed.iter().map(|(_, part)| part.clone()).collect();
        let size = self.head.size + 1;
        let number = unsigned(size)?;
        let position = Position { number, epoch: unsigned(self.head.epoch)?, time: self.time, repeat };
        let leaf = write_entry(draft, position, &parts);
        let hash = leaf_hash(&leaf);
        let subtrees = self.edge.push(hash);
        let entry = diesel::insert_into(dsl::ledger_entries).values((
            dsl::number.eq(size),
            dsl::epoch.eq(self.head.epoch),
            dsl::recorded_at.eq(self.time.timestamp_micros()),
            dsl::event.eq(draft.event.as_bytes().as_slice()),
            dsl::kind.eq(draft.kind.wire()),
            dsl::repeated.eq(repeat),
            dsl::leaf_hash.eq(hash.as_slice()),
            dsl::leaf.eq(leaf),
            dsl::subtrees.eq(ledger_tree::bytes(&subtrees)),
        ));
        on!(db, |db| entry.execute(db))?;
        for (part, (person, _)) in (1_i64..).zip(&sealed) {
            use ledger_person_entries::dsl;
            let place = (dsl::person.eq(person.as_slice()), dsl::number.eq(size), dsl::part.eq(part));
            let place = diesel::insert_into(dsl::ledger_person_entries).values(place);
            on!(db, |db| place.execute(db))?;
        }
        self.head = Head { size, last_time: self.time.timestamp_micros(), ..self.head };
        self.grew = true;
        Ok(number)
    }

    fn seal(&mut self, db: &mut Db, draft: &Draft) -> Result<Vec<(PersonTag, SealedPart)>, Error> {
        let register = self.register;
        let mut sealed = Vec::with_capacity(draft.parts.len());
        for part in &draft.parts {
            let person = person_tag(&register.keys, &part.person)?;
            let key = self.person_key(db, person)?;
            sealed.push((person, seal_part(&register.tenant, key, draft.event, &part.content)?));
        }
        Ok(sealed)
    }

    /// The key of whom an entry, written just now, is about.
    fn person_of(&mut self, db: &mut Db, draft: &Draft) -> Result<Option<&Key>, Error> {
        let Some(part) = draft.parts.first() else { return Ok(None) };
        let person = person_tag(&self.register.keys, &part.person)?;
        self.person_key(db, person).map(Some)
    }

    /// The person's key; made when this is the first entry about the person.
    fn person_key(&mut self, db: &mut Db, person: PersonTag) -> Result<&Key, Error> {
        use ledger_person_keys::dsl;
        let keys = &self.register.keys;
        let place = match self.persons.entry(person) {
            Entry::Occupied(place) => return Ok(place.into_mut()),
            Entry::Vacant(place) => place,
        };
        let stored = dsl::ledger_person_keys.find(person.as_slice()).select(dsl::wrapped);
        let stored: Option<Vec<u8>> = on!(db, |db| stored.get_result(db)).optional()?;
        if let Some(wrapped) = stored {
            return Ok(place.insert(unwrap_person_key(keys, &person, &wrapped)?));
        }
        let key = new_person_key()?;
        let wrapped = wrap_person_key(keys, &person, &key)?;
        let wrapped = (dsl::person.eq(person.as_slice()), dsl::wrapped.eq(wrapped));
        let wrapped = diesel::insert_into(dsl::ledger_person_keys).values(wrapped);
        on!(db, |db| wrapped.execute(db))?;
        Ok(place.insert(key))
    }

    /// Keeps the message: with the task when it is the first under it, else by itself. Not when it is this very claim,
    /// tried again: then it is not new.
    fn claim(&mut self, db: &mut Db, claim: &Claim, content: Option<[u8; 32]>, event: Uuid) -> Result<bool, Error> {
        if self.seen.has_message(claim) {
            return Ok(false);
        }
        let digest = claim.signed_info.as_slice();
        match claim.task.as_ref().zip(content) {
            Some((task, content)) if self.seen.is_free(task, &claim.system) => {
                use ledger_claims::dsl;
                let claimed = diesel::insert_into(dsl::ledger_claims).values((
                    dsl::task.eq(task),
                    dsl::system.eq(&claim.system),
                    dsl::content.eq(content.as_slice()),
                    dsl::event.eq(event.as_bytes().as_slice()),
                    dsl::signed_info.eq(digest),
                ));
                on!(db, |db| claimed.execute(db))?;
            }
            _ => {
                use ledger_signed_infos::dsl;
                let kept = (dsl::digest.eq(digest), dsl::event.eq(event.as_bytes().as_slice()));
                let kept = diesel::insert_into(dsl::ledger_signed_infos).values(kept);
                on!(db, |db| kept.execute(db))?;
            }
        }
        self.seen.keep(claim, content, event);
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
