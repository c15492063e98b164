//! A handful of examined persons that are written together: bounded in rows and in bytes.

use crate::problem::Detail;
use crate::store::batches::{Batches, Load};
use crate::store::{Error, Tenant};

use super::examine::Examined;
use super::finding::{Finding, FindingCode};
use super::patience::patiently;
use super::plan::{Action, Candidate};

/// Rows of one transaction (rule 7.2); one person is never split, however many children it has.
const ROWS_MAX: usize = 1000;

/// Bytes of records held at once.
const BYTES_MAX: usize = 4 << 20;

/// Persons on their way into one transaction.
#[derive(Default)]
pub struct Chunk {
    pub persons: Vec<Examined>,
    rows: usize,
    bytes: usize,
}

impl Chunk {
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.persons.len() as u64
    }

    /// Whether the chunk stays within its bounds with this person too; an empty one takes anybody.
    #[must_use]
    pub fn has_room_for(&self, person: &Examined) -> bool {
        self.persons.is_empty() || (self.rows + rows(person) <= ROWS_MAX && self.bytes + bytes(person) <= BYTES_MAX)
    }

    pub fn push(&mut self, person: Examined) {
        self.rows += rows(&person);
        self.bytes += bytes(&person);
        self.persons.push(person);
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The persons as the plan sees them: keyed hashes alone.
    ///
    /// # Errors
    /// `Internal` when OpenSSL fails.
    pub fn candidates(&self, batches: Batches<'_>, load: &Load) -> Result<Vec<Candidate>, Error> {
        self.persons.iter().map(|person| candidate(person, batches, load)).collect()
    }

    /// Warnings for removals that name nobody.
    pub fn unknown<'a>(&'a self, ordinals: &'a [u64]) -> impl Iterator<Item = Finding> + 'a {
        let unknown = self.persons.iter().filter(|person| ordinals.contains(&person.ordinal));
        unknown.map(|person| Finding {
            code: FindingCode::PersonUnknown,
            ordinal: Some(person.ordinal),
            source_id: person.source_id.clone(),
            detail: Detail {
                line: Some(person.line),
                path: Some("/z:Osoba/@idZrodlowe".into()),
                text: "Zbiór nie zawiera osoby o tym idZrodlowe; nie ma czego usunąć.".into(),
                ..Detail::default()
            },
        })
    }
}

/// Item, record, end of the former record, search keys, findings, and room for two repetitions.
fn rows(person: &Examined) -> usize {
    5 + person.findings.len() + person.record.as_ref().map_or(0, |record| record.terms.len())
}

fn bytes(person: &Examined) -> usize {
    person.record.as_ref().map_or(0, |record| record.bytes.len())
}

fn candidate(person: &Examined, batches: Batches<'_>, load: &Load) -> Result<Candidate, Error> {
    let set = &load.batch.set;
    let source = person.source_id.as_deref();
    Ok(Candidate {
        ordinal: person.ordinal,
        line: person.line,
        source: source.map(|id| batches.tenant.source_hash(set, id)).transpose()?,
        source_sealed: source.map(|id| batches.seal_item_source(&load.batch, person.ordinal, id)).transpose()?,
        pesel: person.pesel.as_deref().map(|pesel| batches.pesel_hash(load.batch.id, pesel)).transpose()?,
        action: person.action.unwrap_or(Action::Write),
        broken: person.is_broken(),
        content: person.record.as_ref().map(|record| batches.record_hash(set, &record.bytes)).transpose()?,
    })
}

/// Row numbers, taken from the store in blocks.
pub struct Numbers<'t> {
    tenant: &'t Tenant,
    left: std::ops::Range<i64>,
}

/// Row numbers in a block; what is left of the last one is lost, which does no harm.
const BLOCK: i64 = 1000;

impl<'t> Numbers<'t> {
    #[must_use]
    pub const fn new(tenant: &'t Tenant) -> Self {
        Self { tenant, left: 0..0 }
    }

    /// The next number.
    ///
    /// # Errors
    /// As of the store.
    pub fn next(&mut self, go_on: &dyn Fn() -> bool) -> Result<i64, Error> {
        if let Some(number) = self.left.next() {
            return Ok(number);
        }
        let first = patiently(go_on, || self.tenant.reserve_rows(BLOCK))?;
        self.left = first + 1..first + BLOCK;
        Ok(first)
    }
}
