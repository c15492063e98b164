//! The migrations of every kind of database, embedded, the same names for SQLite and PostgreSQL.

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel::{QueryableByName, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Database, Db, Error};

/// A tree of migrations. `Sets` and `Ledger` share one PostgreSQL database, so their numbers never overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tree {
    Platform,
    Sets,
    Ledger,
}

mod sqlite {
    use super::{EmbeddedMigrations, embed_migrations};

    pub(super) const PLATFORM: EmbeddedMigrations = embed_migrations!("migrations/sqlite/platform");
    pub(super) const SETS: EmbeddedMigrations = embed_migrations!("migrations/sqlite/sets");
    pub(super) const LEDGER: EmbeddedMigrations = embed_migrations!("migrations/sqlite/ledger");
}

mod postgres {
    use super::{EmbeddedMigrations, embed_migrations};

    pub(super) const PLATFORM: EmbeddedMigrations = embed_migrations!("migrations/postgres/platform");
    pub(super) const SETS: EmbeddedMigrations = embed_migrations!("migrations/postgres/sets");
    pub(super) const LEDGER: EmbeddedMigrations = embed_migrations!("migrations/postgres/ledger");
}

/// Any number, the same on every node: whoever holds this lock migrates.
const LOCK: &str = "SELECT pg_advisory_xact_lock(4205031926)";

/// Brings `database` up to date with `tree` in one transaction under a lock (rule 9.5); says how many steps were run.
///
/// # Errors
/// `Unavailable` or `Busy` as of the database, `Internal` when a step fails: then none has happened.
pub fn migrate(database: &Database, tree: Tree) -> Result<usize, Error> {
    database.write(|db| match db {
        Db::Sqlite(connection) => run(
            connection,
            match tree {
                Tree::Platform => sqlite::PLATFORM,
                Tree::Sets => sqlite::SETS,
                Tree::Ledger => sqlite::LEDGER,
            },
        ),
        Db::Pg(connection) => {
            connection.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'")?;
            connection.batch_execute(LOCK)?;
            run(
                connection,
                match tree {
                    Tree::Platform => postgres::PLATFORM,
                    Tree::Sets => postgres::SETS,
                    Tree::Ledger => postgres::LEDGER,
                },
            )
        }
    })
}

/// The numbers of the steps that a database has been through, in order.
pub(super) fn steps(db: &mut Db) -> Result<Vec<String>, Error> {
    const STEPS: &str = "SELECT version FROM __diesel_schema_migrations ORDER BY version";
    let steps: Vec<Step> = diesel::sql_query(STEPS).load(db)?;
    Ok(steps.into_iter().map(|step| step.version).collect())
}

/// Whether every one of these steps of an administrator's databases is one of ours; a newer program has more.
pub(super) fn knows(steps: &[String]) -> Result<bool, Error> {
    let mut known = Vec::new();
    for tree in [&sqlite::SETS, &sqlite::LEDGER] {
        let tree = MigrationSource::<Sqlite>::migrations(tree).map_err(Error::Internal)?;
        known.extend(tree.iter().map(|step| step.name().version().to_string()));
    }
    Ok(steps.iter().all(|step| known.contains(step)))
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    version: String,
}

fn run<C, B>(connection: &mut C, steps: EmbeddedMigrations) -> Result<usize, Error>
where
    B: Backend,
    C: MigrationHarness<B>,
    EmbeddedMigrations: MigrationSource<B>,
{
    connection.run_pending_migrations(steps).map(|done| done.len()).map_err(Error::Internal)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use diesel::pg::Pg;

    use super::*;

    fn names<B: Backend>(steps: &EmbeddedMigrations) -> Vec<String>
    where
        EmbeddedMigrations: MigrationSource<B>,
    {
        let steps = MigrationSource::<B>::migrations(steps).expect("migrations");
        let mut names: Vec<String> = steps.iter().map(|step| step.name().to_string()).collect();
        names.sort();
        names
    }

    #[test]
    fn both_databases_have_the_same_steps() {
        assert_eq!(names::<Sqlite>(&sqlite::PLATFORM), names::<Pg>(&postgres::PLATFORM));
        assert_eq!(names::<Sqlite>(&sqlite::SETS), names::<Pg>(&postgres::SETS));
        assert_eq!(names::<Sqlite>(&sqlite::LEDGER), names::<Pg>(&postgres::LEDGER));
    }

    #[test]
    fn numbers_are_unique_where_trees_share_a_database() {
        for other in [&postgres::SETS, &postgres::PLATFORM] {
            let all = [names::<Pg>(other), names::<Pg>(&postgres::LEDGER)].concat();
            let numbers: HashSet<&str> = all.iter().filter_map(|name| name.split('_').next()).collect();
            assert_eq!(numbers.len(), all.len(), "{all:?}");
        }
    }
}
