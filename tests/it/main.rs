//! Tests at the library's border: rooms working together, both databases, properties over random input.

mod cut;
mod feed;
mod store;
mod support;
