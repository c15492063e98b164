//! Room `signatures`.
