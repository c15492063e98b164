//! The reckoning: what the clients wrote down against what the register holds, one check per promise.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{Write as _, stderr};

use uuid::Uuid;

use crate::feeder::Fed;
use crate::journal::{Answer, Attempt, Journal, Request};
use crate::registers::Entry;
use crate::wave;

/// Everything there is to compare.
pub struct Books {
    pub journals: Vec<Journal>,
    /// What was asked when all was quiet again.
    pub afterwards: Journal,
    /// Batches that the gateway has acknowledged.
    pub fed: Vec<Fed>,
    /// The administrator's register.
    pub entries: Vec<Entry>,
    /// Whether `brama ledger verify` found every register whole, and what it said.
    pub audit: (bool, String),
    /// Entries with a proof, and whether all of those hold, with what the independent verifier said.
    pub proven: u64,
    pub proofs: (bool, String),
}

/// A check gives a line per finding.
type Check = fn(&Books) -> Vec<String>;

const CHECKS: [(&str, Check); 11] = [
    ("requests never answered", unanswered),
    ("answers without an entry", without_entry),
    ("retries answered otherwise", otherwise),
    ("entries twice", twice),
    ("gaps", gaps),
    ("proofs that do not hold", unproven),
    ("entries that nobody asked for", unasked),
    ("acknowledged batches missing", missing),
    ("batches out of order", out_of_order),
    ("half batches", halves),
    ("answers after all that are not of the last batch", stale),
];

/// Findings of one check that are shown.
const SHOWN: usize = 20;

impl Books {
    /// Prints the counts and fails with all findings.
    #[track_caller]
    pub fn close(&self, told: &str) {
        let found = CHECKS.map(|(name, check)| (name, check(self)));
        let count: usize = found.iter().map(|(_, found)| found.len()).sum();
        say(&format!("{told}: {}; {count} findings", self.counts()));
        let found = found.iter().filter(|(_, found)| !found.is_empty());
        let lines = found.map(|(name, found)| {
            let shown = &found[..found.len().min(SHOWN)];
            format!("{} {name}:\n{}\n", found.len(), shown.join("\n"))
        });
        assert!(count == 0, "{told}:\n{}", lines.collect::<String>());
    }

    /// Every request, with those that were asked when all was quiet.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.journals.iter().chain([&self.afterwards]).flat_map(|journal| &journal.requests)
    }

    pub fn attempts(&self) -> impl Iterator<Item = &Attempt> {
        self.requests().flat_map(|request| &request.attempts)
    }

    /// Answers that disclose, with the `idZadania` of each.
    fn disclosures(&self) -> impl Iterator<Item = (Uuid, &Answer)> {
        let asked = self.requests().filter(|request| request.operation == DISCLOSURE);
        asked.flat_map(|request| request.answers().map(|answer| (request.task, answer)))
    }

    fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.kind == kind)
    }

    fn counts(&self) -> String {
        let answered = self.requests().filter(|request| request.answers().next().is_some()).count();
        let attempts = self.attempts().count();
        let again = self.requests().filter(|request| request.answers().count() > 1).count();
        let longest = self.attempts().map(|attempt| attempt.took).max().unwrap_or_default();
        format!(
            "{answered} requests answered in {attempts} attempts, {} batches acknowledged, {} entries, of them {} repeats \
             and {} refusals; {again} were answered again; the longest attempt took {longest:.1?}",
            self.fed.len(),
            self.entries.len(),
            self.entries.iter().filter(|entry| entry.repeat).count(),
            self.of_kind("ODMOWA").count()
        )
    }
}

pub const DISCLOSURE: &str = "UdostepnijDaneOsoby";

/// Past the harness, which keeps the output of tests that pass to itself.
pub fn say(text: &str) {
    stderr().write_all(format!("\n{text}\n").as_bytes()).expect("standard error");
}

fn unanswered(books: &Books) -> Vec<String> {
    let open = books.requests().filter_map(|request| match request.attempts.last() {
        Some(Attempt { outcome: Ok(_), .. }) => None,
        Some(Attempt { outcome: Err(error), .. }) => Some(format!("{} {}: {error}", request.operation, request.task)),
        None => Some(format!("{} {}: never sent", request.operation, request.task)),
    });
    open.collect()
}

fn without_entry(books: &Books) -> Vec<String> {
    let entries: HashMap<Uuid, &Entry> = books.of_kind("UDOSTEPNIENIE").map(|entry| (entry.event, entry)).collect();
    let lost = books.disclosures().filter(|(task, answer)| {
        let entry = answer.id("idUdostepnienia").and_then(|id| entries.get(&id));
        entry.and_then(|entry| entry.id("idZadania")) != Some(*task)
    });
    lost.map(|(task, answer)| format!("{task}: {}", answer.text("idUdostepnienia"))).collect()
}

/// Whoever asked again was told the same, byte for byte.
fn otherwise(books: &Books) -> Vec<String> {
    let bodies = |request: &Request| request.answers().map(|answer| answer.body).collect::<HashSet<_>>().len();
    let otherwise = books.requests().filter(|request| bodies(request) > 1);
    otherwise.map(|request| format!("{} {}", request.operation, request.task)).collect()
}

/// One entry per event, one first entry per task, one entry per batch.
fn twice(books: &Books) -> Vec<String> {
    let events = books.entries.iter().map(|entry| entry.event.to_string());
    let first = books.of_kind("UDOSTEPNIENIE").filter(|entry| !entry.repeat);
    let batches = books.of_kind("ZASILENIE");
    [repeated(events), repeated(first.map(|entry| entry.text("idZadania").to_owned())), repeated(batches.map(mark))]
        .concat()
}

fn gaps(books: &Books) -> Vec<String> {
    let (whole, said) = &books.audit;
    let gaps = (1..).zip(&books.entries).filter(|(expected, entry)| entry.number != *expected);
    let gaps = gaps.map(|(expected, entry)| format!("entry {} where {expected} belongs", entry.number));
    gaps.chain((!whole).then(|| said.clone())).collect()
}

/// Every entry, and with it every answer, is proven to lie under the signed head, which goes on from that of before.
fn unproven(books: &Books) -> Vec<String> {
    let (hold, said) = &books.proofs;
    let all = books.entries.len() as u64 == books.proven;
    let partly = (!all).then(|| format!("{} proofs of {} entries", books.proven, books.entries.len()));
    partly.into_iter().chain((!hold).then(|| said.clone())).collect()
}

fn unasked(books: &Books) -> Vec<String> {
    let asked: HashSet<Option<Uuid>> = books.requests().map(|request| Some(request.task)).collect();
    let strange = books.entries.iter().filter(|entry| !asked.contains(&entry.id("idZadania")));
    strange.map(|entry| format!("entry {}: {} under {}", entry.number, entry.kind, entry.text("idZadania"))).collect()
}

/// Every acknowledged batch is finished, and the register says so.
fn missing(books: &Books) -> Vec<String> {
    let entries: HashMap<String, &Entry> = books.of_kind("ZASILENIE").map(|entry| (mark(entry), entry)).collect();
    let missing = books.fed.iter().filter(|fed| {
        let entry = entries.get(&wave::mark(fed.wave));
        let told =
            entry.is_some_and(|entry| entry.id("paczka/idPaczki") == Some(fed.id) && entry.text("wynik") == DONE);
        fed.state != DONE || !told
    });
    missing.map(|fed| format!("{}: its last known state is {:?}", wave::mark(fed.wave), fed.state)).collect()
}

const DONE: &str = "ZAKONCZONA";

/// Batches become visible, and stand in the register, in the order in which they were acknowledged.
fn out_of_order(books: &Books) -> Vec<String> {
    let entries: Vec<&Entry> = books.of_kind("ZASILENIE").collect();
    let wrong = entries.windows(2).filter(|pair| (mark(pair[0]), pair[0].state()) >= (mark(pair[1]), pair[1].state()));
    wrong
        .map(|pair| {
            format!("entries {} and {}: {} before {}", pair[0].number, pair[1].number, mark(pair[0]), mark(pair[1]))
        })
        .collect()
}

/// Whoever was told of a state was told what the batch of this state wrote about everybody.
fn halves(books: &Books) -> Vec<String> {
    let waves: BTreeMap<Option<u64>, Option<u64>> =
        books.of_kind("ZASILENIE").map(|entry| (entry.state(), wave::of_mark(&mark(entry)))).collect();
    let read: HashMap<Uuid, &Entry> = books.entries.iter().map(|entry| (entry.event, entry)).collect();
    let half = books.disclosures().filter(|(_, answer)| {
        let entry = answer.id("idUdostepnienia").and_then(|id| read.get(&id));
        let wave = entry.and_then(|entry| waves.get(&entry.state())).copied().flatten();
        answer.text("wynik") != "ZNALEZIONO" || wave.is_none() || wave != wave::of_text(answer.text("nazwa"))
    });
    half.map(|(task, answer)| format!("{task}: {} {}", answer.text("wynik"), answer.text("nazwa"))).collect()
}

fn stale(books: &Books) -> Vec<String> {
    let last = books.fed.last().map(|fed| fed.wave);
    let stale = books.afterwards.answers().filter(|(_, answer)| wave::of_text(answer.text("nazwa")) != last);
    stale.map(|(request, answer)| format!("{}: {}", request.task, answer.text("nazwa"))).collect()
}

fn mark(entry: &Entry) -> String {
    entry.text("paczka/oznaczenie").to_owned()
}

fn repeated(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    names.filter(|name| !seen.insert(name.clone())).collect()
}

#[cfg(test)]
mod tests;
