//! Room `cli`.

pub mod xsd;
