//! Tests from outside a single room: rooms working together, both databases, properties over random input.

#![allow(clippy::unwrap_used)] // a test that cannot go on panics

mod administration;
mod cut;
mod demo;
mod documents;
mod feed;
mod ledger;
mod store;
mod support;
mod tidy;
