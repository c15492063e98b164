//! Takes a batch in: begun and filled part by part, or handed over whole; each step may be repeated without harm.

use std::io::{self, Read};

use chrono::{DateTime, Utc};
use openssl::sha::{Sha256, sha256};
use uuid::Uuid;

use crate::problem::{Code, Problem};
use crate::store::batches::{Added, Batch, BatchState, Batches, NewBatch, PART_BYTES_MAX, Sender};
use crate::xml::{Attachment, AttachmentReader};

/// Begins the batch of this mark, or finds it: `last_part` says where to go on.
///
/// # Errors
/// As of the store.
pub fn begin(batches: Batches<'_>, new: &NewBatch) -> Result<Batch, Problem> {
    Ok(batches.begin(new)?.0)
}

/// Takes a whole file. The same bytes under the same mark are the same batch.
///
/// # Errors
/// `RepeatDiffers` when the mark stands for other bytes already, else as of the store.
pub fn hand_over(
    batches: Batches<'_>,
    new: &NewBatch,
    file: &dyn Attachment,
    now: DateTime<Utc>,
) -> Result<Batch, Problem> {
    let content = batches.content_hash(&new.set, &digest(file).map_err(Problem::internal)?)?;
    let (batch, is_new) = batches.hand_over(new, file, &content, now)?;
    if is_new {
        return Ok(batch);
    }
    match batch.content {
        Some(known) if known == content => Ok(batch),
        Some(_) => Err(Problem::new(Code::RepeatDiffers)
            .explain("Pod tym oznaczeniem przyjęto już inny plik; poprawiony plik otrzymuje nowe oznaczenie.")),
        None => Err(Problem::new(Code::RepeatDiffers)
            .explain("Paczkę o tym oznaczeniu rozpoczęto i przekazuje się ją w częściach.")),
    }
}

/// SHA-256 of a whole file.
fn digest(file: &dyn Attachment) -> io::Result<[u8; 32]> {
    let mut digest = Sha256::new();
    for number in 0.. {
        let Some(piece) = file.piece(number)? else { break };
        digest.update(&piece);
    }
    Ok(digest.finish())
}

/// The batch of this `idPaczki` among those of one administrator.
///
/// # Errors
/// `BatchUnknown`, else as of the store.
pub fn find(batches: Batches<'_>, id: Uuid) -> Result<Batch, Problem> {
    batches.find(id)?.ok_or_else(|| Problem::new(Code::BatchUnknown))
}

/// Stores part `number`; the same bytes under a stored number do no harm. Answers the number of the last stored part.
///
/// # Errors
/// `BatchUnknown`, `BatchClosed`, or `PartInvalid` when the part is empty, too large, out of order, or other bytes are
/// stored under its number.
pub fn part(batches: Batches<'_>, id: Uuid, number: u64, part: &dyn Attachment) -> Result<u64, Problem> {
    if part.length() == 0 {
        return Err(Problem::new(Code::PartInvalid).explain("Część jest pusta."));
    }
    if part.length() > PART_BYTES_MAX as u64 {
        return Err(Problem::new(Code::PartInvalid).explain(format!("Część ma więcej niż {PART_BYTES_MAX} bajtów.")));
    }
    let batch = find(batches, id)?;
    if batch.state != BatchState::Begun {
        return Err(Code::BatchClosed.into());
    }
    let mut bytes = Vec::new();
    AttachmentReader::new(part).read_to_end(&mut bytes).map_err(Problem::internal)?;
    if number == batch.last_part + 1 {
        if batches.add_part(&batch, number, &bytes)? == Added::Stored {
            return Ok(number);
        }
        // Somebody else was faster: what is stored under the number decides.
        return part_again(batches, &find(batches, id)?, number, &bytes);
    }
    part_again(batches, &batch, number, &bytes)
}

fn part_again(batches: Batches<'_>, batch: &Batch, number: u64, bytes: &[u8]) -> Result<u64, Problem> {
    if batch.state != BatchState::Begun {
        return Err(Code::BatchClosed.into());
    }
    let hashes = batches.part_hashes(batch.id)?;
    let stored = number.checked_sub(1).and_then(|at| usize::try_from(at).ok()).and_then(|at| hashes.get(at));
    match stored {
        None => {
            Err(Problem::new(Code::PartInvalid).explain(format!("Oczekiwano części numer {}.", batch.last_part + 1)))
        }
        Some(stored) if *stored == batches.part_hash(batch.id, &sha256(bytes))? => Ok(batch.last_part),
        Some(_) => Err(Problem::new(Code::PartInvalid).explain("Pod tym numerem zapisano już inną treść.")),
    }
}

/// Closes a batch: `digests` are the numbers and SHA-256 digests of all its parts. From now on it waits for its turn;
/// closing again with the same list does no harm.
///
/// # Errors
/// `BatchUnknown`, or `PartInvalid` when the list is not that of the stored parts.
pub fn close(
    batches: Batches<'_>,
    id: Uuid,
    digests: &[(u64, [u8; 32])],
    sender: &Sender,
    now: DateTime<Utc>,
) -> Result<Batch, Problem> {
    let batch = find(batches, id)?;
    check_digests(batches, &batch, digests)?;
    if batch.state != BatchState::Begun {
        return Ok(batch);
    }
    let content = content(batches, &batch)?;
    if batches.accept(&batch, sender, &content, now)? == Added::Moved {
        // A part or another closing came in between: judge again what is stored now.
        let batch = find(batches, id)?;
        check_digests(batches, &batch, digests)?;
        return if batch.state == BatchState::Begun { Err(Code::Overloaded.into()) } else { Ok(batch) };
    }
    find(batches, id)
}

fn check_digests(batches: Batches<'_>, batch: &Batch, digests: &[(u64, [u8; 32])]) -> Result<(), Problem> {
    let stored = batches.part_hashes(batch.id)?;
    let mut problem = Problem::new(Code::PartInvalid);
    if digests.len() != stored.len() {
        problem = problem.explain(format!("Lista wymienia {} części, a zapisano {}.", digests.len(), stored.len()));
    }
    for (expected, ((number, digest), stored)) in (1..).zip(digests.iter().zip(&stored)) {
        if *number != expected {
            problem = problem.explain(format!("Na miejscu {expected} listy ma stać część numer {expected}."));
        } else if batches.part_hash(batch.id, digest)? != *stored {
            problem = problem.explain(format!("Skrót części numer {number} różni się od skrótu zapisanej treści."));
        }
    }
    problem.details.truncate(100);
    if problem.details.is_empty() { Ok(()) } else { Err(problem) }
}

/// Keyed digest of the whole file, read part by part.
fn content(batches: Batches<'_>, batch: &Batch) -> Result<[u8; 32], Problem> {
    let mut digest = Sha256::new();
    for number in 1..=batch.last_part {
        let part = batches.read_part(batch, number)?.ok_or_else(|| Problem::internal("a part vanished"))?;
        digest.update(&part);
    }
    Ok(batches.content_hash(&batch.set, &digest.finish())?)
}
