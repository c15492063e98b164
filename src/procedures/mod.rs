//! The verbs an official would recognise: rights, rule, store, ledger. Every door calls these; no XML, HTTP or SQL here.

pub mod access;
pub mod check;
pub mod custody;
mod desk;
pub mod disclose;
pub mod feed;
mod limits;
pub mod list_sets;
mod office;
pub mod question;

pub use desk::{Desk, Pen};
pub use limits::{Rates, Tries};
pub use office::Office;
