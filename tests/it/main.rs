//! Tests that see the gateway from outside a single room.

mod store;
mod support;
