//! Orders in the platform's register: stored with the claim of the request that made them, worked off question by question.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::connection::on;
use super::ledger_tables::{ledger_order_questions as questions, ledger_orders as orders};
use super::ledger_values::{instant, unsigned, uuid};
use super::{Address, Database, Db, Error, KeyRing, KeyUse, Label, Stores};

/// Orders are padded to this many bytes.
const PAD: usize = 512;

/// After this time without an outcome another node may work on a question.
const HOLD: TimeDelta = TimeDelta::seconds(15);

/// Orders taken away by one transaction at most.
const SWEPT: i64 = 500;

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
    /// Nothing when it does not open.
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
    database: &'s Database,
    keys: &'s KeyRing,
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
            let (system, unit, ends_at, sealed) = row;
            let content = self.open(id, &sealed);
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
            let next: Option<(Vec<u8>, Vec<u8>, i64, String, i64)> = match db {
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
        let Some((event, order, place, set, tries, (system, unit, ends_at, sealed))) = taken else { return Ok(None) };
        Ok(Some(Errand {
            event,
            place: usize::try_from(place).map_err(Error::internal)?,
            tries: u32::try_from(tries).unwrap_or(u32::MAX),
            system,
            unit,
            ends_at: instant(ends_at)?,
            set,
            content: self.open(order, &sealed),
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

    /// Takes orders away that have ended by `now` and of which nothing waits, a bounded number of them.
    ///
    /// # Errors
    /// As of the database.
    pub fn sweep(self, now: DateTime<Utc>) -> Result<(), Error> {
        let ended = |db: &mut Db| {
            let unfinished = waiting().select(questions::order_id);
            let ended = orders::table.filter(orders::ends_at.lt(now.timestamp_micros()));
            let ended = ended.filter(diesel::dsl::not(orders::id.eq_any(unfinished)));
            let ended: Vec<Vec<u8>> = ended.select(orders::id).order(orders::ends_at).limit(SWEPT).load(db)?;
            Ok(ended)
        };
        if self.database.glance(ended)?.is_empty() {
            return Ok(());
        }
        self.database.write(|db| {
            let ended = ended(db)?;
            diesel::delete(orders::table.filter(orders::id.eq_any(ended))).execute(db)?;
            Ok(())
        })
    }

    /// A content that does not open, whoever changed it, keeps nobody from the rest of the table.
    fn open(self, id: Uuid, sealed: &[u8]) -> Option<OrderContent> {
        let opened = self.keys.open(KeyUse::Data, label(&id), sealed);
        opened.inspect_err(|error| log::error!("order {id} does not open: {error}")).ok().map(OrderContent)
    }
}

pub(super) fn seal(keys: &KeyRing, order: &NewOrder) -> Result<Vec<u8>, Error> {
    keys.seal(KeyUse::Data, label(&order.id), &order.content.0, PAD)
}

/// Stores an order; part of the transaction that claims its request.
pub(super) fn insert(db: &mut Db, order: &NewOrder, sealed: &[u8]) -> Result<(), Error> {
    let id = order.id.as_bytes().as_slice();
    let row = diesel::insert_into(orders::table).values((
        orders::id.eq(id),
        orders::system.eq(&order.system),
        orders::unit.eq(&order.unit),
        orders::ends_at.eq(order.ends_at.timestamp_micros()),
        orders::sealed.eq(sealed),
    ));
    on!(db, |db| row.execute(db))?;
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

/// The columns of an order behind its identifier.
type OrderRow = (String, String, i64, Vec<u8>);

fn order_row(db: &mut Db, id: Uuid) -> Result<Option<OrderRow>, Error> {
    let row = orders::table.find(id.as_bytes().as_slice());
    let row = row.select((orders::system, orders::unit, orders::ends_at, orders::sealed));
    Ok(on!(db, |db| row.get_result(db)).optional()?)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn waiting() -> _ {
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

fn label(id: &Uuid) -> Label<'_> {
    Label { purpose: "zlecenie", set: "", row: id.as_bytes() }
}

impl std::fmt::Debug for OrderContent {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("OrderContent")
    }
}
