//! Making a PostgreSQL database for a new administrator where the server does not have it yet.

use diesel::connection::SimpleConnection;

use super::Error;
use super::connection::reach;

/// Creates the database that `url` names, unless it exists or the role may not.
///
/// # Errors
/// `Unavailable` when neither the database nor the server's `postgres` database can be reached, `Refused` when the name
/// is unusual and the database does not exist.
pub(super) fn create_database(url: &str) -> Result<(), Error> {
    let Err(missing) = reach(url) else { return Ok(()) };
    if !missing.to_string().contains("does not exist") {
        return Err(missing.into());
    }
    let (name, maintenance) = split(url).ok_or_else(|| Error::Refused("the database does not exist".to_owned()))?;
    let mut server = reach(&maintenance)?;
    server.batch_execute(&format!("CREATE DATABASE \"{name}\" ENCODING 'UTF8' TEMPLATE template0"))?;
    Ok(())
}

/// The name of the database in `url`, and the address of the server's own database.
pub(super) fn split(url: &str) -> Option<(&str, String)> {
    let start = url.find("://")? + 3;
    let (base, query) = url.find('?').map_or((url, ""), |at| url.split_at(at));
    let slash = start + base.get(start..)?.find('/')?;
    let name = &base[slash + 1..];
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    plain.then(|| (name, format!("{}/postgres{query}", &base[..slash])))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[track_caller]
    fn check(url: &str, parts: Option<(&str, &str)>) {
        let found = split(url);
        assert_eq!(found.as_ref().map(|(name, server)| (*name, server.as_str())), parts, "{url}");
    }

    #[test]
    fn only_a_plain_name_is_created() {
        check("postgres://u:p@h:5/ops?a=b", Some(("ops", "postgres://u:p@h:5/postgres?a=b")));
        check("postgres:///ops-busko?host=/run", Some(("ops-busko", "postgres:///postgres?host=/run")));
        check("postgres://h/", None);
        check("postgres://h", None);
        check("postgres://h/a%22b", None);
    }
}
