//! What orders say of persons: sealed with a key of each order's own, which is destroyed when the order ends or the person
//! is erased (decision 30).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::connection::on;
use super::ledger_persons::PersonTag;
use super::ledger_tables::{ledger_order_keys as keys, ledger_order_questions as questions, ledger_orders as orders};
use super::ledger_values::uuid;
use super::orders::waiting;
use super::{Db, Error, Key, KeyRing, KeyUse, Label, NewOrder, OrderContent, Orders, QuestionState, erasure};

/// Orders are padded to this many bytes.
const PAD: usize = 512;

/// Orders taken away by one transaction at most.
const SWEPT: i64 = 500;

/// Orders named in one statement.
const NAMED: usize = 1000;

/// The table of keys, written anew whenever some were destroyed.
const KEYS: &str = "ledger_order_keys";

/// The content of an order, ready to be stored.
pub(super) struct SealedContent {
    pub(super) bytes: Vec<u8>,
    /// Whom the order is about, as a keyed hash.
    person: PersonTag,
    wrapped: Vec<u8>,
}

/// A question that waits, as the entry of its refusal names it.
#[derive(Debug, Clone)]
pub struct WaitingQuestion {
    pub event: Uuid,
    pub set: String,
    pub system: String,
    pub unit: String,
}

pub(super) fn seal(ring: &KeyRing, order: &NewOrder) -> Result<SealedContent, Error> {
    let key = Key::random(Key::UNNUMBERED)?;
    Ok(SealedContent {
        bytes: key.seal(ring.owner(), label(&order.id), &order.content.0, PAD)?,
        person: tag(ring, &order.person)?,
        wrapped: ring.wrap_key(KeyUse::Data, key_label(&order.id), &key)?,
    })
}

/// Stores the key of an order that was stored.
pub(super) fn insert_key(db: &mut Db, order: Uuid, content: &SealedContent) -> Result<(), Error> {
    let row = diesel::insert_into(keys::table).values((
        keys::order_id.eq(order.as_bytes().as_slice()),
        keys::person.eq(content.person.as_slice()),
        keys::wrapped.eq(&content.wrapped),
    ));
    on!(db, |db| row.execute(db))?;
    Ok(())
}

/// Opens a content with its wrapped key. One that does not open, whoever changed it, keeps nobody from the rest of the
/// table; nor does one whose key was destroyed.
pub(super) fn open(ring: &KeyRing, id: Uuid, wrapped: Option<&[u8]>, sealed: &[u8]) -> Option<OrderContent> {
    let key = ring.unwrap_key(KeyUse::Data, key_label(&id), wrapped?);
    let opened = key.and_then(|key| key.open(ring.owner(), label(&id), sealed));
    opened.inspect_err(|error| log::error!("order {id} does not open: {error}")).ok().map(OrderContent)
}

impl Orders<'_> {
    /// The questions that wait at `tenant` about the persons told apart by `persons`.
    ///
    /// # Errors
    /// As of the database.
    pub fn waiting_about(self, tenant: &str, persons: &[Vec<u8>]) -> Result<Vec<WaitingQuestion>, Error> {
        let theirs = self.about(persons)?;
        self.database.read(|db| {
            let mut found = Vec::new();
            for ids in theirs.chunks(NAMED) {
                let rows = waiting().inner_join(orders::table).filter(questions::tenant.eq(tenant));
                let rows = rows.filter(questions::order_id.eq_any(ids));
                let rows = rows.select((questions::event, questions::set_id, orders::system, orders::unit));
                let rows: Vec<(Vec<u8>, String, String, String)> = rows.load(db)?;
                for (event, set, system, unit) in rows {
                    found.push(WaitingQuestion { event: uuid(&event)?, set, system, unit });
                }
            }
            Ok(found)
        })
    }

    /// Refuses with `code` the questions about these persons that `tenant` has answered, and destroys the keys of their
    /// orders in which nothing waits or is ready any more. Gives the number of questions.
    ///
    /// # Errors
    /// As of the database.
    pub fn forget(self, tenant: &str, persons: &[Vec<u8>], code: &str) -> Result<usize, Error> {
        let theirs = self.about(persons)?;
        if theirs.is_empty() {
            return Ok(0);
        }
        self.database.write(|db| {
            erasure::begin(db)?;
            let mut refused = 0;
            for ids in theirs.chunks(NAMED) {
                let answered = questions::table.filter(questions::order_id.eq_any(ids));
                let answered = answered.filter(questions::tenant.eq(tenant));
                let answered = answered.filter(questions::state.eq(QuestionState::Answered.wire()));
                let refusal = (questions::state.eq(QuestionState::Refused.wire()), questions::code.eq(Some(code)));
                refused += diesel::update(answered).set(refusal).execute(db)?;
                let needed = questions::table.filter(questions::state.ne(QuestionState::Refused.wire()));
                let needed = needed.select(questions::order_id);
                let unneeded = keys::table.filter(keys::order_id.eq_any(ids));
                let unneeded = unneeded.filter(diesel::dsl::not(keys::order_id.eq_any(needed)));
                diesel::delete(unneeded).execute(db)?;
            }
            Ok(refused)
        })
    }

    /// Takes orders away that have ended by `now` and of which nothing waits, then lets the database's own files forget
    /// their keys.
    ///
    /// # Errors
    /// `Busy` when old copies of keys are left, which the next order that ends takes along; else as of the database.
    pub fn sweep(self, now: DateTime<Utc>) -> Result<(), Error> {
        if self.sweep_some(now)? == 0 {
            return Ok(());
        }
        while self.sweep_some(now)? > 0 {}
        self.vanish()
    }

    /// Lets the database's own files forget the keys that were destroyed.
    ///
    /// # Errors
    /// `Busy` when somebody reads all the time or has an older snapshot; asking again tries again.
    pub fn vanish(self) -> Result<(), Error> {
        erasure::settle(self.database, &[KEYS], &[])
    }

    fn sweep_some(self, now: DateTime<Utc>) -> Result<usize, Error> {
        let ended = |db: &mut Db| {
            let unfinished = waiting().select(questions::order_id);
            let ended = orders::table.filter(orders::ends_at.lt(now.timestamp_micros()));
            let ended = ended.filter(diesel::dsl::not(orders::id.eq_any(unfinished)));
            let ended = ended.select(orders::id).order(orders::ends_at).limit(SWEPT);
            Ok(ended.load::<Vec<u8>>(db)?)
        };
        if self.database.glance(ended)?.is_empty() {
            return Ok(0);
        }
        self.database.write(|db| {
            erasure::begin(db)?;
            let ended = ended(db)?;
            diesel::delete(keys::table.filter(keys::order_id.eq_any(&ended))).execute(db)?;
            Ok(diesel::delete(orders::table.filter(orders::id.eq_any(ended))).execute(db)?)
        })
    }

    /// The orders about persons told apart by `persons` whose content can be opened.
    fn about(self, persons: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, Error> {
        let tags = persons.iter().map(|person| tag(self.keys, person)).collect::<Result<Vec<_>, _>>()?;
        let tags: Vec<&[u8]> = tags.iter().map(<[u8; 32]>::as_slice).collect();
        self.database.read(|db| Ok(keys::table.filter(keys::person.eq_any(tags)).select(keys::order_id).load(db)?))
    }
}

/// The keyed hash by which the platform finds the orders about a person, and nothing else.
fn tag(ring: &KeyRing, material: &[u8]) -> Result<PersonTag, Error> {
    ring.hmac("osoba zlecenia", &[material])
}

fn label(id: &Uuid) -> Label<'_> {
    Label { purpose: "zlecenie", set: "", row: id.as_bytes() }
}

fn key_label(id: &Uuid) -> Label<'_> {
    Label { purpose: "klucz-zlecenia", set: "", row: id.as_bytes() }
}
