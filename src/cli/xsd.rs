//! `brama xsd`: writes the reply schemas beside the feed schemas they follow; for those who change `xsd/` (`make xsd`).

use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::Args;

use super::Failure;
use crate::disclosure::reply_schema::{self, KINDS, reply_schema};

/// Write the reply schemas (<kind>-udostepniona.xsd) from the feed schemas of a folder.
#[derive(Args)]
pub struct XsdArgs {
    #[arg(default_value = "xsd")]
    folder: PathBuf,
}

impl XsdArgs {
    /// # Errors
    /// `Unreadable` when a schema cannot be read, used or written.
    pub fn run(&self) -> Result<(), Failure> {
        run(&self.folder).map_err(|error| Failure::Unreadable(error.to_string()))
    }
}

/// Why the schemas could not be written.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("{}: {cause}", file.display())]
    File { file: PathBuf, cause: io::Error },
    #[error("{}: {cause}", file.display())]
    Schema { file: PathBuf, cause: reply_schema::Error },
}

/// Writes `<kind>-udostepniona.xsd` of every kind from `<kind>.xsd` in `folder`.
fn run(folder: &Path) -> Result<(), Error> {
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
