//! Room `procedures`.

pub mod feed;
