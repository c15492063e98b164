//! Room `documents`: whole documents that offices exchange, as files rather than as messages. No IO, no clock.

pub mod deadline;
pub mod exchange;
pub mod formats;
