//! Every check shown to find what it is for, in books of one batch and one question that was asked twice.

use std::time::{Duration, Instant};

use brama::soap::client::Error;
use brama::xml::{Document, Limits};

use super::*;

const BATCH: Uuid = Uuid::from_u128(1);
const TASK: Uuid = Uuid::from_u128(2);

fn entry(number: u64, kind: &str, task: Uuid, fields: &[(&str, &str)]) -> Entry {
    let own = [("idZadania", task.to_string()), ("numerStanu", "1".to_owned())];
    let own = own.map(|(name, value)| (name.to_owned(), value));
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let (event, kind) = (Uuid::from_u128(number.into()), kind.to_owned());
    Entry { number, event, kind, repeat: false, fields: own.into_iter().chain(fields).collect() }
}

/// A batch of this number in the state of the same number.
fn fed(number: u64, wave: u64, task: Uuid) -> Entry {
    let (id, mark, state) = (BATCH.to_string(), wave::mark(wave), (wave + 1).to_string());
    let fields = [("paczka/idPaczki", &*id), ("paczka/oznaczenie", &mark), ("wynik", DONE), ("numerStanu", &state)];
    entry(number, "ZASILENIE", task, &fields)
}

fn attempt(outcome: Result<Answer, Error>) -> Attempt {
    Attempt { began: Instant::now(), took: Duration::ZERO, outcome }
}

/// The answer whose entry has this number.
fn told(number: u128, text: &str) -> Attempt {
    let id = Uuid::from_u128(number);
    let reply = format!("<o><idUdostepnienia>{id}</idUdostepnienia><wynik>ZNALEZIONO</wynik><nazwa>{text}</nazwa></o>");
    let document = Document::parse(reply.as_bytes(), &Limits::default()).expect("XML");
    attempt(Ok(Answer::read(document.root())))
}

fn books() -> Books {
    let feeding = Request { operation: "PrzekazPaczke", task: BATCH, attempts: Vec::new() };
    let status = format!("<o><idPaczki>{BATCH}</idPaczki></o>");
    let document = Document::parse(status.as_bytes(), &Limits::default()).expect("XML");
    let feeding = Request { attempts: vec![attempt(Ok(Answer::read(document.root())))], ..feeding };
    let lost = attempt(Err(Error::Transport(String::new())));
    let asking = Request { operation: DISCLOSURE, task: TASK, attempts: vec![lost, told(3, "fala 0")] };
    let last = Request { operation: DISCLOSURE, task: Uuid::from_u128(4), attempts: vec![told(4, "fala 0")] };
    let unheard = entry(2, "UDOSTEPNIENIE", TASK, &[]);
    let repeat = Entry { repeat: true, ..entry(3, "UDOSTEPNIENIE", TASK, &[]) };
    Books {
        journals: vec![Journal { requests: vec![feeding, asking] }],
        afterwards: Journal { requests: vec![last] },
        fed: vec![Fed { wave: 0, id: BATCH, state: DONE.to_owned() }],
        entries: vec![fed(1, 0, BATCH), unheard, repeat, entry(4, "UDOSTEPNIENIE", Uuid::from_u128(4), &[])],
        audit: (true, String::new()),
        proven: 4,
        proofs: (true, String::new()),
    }
}

/// The check of this name finds something once the books are changed, and found nothing before.
#[track_caller]
fn check(name: &str, change: impl FnOnce(&mut Books)) {
    let check = CHECKS.iter().find(|(known, _)| *known == name).expect("a check of this name").1;
    let mut books = books();
    assert_eq!(check(&books), [""; 0], "{name}");
    change(&mut books);
    assert!(!check(&books).is_empty(), "{name}");
}

#[test]
fn every_check_finds_what_it_is_for() {
    check("requests never answered", |books| books.journals[0].requests[1].attempts.truncate(1));
    check("answers without an entry", |books| drop(books.entries.remove(2)));
    check("answers without an entry", |books| books.entries[2] = entry(3, "UDOSTEPNIENIE", BATCH, &[]));
    check("retries answered otherwise", |books| books.journals[0].requests[1].attempts.push(told(2, "fala 0")));
    check("entries twice", |books| books.entries[2].repeat = false);
    check("entries twice", |books| books.entries[2].event = books.entries[1].event);
    check("entries twice", |books| books.entries.push(fed(5, 0, BATCH)));
    check("gaps", |books| drop(books.entries.remove(1)));
    check("gaps", |books| books.audit.0 = false);
    check("proofs that do not hold", |books| books.proofs.0 = false);
    check("proofs that do not hold", |books| books.proven = 3);
    check("entries that nobody asked for", |books| books.entries.push(fed(5, 1, Uuid::from_u128(9))));
    check("acknowledged batches missing", |books| drop(books.entries.remove(0)));
    check("acknowledged batches missing", |books| books.fed[0].state = "PRZYJETA".to_owned());
    check("batches out of order", |books| books.entries.insert(0, fed(5, 1, BATCH)));
    check("half batches", |books| books.journals[0].requests[1].attempts.push(told(3, "fala 1")));
    check("half batches", |books| books.entries[2].fields.extend([("numerStanu".to_owned(), "2".to_owned())]));
    check("answers after all that are not of the last batch", |books| {
        books.fed.push(Fed { wave: 1, id: BATCH, state: DONE.to_owned() });
    });
}
