//! The programs of PostgreSQL that write and read archives. A password goes to them in their environment, never in words
//! that others on the machine can read.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

use crate::store::Error;

/// Where Debian keeps the programs of each version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Writes the database at `url`, as `snapshot` shows it, into an archive.
pub(super) fn dump(url: &str, snapshot: &str, path: &Path) -> Result<(), Error> {
    let words = ["--format=custom", "--no-owner", "--no-privileges", "--lock-wait-timeout=60s", "--snapshot", snapshot];
    let words = words.iter().map(OsStr::new).chain([OsStr::new("--file"), path.as_os_str()]);
    run("pg_dump", Some(url), words).map(drop)
}

/// Whether the program finds its way about an archive.
pub(super) fn list(path: &Path) -> Result<(), Error> {
    run("pg_restore", None, [OsStr::new("--list"), path.as_os_str()].into_iter()).map(drop)
}

/// Fills the empty database at `url` from an archive, in one transaction. Tables belong to the role in the address, and
/// nobody else has rights to them.
pub(super) fn restore(url: &str, path: &Path) -> Result<(), Error> {
    let words = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-comments"];
    let words = words.iter().map(OsStr::new).chain([path.as_os_str()]);
    run("pg_restore", Some(url), words).map(drop)
}

fn run<'w>(program: &str, url: Option<&str>, words: impl Iterator<Item = &'w OsStr>) -> Result<(), Error> {
    let mut command = Command::new(find(program)?);
    command.args(words).env("PGCONNECT_TIMEOUT", "10").stdin(Stdio::null()).stdout(Stdio::null());
    if let Some(url) = url {
        let (address, password) = without_password(url);
        command.arg("--dbname").arg(address);
        if let Some(password) = password {
            command.env("PGPASSWORD", password);
        }
    }
    let unavailable = |why: &str| Error::Unavailable(format!("{program}: {why}"));
    let done = command.stderr(Stdio::piped()).output().map_err(|cause| unavailable(&cause.to_string()))?;
    let said = String::from_utf8_lossy(&done.stderr);
    if done.status.success() { Ok(()) } else { Err(unavailable(said.lines().next().unwrap_or("it failed"))) }
}

/// The program in the search path, else that of the newest version that Debian installed.
fn find(program: &str) -> Result<PathBuf, Error> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    folders.extend(newest());
    let found = folders.into_iter().map(|folder| folder.join(program)).find(|file| file.is_file());
    found.ok_or_else(|| {
        Error::Unavailable(format!("there is no program {program}; the package postgresql-client has it"))
    })
}

fn newest() -> Option<PathBuf> {
    let version = |entry: io::Result<fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse::<u32>().ok();
    let newest = fs::read_dir(VERSIONS).ok()?.filter_map(version).max()?;
    Some(Path::new(VERSIONS).join(newest.to_string()).join("bin"))
}

/// The address without its password, and the password.
fn without_password(url: &str) -> (String, Option<String>) {
    let (mut address, mut password) = (url.to_owned(), None);
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..].find(['/', '?']).map_or(address.len(), |at| start + at);
    if let Some(at) = address[start..end].rfind('@').map(|at| start + at)
        && let Some(colon) = address[start..at].find(':').map(|colon| start + colon)
    {
        password = Some(decoded(&address[colon + 1..at]));
        address.replace_range(colon..at, "");
    }
    let Some((base, query)) = address.split_once('?') else { return (address, password) };
    let (secret, rest): (Vec<&str>, Vec<&str>) = query.split('&').partition(|pair| pair.starts_with("password="));
    if let Some((_, secret)) = secret.last().and_then(|pair| pair.split_once('=')) {
        password = Some(decoded(secret));
    }
    let joint = if rest.is_empty() { "" } else { "?" };
    (format!("{base}{joint}{}", rest.join("&")), password)
}

/// `%XX` undone, as the client library does it.
fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| u8::from_str_radix(str::from_utf8(hex).ok()?, 16).ok());
        match hex {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, address: &str, password: Option<&str>) {
        let (found, secret) = without_password(url);
        assert_eq!((found.as_str(), secret.as_deref()), (address, password), "{url}");
    }

    #[test]
    fn a_password_is_taken_out_of_an_address() {
        check("postgres://u:p%40s@h:5/ops?a=b", "postgres://u@h:5/ops?a=b", Some("p@s"));
        check("postgres://u@h/ops?password=t%25&sslmode=require", "postgres://u@h/ops?sslmode=require", Some("t%"));
        check("postgres:///ops?host=/run&password=x", "postgres:///ops?host=/run", Some("x"));
        check("postgres:///ops?password=x", "postgres:///ops", Some("x"));
        check("postgres://h:5432/ops", "postgres://h:5432/ops", None);
        check("postgres:///ops?host=/run", "postgres:///ops?host=/run", None);
    }
}
