//! Orders in the platform's register: stored with the claim of the request that made them, worked off question by question.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::connection::on;
use super::ledger_tables::{
    ledger_order_keys as order_keys, ledger_order_questions as questions, ledger_orders as orders,
};
use super::ledger_values::{instant, unsigned, uuid};
use super::order_contents::SealedContent;
use super::{Address, Database, Db, Error, KeyRing, Stores, order_contents};

/// After this time without an outcome another node may work on a question.
const HOLD: TimeDelta = TimeDelta::seconds(15);

/// An order about to be stored.
#[derive(Debug, Clone)]
pub struct NewOrder {
    /// `idZlecenia`
    pub id: Uuid,
    pub system: String,
    pub unit: String,
    pub made_at: DateTime<Utc>,
    /// When it and its answers go.
    pub ends_at: DateTime<Utc>,
    /// What the person is told apart by; kept as a keyed hash.
    pub person: Vec<u8>,
    /// What was asked, about whom and by whom; kept sealed.
    pub content: OrderContent,
    /// In the order asked.
    pub questions: Vec<NewQuestion>,
}

/// Personal data, therefore never shown.
#[derive(Clone)]
pub struct OrderContent(pub Zeroizing<Vec<u8>>);

/// A question of an order, and the administrator that is to answer it.
#[derive(Debug, Clone)]
pub struct NewQuestion {
    /// Names its entry, its answer and itself.
    pub event: Uuid,
    pub set: String,
    pub tenant: String,
}

/// How a question stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuestionState {
    Waiting,
    Answered,
    Refused,
}

/// A question as it stands.
#[derive(Debug, Clone)]
pub struct OrderedQuestion {
    pub event: Uuid,
    pub set: String,
    pub state: QuestionState,
    /// Why it was refused or, while it waits, why the last try failed.
    pub code: Option<String>,
}

/// An order with its questions, in the order asked.
#[derive(Debug, Clone)]
pub struct Order {
    pub id: Uuid,
    pub system: String,
    pub unit: String,
    pub ends_at: DateTime<Utc>,
    /// Nothing when it does not open, or was let go.
    pub content: Option<OrderContent>,
    pub questions: Vec<OrderedQuestion>,
}

/// A question that its holder is to answer.
#[derive(Debug, Clone)]
pub struct Errand {
    pub event: Uuid,
    /// Which of the order's questions it is, from 0.
    pub place: usize,
    /// Tries that failed.
    pub tries: u32,
    pub system: String,
    pub unit: String,
    pub ends_at: DateTime<Utc>,
    pub set: String,
    /// Nothing when it does not open.
    pub content: Option<OrderContent>,
}

/// The orders of the platform.
#[derive(Clone, Copy)]
pub struct Orders<'s> {
    pub(super) database: &'s Database,
    pub(super) keys: &'s KeyRing,
    /// Days for which an order and its answers are kept.
    pub days: u32,
    /// Questions of one system that may wait.
    pub questions_max: u32,
}

impl Stores {
    /// The orders that systems of all units made.
    #[must_use]
    pub fn orders(&self) -> Orders<'_> {
        Orders {
            database: self.platform_ledger(),
            keys: self.platform().keys(),
            days: self.settings().order_days,
            questions_max: self.settings().order_questions_max,
        }
    }
}

impl QuestionState {
    /// The word on the wire and in the table.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Waiting => "W_TOKU",
            Self::Answered => "GOTOWA",
            Self::Refused => "ODMOWA",
        }
    }

    fn parse(word: &str) -> Result<Self, Error> {
        let all = [Self::Waiting, Self::Answered, Self::Refused];
        all.into_iter().find(|state| state.wire() == word).ok_or_else(|| Error::internal("an unknown state"))
    }
}

impl Orders<'_> {
    /// The order of this `idZlecenia`, unless it was taken away.
    ///
    /// # Errors
    /// As of the database.
    pub fn find(self, id: Uuid) -> Result<Option<Order>, Error> {
        self.database.read(|db| {
            let Some(row) = order_row(db, id)? else { return Ok(None) };
            let rows = questions::table.filter(questions::order_id.eq(id.as_bytes().as_slice()));
            let rows = rows.order(questions::place).select((
                questions::event,
                questions::set_id,
                questions::state,
                questions::code,
            ));
            let rows: Vec<(Vec<u8>, String, String, Option<String>)> = rows.load(db)?;
            let questions = rows.into_iter().map(|(event, set, state, code)| {
                Ok(OrderedQuestion { event: uuid(&event)?, set, state: QuestionState::parse(&state)?, code })
            });
            let questions = questions.collect::<Result<_, Error>>()?;
            let (system, unit, ends_at, sealed, key) = row;
            let content = order_contents::open(self.keys, id, key.as_deref(), &sealed);
            Ok(Some(Order { id, system, unit, ends_at: instant(ends_at)?, content, questions }))
        })
    }

    /// How many questions of a system wait, to be answered now or later.
    ///
    /// # Errors
    /// As of the database.
    pub fn waiting(self, system: &str) -> Result<u64, Error> {
        let theirs = waiting().filter(questions::system.eq(system)).count();
        let count: i64 = self.database.glance(|db| Ok(theirs.get_result(db)?))?;
        unsigned(count)
    }

    /// The administrators for whom something is due, each once.
    ///
    /// # Errors
    /// As of the database.
    pub fn due(self, now: DateTime<Utc>) -> Result<Vec<String>, Error> {
        self.database.glance(|db| Ok(due(now).select(questions::tenant).distinct().load(db)?))
    }

    /// Gives `holder` the question of `tenant` that has been due for longest, unless somebody holds it.
    ///
    /// # Errors
    /// As of the database.
    pub fn take(self, tenant: &str, holder: Uuid, now: DateTime<Utc>) -> Result<Option<Errand>, Error> {
        let taken = self.database.write(|db| {
            let next = due(now).filter(questions::tenant.eq(tenant)).order((questions::due_at, questions::event));
            let next = next.limit(1).select((
                questions::event,
                questions::order_id,
                questions::place,
                questions::set_id,
                questions::tries,
            ));
            let next: Option<DueRow> = match db {
                // BEGIN IMMEDIATE holds the whole file.
                Db::Sqlite(db) => next.get_result(db).optional()?,
                Db::Pg(db) => next.for_update().skip_locked().get_result(db).optional()?,
            };
            let Some((event, order, place, set, tries)) = next else { return Ok(None) };
            diesel::update(questions::table.find(&event))
                .set((
                    questions::holder.eq(Some(holder.as_bytes().as_slice())),
                    questions::held_until.eq((now + HOLD).timestamp_micros()),
                ))
                .execute(db)?;
            let order = uuid(&order)?;
            let row = order_row(db, order)?.ok_or_else(|| Error::internal("a question without its order"))?;
            Ok(Some((uuid(&event)?, order, place, set, tries, row)))
        })?;
        let Some((event, order, place, set, tries, row)) = taken else { return Ok(None) };
        let (system, unit, ends_at, sealed, key) = row;
        Ok(Some(Errand {
            event,
            place: usize::try_from(place).map_err(Error::internal)?,
            tries: u32::try_from(tries).unwrap_or(u32::MAX),
            system,
            unit,
            ends_at: instant(ends_at)?,
            set,
            content: order_contents::open(self.keys, order, key.as_deref(), &sealed),
        }))
    }

    /// Notes what became of a question, whoever found out; the register of its administrator has it already.
    ///
    /// # Errors
    /// As of the database; then somebody finds out again.
    pub fn settle(self, event: Uuid, state: QuestionState, code: Option<&str>) -> Result<(), Error> {
        self.database.write(|db| {
            let waiting = waiting().filter(questions::event.eq(event.as_bytes().as_slice()));
            let set = (questions::state.eq(state.wire()), questions::code.eq(code));
            diesel::update(waiting).set(set).execute(db)?;
            Ok(())
        })
    }

    /// Puts a question that `holder` could not answer off until `due_at`, and says why.
    ///
    /// # Errors
    /// As of the database; then the hold ends by itself.
    pub fn put_off(self, event: Uuid, holder: Uuid, due_at: DateTime<Utc>, code: &str) -> Result<(), Error> {
        self.database.write(|db| {
            let held = waiting()
                .filter(questions::event.eq(event.as_bytes().as_slice()))
                .filter(questions::holder.eq(holder.as_bytes().as_slice()));
            diesel::update(held)
                .set((
                    questions::code.eq(Some(code)),
                    questions::tries.eq(questions::tries + 1),
                    questions::due_at.eq(due_at.timestamp_micros()),
                    questions::held_until.eq(0),
                ))
                .execute(db)?;
            Ok(())
        })
    }

    /// Forgets every hold where one process alone has the database, as with `SQLite` at its start: whoever held a question
    /// is gone. Elsewhere a hold ends by itself.
    ///
    /// # Errors
    /// As of the database.
    pub fn release_abandoned(self) -> Result<(), Error> {
        if matches!(self.database.address(), Address::Postgres(_)) {
            return Ok(());
        }
        self.database
            .write(|db| Ok(diesel::update(waiting()).set(questions::held_until.eq(0)).execute(db).map(drop)?))
    }
}

/// Stores an order; part of the transaction that claims its request.
pub(super) fn insert(db: &mut Db, order: &NewOrder, content: &SealedContent) -> Result<(), Error> {
    let id = order.id.as_bytes().as_slice();
    let row = diesel::insert_into(orders::table).values((
        orders::id.eq(id),
        orders::system.eq(&order.system),
        orders::unit.eq(&order.unit),
        orders::ends_at.eq(order.ends_at.timestamp_micros()),
        orders::sealed.eq(&content.bytes),
    ));
    on!(db, |db| row.execute(db))?;
    order_contents::insert_key(db, order.id, content)?;
    for (place, question) in (0_i64..).zip(&order.questions) {
        let row = diesel::insert_into(questions::table).values((
            questions::event.eq(question.event.as_bytes().as_slice()),
            questions::order_id.eq(id),
            questions::place.eq(place),
            questions::system.eq(&order.system),
            questions::set_id.eq(&question.set),
            questions::tenant.eq(&question.tenant),
            questions::state.eq(QuestionState::Waiting.wire()),
            questions::tries.eq(0),
            questions::due_at.eq(order.made_at.timestamp_micros()),
            questions::held_until.eq(0),
        ));
        on!(db, |db| row.execute(db))?;
    }
    Ok(())
}

/// Event, order, place, set and tries of a question.
type DueRow = (Vec<u8>, Vec<u8>, i64, String, i64);

/// The columns of an order behind its identifier, and its wrapped key.
type OrderRow = (String, String, i64, Vec<u8>, Option<Vec<u8>>);

fn order_row(db: &mut Db, id: Uuid) -> Result<Option<OrderRow>, Error> {
    let row = orders::table.find(id.as_bytes().as_slice()).left_join(order_keys::table);
    let key = order_keys::wrapped.nullable();
    let row = row.select((orders::system, orders::unit, orders::ends_at, orders::sealed, key));
    Ok(on!(db, |db| row.get_result(db)).optional()?)
}

#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn waiting() -> _ {
    let state: &'static str = QuestionState::Waiting.wire();
    questions::table.filter(questions::state.eq(state))
}

#[diesel::dsl::auto_type(no_type_alias)]
fn due(now: DateTime<Utc>) -> _ {
    let now: i64 = now.timestamp_micros();
    let state: &'static str = QuestionState::Waiting.wire();
    let waiting = questions::table.filter(questions::state.eq(state));
    waiting.filter(questions::due_at.le(now)).filter(questions::held_until.lt(now))
}

impl std::fmt::Debug for OrderContent {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("OrderContent")
    }
}
