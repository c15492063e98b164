//! Tests that see the gateway from outside a single room.

mod administration;
mod store;
mod support;
