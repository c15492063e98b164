//! The tables of feeds as diesel sees them, and the conversions of rows; nothing of it leaves the store.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::{Batch, BatchState, CurrentRow, Effect, Item, Sender, Summary};
pub(super) use crate::store::schema::{search_keys, set_states};

use crate::store::Error;
use crate::subjects::SetKind;

diesel::table! {
    batches (id) {
        id -> Text,
        set_id -> Text,
        kind -> Text,
        mark -> Text,
        state -> Text,
        unit_id -> Text,
        system_id -> Text,
        request_id -> Text,
        certificate -> Binary,
        in_parts -> Bool,
        last_part -> BigInt,
        bytes -> BigInt,
        content_hash -> Nullable<Binary>,
        place -> Nullable<BigInt>,
        processed -> BigInt,
        persons -> BigInt,
        written -> BigInt,
        removed -> BigInt,
        unchanged -> BigInt,
        refused -> BigInt,
        warnings -> BigInt,
        findings -> BigInt,
        set_state -> Nullable<BigInt>,
        as_of -> Nullable<Text>,
        accepted_at -> Nullable<BigInt>,
        finished_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    batch_places (only_row) {
        only_row -> BigInt,
        next_place -> BigInt,
    }
}

diesel::table! {
    batch_parts (batch_id, number) {
        batch_id -> Text,
        number -> BigInt,
        bytes -> BigInt,
        digest_hash -> Binary,
        sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    batch_items (batch_id, ordinal) {
        batch_id -> Text,
        ordinal -> BigInt,
        line -> BigInt,
        source_hash -> Nullable<Binary>,
        pesel_hash -> Nullable<Binary>,
        effect -> BigInt,
        named_for_id -> Bool,
        named_for_pesel -> Bool,
        source_sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    batch_findings (batch_id, ordinal, number) {
        batch_id -> Text,
        ordinal -> BigInt,
        number -> BigInt,
        sealed -> Binary,
    }
}

diesel::table! {
    set_loads (set_id) {
        set_id -> Text,
        holder -> Text,
        held_until -> BigInt,
    }
}

diesel::table! {
    outbox (event) {
        event -> Text,
        batch_id -> Text,
    }
}

diesel::table! {
    /// The rows of persons, with the keyed hash by which a loader sees that nothing changed.
    records (row_id) {
        row_id -> BigInt,
        set_id -> Text,
        source_hash -> Binary,
        source_sealed -> Binary,
        from_state -> BigInt,
        to_state -> Nullable<BigInt>,
        schema_version -> BigInt,
        sealed -> Binary,
        content_hash -> Nullable<Binary>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(records, batch_items, batch_parts, batches);

/// A batch as its row holds it.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = batches)]
pub(super) struct BatchRow {
    pub id: String,
    pub set_id: String,
    pub kind: String,
    pub mark: String,
    pub state: String,
    pub unit_id: String,
    pub system_id: String,
    pub request_id: String,
    pub certificate: Vec<u8>,
    pub in_parts: bool,
    pub last_part: i64,
    pub bytes: i64,
    pub content_hash: Option<Vec<u8>>,
    pub place: Option<i64>,
    pub processed: i64,
    pub persons: i64,
    pub written: i64,
    pub removed: i64,
    pub unchanged: i64,
    pub refused: i64,
    pub warnings: i64,
    pub findings: i64,
    pub set_state: Option<i64>,
    pub as_of: Option<String>,
    pub accepted_at: Option<i64>,
    pub finished_at: Option<i64>,
}

impl TryFrom<BatchRow> for Batch {
    type Error = Error;

    fn try_from(row: BatchRow) -> Result<Self, Error> {
        let summary = Summary {
            persons: count(row.persons)?,
            written: count(row.written)?,
            removed: count(row.removed)?,
            unchanged: count(row.unchanged)?,
            refused: count(row.refused)?,
            warnings: count(row.warnings)?,
        };
        Ok(Self {
            id: uuid(&row.id)?,
            kind: SetKind::parse(&row.kind).ok_or_else(|| odd("kind of a batch"))?,
            state: BatchState::parse(&row.state).ok_or_else(|| odd("state of a batch"))?,
            set: row.set_id,
            mark: row.mark,
            sender: Sender {
                unit: row.unit_id,
                system: row.system_id,
                request: row.request_id,
                certificate: row.certificate.try_into().map_err(|_| odd("certificate of a batch"))?,
            },
            in_parts: row.in_parts,
            last_part: count(row.last_part)?,
            bytes: count(row.bytes)?,
            content: row.content_hash.map(hash).transpose()?,
            processed: count(row.processed)?,
            summary,
            findings: count(row.findings)?,
            set_state: row.set_state,
            as_of: row.as_of.map(|text| text.parse::<NaiveDate>().map_err(|_| odd("day of a batch"))).transpose()?,
            accepted_at: row.accepted_at.map(time).transpose()?,
            finished_at: row.finished_at.map(time).transpose()?,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = batch_items, treat_none_as_default_value = false)]
pub(super) struct ItemRow {
    batch_id: String,
    ordinal: i64,
    line: i64,
    source_hash: Option<Vec<u8>>,
    pesel_hash: Option<Vec<u8>>,
    effect: i64,
    named_for_id: bool,
    named_for_pesel: bool,
    source_sealed: Option<Vec<u8>>,
}

impl ItemRow {
    pub(super) fn of(batch: Uuid, item: &Item) -> Result<Self, Error> {
        Ok(Self {
            batch_id: batch.to_string(),
            ordinal: number(item.ordinal)?,
            line: i64::from(item.line),
            source_hash: item.source.map(Vec::from),
            pesel_hash: item.pesel.map(Vec::from),
            effect: item.effect.to_row(),
            named_for_id: item.named_for_id,
            named_for_pesel: item.named_for_pesel,
            source_sealed: item.source_sealed.clone(),
        })
    }
}

impl TryFrom<ItemRow> for Item {
    type Error = Error;

    fn try_from(row: ItemRow) -> Result<Self, Error> {
        Ok(Self {
            ordinal: count(row.ordinal)?,
            line: u32::try_from(row.line).map_err(Error::internal)?,
            source: row.source_hash.map(hash).transpose()?,
            pesel: row.pesel_hash.map(hash).transpose()?,
            effect: Effect::from_row(row.effect).ok_or_else(|| odd("effect of a person"))?,
            named_for_id: row.named_for_id,
            named_for_pesel: row.named_for_pesel,
            source_sealed: row.source_sealed,
        })
    }
}

/// A row of a person about to enter a set.
#[derive(Insertable)]
#[diesel(table_name = records, treat_none_as_default_value = false)]
pub(super) struct RecordRow {
    pub row_id: i64,
    pub set_id: String,
    pub source_hash: Vec<u8>,
    pub source_sealed: Vec<u8>,
    pub from_state: i64,
    pub to_state: Option<i64>,
    pub schema_version: i64,
    pub sealed: Vec<u8>,
    pub content_hash: Option<Vec<u8>>,
}

#[derive(Insertable)]
#[diesel(table_name = search_keys)]
pub(super) struct SearchKeyRow {
    pub search_key: Vec<u8>,
    pub row_id: i64,
}

#[derive(Insertable)]
#[diesel(table_name = batch_findings)]
pub(super) struct FindingRow {
    pub batch_id: String,
    pub ordinal: i64,
    pub number: i64,
    pub sealed: Vec<u8>,
}

#[derive(Insertable)]
#[diesel(table_name = batch_parts, treat_none_as_default_value = false)]
pub(super) struct PartRow {
    pub batch_id: String,
    pub number: i64,
    pub bytes: i64,
    pub digest_hash: Vec<u8>,
    pub sealed: Option<Vec<u8>>,
}

pub(super) fn current_row((row, source, content): (i64, Vec<u8>, Option<Vec<u8>>)) -> Result<CurrentRow, Error> {
    Ok(CurrentRow { row, source: hash(source)?, content: content.map(hash).transpose()? })
}

pub(in crate::store) fn uuid(text: &str) -> Result<Uuid, Error> {
    text.parse().map_err(Error::internal)
}

/// A number that the database keeps signed and nobody counts below zero.
pub(super) fn count(number: i64) -> Result<u64, Error> {
    u64::try_from(number).map_err(Error::internal)
}

/// The same the other way.
pub(super) fn number(count: u64) -> Result<i64, Error> {
    i64::try_from(count).map_err(Error::internal)
}

pub(super) fn hash(bytes: Vec<u8>) -> Result<[u8; 32], Error> {
    bytes.try_into().map_err(|_| odd("length of a hash"))
}

fn time(micros: i64) -> Result<DateTime<Utc>, Error> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| odd("time of a batch"))
}

fn odd(what: &str) -> Error {
    Error::internal(format!("the {what} is not one of ours"))
}
