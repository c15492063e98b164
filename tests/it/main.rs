//! Tests that see the gateway from outside a single room.

mod ledger;
mod store;
mod support;
