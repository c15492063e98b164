//! The transaction of a group: locks the head, settles claims, numbers the winners, writes them (rules 2.4, 3.3, 3.5).

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::connection::on;
use super::ledger_persons::{PersonTag, new_person_key, person_tag, seal_part, unwrap_person_key, wrap_person_key};
use super::ledger_seen::Seen;
use super::ledger_tables::{
    ledger_claims, ledger_entries, ledger_head, ledger_person_entries, ledger_person_keys, ledger_signed_infos,
};
use super::receipt::Outcome;
use super::recorder::{Claim, RecordError, Recorded, Standing, Submission};
use super::{Database, Db, Error, Key, KeyRing, ledger_answers, ledger_tree};
use crate::ledger::{Draft, Edge, KeptAnswer, Position, SealedPart, TreeHead, leaf_hash, write_entry};
use crate::signatures::SigningKey;

/// Time between two looks for old answers.
const SWEEP: Duration = Duration::from_secs(1);

/// A submission with the identity by which trying again finds it.
pub(super) struct Entrant {
    /// The draft's event, or a random one for a claim alone.
    pub(super) id: Uuid,
    pub(super) submission: Submission,
    /// The submission's answer, sealed.
    pub(super) sealed: Option<Vec<u8>>,
}

/// One register in its database.
pub(super) struct Register {
    tenant: String,
    keys: Arc<KeyRing>,
    /// Signs the heads; without it nothing can be written.
    seal: Option<Arc<SigningKey>>,
    database: Arc<Database>,
    answers_kept: TimeDelta,
    /// When old answers were taken away last.
    swept: Mutex<Option<Instant>>,
    clock: fn() -> DateTime<Utc>,
    /// The furthest head this process has seen: a database behind it was restored or lags (rule 3.5).
    known: Mutex<Head>,
}

/// Fields in this order, so that the later head is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Head {
    epoch: i64,
    size: i64,
    last_time: i64,
}

impl Register {
    pub(super) fn new(
        tenant: String,
        keys: Arc<KeyRing>,
        seal: Option<Arc<SigningKey>>,
        database: Arc<Database>,
        answers_kept: TimeDelta,
        clock: fn() -> DateTime<Utc>,
    ) -> Self {
        let (swept, known) = Default::default();
        Self { tenant, keys, seal, database, answers_kept, swept, clock, known }
    }

    pub(super) fn tenant(&self) -> &str {
        &self.tenant
    }

    pub(super) fn seal_answer(&self, event: Uuid, answer: &KeptAnswer) -> Result<Vec<u8>, Error> {
        ledger_answers::seal(&self.keys, event, answer)
    }

    /// An answer that a committed entry was found to repeat: however old by now.
    pub(super) fn answer(&self, first: Uuid) -> Result<Option<KeptAnswer>, Error> {
        self.database.glance(|db| ledger_answers::find(db, &self.keys, first, DateTime::UNIX_EPOCH))
    }

    /// Takes answers away whose window is over; every second at most.
    fn sweep(&self, db: &mut Db, now: DateTime<Utc>) -> Result<(), Error> {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if swept.is_some_and(|last| last.elapsed() < SWEEP) {
            return Ok(());
        }
        *swept = Some(Instant::now());
        ledger_answers::sweep(db, now - self.answers_kept)
    }

    /// How a claim stands in what is committed.
    pub(super) fn standing(&self, claim: &Claim) -> Result<Result<Standing, RecordError>, Error> {
        let content = self.content(claim)?;
        // Only what is committed by the entry's own transaction decides: these looks need no common snapshot.
        self.database.glance(|db| {
            let seen = Seen::of(db, claim)?;
            Ok(seen.settle(claim, content.as_ref(), None))
        })
    }

    /// Writes a group in one transaction: an outcome for each, or an error and nothing written or known to be written.
    ///
    /// Whoever is in the register already by the event's identifier gets the same outcome again (rule 3.5).
    pub(super) fn append<'e>(&self, group: impl Iterator<Item = &'e Entrant>) -> Result<Vec<Outcome>, Error> {
        let group: Vec<&Entrant> = group.collect();
        let (outcomes, head) = self.database.write(|db| {
            let (head, edge) = lock_head(db)?;
            self.fence(head)?;
            let mut page = Page::open(self, db, head, edge, &group)?;
            let outcomes = group.iter().map(|entrant| page.enter(db, entrant)).collect::<Result<Vec<_>, _>>()?;
            page.close(db)?;
            Ok((outcomes, page.head))
        })?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = (*known).max(head);
        Ok(outcomes)
    }

    /// Signs a head for a register that has entries from before there were heads; of others nothing changes.
    pub(super) fn cover(&self) -> Result<(), Error> {
        let is_bare = |db: &mut Db| Ok(ledger_tree::covered(db)?.is_none() && read_size(db)? > 0);
        if self.seal.is_none() || !self.database.glance(is_bare)? {
            return Ok(());
        }
        self.database.write(|db| {
            let (head, edge) = lock_head(db)?;
            if is_bare(db)? { self.write_head(db, head, &edge) } else { Ok(()) }
        })
    }

    /// Writes how far the register goes, and signs it.
    fn write_head(&self, db: &mut Db, head: Head, edge: &Edge) -> Result<(), Error> {
        use ledger_head::dsl;
        let seal = self.seal.as_ref().ok_or_else(|| Error::Refused("there is no key to sign heads with".to_owned()))?;
        let update = diesel::update(dsl::ledger_head.find(1_i64)).set((
            dsl::size.eq(head.size),
            dsl::last_time.eq(head.last_time),
            dsl::edge.eq(ledger_tree::bytes(edge.hashes())),
        ));
        on!(db, |db| update.execute(db))?;
        let head = TreeHead {
            tenant: self.tenant.clone(),
            epoch: unsigned(head.epoch)?,
            size: edge.size(),
            time: instant(head.last_time)?,
            root: edge.root(),
        };
        ledger_tree::publish(db, seal, &head)
    }

    /// Refuses a database that forgot entries which this process has seen committed.
    fn fence(&self, head: Head) -> Result<(), Error> {
        let known = *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if head < known {
            return Err(Error::Refused(format!(
                "the register of {} ends at entry {} of epoch {}, but entry {} of epoch {} is known",
                self.tenant, head.size, head.epoch, known.size, known.epoch
            )));
        }
        Ok(())
    }

    /// The task's content as it is kept: keyed, since it is a digest over personal data (rules 2.2, 4.4).
    fn content(&self, claim: &Claim) -> Result<Option<[u8; 32]>, Error> {
        let task = claim.task.as_ref().zip(claim.content.as_ref());
        task.map(|(task, digest)| self.keys.hmac("tresc zadania", &[claim.system.as_bytes(), task.as_bytes(), digest]))
            .transpose()
    }
}

/// The open transaction: what is known, what was added, where the register ends.
struct Page<'r> {
    register: &'r Register,
    head: Head,
    edge: Edge,
    seen: Seen,
    persons: HashMap<PersonTag, Key>,
    time: DateTime<Utc>,
    grew: bool,
}

impl<'r> Page<'r> {
    fn open(register: &'r Register, db: &mut Db, head: Head, edge: Edge, group: &[&Entrant]) -> Result<Self, Error> {
        let events: Vec<Uuid> =
            group.iter().filter(|entrant| entrant.submission.draft.is_some()).map(|entrant| entrant.id).collect();
        let claims: Vec<&Claim> = group.iter().filter_map(|entrant| entrant.submission.claim.as_ref()).collect();
        let seen = Seen::load(db, &events, &claims)?;
        let last = DateTime::from_timestamp_micros(head.last_time).unwrap_or(DateTime::UNIX_EPOCH);
        // rule 3.3: never earlier than the entry before, whatever the clock says. Whole microseconds, as written.
        let now = (register.clock)();
        let now = DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now);
        Ok(Self { register, head, edge, seen, persons: HashMap::new(), time: now.max(last), grew: false })
    }

    /// Settles and writes one entrant. An error undoes the group; what concerns the entrant alone is its outcome, and the
    /// group's transaction stands either way.
    fn enter(&mut self, db: &mut Db, entrant: &Entrant) -> Result<Outcome, Error> {
        let Submission { claim, draft, .. } = &entrant.submission;
        if let Some((number, repeat)) = self.seen.events.get(&entrant.id) {
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
        if let (Some(first), Some(_)) = (repeats, &entrant.sealed) {
            let since = self.time - self.register.answers_kept;
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
            let number = self.write(db, draft, repeats.is_some())?;
            recorded.number = Some(number);
            self.seen.events.insert(entrant.id, (number, repeats.is_some()));
        }
        let is_new = claim.as_ref().map_or(Ok(false), |claim| self.claim(db, claim, content, entrant.id))?;
        if let Some(sealed) = entrant.sealed.as_ref().filter(|_| is_new && repeats.is_none()) {
            ledger_answers::keep(db, entrant.id, sealed)?;
        }
        Ok(Ok(recorded))
    }

    /// Ends the page: the head says how far the register goes now, and is signed.
    fn close(&self, db: &mut Db) -> Result<(), Error> {
        self.register.sweep(db, self.time)?;
        if self.grew { self.register.write_head(db, self.head, &self.edge) } else { Ok(()) }
    }

    fn write(&mut self, db: &mut Db, draft: &Draft, repeat: bool) -> Result<u64, Error> {
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

/// Locks the head row until the transaction ends: from here on no other node can claim or number anything.
fn lock_head(db: &mut Db) -> Result<(Head, Edge), Error> {
    use ledger_head::dsl;
    let head = dsl::ledger_head.find(1_i64).select((dsl::epoch, dsl::size, dsl::last_time, dsl::edge));
    let (epoch, size, last_time, edge): (i64, i64, i64, Vec<u8>) = match db {
        // BEGIN IMMEDIATE holds the whole file.
        Db::Sqlite(db) => head.get_result(db)?,
        Db::Pg(db) => head.for_update().get_result(db)?,
    };
    let edge = ledger_tree::edge(db, size, &edge)?;
    Ok((Head { epoch, size, last_time }, edge))
}

fn read_size(db: &mut Db) -> Result<i64, Error> {
    use ledger_head::dsl;
    Ok(dsl::ledger_head.find(1_i64).select(dsl::size).get_result(db)?)
}

pub(super) fn unsigned(number: i64) -> Result<u64, Error> {
    u64::try_from(number).map_err(Error::internal)
}

/// A stored time.
pub(super) fn instant(micros: i64) -> Result<DateTime<Utc>, Error> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| Error::internal("a stored time outside the calendar"))
}

/// A number as a column; what is too large is beyond every entry.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn uuid(bytes: &[u8]) -> Result<Uuid, Error> {
    Uuid::from_slice(bytes).map_err(Error::internal)
}

#[cfg(test)]
mod tests;
