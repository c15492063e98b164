//! What other units sign of a register's heads, and what their memory shows of the database (rule 3.5).

use diesel::prelude::*;

use super::connection::on;
use super::ledger_register::{Register, lock_head, root_at};
use super::ledger_tables::{ledger_contested, ledger_seals, ledger_witnesses};
use super::ledger_values::{instant, signed, unsigned};
use super::{Db, Error};
use crate::ledger::{Edge, SignedHead, Testimony, TreeHead};

/// How a head that somebody shows stands beside the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// It is one of the register; the testimony is kept, or was before. This is the one kept.
    Stands(Testimony),
    /// It is none of this register, or of an epoch that was given up when the next was opened.
    Foreign,
    /// This gateway published it, and the database ends before it or holds something else: the register is fenced.
    Lost,
}

/// Epochs that a database may have lost; a head beyond that says nothing that can be gone on from.
const EPOCHS_LOST_MAX: u64 = 1_000_000;

/// What became of a head inside the transaction.
enum Place {
    Here,
    Nowhere,
    Missing,
}

impl Register {
    /// Keeps `testimony` about a head that stands here; learns from one that was published and does not stand here.
    ///
    /// Nobody but the gateway's own seal can say what was published: a head that another key signed changes nothing.
    pub(super) fn witness(&self, shown: &SignedHead, testimony: &Testimony) -> Result<Shown, Error> {
        let Some(head) = shown.read().ok().filter(|head| head.tenant == self.tenant() && shown.is_signed()) else {
            return Ok(Shown::Foreign);
        };
        // Only what stands here is written about, so the look comes first and takes no lock for strangers.
        if !self.database.glance(|db| self.is_own(db, shown))? {
            return Ok(Shown::Foreign);
        }
        let stands = self.database.write(|db| {
            let (row, edge) = lock_head(db)?;
            Ok(match place(db, &head, unsigned(row.epoch)?, &edge)? {
                Place::Here => Shown::Stands(keep(db, head.size, testimony)?),
                Place::Nowhere => Shown::Foreign,
                Place::Missing => {
                    contest(db, &head, shown, testimony)?;
                    Shown::Lost
                }
            })
        })?;
        if stands == Shown::Lost {
            log::error!(
                "a witness knows entry {} of epoch {} of {}, which the database lacks or contradicts",
                head.size,
                head.epoch,
                head.tenant
            );
            self.contest(head, shown);
        }
        Ok(stands)
    }

    /// Whether the head bears the certificate of the seal, or of one that signed heads of this register before.
    fn is_own(&self, db: &mut Db, shown: &SignedHead) -> Result<bool, Error> {
        use ledger_seals::dsl;
        if self.signer().is_some_and(|seal| seal.certificate().der() == shown.certificate) {
            return Ok(true);
        }
        let former = dsl::ledger_seals.filter(dsl::certificate.eq(&shown.certificate)).select(dsl::fingerprint);
        let former: Option<Vec<u8>> = former.first(db).optional()?;
        Ok(former.is_some())
    }
}

fn place(db: &mut Db, head: &TreeHead, epoch: u64, edge: &Edge) -> Result<Place, Error> {
    if head.epoch > epoch.saturating_add(EPOCHS_LOST_MAX) {
        return Ok(Place::Nowhere);
    }
    if head.epoch > epoch || head.epoch == epoch && head.size > edge.size() {
        return Ok(Place::Missing);
    }
    let stands = head.size <= edge.size() && root_at(db, head.size, edge)? == Some(head.root);
    Ok(match (stands, head.epoch == epoch) {
        (true, _) => Place::Here,
        (false, true) => Place::Missing,
        // The entry that opened the epoch names what was given up.
        (false, false) => Place::Nowhere,
    })
}

/// Notes, for every node, that the database lacks or contradicts a published head; of one size, the first that was shown.
fn contest(db: &mut Db, head: &TreeHead, shown: &SignedHead, testimony: &Testimony) -> Result<(), Error> {
    use ledger_contested::dsl;
    let (epoch, size) = (signed(head.epoch), signed(head.size));
    let known: i64 =
        dsl::ledger_contested.filter(dsl::epoch.eq(epoch)).filter(dsl::size.eq(size)).count().get_result(db)?;
    if known == 0 {
        let row = diesel::insert_into(dsl::ledger_contested).values((
            dsl::epoch.eq(epoch),
            dsl::size.eq(size),
            dsl::head.eq(&shown.bytes),
            dsl::signature.eq(&shown.signature),
            dsl::certificate.eq(&shown.certificate),
            dsl::shown_at.eq(testimony.time.timestamp_micros()),
        ));
        on!(db, |db| row.execute(db))?;
    }
    Ok(())
}

/// The furthest contested head of `epoch` or a later one.
pub(super) fn contested(db: &mut Db, epoch: i64) -> Result<Option<TreeHead>, Error> {
    use ledger_contested::dsl;
    let heads = dsl::ledger_contested.filter(dsl::epoch.ge(epoch)).order((dsl::epoch.desc(), dsl::size.desc()));
    // Asked with every commit, and nearly always of an empty table.
    let heads = heads.select((dsl::head, dsl::signature, dsl::certificate));
    let heads: Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> = on!(db, |db| heads.load(db))?;
    let Some((bytes, signature, certificate)) = heads.into_iter().next() else { return Ok(None) };
    SignedHead { bytes, signature, certificate }.read().map(Some).map_err(Error::internal)
}

/// Keeps a testimony once; of one that was kept before, that one counts.
fn keep(db: &mut Db, size: u64, testimony: &Testimony) -> Result<Testimony, Error> {
    use ledger_witnesses::dsl;
    if let Some(kept) = testimonies(db, size)?.into_iter().find(|kept| kept.unit == testimony.unit) {
        return Ok(kept);
    }
    let row = diesel::insert_into(dsl::ledger_witnesses).values((
        dsl::size.eq(signed(size)),
        dsl::unit.eq(&testimony.unit),
        dsl::certificate.eq(&testimony.certificate),
        dsl::signature.eq(&testimony.signature),
        dsl::witnessed_at.eq(testimony.time.timestamp_micros()),
    ));
    on!(db, |db| row.execute(db))?;
    Ok(testimony.clone())
}

/// What was signed of the head of this size, in the order of the units.
pub(super) fn testimonies(db: &mut Db, size: u64) -> Result<Vec<Testimony>, Error> {
    use ledger_witnesses::dsl;
    type Row = (String, Vec<u8>, Vec<u8>, i64);
    let rows = dsl::ledger_witnesses.filter(dsl::size.eq(signed(size))).order(dsl::unit);
    let rows: Vec<Row> = rows.select((dsl::unit, dsl::signature, dsl::certificate, dsl::witnessed_at)).load(db)?;
    let testimony =
        |(unit, signature, certificate, at)| Ok(Testimony { unit, signature, certificate, time: instant(at)? });
    rows.into_iter().map(testimony).collect()
}

/// The size of the newest head that anybody signed beside the gateway.
pub(super) fn witnessed(db: &mut Db) -> Result<Option<u64>, Error> {
    use ledger_witnesses::dsl;
    let size = dsl::ledger_witnesses.select(dsl::size).order(dsl::size.desc()).limit(1);
    let size: Option<i64> = size.get_result(db).optional()?;
    size.map(unsigned).transpose()
}
