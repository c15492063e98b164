//! The answers to questions of orders: sealed in the register of the administrator that gave them, written with the entry,
//! gone when the order ends (decision 30).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::connection::on;
use super::ledger_tables::ledger_order_answers;
use super::{Db, Error, Key, KeyRing, ledger_kept};
use crate::ledger::KeptAnswer;

/// What sealed bytes of this table are.
const PURPOSE: &str = "odpowiedz-zlecenia";

/// Answers taken away by one transaction at most.
const SWEPT: i64 = 1000;

/// Keeps the answer that was given under `event` to a question about `person`.
pub(super) fn keep(
    db: &mut Db,
    keys: &KeyRing,
    person: Option<&Key>,
    event: Uuid,
    (answer, ends_at): &(KeptAnswer, DateTime<Utc>),
) -> Result<(), Error> {
    use ledger_order_answers::dsl;
    let kept = diesel::insert_into(dsl::ledger_order_answers).values((
        dsl::event.eq(event.as_bytes().as_slice()),
        dsl::ends_at.eq(ends_at.timestamp_micros()),
        dsl::sealed.eq(ledger_kept::seal(keys, person, event, PURPOSE, answer)?),
    ));
    on!(db, |db| kept.execute(db))?;
    Ok(())
}

/// The answer that was given under `event`; nothing when it is about a person erased since.
pub(super) fn find(db: &mut Db, keys: &KeyRing, event: Uuid) -> Result<Option<KeptAnswer>, Error> {
    use ledger_order_answers::dsl;
    let sealed = dsl::ledger_order_answers.find(event.as_bytes().as_slice()).select(dsl::sealed);
    let sealed: Option<Vec<u8>> = on!(db, |db| sealed.get_result(db)).optional()?;
    let Some(sealed) = sealed else { return Ok(None) };
    ledger_kept::open(db, keys, event, PURPOSE, &sealed)
}

/// Takes answers away whose orders have ended by `now`, a bounded number of them.
pub(super) fn sweep(db: &mut Db, now: DateTime<Utc>) -> Result<(), Error> {
    use ledger_order_answers::dsl;
    let old = dsl::ledger_order_answers.filter(dsl::ends_at.lt(now.timestamp_micros())).select(dsl::event);
    let old: Vec<Vec<u8>> = old.order(dsl::ends_at).limit(SWEPT).load(db)?;
    if !old.is_empty() {
        diesel::delete(dsl::ledger_order_answers.filter(dsl::event.eq_any(old))).execute(db)?;
    }
    Ok(())
}
