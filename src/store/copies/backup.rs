//! Making a copy: nobody is kept from asking or feeding meanwhile.

use std::path::Path;
use std::sync::Arc;

use chrono::{SecondsFormat, Utc};
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;

use super::files::{self, cannot};
use super::manifest::{CopiedFile, Engine, Extent, Manifest, Registered};
use super::{ARCHIVE, judge, program};
use crate::ledger::TreeHead;
use crate::store::connection::connect;
use crate::store::pool::Access;
use crate::store::tenants::{LEDGER_FILE, SETS_FILE};
use crate::store::{Address, Database, Db, Error, Stores, Tenant, create_file_private, ledger_tree, migrations};
use crate::xml::Schema;

/// How far the register in a copy goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    pub epoch: u64,
    /// Number of entries.
    pub size: u64,
}

#[derive(diesel::QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    answer: String,
}

impl Stores {
    /// Copies the databases of the administrator `id` into `folder`, which must not exist or be empty, with its wrapped keys
    /// and its sets' registration; `schema` is that of `r:Wpis`. The folder is a copy once its manifest stands in it.
    ///
    /// # Errors
    /// `Unknown` when there is no such administrator; `Refused` when the folder is not empty or lies with the data, or the
    /// register does not hold; `Unavailable` when a database, the disk or a program of PostgreSQL is.
    pub fn back_up(&self, id: &str, folder: &Path, schema: &Schema) -> Result<Made, Error> {
        let tenant = self.tenant(id)?;
        let (name, keys) = self.platform().wrapped(id)?;
        let registry = self.platform().registry()?;
        let sets: Vec<_> = registry.sets().filter(|set| set.tenant == id).cloned().collect();
        files::make_empty(folder)?;
        let folder = &folder.canonicalize().map_err(cannot(folder))?;
        let data = self.settings.data.canonicalize().map_err(cannot(&self.settings.data))?;
        if folder.starts_with(data) {
            std::fs::remove_dir(folder).map_err(cannot(folder))?;
            return Err(Error::Refused("a copy does not lie in the data folder".to_owned()));
        }
        let made_at = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
        let (engine, head, copied) = match tenant.sets.address() {
            Address::File(_) => self.copy_files(&tenant, folder, schema)?,
            Address::Postgres(url) => copy_database(&tenant, url, folder, schema)?,
        };
        let extent = Extent::new(head.as_ref());
        let made = Made { epoch: extent.epoch, size: extent.size };
        let registered = Registered { id, name: &name, keys: &keys, sets: &sets };
        Manifest::new(&registered, made_at, engine, extent, copied).write(folder, &tenant.keys)?;
        Ok(made)
    }

    /// Records first, the register second: an outbox row in the copy may meet its entry there, but no effect lacks an
    /// entry that was written before it was copied (rule 2.5).
    fn copy_files(&self, tenant: &Tenant, folder: &Path, schema: &Schema) -> Result<Copied, Error> {
        for (database, name) in [(&tenant.sets, SETS_FILE), (&tenant.ledger, LEDGER_FILE)] {
            vacuum_into(database.address(), &folder.join(name))?;
        }
        let open = |name| Database::frozen(&self.servers, folder.join(name)).map(Arc::new);
        let (sets, ledger) = (open(SETS_FILE)?, open(LEDGER_FILE)?);
        sets.read(|db| {
            let check = diesel::sql_query("SELECT quick_check AS answer FROM pragma_quick_check LIMIT 1");
            let Answer { answer } = check.get_result(db)?;
            if answer == "ok" { Ok(()) } else { Err(Error::Refused(format!("{SETS_FILE} does not hold: {answer}"))) }
        })?;
        let head = judge(&tenant.id, &sets, &ledger, schema, folder)?;
        let mut copied = Vec::new();
        for (database, name) in [(sets, SETS_FILE), (ledger, LEDGER_FILE)] {
            let digest = files::digest(&folder.join(name)).map_err(cannot(folder))?;
            copied.push(CopiedFile::new(name, digest, database.read(migrations::steps)?));
        }
        Ok((Engine::Sqlite, head, copied))
    }
}

/// Of which database, the newest head in the copy, the files.
type Copied = (Engine, Option<TreeHead>, Vec<CopiedFile>);

/// Writes one moment of a database into a new file, without keeping its writers waiting.
fn vacuum_into(address: &Address, path: &Path) -> Result<(), Error> {
    let name = path.to_str().ok_or_else(|| Error::Refused("the folder's name is not UTF-8".to_owned()))?;
    create_file_private(path).map_err(cannot(path))?;
    // A reader may not even write elsewhere, and in a transaction nothing is vacuumed: neither pool would do.
    let mut source = connect(address, Access::Write)?;
    diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(name).execute(&mut source)?;
    files::sync(path).map_err(cannot(path))
}

/// One snapshot of the whole database goes into the archive; its register is judged where it stands, up to what was
/// appended meanwhile.
fn copy_database(tenant: &Tenant, url: &str, folder: &Path, schema: &Schema) -> Result<Copied, Error> {
    let path = folder.join(ARCHIVE);
    create_file_private(&path).map_err(cannot(&path))?;
    let (head, steps) = tenant.sets.read(|db| {
        let Db::Pg(connection) = db else { return Err(Error::internal("a server's address of a file")) };
        // The snapshot lasts as long as this transaction, which waits for the program.
        connection
            .batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")?;
        let Answer { answer: snapshot } =
            diesel::sql_query("SELECT pg_export_snapshot() AS answer").get_result(connection)?;
        let known = (ledger_tree::newest(db)?, migrations::steps(db)?);
        program::dump(url, &snapshot, &path)?;
        Ok(known)
    })?;
    files::sync(&path).map_err(cannot(&path))?;
    program::list(&path)?;
    judge(&tenant.id, &tenant.sets, &tenant.ledger, schema, folder)?;
    let head = head.map(|head| head.read().map_err(Error::internal)).transpose()?;
    let digest = files::digest(&path).map_err(cannot(&path))?;
    Ok((Engine::Postgres, head, vec![CopiedFile::new(ARCHIVE, digest, steps)]))
}
