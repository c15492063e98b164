//! Room `procedures`.
