//! Checks a stored register entry by entry: numbers, times, hashes, schema, and that the head agrees.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::read::{EntryHead, parse_entry, read_entry};
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
    findings: Vec<Finding>,
}

/// More findings than this say nothing new.
const FINDINGS_MAX: usize = 1000;

impl<'s> Audit<'s> {
    /// Begins the check of `tenant`'s register; `schema` is that of `r:Wpis`.
    #[must_use]
    pub fn new(tenant: impl Into<String>, schema: &'s Schema) -> Self {
        Self { tenant: tenant.into(), schema, last: None, findings: Vec::new() }
    }

    /// Checks the next entry.
    pub fn entry(&mut self, stored: &StoredEntry) {
        self.sequence(stored);
        if leaf_hash(&stored.leaf)[..] != stored.leaf_hash[..] {
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
        self.last = Some((stored.number, stored.epoch, stored.time));
    }

    /// Compares the head with the last entry and gives all findings.
    #[must_use]
    pub fn finish(mut self, head: Head) -> Vec<Finding> {
        let agrees = match self.last {
            Some((number, epoch, time)) => head.size == number && head.epoch >= epoch && head.last_time == time,
            None => head.size == 0,
        };
        if !agrees {
            self.push(None, "the head does not agree with the last entry".to_owned());
        }
        self.findings
    }

    fn sequence(&mut self, stored: &StoredEntry) {
        let expected = self.last.map_or(1, |(number, ..)| number + 1);
        if stored.number != expected {
            self.find(stored.number, format!("a gap: entry {expected} should stand here"));
        }
        if let Some((_, epoch, time)) = self.last {
            if stored.epoch < epoch {
                self.find(stored.number, "the epoch is before that of the entry before");
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
    use crate::ledger::{Draft, EventKind, Position, write_entry};

    fn entries() -> Vec<StoredEntry> {
        let entry = |number: u64| {
            let draft = Draft::new(Uuid::from_u128(number.into()), EventKind::Refusal, "OPS");
            let time = DateTime::from_timestamp_micros(number.cast_signed() * 1000).unwrap();
            let leaf = write_entry(&draft, Position { number, epoch: 1, time, repeat: false }, &[]);
            StoredEntry {
                number,
                epoch: 1,
                time,
                event: draft.event,
                kind: draft.kind.wire().to_owned(),
                repeat: false,
                leaf_hash: leaf_hash(&leaf).to_vec(),
                leaf,
            }
        };
        (1..=3).map(entry).collect()
    }

    fn head(size: u64) -> Head {
        Head { epoch: 1, size, last_time: DateTime::from_timestamp_micros(size.cast_signed() * 1000).unwrap() }
    }

    /// What an audit finds after `change`: the entries concerned, 0 for the register as a whole.
    #[track_caller]
    fn check(change: impl FnOnce(&mut Vec<StoredEntry>), head: Head, expected: &[u64]) {
        let mut stored = entries();
        change(&mut stored);
        let schema = Schema::compile("rejestr.xsd", XSD).unwrap();
        let mut audit = Audit::new("OPS", &schema);
        stored.iter().for_each(|entry| audit.entry(entry));
        let findings = audit.finish(head);
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
        check(Vec::clear, head(0), &[]);
    }

    #[test]
    fn whatever_was_changed_is_found() {
        check(|stored| drop(stored.remove(1)), head(3), &[3]);
        check(|stored| drop(stored.pop()), head(3), &[0]);
        check(Vec::clear, head(3), &[0]);
        check(|_| {}, head(2), &[0]);
        check(|_| {}, Head { epoch: 1, ..head(4) }, &[0]);
        check(|stored| stored[1].leaf[10] ^= 1, head(3), &[2, 2]);
        check(|stored| stored[1].leaf_hash[0] ^= 1, head(3), &[2]);
        check(|stored| stored[1].kind = "UDOSTEPNIENIE".to_owned(), head(3), &[2]);
        check(|stored| stored[1].event = Uuid::from_u128(9), head(3), &[2]);
        check(|stored| stored[1].repeat = true, head(3), &[2]);
        check(|stored| stored[2].epoch = 2, Head { epoch: 2, ..head(3) }, &[3]);
        check(|stored| stored[1].time += chrono::Duration::days(1), head(3), &[2, 3]);
        check(|stored| replace(&mut stored[1], ">OPS<", ">PUP<"), head(3), &[2]);
        check(|stored| replace(&mut stored[1], "<r:numer>2", "<r:numer>3"), head(3), &[2]);
        check(|stored| replace(&mut stored[1], "ODMOWA", "COKOLWIEK"), head(3), &[2, 2]);
        check(|stored| stored[0].leaf[0] = 2, head(3), &[1, 1]);
    }
}
