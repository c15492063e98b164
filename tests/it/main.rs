//! Tests at the library's border: rooms working together, properties over random input.

mod cut;
//! Tests that see the gateway from outside a single room.
mod administration;
mod ledger;
//! Tests at the library's border: rooms working together, both databases, properties over random input.
mod feed;
mod store;
mod support;
