//! Room `documents`: whole documents that offices exchange, as files rather than as messages. No IO, no clock.

pub mod content;
pub mod deadline;
pub mod exchange;
pub mod formats;
pub mod forms;
pub mod html;
pub mod pdf;
pub mod template;
