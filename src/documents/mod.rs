//! Room `documents`: whole documents that offices exchange, as files rather than as messages.

pub mod exchange;
pub mod forms;
