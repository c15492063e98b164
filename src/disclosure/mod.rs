//! Room `disclosure`.

pub mod reply_schema;
