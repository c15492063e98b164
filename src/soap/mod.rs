//! Room `soap`.
