//! The one that may use a folder of SQLite databases as its own: a serving node, or whoever replaces databases in it.

use std::fs::File;
use std::path::Path;

use super::Error;

/// The lock of a data folder, held until dropped and gone with its process: a second node would take the first one's loads
/// for abandoned (decision 14).
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the lock of `data`.
    ///
    /// # Errors
    /// `Unavailable` when a node serves the folder, or its lock cannot be used.
    pub fn take(data: &Path) -> Result<Self, Error> {
        let path = data.join(".lock");
        let unavailable = |why: String| Error::Unavailable(format!("{}: {why}", path.display()));
        let file = File::options().create(true).write(true).truncate(false).open(&path);
        let file = file.map_err(|error| unavailable(error.to_string()))?;
        file.try_lock().map_err(|_| unavailable("another node serves this folder".to_owned()))?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_alone_holds_the_lock_of_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let held = FolderLock::take(folder.path()).unwrap();
        assert!(matches!(FolderLock::take(folder.path()), Err(Error::Unavailable(_))));
        drop(held);
        FolderLock::take(folder.path()).unwrap();
    }
}
