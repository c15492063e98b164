//! The answers that retries get: sealed beside the register, written with the entry, gone after the window (rule 2.3).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::{Builder, Uuid};

use super::connection::on;
use super::ledger_tables::ledger_answers;
use super::{Db, Error, Key, KeyRing, ledger_kept};
use crate::ledger::KeptAnswer;

/// What sealed bytes of this table are.
const PURPOSE: &str = "odpowiedz";

/// Answers taken away by one transaction at most.
const SWEPT: i64 = 1000;

/// Keeps the answer to the request of `event`, which was about `person`.
pub(super) fn keep(
    db: &mut Db,
    keys: &KeyRing,
    person: Option<&Key>,
    event: Uuid,
    answer: &KeptAnswer,
) -> Result<(), Error> {
    use ledger_answers::dsl;
    let sealed = ledger_kept::seal(keys, person, event, PURPOSE, answer)?;
    let kept = (dsl::event.eq(event.as_bytes().as_slice()), dsl::sealed.eq(sealed));
    let kept = diesel::insert_into(dsl::ledger_answers).values(kept);
    on!(db, |db| kept.execute(db))?;
    Ok(())
}

/// The answer to the request of `event`, unless it is older than `since`, was never kept or is about a person erased since.
pub(super) fn find(
    db: &mut Db,
    keys: &KeyRing,
    event: Uuid,
    since: DateTime<Utc>,
) -> Result<Option<KeptAnswer>, Error> {
    use ledger_answers::dsl;
    if event.as_bytes() < first_of(since).as_bytes() {
        return Ok(None);
    }
    let sealed = dsl::ledger_answers.find(event.as_bytes().as_slice()).select(dsl::sealed);
    let sealed: Option<Vec<u8>> = on!(db, |db| sealed.get_result(db)).optional()?;
    let Some(sealed) = sealed else { return Ok(None) };
    ledger_kept::open(db, keys, event, PURPOSE, &sealed)
}

/// Takes answers from before `since` away, a bounded number of them.
pub(super) fn sweep(db: &mut Db, since: DateTime<Utc>) -> Result<(), Error> {
    use ledger_answers::dsl;
    let limit = first_of(since);
    let old = dsl::ledger_answers.filter(dsl::event.lt(limit.as_bytes().as_slice())).select(dsl::event);
    let old: Vec<Vec<u8>> = old.order(dsl::event).limit(SWEPT).load(db)?;
    if !old.is_empty() {
        diesel::delete(dsl::ledger_answers.filter(dsl::event.eq_any(old))).execute(db)?;
    }
    Ok(())
}

/// The least name that an event of `time` can have ([`crate::call::new_event`]).
fn first_of(time: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(time.timestamp_millis()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}
