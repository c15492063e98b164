//! The tree over a register in its database: its right edge, its signed heads, the hashes of which proofs consist.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::connection::on;
use super::ledger_tables::{ledger_entries, ledger_head, ledger_heads, ledger_seals};
use super::ledger_values::{signed, unsigned};
use super::{Db, Error};
use crate::ledger::{Edge, Hash, Place, SignedHead, TreeHead, joined};
use crate::signatures::SigningKey;

/// Leaf hashes read at a time where the edge has to be made anew.
const LEAVES: i64 = 10_000;

/// The right edge of a register of `size` entries as its head row keeps it. A register from before the tree has none, and
/// it is made from the leaves.
pub(super) fn edge(db: &mut Db, size: i64, stored: &[u8]) -> Result<Edge, Error> {
    let hashes = stored.chunks_exact(32).map(hash).collect::<Result<Vec<_>, _>>()?;
    match Edge::new(unsigned(size)?, hashes) {
        Some(edge) => Ok(edge),
        None if stored.is_empty() => grow(db, size),
        None => Err(Error::internal("the edge of a register has another length than its size wants")),
    }
}

/// The edge as the head row keeps it, whether it is right or not.
pub(super) fn stored_edge(db: &mut Db) -> Result<Vec<u8>, Error> {
    Ok(ledger_head::table.find(1_i64).select(ledger_head::edge).get_result(db)?)
}

fn grow(db: &mut Db, size: i64) -> Result<Edge, Error> {
    use ledger_entries::dsl;
    let mut edge = Edge::default();
    let mut last = 0;
    while last < size {
        let leaves = dsl::ledger_entries.filter(dsl::number.gt(last)).filter(dsl::number.le(size));
        let leaves = leaves.order(dsl::number).limit(LEAVES).select((dsl::number, dsl::leaf_hash));
        let leaves: Vec<(i64, Vec<u8>)> = leaves.load(db)?;
        let Some((end, _)) = leaves.last() else { return Err(Error::internal("a register ends before its size")) };
        last = *end;
        for (_, leaf) in &leaves {
            edge.push(hash(leaf)?);
        }
    }
    Ok(edge)
}

/// The bytes of an edge, or of the subtrees that end with an entry.
pub(super) fn bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.concat()
}

/// Signs a head and keeps it.
pub(super) fn publish(db: &mut Db, seal: &SigningKey, head: &TreeHead) -> Result<SignedHead, Error> {
    use ledger_heads::dsl;
    let signed_head = head.sign(seal).map_err(Error::internal)?;
    let fingerprint = seal.certificate().fingerprint();
    keep_certificate(db, &fingerprint, &signed_head.certificate)?;
    let published = diesel::insert_into(dsl::ledger_heads).values((
        dsl::size.eq(signed(head.size)),
        dsl::head.eq(&signed_head.bytes),
        dsl::signature.eq(&signed_head.signature),
        dsl::seal.eq(fingerprint.as_slice()),
    ));
    on!(db, |db| published.execute(db))?;
    Ok(signed_head)
}

fn keep_certificate(db: &mut Db, fingerprint: &[u8], certificate: &[u8]) -> Result<(), Error> {
    use ledger_seals::dsl;
    let known = dsl::ledger_seals.find(fingerprint).select(dsl::fingerprint);
    let known: Option<Vec<u8>> = on!(db, |db| known.get_result(db)).optional()?;
    if known.is_none() {
        let kept = (dsl::fingerprint.eq(fingerprint), dsl::certificate.eq(certificate));
        let kept = diesel::insert_into(dsl::ledger_seals).values(kept);
        on!(db, |db| kept.execute(db))?;
    }
    Ok(())
}

/// Size, head, signature and certificate, in the order of the joined tables.
type HeadRow = (i64, Vec<u8>, Vec<u8>, Vec<u8>);

/// The signed heads of registers of more than `after` and at most `until` entries, ascending, each with its size.
pub(super) fn heads(db: &mut Db, after: u64, until: u64) -> Result<Vec<(u64, SignedHead)>, Error> {
    let heads = ledger_heads::table.inner_join(ledger_seals::table);
    let heads = heads.filter(ledger_heads::size.gt(signed(after))).filter(ledger_heads::size.le(signed(until)));
    let columns = (ledger_heads::size, ledger_heads::head, ledger_heads::signature, ledger_seals::certificate);
    let heads: Vec<HeadRow> = heads.order(ledger_heads::size).select(columns).load(db)?;
    let head =
        |(size, bytes, signature, certificate)| Ok((unsigned(size)?, SignedHead { bytes, signature, certificate }));
    heads.into_iter().map(head).collect()
}

/// The size of the largest register that a signed head covers; nothing while none does.
pub(super) fn covered(db: &mut Db) -> Result<Option<u64>, Error> {
    let size = ledger_heads::table.select(ledger_heads::size).order(ledger_heads::size.desc());
    let size: Option<i64> = size.limit(1).get_result(db).optional()?;
    size.map(unsigned).transpose()
}

/// The signed head of the register when it had `size` entries.
pub(super) fn head(db: &mut Db, size: u64) -> Result<Option<SignedHead>, Error> {
    Ok(heads(db, size.saturating_sub(1), size)?.pop().map(|(_, head)| head))
}

/// The newest signed head.
pub(super) fn newest(db: &mut Db) -> Result<Option<SignedHead>, Error> {
    covered(db)?.map_or(Ok(None), |size| head(db, size))
}

/// The hashes of the paths of several proofs, whose steps are subtrees of the register.
pub(super) fn paths(db: &mut Db, proofs: &[Vec<Vec<Place>>]) -> Result<Vec<Vec<Hash>>, Error> {
    let subtrees = Subtrees::load(db, proofs.iter().flatten().flatten())?;
    let mut step = |step: &Vec<Place>| {
        let hashes = step.iter().map(|place| subtrees.hash(db, *place)).collect::<Result<Vec<_>, _>>()?;
        joined(hashes.into_iter()).ok_or_else(|| Error::internal("a step of a proof without a subtree"))
    };
    proofs.iter().map(|proof| proof.iter().map(&mut step).collect()).collect()
}

/// Hashes of subtrees, by the number of the entry with which they end.
struct Subtrees(HashMap<u64, (Hash, Vec<u8>)>);

impl Subtrees {
    fn load<'p>(db: &mut Db, places: impl Iterator<Item = &'p Place>) -> Result<Self, Error> {
        use ledger_entries::dsl;
        let numbers: BTreeSet<i64> = places.map(|place| signed(place.last())).collect();
        let rows = dsl::ledger_entries.filter(dsl::number.eq_any(numbers));
        let rows: Vec<(i64, Vec<u8>, Vec<u8>)> = rows.select((dsl::number, dsl::leaf_hash, dsl::subtrees)).load(db)?;
        let row = |(number, leaf, subtrees): (i64, Vec<u8>, _)| Ok((unsigned(number)?, (hash(&leaf)?, subtrees)));
        rows.into_iter().map(row).collect::<Result<_, Error>>().map(Self)
    }

    fn hash(&self, db: &mut Db, place: Place) -> Result<Hash, Error> {
        let row = self.0.get(&place.last());
        let (leaf, subtrees) = row.ok_or_else(|| Error::internal("an entry that a proof needs is missing"))?;
        let Some(above) = (place.level as usize).checked_sub(1) else { return Ok(*leaf) };
        if let Some(stored) = subtrees.chunks_exact(32).nth(above) {
            return hash(stored);
        }
        // An entry from before the tree keeps none.
        let halves = place.halves();
        let below = Self::load(db, halves.iter())?;
        let hashes = [below.hash(db, halves[0])?, below.hash(db, halves[1])?];
        Ok(joined(hashes.into_iter()).unwrap_or_default())
    }
}

fn hash(bytes: &[u8]) -> Result<Hash, Error> {
    bytes.try_into().map_err(|_| Error::internal("a stored hash of another length"))
}
