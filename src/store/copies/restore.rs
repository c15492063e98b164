//! Bringing a copy back: everything is checked before anything is touched, and what was there is kept.

use std::path::Path;
use std::sync::Arc;

use chrono::Utc;

use super::files::{self, cannot};
use super::folder::Staging;
use super::manifest::{CopiedFile, Engine, Extent, Manifest};
use super::registration::{Home, Known};
use super::{ARCHIVE, judge, program, server};
use crate::store::names::{is_identifier, require};
use crate::store::tenants::{LEDGER_FILE, SETS_FILE};
use crate::store::{Address, Database, Error, FolderLock, Gate, PLATFORM, Servers, Stores, Tree, migrations};
use crate::xml::Schema;

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    pub epoch: u64,
    /// Number of entries.
    pub size: u64,
    /// Where the databases are that were there before: a folder, or the name of a database.
    pub aside: Option<String>,
    /// Why the register takes no entries: it ends before what this node knows of it, or holds something else (rule 3.5).
    pub fenced: Option<String>,
}

impl Stores {
    /// Restores the administrator `id` from its copy in `folder`, to the database at `url`, else to where its databases
    /// are registered to be; one that the platform does not know is registered. No node may serve it meanwhile.
    ///
    /// # Errors
    /// `Refused` when the copy is not one of this administrator, was changed, was made with another master key, of another
    /// kind of database or by a newer program, or when its register does not hold: then nothing was touched.
    /// `Unavailable` when a node serves, or a database, the disk or a program of PostgreSQL is away.
    pub fn restore(&self, id: &str, folder: &Path, url: Option<&str>, schema: &Schema) -> Result<Restored, Error> {
        require(is_identifier(id) && id != PLATFORM, "the administrator's identifier")?;
        let _alone = FolderLock::take(&self.settings.data)?;
        let (manifest, ring) = Manifest::read(folder, id, self.platform())?;
        check_files(folder, &manifest)?;
        let known = self.known(id, &manifest, &ring)?;
        let home = destination(&manifest, &known, url)?;
        let time = Utc::now().format("%Y%m%dT%H%M%S%3fZ").to_string();
        let aside = match &home {
            Home::Folder => self.restore_files(&manifest, folder, &time, schema)?,
            Home::Server(url) => {
                let archive = folder.join(ARCHIVE);
                program::list(&archive)?;
                server::bring_back(url, id, &archive, &time, |url| {
                    let address = Address::postgres(url)?;
                    self.try_out(&manifest, &address, &address, folder, schema)
                })?
            }
        };
        self.enrol(&manifest, &ring, &known, &home)?;
        let fenced = match self.check_known(id) {
            Err(Error::Refused(text)) => Some(text),
            other => other.map(|()| None)?,
        };
        Ok(Restored { epoch: manifest.register.epoch, size: manifest.register.size, aside, fenced })
    }

    fn restore_files(
        &self,
        manifest: &Manifest,
        folder: &Path,
        time: &str,
        schema: &Schema,
    ) -> Result<Option<String>, Error> {
        let staging = Staging::begin(&self.folder(&manifest.administrator), time)?;
        let filled = manifest.files.iter().try_for_each(|file| {
            let place = staging.folder.join(&file.name);
            let carried = files::carry(&folder.join(&file.name), &place).map_err(cannot(&place))?;
            if carried == file.digest() { Ok(()) } else { Err(changed(folder, file)) }
        });
        let address = |name| Address::File(staging.folder.join(name));
        let judged =
            filled.and_then(|()| self.try_out(manifest, &address(SETS_FILE), &address(LEDGER_FILE), folder, schema));
        if let Err(error) = judged {
            staging.throw_away().map_err(cannot(&staging.folder))?;
            return Err(error);
        }
        Ok(staging.finish()?.map(|aside| aside.display().to_string()))
    }

    /// Brings restored databases up to date and has their register judged, before they take anybody's place. Nothing of
    /// them is open afterwards.
    fn try_out(
        &self,
        manifest: &Manifest,
        sets: &Address,
        ledger: &Address,
        folder: &Path,
        schema: &Schema,
    ) -> Result<(), Error> {
        let servers = Servers::new(&self.settings);
        let open = |address: &Address| Database::new(&servers, address.clone(), Arc::new(Gate::new(1))).map(Arc::new);
        let (sets, ledger) = (open(sets)?, open(ledger)?);
        migrations::migrate(&sets, Tree::Sets)?;
        migrations::migrate(&ledger, Tree::Ledger)?;
        let head = judge(&manifest.administrator, &sets, &ledger, schema, folder)?;
        if Extent::new(head.as_ref()) == manifest.register {
            return Ok(());
        }
        Err(Error::Refused(format!("{}: the register is not the one that was copied", folder.display())))
    }
}

/// Where the copy goes, which has to be of that kind of database.
fn destination(manifest: &Manifest, known: &Known, url: Option<&str>) -> Result<Home, Error> {
    let id = &manifest.administrator;
    let home = match (url, &known.home) {
        (Some(_), Some(Home::Folder)) => {
            return Err(Error::Refused(format!("the databases of {id} are files, not on PostgreSQL")));
        }
        (Some(url), _) => {
            Address::postgres(url)?;
            Home::Server(url.to_owned())
        }
        (None, Some(home)) => home.clone(),
        (None, None) if manifest.database == Engine::Sqlite => Home::Folder,
        (None, None) => {
            return Err(Error::Refused(format!("{id} is not registered here; name its database with --database")));
        }
    };
    let engine = if home == Home::Folder { Engine::Sqlite } else { Engine::Postgres };
    if engine == manifest.database {
        return Ok(home);
    }
    let (copied, here) = (manifest.database.name(), engine.name());
    Err(Error::Refused(format!("the copy is of {copied}, and {id} is on {here}")))
}

/// Whether the files are those of the manifest, and this program understands them.
fn check_files(folder: &Path, manifest: &Manifest) -> Result<(), Error> {
    let wanted: &[&str] = match manifest.database {
        Engine::Sqlite => &[SETS_FILE, LEDGER_FILE],
        Engine::Postgres => &[ARCHIVE],
    };
    if !manifest.files.iter().map(|file| file.name.as_str()).eq(wanted.iter().copied()) {
        return Err(Error::Refused(format!("{}: other files than a copy has", folder.display())));
    }
    for file in &manifest.files {
        if !migrations::knows(&file.steps)? {
            let program = &manifest.program;
            return Err(Error::Refused(format!(
                "the copy was made by a newer program ({program}); restore it with that"
            )));
        }
        let path = folder.join(&file.name);
        let found = files::digest(&path).map_err(|cause| Error::Refused(format!("{}: {cause}", path.display())))?;
        if found != file.digest() {
            return Err(changed(folder, file));
        }
    }
    Ok(())
}

fn changed(folder: &Path, file: &CopiedFile) -> Error {
    Error::Refused(format!("{} is not as it was copied", folder.join(&file.name).display()))
}
