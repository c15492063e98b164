//! The furthest head that this node has seen of a register, kept in memory and in a file outside the database: a database
//! that is behind it, or holds other entries below it, was restored, lags or was changed (rule 3.5).

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::{Error, files};
use crate::ledger::{SignedHead, TreeHead, read_head, write_head};
use crate::xml::{Document, Limits, R, Writer};

/// Bytes of one of the two places in the file. They are written in turns, so that a killed process leaves one whole.
const SLOT: usize = 8192;

#[derive(Default)]
pub(super) struct Known {
    file: Option<File>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last: Option<TreeHead>,
    /// Whether the database was found to lack `last` or to hold something else: only a later epoch goes beyond it.
    lost: bool,
    /// The place that is written next.
    slot: u64,
}

impl Known {
    /// What is known of `owner`'s register: with a folder, what its file says; without, nothing yet.
    pub(super) fn open(folder: Option<&Path>, owner: &str) -> Result<Self, Error> {
        let Some(folder) = folder else { return Ok(Self::default()) };
        let path = folder.join(format!("{owner}.xml"));
        let cannot = |cause: io::Error| Error::Refused(format!("{}: {cause}", path.display()));
        files::create_dir_private(folder).map_err(cannot)?;
        files::create_file_private(&path).map_err(cannot)?;
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(cannot)?;
        let slots = [0, 1].map(|slot| Some((slot, read_slot(&file, slot).filter(|head| head.tenant == owner)?)));
        let last = slots.into_iter().flatten().max_by_key(|(_, head)| (head.epoch, head.size));
        if last.is_none() && file.metadata().is_ok_and(|file| file.len() > 0) {
            log::error!("{}: neither place holds a head; what was known of the register is lost", path.display());
        }
        let state = match last {
            Some((slot, head)) => State { last: Some(head), lost: false, slot: 1 - slot },
            None => State::default(),
        };
        Ok(Self { file: Some(file), state: Mutex::new(state) })
    }

    pub(super) fn last(&self) -> Option<TreeHead> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).last.clone()
    }

    /// Notes a committed head, before anything that it covers is answered.
    pub(super) fn remember(&self, head: TreeHead, signed: &SignedHead) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = |last: &TreeHead| {
            (last.epoch, last.size) >= (head.epoch, head.size) || state.lost && last.epoch == head.epoch
        };
        if state.last.as_ref().is_some_and(is_known) {
            return;
        }
        if let Some(Err(cause)) = self.file.as_ref().map(|file| write_slot(file, state.slot, signed)) {
            log::error!("the head of {} cannot be kept outside the database: {cause}", head.tenant);
        }
        *state = State { last: Some(head), lost: false, slot: 1 - state.slot };
    }

    /// Notes a head that was published and that the database lacks, or holds something else in place of. Whatever was known
    /// of the same epoch gives way to it, also what a commit on its way may bring.
    pub(super) fn contest(&self, head: TreeHead, signed: &SignedHead) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.last.as_ref().is_some_and(|last| last.epoch > head.epoch || state.lost && *last == head) {
            return;
        }
        for slot in [state.slot, 1 - state.slot] {
            if let Some(Err(cause)) = self.file.as_ref().map(|file| write_slot(file, slot, signed)) {
                log::error!("the head of {} cannot be kept outside the database: {cause}", head.tenant);
            }
        }
        *state = State { last: Some(head), lost: true, ..*state };
    }
}

/// The head in a slot, when its signature holds.
fn read_slot(file: &File, slot: u64) -> Option<TreeHead> {
    let mut bytes = vec![0; SLOT];
    let read = file.read_at(&mut bytes, slot * SLOT as u64).ok()?;
    let text = bytes[..read].trim_ascii();
    let document = Document::parse(text, &Limits::default()).ok()?;
    let head = read_head(document.root()).ok()?;
    head.is_signed().then(|| head.read().ok())?
}

fn write_slot(file: &File, slot: u64, head: &SignedHead) -> io::Result<()> {
    let mut out = Writer::with_capacity(SLOT);
    write_head(R.name("glowa"), head, &mut out);
    let mut bytes = out.into_bytes();
    if bytes.len() >= SLOT {
        return Err(io::Error::other("the head is too long for its place"));
    }
    bytes.resize(SLOT - 1, b' ');
    bytes.push(b'\n');
    file.write_all_at(&bytes, slot * SLOT as u64)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::signatures::pki::Authority;
    use crate::signatures::{KeyFamily, SigningKey};

    fn seal() -> SigningKey {
        let authority = Authority::new("test", Utc::now()).unwrap();
        authority.issue("brama", KeyFamily::Rsa, Utc::now()).unwrap().signing_key().unwrap()
    }

    fn head(epoch: u64, size: u64) -> TreeHead {
        TreeHead { tenant: "OPS".to_owned(), epoch, size, time: DateTime::UNIX_EPOCH, root: [3; 32] }
    }

    #[test]
    fn the_furthest_head_is_known_again_also_when_the_last_was_half_written() {
        let (folder, seal) = (tempfile::tempdir().unwrap(), seal());
        let open = || Known::open(Some(folder.path()), "OPS").unwrap();
        assert_eq!(open().last(), None);
        let known = open();
        for (epoch, size) in [(1, 1), (1, 2), (1, 9), (1, 4), (2, 8)] {
            known.remember(head(epoch, size), &head(epoch, size).sign(&seal).unwrap());
        }
        assert_eq!(known.last(), Some(head(2, 8)), "a later epoch is further");
        assert_eq!(open().last(), Some(head(2, 8)));
        assert_eq!(Known::open(Some(folder.path()), "PUP").unwrap().last(), None);

        let file = OpenOptions::new().write(true).open(folder.path().join("OPS.xml")).unwrap();
        known.remember(head(2, 9), &head(2, 9).sign(&seal).unwrap());
        assert_eq!(open().last(), Some(head(2, 9)));
        file.write_all_at(b"zerwane", 0).unwrap();
        assert_eq!(open().last(), Some(head(2, 8)), "the other place is whole");
        file.set_len(0).unwrap();
        assert_eq!(open().last(), None);
    }

    #[test]
    fn a_head_that_the_database_lacks_stays_known_until_a_later_epoch() {
        let (folder, seal) = (tempfile::tempdir().unwrap(), seal());
        let open = || Known::open(Some(folder.path()), "OPS").unwrap();
        let (known, signed) = (open(), |head: &TreeHead| head.sign(&seal).unwrap());
        for size in [3, 7] {
            known.remember(head(1, size), &signed(&head(1, size)));
        }
        let lost = TreeHead { root: [4; 32], ..head(1, 5) };
        known.contest(lost.clone(), &signed(&lost));
        known.remember(head(1, 9), &signed(&head(1, 9)));
        assert_eq!(known.last(), Some(lost.clone()), "a commit on its way is no answer to it");
        assert_eq!(open().last(), Some(lost.clone()), "also after a restart");
        known.remember(head(2, 6), &signed(&head(2, 6)));
        known.contest(lost.clone(), &signed(&lost));
        assert_eq!(known.last(), Some(head(2, 6)), "what an epoch was opened over is over");
    }
}
