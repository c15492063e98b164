//! What the integration tests stand on.

#[allow(dead_code)] // Other targets use the rest.
#[path = "../../support/postgres.rs"]
pub mod postgres;
#[path = "../../support/registers.rs"]
pub mod registers;
pub mod stores;

/// Writes each named case once per database: `sqlite::name` and `postgres::name`.
#[macro_export]
macro_rules! on_both_databases {
    ($($case:ident)*) => {
        mod sqlite { $(#[test] fn $case() { super::$case($crate::support::stores::Engine::Sqlite); })* }
        mod postgres { $(#[test] fn $case() { super::$case($crate::support::stores::Engine::Postgres); })* }
    };
}
