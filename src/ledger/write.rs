//! The bytes of an entry: a format byte and the canonical XML of `r:Wpis`, written once and never changed (rule 3.1).

use chrono::{DateTime, SecondsFormat, Utc};
use openssl::sha::Sha256;

use super::entry::{BatchSummary, Draft};
use crate::xml::{QName, R, W, Writer};

/// First byte of every entry: which format the rest has.
pub const FORMAT: u8 = 0x01;

/// RFC 6962 §2.1: a leaf is hashed with this byte in front, an inner node with another.
const LEAF: u8 = 0x00;

/// Where an entry stands in its register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// From 1, without gaps.
    pub number: u64,
    /// From 1; the next one begins after a restored database was noticed (rule 3.5).
    pub epoch: u64,
    /// Never earlier than that of the entry before; whole microseconds.
    pub time: DateTime<Utc>,
    /// The entry answers a retry of a request that already has an entry (rule 2.3).
    pub repeat: bool,
}

/// A person's part after sealing: nothing in it tells who the person is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPart {
    /// Binds the ciphertext to one key, so that nobody can later show another text under another key (rule 3.6).
    pub commitment: [u8; 32],
    pub sealed: Vec<u8>,
}

/// The entry's bytes as they are stored, hashed and proved.
#[must_use]
pub fn write_entry(draft: &Draft, position: Position, parts: &[SealedPart]) -> Vec<u8> {
    let sealed: usize = parts.iter().map(|part| part.sealed.len() / 3 * 4 + 256).sum();
    let mut out = Writer::with_capacity(2048 + sealed);
    out.apex(r("Wpis"), &[]);
    write_position(draft, position, &mut out);
    write_caller(draft, position.repeat, &mut out);
    write_question(draft, &mut out);
    write_answer(draft, &mut out);
    for part in parts {
        out.element(r("czesc"), |out| {
            out.base64_element(r("zobowiazanieKlucza"), &part.commitment);
            out.base64_element(r("tresc"), &part.sealed);
        });
    }
    out.close();
    let xml = out.into_bytes();
    let mut bytes = Vec::with_capacity(1 + xml.len());
    bytes.push(FORMAT);
    bytes.extend_from_slice(&xml);
    bytes
}

/// Hash of an entry as a leaf of the register's tree (RFC 6962 §2.1: SHA-256 of a zero byte and the leaf).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(&[LEAF]);
    hash.update(entry);
    hash.finish()
}

/// A time as the register writes it: UTC, always six decimals.
#[must_use]
pub fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

const fn r(local: &'static str) -> QName {
    R.name(local)
}

fn write_position(draft: &Draft, position: Position, out: &mut Writer) {
    out.text_element(r("numer"), &position.number.to_string());
    out.text_element(r("epoka"), &position.epoch.to_string());
    out.text_element(r("czas"), &time_text(position.time));
    out.text_element(r("idZdarzenia"), &draft.event.to_string());
    out.text_element(r("rodzaj"), draft.kind.wire());
    out.text_element(r("administrator"), &draft.tenant);
}

fn write_caller(draft: &Draft, repeat: bool, out: &mut Writer) {
    optional(r("idZadania"), draft.request.as_deref(), out);
    if repeat {
        out.text_element(r("powtorzenie"), "true");
    }
    optional(r("jednostka"), draft.unit.as_deref(), out);
    optional(r("system"), draft.system.as_deref(), out);
    optional(r("uzytkownik"), draft.user.as_deref(), out);
    for group in &draft.groups {
        out.text_element(r("grupa"), group);
    }
    if let Some(certificate) = &draft.certificate {
        out.base64_element(r("skrotCertyfikatu"), certificate);
    }
}

fn write_question(draft: &Draft, out: &mut Writer) {
    optional(r("zbior"), draft.set.as_deref(), out);
    optional(r("podstawaPrawna"), draft.basis.as_deref(), out);
    write_scope(r("zakresZadany"), &draft.asked, out);
    write_scope(r("zakresUdzielony"), &draft.granted, out);
}

fn write_answer(draft: &Draft, out: &mut Writer) {
    optional(r("wynik"), draft.outcome, out);
    optional(r("kod"), draft.code, out);
    optional(r("numerStanu"), draft.state.map(|state| state.to_string()).as_deref(), out);
    optional(r("stanNa"), draft.as_of.map(|day| day.format("%Y-%m-%d").to_string()).as_deref(), out);
    optional(r("generacjaUprawnien"), draft.rights_generation.map(|generation| generation.to_string()).as_deref(), out);
    if let Some(batch) = &draft.batch {
        write_batch(batch, out);
    }
}

fn write_scope(name: QName, leaves: &[String], out: &mut Writer) {
    if leaves.is_empty() {
        return;
    }
    out.element(name, |out| {
        for leaf in leaves {
            out.text_element(W.name("pozycja"), leaf);
        }
    });
}

fn write_batch(batch: &BatchSummary, out: &mut Writer) {
    out.element(r("paczka"), |out| {
        out.text_element(r("idPaczki"), &batch.batch.to_string());
        out.text_element(r("oznaczenie"), &batch.mark);
        let counts = [
            ("liczbaOsob", batch.persons),
            ("zapisano", batch.written),
            ("usunieto", batch.removed),
            ("bezZmian", batch.unchanged),
            ("odrzucono", batch.refused),
            ("ostrzezen", batch.warnings),
        ];
        for (name, count) in counts {
            out.text_element(r(name), &count.to_string());
        }
    });
}

fn optional(name: QName, value: Option<&str>, out: &mut Writer) {
    if let Some(value) = value {
        out.text_element(name, value);
    }
}
