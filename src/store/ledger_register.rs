//! One register in its database: its head, its fence, its epochs (rules 3.3, 3.5).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::connection::on;
use super::ledger_append::{Aside, Entrant, Page};
use super::ledger_known::Known;
use super::ledger_seen::Seen;
use super::ledger_tables::{ledger_entries, ledger_head};
use super::ledger_values::{instant, signed, unsigned};
use super::receipt::Outcome;
use super::submission::{Claim, RecordError, Standing, Submission};
use super::{
    Database, Db, Error, KeyRing, ledger_answers, ledger_order_answers, ledger_tree, ledger_witness, order_contents,
};
use crate::call::new_event;
use crate::ledger::{
    Draft, Edge, EventKind, FormerHead, Hash, KeptAnswer, SignedHead, TreeHead, parse_entry, readable_fields,
};
use crate::signatures::SigningKey;

/// Characters of a reason (`w:TekstDlugi`).
const REASON_MAX: usize = 2000;

/// Time between two looks for old answers.
const SWEEP: Duration = Duration::from_secs(1);

/// Whose register it is, what its entries are sealed and its heads signed with, what is known of it.
pub(super) struct Owner {
    pub(super) tenant: String,
    pub(super) keys: Arc<KeyRing>,
    pub(super) seal: Option<Arc<SigningKey>>,
    pub(super) known: Known,
}

/// One register in its database.
pub(super) struct Register {
    pub(super) tenant: String,
    pub(super) keys: Arc<KeyRing>,
    /// Signs the heads; without it nothing can be written.
    seal: Option<Arc<SigningKey>>,
    pub(super) database: Arc<Database>,
    pub(super) answers_kept: TimeDelta,
    /// When old answers were taken away last.
    swept: Mutex<Option<Instant>>,
    pub(super) clock: fn() -> DateTime<Utc>,
    known: Known,
}

/// What was recorded under an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// Something was given out, or it was said that there is nothing.
    Answered,
    /// The caller was refused, with this code; an empty one when the entry's bytes were removed.
    Refused(String),
}

/// A head that a transaction signed.
pub(super) type Published = (TreeHead, SignedHead);

/// The head row, without the edge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) epoch: i64,
    pub(super) size: i64,
    pub(super) last_time: i64,
}

impl Register {
    pub(super) fn new(
        owner: Owner,
        database: Arc<Database>,
        answers_kept: TimeDelta,
        clock: fn() -> DateTime<Utc>,
    ) -> Self {
        let Owner { tenant, keys, seal, known } = owner;
        Self { tenant, keys, seal, known, database, answers_kept, swept: Mutex::default(), clock }
    }

    pub(super) fn tenant(&self) -> &str {
        &self.tenant
    }

    pub(super) fn signer(&self) -> Option<&SigningKey> {
        self.seal.as_deref()
    }

    /// Takes out of a submission what is kept beside its entry, an order sealed.
    pub(super) fn set_aside(&self, submission: &mut Submission) -> Result<Aside, Error> {
        let kept = |payload| KeptAnswer::new(submission.draft.as_ref(), payload);
        Ok(Aside {
            answer: submission.answer.take().map(kept),
            order: submission.order.as_ref().map(|order| order_contents::seal(&self.keys, order)).transpose()?,
            order_answer: submission.order_answer.take().map(|answer| (kept(answer.payload), answer.ends_at)),
        })
    }

    pub(super) fn order_answer(&self, event: Uuid) -> Result<Option<KeptAnswer>, Error> {
        self.database.glance(|db| ledger_order_answers::find(db, &self.keys, event))
    }

    /// What the entry of an event says, if there is one.
    pub(super) fn settled(&self, event: Uuid) -> Result<Option<Settled>, Error> {
        use ledger_entries::dsl;
        let entry = dsl::ledger_entries.filter(dsl::event.eq(event.as_bytes().as_slice()));
        let entry = entry.select((dsl::kind, dsl::leaf));
        let entry: Option<(String, Vec<u8>)> =
            self.database.glance(|db| Ok(on!(db, |db| entry.get_result(db)).optional()?))?;
        let Some((kind, leaf)) = entry else { return Ok(None) };
        if kind != EventKind::Refusal.wire() {
            return Ok(Some(Settled::Answered));
        }
        if leaf.is_empty() {
            // Removed with its segment (rule 3.7): the code went with the bytes.
            return Ok(Some(Settled::Refused(String::new())));
        }
        let entry = parse_entry(&leaf).map_err(Error::internal)?;
        let code = readable_fields(entry.root()).into_iter().find(|(name, _)| name == "kod");
        Ok(Some(Settled::Refused(code.map(|(_, code)| code).unwrap_or_default())))
    }

    /// An answer that a committed entry was found to repeat: however old by now.
    pub(super) fn answer(&self, first: Uuid) -> Result<Option<KeptAnswer>, Error> {
        self.database.glance(|db| ledger_answers::find(db, &self.keys, first, DateTime::UNIX_EPOCH))
    }

    /// Takes answers away whose window is over; every second at most.
    pub(super) fn sweep(&self, db: &mut Db, now: DateTime<Utc>) -> Result<(), Error> {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if swept.is_some_and(|last| last.elapsed() < SWEEP) {
            return Ok(());
        }
        *swept = Some(Instant::now());
        ledger_order_answers::sweep(db, now)?;
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
        self.act(&group, |db, page| group.iter().map(|entrant| page.enter(db, entrant)).collect())
    }

    /// One transaction of the register: its head is locked and fenced, `work` is done, the new head is signed.
    pub(super) fn act<T>(
        &self,
        group: &[&Entrant],
        work: impl FnOnce(&mut Db, &mut Page<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (done, published) = self.database.write(|db| {
            let (head, edge) = lock_head(db)?;
            fence(&self.tenant, self.known.last(), db, head, &edge)?;
            let mut page = Page::open(self, db, head, edge, group)?;
            let done = work(db, &mut page)?;
            Ok((done, page.close(db)?))
        })?;
        self.remember(published);
        Ok(done)
    }

    fn remember(&self, published: Option<Published>) {
        if let Some((head, signed)) = published {
            self.known.remember(head, &signed);
        }
    }

    /// Learns of a published head that the database lacks or contradicts: from here on the register is fenced.
    pub(super) fn contest(&self, head: TreeHead, signed: &SignedHead) {
        self.known.contest(head, signed);
    }

    /// Opens the next epoch with an entry that names the last head that is known here: from then on the register goes on
    /// from what the database holds, however much of what was known that is (rule 3.5).
    pub(super) fn open_epoch(&self, reason: &str) -> Result<u64, Error> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_MAX {
            return Err(Error::Refused(format!("an epoch is opened with a reason of 1 to {REASON_MAX} characters")));
        }
        let known = self.known.last();
        let (epoch, published) = self.database.write(|db| {
            let (head, edge) = lock_head(db)?;
            let contested = ledger_witness::contested(db, head.epoch)?;
            let goes_first = |one: &TreeHead| known.as_ref().is_none_or(|known| known.epoch <= one.epoch);
            let known = contested.filter(goes_first).or(known);
            let last = known.as_ref().map_or(head.epoch, |known| head.epoch.max(signed(known.epoch)));
            let epoch = last.checked_add(1).ok_or_else(|| Error::Refused("there is no later epoch".to_owned()))?;
            let head = Head { epoch, ..head };
            let former =
                known.as_ref().map(|known| FormerHead { epoch: known.epoch, size: known.size, root: known.root });
            let draft = Draft {
                reason: Some(reason.to_owned()),
                former,
                ..Draft::new(new_event(), EventKind::EpochOpened, &self.tenant)
            };
            let mut page = Page::open(self, db, head, edge, &[])?;
            page.write(db, &draft, false)?;
            Ok((head.epoch, page.close(db)?))
        })?;
        self.remember(published);
        unsigned(epoch)
    }

    /// Signs a head for a register that has entries from before there were heads; of others nothing changes.
    pub(super) fn cover(&self) -> Result<(), Error> {
        let is_bare = |db: &mut Db| Ok(ledger_tree::covered(db)?.is_none() && read_size(db)? > 0);
        if self.seal.is_none() || !self.database.glance(is_bare)? {
            return Ok(());
        }
        let published = self.database.write(|db| {
            let (head, edge) = lock_head(db)?;
            if let Err(Error::Refused(text)) = fence(&self.tenant, self.known.last(), db, head, &edge) {
                // Nothing is signed; whoever wants to write is told, and an epoch can be opened.
                log::warn!("{text}");
                return Ok(None);
            }
            if is_bare(db)? { self.write_head(db, head, &edge).map(Some) } else { Ok(None) }
        })?;
        self.remember(published);
        Ok(())
    }

    /// Writes how far the register goes, and signs it.
    pub(super) fn write_head(&self, db: &mut Db, head: Head, edge: &Edge) -> Result<Published, Error> {
        use ledger_head::dsl;
        let seal = self.seal.as_ref().ok_or_else(|| Error::Refused("there is no key to sign heads with".to_owned()))?;
        let update = diesel::update(dsl::ledger_head.find(1_i64)).set((
            dsl::epoch.eq(head.epoch),
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
        let signed_head = ledger_tree::publish(db, seal, &head)?;
        Ok((head, signed_head))
    }

    /// Whether the database goes on from what this node knows of the register.
    pub(super) fn check_known(&self) -> Result<(), Error> {
        check_known(&self.tenant, self.known.last(), &self.database)
    }

    /// The task's content as it is kept: keyed, since it is a digest over personal data (rules 2.2, 4.4).
    pub(super) fn content(&self, claim: &Claim) -> Result<Option<[u8; 32]>, Error> {
        let task = claim.task.as_ref().zip(claim.content.as_ref());
        task.map(|(task, digest)| self.keys.hmac("tresc zadania", &[claim.system.as_bytes(), task.as_bytes(), digest]))
            .transpose()
    }
}

/// Whether a register's database goes on from what is known of it.
pub(super) fn check_known(tenant: &str, known: Option<TreeHead>, database: &Database) -> Result<(), Error> {
    database.read(|db| {
        let (head, edge) = read_head(db)?;
        fence(tenant, known, db, head, &edge)
    })
}

/// Refuses a database that forgot or contradicts what this node has seen committed, or what a witness showed to any node.
fn fence(tenant: &str, known: Option<TreeHead>, db: &mut Db, head: Head, edge: &Edge) -> Result<(), Error> {
    let contested = ledger_witness::contested(db, head.epoch)?;
    [known, contested].into_iter().flatten().try_for_each(|known| goes_on_from(tenant, &known, db, head, edge))
}

fn goes_on_from(tenant: &str, known: &TreeHead, db: &mut Db, head: Head, edge: &Edge) -> Result<(), Error> {
    let epoch = unsigned(head.epoch)?;
    let fault = if known.epoch < epoch {
        if begins_with_opening(db, head.epoch)? {
            return Ok(());
        }
        "has an epoch that nobody opened after"
    } else if known.epoch > epoch || known.size > edge.size() {
        "ends before"
    } else if Some(known.root) != root_at(db, known.size, edge)? {
        "holds something else up to"
    } else {
        return Ok(());
    };
    Err(Error::Refused(format!(
        "the register of {tenant} {fault} entry {} of epoch {}, which is known; see `brama ledger open-epoch`",
        known.size, known.epoch
    )))
}

/// Locks the head row until the transaction ends: from here on no other node can claim or number anything.
pub(super) fn lock_head(db: &mut Db) -> Result<(Head, Edge), Error> {
    use ledger_head::dsl;
    let head = dsl::ledger_head.find(1_i64).select((dsl::epoch, dsl::size, dsl::last_time, dsl::edge));
    let row = match db {
        // BEGIN IMMEDIATE holds the whole file.
        Db::Sqlite(db) => head.get_result(db)?,
        Db::Pg(db) => head.for_update().get_result(db)?,
    };
    with_edge(db, row)
}

fn read_head(db: &mut Db) -> Result<(Head, Edge), Error> {
    use ledger_head::dsl;
    let head = dsl::ledger_head.find(1_i64).select((dsl::epoch, dsl::size, dsl::last_time, dsl::edge));
    let row = on!(db, |db| head.get_result(db))?;
    with_edge(db, row)
}

fn with_edge(db: &mut Db, (epoch, size, last_time, edge): (i64, i64, i64, Vec<u8>)) -> Result<(Head, Edge), Error> {
    let edge = ledger_tree::edge(db, size, &edge)?;
    Ok((Head { epoch, size, last_time }, edge))
}

/// The root of the tree as it was at `size`, of which a head was signed; nothing when none is kept.
pub(super) fn root_at(db: &mut Db, size: u64, edge: &Edge) -> Result<Option<Hash>, Error> {
    if size == edge.size() {
        return Ok(Some(edge.root()));
    }
    let head = ledger_tree::head(db, size)?;
    head.map(|head| head.read().map(|head| head.root).map_err(Error::internal)).transpose()
}

/// Whether the first entry of `epoch` is the one that opened it.
fn begins_with_opening(db: &mut Db, epoch: i64) -> Result<bool, Error> {
    use ledger_entries::dsl;
    let first = dsl::ledger_entries.filter(dsl::epoch.eq(epoch)).order(dsl::number).select(dsl::kind);
    let first: Option<String> = first.limit(1).get_result(db).optional()?;
    Ok(first.is_some_and(|kind| kind == EventKind::EpochOpened.wire()))
}

pub(super) fn read_size(db: &mut Db) -> Result<i64, Error> {
    use ledger_head::dsl;
    Ok(dsl::ledger_head.find(1_i64).select(dsl::size).get_result(db)?)
}
