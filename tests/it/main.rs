//! Tests that see the gateway from outside a single room.

mod administration;
mod cut;
mod store;
mod support;
