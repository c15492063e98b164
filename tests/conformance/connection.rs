//! placeholder
use crate::Scripted;
pub const CHECKS: &[Scripted] = &[];
