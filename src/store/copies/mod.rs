//! Copies of one administrator's databases: made while it is served, brought back whole, and judged by its register.

mod backup;
mod files;
mod folder;
mod manifest;
mod program;
mod registration;
mod restore;
mod server;

pub use backup::Made;
pub use restore::Restored;

use std::path::Path;
use std::sync::Arc;

use crate::ledger::TreeHead;
use crate::store::{Database, Error, LedgerReader, platform};
use crate::xml::Schema;

/// The archive of a PostgreSQL database.
const ARCHIVE: &str = "baza.dump";

/// Refuses databases that are not `id`'s or whose register does not hold; gives its newest head, if it has entries.
fn judge(
    id: &str,
    sets: &Database,
    ledger: &Arc<Database>,
    schema: &Schema,
    place: &Path,
) -> Result<Option<TreeHead>, Error> {
    sets.read(|db| platform::check_owner(db, id))?;
    let reader = LedgerReader::new(id, Arc::clone(ledger));
    reader.check_owner()?;
    let head = reader.signed_head()?;
    let (_, findings) = reader.audit(schema)?;
    if let Some(finding) = findings.first() {
        let entry = finding.number.map_or_else(String::new, |number| format!("entry {number}: "));
        let (place, count) = (place.display(), findings.len());
        return Err(Error::Refused(format!(
            "{place}: the register does not hold ({count} findings): {entry}{}",
            finding.text
        )));
    }
    head.map(|head| head.read().map_err(Error::internal)).transpose()
}
