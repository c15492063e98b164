//! The answers to questions of orders: sealed in the register of the administrator that gave them, written with the entry,
//! gone when the order ends (decision 30).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::connection::on;
use super::ledger_tables::ledger_order_answers;
use super::{Db, Error, KeyRing, KeyUse, Label};
use crate::ledger::KeptAnswer;

/// Answers are padded to this many bytes.
const PAD: usize = 256;

/// Answers taken away by one transaction at most.
const SWEPT: i64 = 1000;

/// An answer ready to be written with its entry.
pub(super) struct SealedAnswer {
    ends_at: i64,
    bytes: Vec<u8>,
}

pub(super) fn seal(
    keys: &KeyRing,
    event: Uuid,
    answer: &KeptAnswer,
    ends_at: DateTime<Utc>,
) -> Result<SealedAnswer, Error> {
    let bytes = keys.seal(KeyUse::Ledger, label(&event), &answer.to_bytes(), PAD)?;
    Ok(SealedAnswer { ends_at: ends_at.timestamp_micros(), bytes })
}

pub(super) fn keep(db: &mut Db, event: Uuid, answer: &SealedAnswer) -> Result<(), Error> {
    use ledger_order_answers::dsl;
    let kept = diesel::insert_into(dsl::ledger_order_answers).values((
        dsl::event.eq(event.as_bytes().as_slice()),
        dsl::ends_at.eq(answer.ends_at),
        dsl::sealed.eq(&answer.bytes),
    ));
    on!(db, |db| kept.execute(db))?;
    Ok(())
}

/// The answer that was given under `event`.
pub(super) fn find(db: &mut Db, keys: &KeyRing, event: Uuid) -> Result<Option<KeptAnswer>, Error> {
    use ledger_order_answers::dsl;
    let sealed = dsl::ledger_order_answers.find(event.as_bytes().as_slice()).select(dsl::sealed);
    let sealed: Option<Vec<u8>> = on!(db, |db| sealed.get_result(db)).optional()?;
    let Some(sealed) = sealed else { return Ok(None) };
    let clear = keys.open(KeyUse::Ledger, label(&event), &sealed)?;
    KeptAnswer::from_bytes(&clear).map(Some).ok_or(Error::Sealed("an answer of another form"))
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

fn label(event: &Uuid) -> Label<'_> {
    Label { purpose: "odpowiedz-zlecenia", set: "", row: event.as_bytes() }
}
