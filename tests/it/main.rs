//! Tests at the library's border: rooms working together, properties over random input.

mod cut;
