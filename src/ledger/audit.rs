//! Checks a stored register entry by entry: numbers, times, hashes, schema, and that the head agrees.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::entry::EventKind;
use super::head::{SignedHead, TreeHead};
use super::read::{EntryHead, parse_entry, read_entry};
use super::tree::{Edge, Hash};
use super::write::leaf_hash;
use crate::xml::Schema;

/// An entry as the database holds it: the verbatim bytes and the columns that are only an index of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    pub number: u64,
    pub epoch: u64,
    pub time: DateTime<Utc>,
    pub event: Uuid,
    pub kind: String,
    pub repeat: bool,
    pub leaf: Vec<u8>,
    pub leaf_hash: Vec<u8>,
    /// Hashes of the subtrees above the leaf that end with it; none in an entry from before the tree.
    pub subtrees: Vec<u8>,
}

impl StoredEntry {
    /// Whether the entry's bytes were removed with its segment: what is left is the index of them and the hashes (rule 3.7).
    #[must_use]
    pub const fn is_removed(&self) -> bool {
        self.leaf.is_empty()
    }
}

/// The one row that says how far the register goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub epoch: u64,
    /// Number of entries, and the number of the last.
    pub size: u64,
    /// Time of the last entry; of an empty register, the beginning of 1970.
    pub last_time: DateTime<Utc>,
}

/// Something that does not hold; the text is for operators and holds no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The entry, or nothing when it concerns the register as a whole.
    pub number: Option<u64>,
    pub text: String,
}

/// A running check: entries go in by ascending number, findings come out.
pub struct Audit<'s> {
    tenant: String,
    schema: &'s Schema,
    last: Option<(u64, u64, DateTime<Utc>)>,
    /// The tree over the bytes that were seen.
    edge: Edge,
    /// The size that the last signed head covers.
    covered: u64,
    /// The last entry whose bytes are gone, and the last that a later entry says to have been removed.
    gone: u64,
    removed: u64,
    findings: Vec<Finding>,
}

/// More findings than this say nothing new.
const FINDINGS_MAX: usize = 1000;

impl<'s> Audit<'s> {
    /// Begins the check of `tenant`'s register; `schema` is that of `r:Wpis`.
    #[must_use]
    pub fn new(tenant: impl Into<String>, schema: &'s Schema) -> Self {
        let (tenant, edge) = (tenant.into(), Edge::default());
        Self { tenant, schema, last: None, edge, covered: 0, gone: 0, removed: 0, findings: Vec::new() }
    }

    /// Checks the next entry.
    pub fn entry(&mut self, stored: &StoredEntry) {
        self.sequence(stored);
        let hash = if stored.is_removed() { self.gone(stored) } else { self.kept(stored) };
        let subtrees = self.edge.push(hash).concat();
        if !stored.subtrees.is_empty() && stored.subtrees != subtrees {
            self.find(stored.number, "the hashes of the tree are not those of the entries");
        }
        self.last = Some((stored.number, stored.epoch, stored.time));
    }

    /// An entry of which only the hash is left: the tree goes on by it, and the signed heads tell whether it is the right one.
    fn gone(&mut self, stored: &StoredEntry) -> Hash {
        if stored.number != self.gone + 1 {
            self.find(stored.number, "the entry is gone although one before it is not");
        }
        self.gone = stored.number;
        stored.leaf_hash[..].try_into().unwrap_or_else(|_| {
            self.find(stored.number, "the leaf hash has another length");
            Hash::default()
        })
    }

    fn kept(&mut self, stored: &StoredEntry) -> Hash {
        let hash = leaf_hash(&stored.leaf);
        if hash[..] != stored.leaf_hash[..] {
            self.find(stored.number, "the leaf hash is not that of the entry");
        }
        match parse_entry(&stored.leaf) {
            Ok(document) => {
                let entry = document.root();
                for violation in self.schema.validate(entry, entry) {
                    self.find(stored.number, format!("{} breaks the schema ({})", violation.path, violation.rule));
                }
                match read_entry(entry) {
                    Ok(head) => self.columns(stored, &head),
                    Err(error) => self.find(stored.number, error.to_string()),
                }
            }
            Err(error) => self.find(stored.number, error.to_string()),
        }
        hash
    }

    /// Checks a signed head that is kept for the register as it was after entry `number`, the last that was seen.
    pub fn head(&mut self, number: u64, signed: &SignedHead) {
        let Some((last, epoch, time)) = self.last else { return };
        self.covered = number;
        if !signed.is_signed() {
            self.find(number, "the signature of the head does not hold");
        }
        let seen = TreeHead { tenant: self.tenant.clone(), epoch, size: last, time, root: self.edge.root() };
        match signed.read() {
            Ok(head) if head == seen => {}
            Ok(_) => self.find(number, "the signed head does not agree with the entries"),
            Err(error) => self.find(number, format!("the signed head: {error}")),
        }
    }

    /// Compares the head row, its `edge` and the size that the newest signed head covers with the last entry, and gives all
    /// findings.
    #[must_use]
    pub fn finish(mut self, head: Head, edge: &[u8], covered: u64) -> Vec<Finding> {
        let agrees = match self.last {
            Some((number, epoch, time)) => head.size == number && head.epoch == epoch && head.last_time == time,
            None => head.size == 0,
        };
        if !agrees {
            self.push(None, "the head does not agree with the last entry".to_owned());
        }
        if self.gone > self.removed {
            self.find(self.gone, "the entry is gone, and no later one says that it was removed");
        }
        if edge != self.edge.hashes().concat() {
            self.push(None, "the edge of the tree is not that of the entries".to_owned());
        }
        if self.last.is_some_and(|(number, ..)| number != self.covered) {
            self.push(None, "no signed head covers the last entry".to_owned());
        }
        if self.last.map_or(0, |(number, ..)| number) < covered {
            self.push(None, format!("a signed head covers {covered} entries, of which some are missing"));
        }
        self.findings
    }

    fn sequence(&mut self, stored: &StoredEntry) {
        let expected = self.last.map_or(1, |(number, ..)| number + 1);
        if stored.number != expected {
            self.find(stored.number, format!("a gap: entry {expected} should stand here"));
        }
        if let Some((_, epoch, time)) = self.last {
            let opens = stored.kind == EventKind::EpochOpened.wire();
            if stored.epoch < epoch || (stored.epoch > epoch) != opens {
                self.find(stored.number, "the epoch does not follow that of the entry before");
            }
            if stored.time < time {
                self.find(stored.number, "the time is before that of the entry before");
            }
        }
    }

    fn columns(&mut self, stored: &StoredEntry, head: &EntryHead) {
        let agrees = (head.number, head.epoch, head.time, head.event, head.repeat, head.kind.as_str())
            == (stored.number, stored.epoch, stored.time, stored.event, stored.repeat, stored.kind.as_str());
        if !agrees {
            self.find(stored.number, "the columns do not agree with the entry");
        }
        if let Some(removed) = head.removed.filter(|removed| removed.last < head.number) {
            self.removed = self.removed.max(removed.last);
        }
        if head.tenant != self.tenant {
            self.find(stored.number, "the entry belongs to another register");
        }
    }

    fn find(&mut self, number: u64, text: impl Into<String>) {
        self.push(Some(number), text.into());
    }

    fn push(&mut self, number: Option<u64>, text: String) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { number, text });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::XSD;
    use crate::ledger::{Draft, Position, Span, write_entry};
    use crate::signatures::KeyFamily;
    use crate::signatures::pki::Authority;

    /// A register of three entries, its signed heads (after the first and the last) and its edge.
    #[derive(Clone)]
    struct Stored {
        entries: Vec<StoredEntry>,
        heads: Vec<(u64, SignedHead)>,
        edge: Vec<u8>,
    }

    fn stored() -> Stored {
        let seal = Authority::new("test", Utc::now()).unwrap().issue("brama", KeyFamily::Ecdsa, Utc::now()).unwrap();
        let seal = seal.signing_key().unwrap();
        let mut edge = Edge::default();
        let (mut entries, mut heads) = (Vec::new(), Vec::new());
        for number in 1..=3_u64 {
            let draft = Draft::new(Uuid::from_u128(number.into()), EventKind::Refusal, "OPS");
            let time = DateTime::from_timestamp_micros(number.cast_signed() * 1000).unwrap();
            let leaf = write_entry(&draft, Position { number, epoch: 1, time, repeat: false }, &[]);
            let leaf_hash = leaf_hash(&leaf);
            entries.push(StoredEntry {
                number,
                epoch: 1,
                time,
                event: draft.event,
                kind: draft.kind.wire().to_owned(),
                repeat: false,
                leaf_hash: leaf_hash.to_vec(),
                subtrees: edge.push(leaf_hash).concat(),
                leaf,
            });
            if number != 2 {
                let head = TreeHead { tenant: "OPS".to_owned(), epoch: 1, size: number, time, root: edge.root() };
                heads.push((number, head.sign(&seal).unwrap()));
            }
        }
        Stored { entries, heads, edge: edge.hashes().concat() }
    }

    fn head(size: u64) -> Head {
        Head { epoch: 1, size, last_time: DateTime::from_timestamp_micros(size.cast_signed() * 1000).unwrap() }
    }

    /// What an audit finds after `change`: the entries concerned, 0 for the register as a whole.
    #[track_caller]
    fn check(change: impl FnOnce(&mut Stored), head: Head, expected: &[u64]) {
        let mut stored = stored();
        change(&mut stored);
        let schema = Schema::compile("rejestr.xsd", XSD).unwrap();
        let mut audit = Audit::new("OPS", &schema);
        for entry in &stored.entries {
            audit.entry(entry);
            for (_, head) in stored.heads.iter().filter(|(size, _)| *size == entry.number) {
                audit.head(entry.number, head);
            }
        }
        let covered = stored.heads.last().map_or(0, |(size, _)| *size);
        let findings = audit.finish(head, &stored.edge, covered);
        let numbers: Vec<u64> = findings.iter().map(|finding| finding.number.unwrap_or(0)).collect();
        assert_eq!(numbers, expected, "{findings:?}");
    }

    /// Writes other bytes for an entry and hashes them, as somebody would who covers up.
    fn replace(entry: &mut StoredEntry, from: &str, to: &str) {
        let text = String::from_utf8(entry.leaf.clone()).unwrap();
        assert!(text.contains(from));
        entry.leaf = text.replacen(from, to, 1).into_bytes();
        entry.leaf_hash = leaf_hash(&entry.leaf).to_vec();
    }

    #[test]
    fn an_untouched_register_holds() {
        check(|_| {}, head(3), &[]);
        check(|stored| *stored = Stored { entries: vec![], heads: vec![], edge: vec![] }, head(0), &[]);
    }

    #[test]
    fn a_register_from_before_the_tree_holds_once_a_head_covers_it() {
        let blank = |stored: &mut Stored| stored.entries.iter_mut().for_each(|entry| entry.subtrees.clear());
        check(blank, head(3), &[]);
        check(|stored| drop(stored.heads.remove(0)), head(3), &[]);
    }

    #[test]
    fn whatever_was_changed_is_found() {
        check(|stored| drop(stored.entries.remove(1)), head(3), &[3, 3, 0]);
        check(|stored| drop(stored.entries.pop()), head(3), &[0, 0, 0, 0]);
        check(|stored| stored.entries.clear(), head(3), &[0, 0, 0]);
        check(|_| {}, head(2), &[0]);
        check(|_| {}, Head { epoch: 1, ..head(4) }, &[0]);
        check(|stored| stored.entries[1].leaf[10] ^= 1, head(3), &[2, 2, 2, 3, 0]);
        check(|stored| stored.entries[1].leaf_hash[0] ^= 1, head(3), &[2]);
        check(|stored| stored.entries[1].kind = "UDOSTEPNIENIE".to_owned(), head(3), &[2]);
        check(|stored| stored.entries[1].event = Uuid::from_u128(9), head(3), &[2]);
        check(|stored| stored.entries[1].repeat = true, head(3), &[2]);
        check(|stored| stored.entries[2].epoch = 2, Head { epoch: 2, ..head(3) }, &[3, 3, 3]);
        check(|stored| stored.entries[1].time += chrono::Duration::days(1), head(3), &[2, 3]);
        check(|stored| replace(&mut stored.entries[1], ">OPS<", ">PUP<"), head(3), &[2, 2, 3, 0]);
        check(|stored| replace(&mut stored.entries[1], "<r:numer>2", "<r:numer>3"), head(3), &[2, 2, 3, 0]);
        check(|stored| replace(&mut stored.entries[1], "ODMOWA", "COKOLWIEK"), head(3), &[2, 2, 2, 3, 0]);
        check(|stored| stored.entries[0].leaf[0] = 2, head(3), &[1, 1, 1, 2, 3, 0]);
    }

    /// The third entry says that those before the `last` were removed, as they were; `gone` are without their bytes.
    fn remove(stored: &mut Stored, gone: &[usize], last: u64) {
        let seal = Authority::new("test", Utc::now()).unwrap().issue("brama", KeyFamily::Ecdsa, Utc::now()).unwrap();
        let mut edge = Edge::default();
        for entry in &stored.entries[..2] {
            edge.push(leaf_hash(&entry.leaf));
        }
        let third = &mut stored.entries[2];
        let draft = Draft {
            removed: Some(Span { first: 1, last }),
            ..Draft::new(third.event, EventKind::EntriesRemoved, "OPS")
        };
        let position = Position { number: 3, epoch: 1, time: third.time, repeat: false };
        third.leaf = write_entry(&draft, position, &[]);
        third.kind = draft.kind.wire().to_owned();
        third.leaf_hash = leaf_hash(&third.leaf).to_vec();
        edge.push(leaf_hash(&third.leaf));
        let head = TreeHead { tenant: "OPS".to_owned(), epoch: 1, size: 3, time: third.time, root: edge.root() };
        stored.heads[1].1 = head.sign(&seal.signing_key().unwrap()).unwrap();
        stored.edge = edge.hashes().concat();
        gone.iter().for_each(|at| stored.entries[*at].leaf.clear());
    }

    #[test]
    fn entries_may_be_gone_from_the_beginning_as_far_as_a_later_one_says_so() {
        check(|stored| remove(stored, &[0, 1], 2), head(3), &[]);
        check(|stored| remove(stored, &[], 2), head(3), &[]);
        check(|stored| remove(stored, &[0], 1), head(3), &[]);
        check(|stored| remove(stored, &[0, 1], 1), head(3), &[2]);
        check(|stored| remove(stored, &[1], 2), head(3), &[2]);
        check(|stored| remove(stored, &[0, 1], 3), head(3), &[2]);
        check(|stored| stored.entries[0].leaf.clear(), head(3), &[1]);
        check(|stored| stored.entries.iter_mut().for_each(|entry| entry.leaf.clear()), head(3), &[3]);
    }

    #[test]
    fn a_changed_hash_of_an_entry_that_is_gone_is_found() {
        let removed = |change: fn(&mut StoredEntry)| {
            move |stored: &mut Stored| {
                remove(stored, &[0, 1], 2);
                change(&mut stored.entries[1]);
            }
        };
        check(removed(|entry| entry.leaf_hash[5] ^= 1), head(3), &[2, 3, 0]);
        check(removed(|entry| entry.leaf_hash.truncate(31)), head(3), &[2, 2, 3, 0]);
        check(removed(|entry| entry.subtrees[0] ^= 1), head(3), &[2]);
        check(removed(|entry| entry.time += chrono::Duration::days(1)), head(3), &[3]);
    }

    #[test]
    fn a_tree_or_a_head_of_other_entries_is_found() {
        check(|stored| stored.entries[1].subtrees[0] ^= 1, head(3), &[2]);
        check(|stored| stored.edge[0] ^= 1, head(3), &[0]);
        check(|stored| stored.edge.clear(), head(3), &[0]);
        check(|stored| drop(stored.heads.pop()), head(3), &[0]);
        check(|stored| stored.heads[0].1.signature[0] ^= 1, head(3), &[1]);
        check(|stored| stored.heads[0].1.bytes = stored.heads[1].1.bytes.clone(), head(3), &[1, 1]);
        check(|stored| stored.heads[0].1.clone_from(&super::tests::stored().heads[1].1), head(3), &[1]);
    }
}
