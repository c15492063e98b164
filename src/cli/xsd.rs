//! `brama xsd`: writes the reply schemas beside the feed schemas they follow; for those who change `xsd/` (`make xsd`).

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::disclosure::reply_schema::{self, KINDS, reply_schema};

/// Why the schemas could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}: {cause}", file.display())]
    File { file: PathBuf, cause: io::Error },
    #[error("{}: {cause}", file.display())]
    Schema { file: PathBuf, cause: reply_schema::Error },
}

/// Writes `<kind>-udostepniona.xsd` of every kind from `<kind>.xsd` in `folder`.
///
/// # Errors
/// When a file cannot be read or written, or when a feed schema uses what a record may not have.
pub fn run(folder: &Path) -> Result<(), Error> {
    for kind in KINDS {
        let file = folder.join(format!("{kind}.xsd"));
        let feed = fs::read_to_string(&file).map_err(|cause| Error::File { file: file.clone(), cause })?;
        let reply = reply_schema(kind, &feed).map_err(|cause| Error::Schema { file, cause })?;
        let file = folder.join(format!("{kind}-udostepniona.xsd"));
        fs::write(&file, reply).map_err(|cause| Error::File { file, cause })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reply_schemas_appear_beside_the_feed_schemas() {
        let folder = tempfile::tempdir().unwrap();
        for kind in KINDS {
            let name = format!("{kind}.xsd");
            fs::copy(Path::new("xsd").join(&name), folder.path().join(&name)).unwrap();
        }
        run(folder.path()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2 * KINDS.len());
        assert!(run(Path::new("no such folder")).is_err());
    }
}
