//! The six verbs of a feeder: rights first, then the claim's standing, then the batch, last the claim itself.

use std::sync::Arc;

use uuid::Uuid;

use crate::problem::{Code, Problem};
use crate::procedures::{Desk, access};
use crate::store::batches::{Batch, NewBatch, Sender};
use crate::store::{SetRecord, Standing, Tenant};
use crate::xml::{Attachment, AttachmentReader, ItemReader, Limits};

use super::follow::{self, Protocol};
use super::header::Header;
use super::receive;

/// Numbers and SHA-256 digests of a batch's parts, as its sender lists them.
pub type Digests = Vec<(u64, [u8; 32])>;

/// Takes a whole file in one message (`PrzekazPaczke`) and accepts it durably.
///
/// # Errors
/// `PACZKA_NIEPOPRAWNA` when its root cannot be read or bears another mark, `ZBIOR_NIEZNANY`, `BRAK_UPRAWNIEN`,
/// `POWTORZENIE_NIEZGODNE` when the mark stands for other bytes.
pub fn hand_over(desk: &mut Desk<'_>, mark: &str, file: &dyn Attachment) -> Result<Batch, Problem> {
    let header = read_header(file, mark)?;
    let (tenant, set) = own_set(desk, &header.set)?;
    let new = new_batch(desk, set, mark);
    let batch = receive::hand_over(tenant.batches(), &new, file, desk.call.now)?;
    desk.office.feeds.ring(&tenant.id);
    desk.claim_effect()?;
    Ok(batch)
}

/// Begins a batch that comes in parts, or says where to go on with it (`RozpocznijPaczke`).
///
/// # Errors
/// `ZBIOR_NIEZNANY`, `BRAK_UPRAWNIEN`.
pub fn begin(desk: &mut Desk<'_>, mark: &str, set: &str) -> Result<Batch, Problem> {
    let (tenant, set) = own_set(desk, set)?;
    let new = new_batch(desk, set, mark);
    let batch = receive::begin(tenant.batches(), &new)?;
    desk.claim_effect()?;
    Ok(batch)
}

/// Stores a part (`PrzekazCzesc`); answers the number of the last one stored.
///
/// # Errors
/// `PACZKA_NIEZNANA`, `PACZKA_ZAMKNIETA`, `CZESC_NIEPOPRAWNA`.
pub fn part(desk: &mut Desk<'_>, id: Uuid, number: u64, part: &dyn Attachment) -> Result<u64, Problem> {
    let (tenant, standing) = own_tenant(desk)?;
    // The batch may be closed by now: a retry gets the answer that is kept, whatever stands here.
    let last = match standing {
        Standing::Repeat => number,
        Standing::Fresh => receive::part(tenant.batches(), id, number, part)?,
    };
    desk.claim_effect()?;
    Ok(last)
}

/// Closes a batch and accepts it durably (`ZamknijPaczke`).
///
/// # Errors
/// `PACZKA_NIEZNANA`, `CZESC_NIEPOPRAWNA` when the list is not that of the stored parts.
pub fn close(desk: &mut Desk<'_>, id: Uuid, digests: &Digests) -> Result<Batch, Problem> {
    let (tenant, _) = own_tenant(desk)?;
    let batch = receive::close(tenant.batches(), id, digests, &sender(desk), desk.call.now)?;
    desk.office.feeds.ring(&tenant.id);
    desk.claim_effect()?;
    Ok(batch)
}

/// Where a batch stands (`PobierzStatusPaczki`).
///
/// # Errors
/// `PACZKA_NIEZNANA`.
pub fn status(desk: &mut Desk<'_>, id: Uuid) -> Result<Batch, Problem> {
    let (tenant, _) = own_tenant(desk)?;
    let batch = receive::find(tenant.batches(), id)?;
    desk.claim_look()?;
    Ok(batch)
}

/// A page of a batch's protocol (`PobierzProtokol`).
///
/// # Errors
/// `PACZKA_NIEZNANA`.
pub fn protocol(desk: &mut Desk<'_>, id: Uuid, from: u64, most: u64) -> Result<Protocol, Problem> {
    let (tenant, _) = own_tenant(desk)?;
    let protocol = follow::protocol(tenant.batches(), id, from, most)?;
    desk.claim_look()?;
    Ok(protocol)
}

/// The administrator that the caller's unit is, and how the request stands with it; batches of others do not exist for it.
fn own_tenant(desk: &mut Desk<'_>) -> Result<(Arc<Tenant>, Standing), Problem> {
    let unit = desk.registry.unit(&desk.call.unit);
    let id = unit.and_then(|unit| unit.tenant.clone());
    let tenant = id.map(|id| desk.turn_to(&id)).transpose()?;
    access::admit(desk)?;
    let tenant = tenant.ok_or(Code::BatchUnknown)?;
    let standing = desk.check_standing()?;
    Ok((tenant, standing))
}

/// A set that the caller may feed: promise 6 lets data in only from the set's own administrator.
fn own_set(desk: &mut Desk<'_>, id: &str) -> Result<(Arc<Tenant>, SetRecord), Problem> {
    desk.draft.set = Some(id.to_owned());
    let set = desk.registry.set(id).cloned();
    let own = desk.registry.unit(&desk.call.unit).and_then(|unit| unit.tenant.clone());
    let tenant = set.as_ref().map(|set| desk.turn_to(&set.tenant)).transpose()?;
    access::admit(desk)?;
    let (set, tenant) = set.zip(tenant).ok_or(Code::SetUnknown)?;
    if own.as_ref() != Some(&set.tenant) {
        return Err(Problem::new(Code::Forbidden)
            .explain("Zbiór może zasilać tylko system jednostki, która jest jego administratorem."));
    }
    desk.check_standing()?;
    Ok((tenant, set))
}

fn new_batch(desk: &Desk<'_>, set: SetRecord, mark: &str) -> NewBatch {
    NewBatch { set: set.id, kind: set.kind, mark: mark.to_owned(), sender: sender(desk) }
}

fn sender(desk: &Desk<'_>) -> Sender {
    let call = &desk.call;
    Sender {
        unit: call.unit.clone(),
        system: call.system.clone(),
        request: call.context.task.clone(),
        certificate: call.fingerprint,
    }
}

/// The root of a file that came in one message; what is wrong behind it is the protocol's business.
fn read_header(file: &dyn Attachment, mark: &str) -> Result<Header, Problem> {
    let mut reader = ItemReader::new(AttachmentReader::new(file), Limits::default());
    let root = reader
        .root()
        .map_err(|error| Problem { details: Problem::from(error).details, ..Problem::new(Code::BatchInvalid) })?;
    let line = root.line;
    let invalid = |details| Problem { details, ..Problem::new(Code::BatchInvalid) };
    let header = Header::of(&root).map_err(invalid)?;
    let contradictions = header.contradictions(mark, &header.set, line);
    if contradictions.is_empty() { Ok(header) } else { Err(invalid(contradictions)) }
}
