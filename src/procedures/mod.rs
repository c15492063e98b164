//! The verbs an official would recognise: rights, rule, store, ledger. Every door calls these; no XML, HTTP or SQL here.

pub mod access;
mod bell;
mod chancery;
pub mod check;
pub mod custody;
mod desk;
pub mod disclose;
pub mod documents;
pub mod feed;
mod limits;
pub mod list_sets;
mod office;
pub mod order;
pub mod question;
pub mod register;
mod shift;

pub use bell::Bell;
pub use chancery::Chancery;
pub use desk::{Desk, Pen};
pub use limits::{Rates, Tries};
pub use office::Office;
