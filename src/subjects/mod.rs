//! Room `subjects`.
