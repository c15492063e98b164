//! Restoring to a PostgreSQL server: into an empty database, or beside the present one, which then makes way in one step.

use std::path::Path;

use diesel::connection::{Connection, SimpleConnection};
use diesel::pg::PgConnection;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};

use super::program;
use crate::store::Error;
use crate::store::connection::reach;
use crate::store::postgres::split;

/// Bytes of a database's name at most; PostgreSQL cuts longer ones off.
const NAME_BYTES: usize = 63;

/// How the database stands to which a copy is restored.
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    Missing,
    Empty,
    /// The administrator's own.
    Own,
}

/// Restores the archive to the database at `url`; `judge` sees where it is before anything takes the place of what was
/// there. Says under which name that is kept, if there was something.
pub(super) fn bring_back(
    url: &str,
    owner: &str,
    archive: &Path,
    time: &str,
    judge: impl Fn(&str) -> Result<(), Error>,
) -> Result<Option<String>, Error> {
    let unusual = || Error::Refused("the name of the database is unusual".to_owned());
    let (name, maintenance) = split(url).ok_or_else(unusual)?;
    let mut server = reach(&maintenance)?;
    refuse_sessions(&mut server, name)?;
    match standing(&mut server, name, url, owner)? {
        Standing::Own => {}
        standing => {
            if standing == Standing::Missing {
                create(&mut server, name)?;
            }
            fill(url, archive)?;
            return judge(url).map(|()| None);
        }
    }
    let (beside, aside) = (with_suffix(name, "nowa"), with_suffix(name, time));
    let beside_url = renamed(url, &beside).ok_or_else(unusual)?;
    if standing(&mut server, &beside, &beside_url, owner)? != Standing::Missing {
        // Left behind by a restore that was interrupted, perhaps with its program still at work.
        drop_database(&mut server, &beside)?;
    }
    create(&mut server, &beside)?;
    if let Err(error) = fill(&beside_url, archive).and_then(|()| judge(&beside_url)) {
        drop_database(&mut server, &beside)?;
        return Err(error);
    }
    let renamed = server.transaction(|server| {
        server.batch_execute(&format!(
            "ALTER DATABASE \"{name}\" RENAME TO \"{aside}\"; ALTER DATABASE \"{beside}\" RENAME TO \"{name}\""
        ))
    });
    match renamed {
        Err(error) if error.to_string().contains("accessed by other users") => Err(in_use(name)),
        other => Ok(other.map(|()| Some(aside))?),
    }
}

/// Restores to an empty database and lets the server look at what came: until its planner knows, questions are slow.
fn fill(url: &str, archive: &Path) -> Result<(), Error> {
    program::restore(url, archive)?;
    Ok(reach(url)?.batch_execute("ANALYZE")?)
}

fn in_use(name: &str) -> Error {
    Error::Unavailable(format!("somebody uses the database {name}; stop the nodes first"))
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn refuse_sessions(server: &mut PgConnection, name: &str) -> Result<(), Error> {
    let sessions =
        "SELECT count(*) AS count FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'";
    let Count { count } = sql_query(sessions).bind::<Text, _>(name).get_result(server)?;
    if count == 0 { Ok(()) } else { Err(in_use(name)) }
}

#[derive(QueryableByName)]
struct Content {
    #[diesel(sql_type = Bool)]
    known: bool,
    #[diesel(sql_type = BigInt)]
    tables: i64,
}

#[derive(QueryableByName)]
struct Owner {
    #[diesel(sql_type = Nullable<Text>)]
    owner: Option<String>,
}

/// Refuses a database of somebody else, or of something else.
fn standing(server: &mut PgConnection, name: &str, url: &str, owner: &str) -> Result<Standing, Error> {
    let found = "SELECT count(*) AS count FROM pg_database WHERE datname = $1";
    let Count { count } = sql_query(found).bind::<Text, _>(name).get_result(server)?;
    if count == 0 {
        return Ok(Standing::Missing);
    }
    let mut database = reach(url)?;
    let content: Content = sql_query(
        "SELECT to_regclass('public.identity') IS NOT NULL AS known, (SELECT count(*) FROM pg_tables \
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema')) AS tables",
    )
    .get_result(&mut database)?;
    if content.tables == 0 {
        return Ok(Standing::Empty);
    }
    let found = if content.known {
        let row: Option<Owner> = sql_query("SELECT owner FROM identity").get_result(&mut database).optional()?;
        row.and_then(|row| row.owner)
    } else {
        None
    };
    match found {
        Some(found) if found == owner => Ok(Standing::Own),
        Some(found) => Err(Error::Refused(format!("the database {name} belongs to {found}"))),
        None => Err(Error::Refused(format!("the database {name} holds something else"))),
    }
}

fn create(server: &mut PgConnection, name: &str) -> Result<(), Error> {
    Ok(server.batch_execute(&format!("CREATE DATABASE \"{name}\" ENCODING 'UTF8' TEMPLATE template0"))?)
}

fn drop_database(server: &mut PgConnection, name: &str) -> Result<(), Error> {
    Ok(server.batch_execute(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"))?)
}

/// The name with something after it, cut so that all of it counts; only ASCII comes here.
fn with_suffix(name: &str, suffix: &str) -> String {
    let room = NAME_BYTES - suffix.len() - 1;
    format!("{}-{suffix}", &name[..name.len().min(room)])
}

/// The address of another database of the same server.
fn renamed(url: &str, name: &str) -> Option<String> {
    let (own, _) = split(url)?;
    let end = url.find('?').unwrap_or(url.len());
    Some(format!("{}{name}{}", &url[..end - own.len()], &url[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beside_the_present_one_stay_distinct_and_on_its_server() {
        assert_eq!(with_suffix("ops", "nowa"), "ops-nowa");
        let long = "a".repeat(63);
        assert_eq!(with_suffix(&long, "20261130T225500123Z").len(), NAME_BYTES);
        assert_ne!(with_suffix(&long, "nowa"), with_suffix(&long, "20261130T225500123Z"));
        let url = "postgres://ops:p@h:5/ops?host=/run/ops";
        assert_eq!(renamed(url, "ops-nowa").as_deref(), Some("postgres://ops:p@h:5/ops-nowa?host=/run/ops"));
        assert_eq!(renamed("postgres:///ops", "x").as_deref(), Some("postgres:///x"));
    }
}
