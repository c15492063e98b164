//! The disk on which commits become durable, and the same one made slow for a process (`benches/slow-disk/`).

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/slow-disk/sync.c");

/// What a sync on the slow disk takes more than on the real one: about a turn of a disk that turns.
pub const SLOWER_BY: Duration = Duration::from_millis(10);

/// The disk beneath the folder for temporary files.
pub struct Disk {
    pub file_system: String,
    /// Holds the library that is loaded into slow processes, and the file that says how slow they are.
    folder: TempDir,
}

impl Disk {
    /// `None` when the folder for temporary files is in memory, where a sync costs nothing and shows nothing.
    pub fn find() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let file_system = file_system(folder.path());
        if ["tmpfs", "ramfs"].contains(&file_system.as_str()) {
            println!(
                "{} is in memory ({file_system}): the ledger's commits are not compared. TMPDIR names a folder on a disk.",
                folder.path().display()
            );
            return None;
        }
        // The user whom PostgreSQL runs as reads it, too.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("our folder");
        let disk = Self { file_system, folder };
        let built = Command::new("cc").args(["-shared", "-fPIC", "-O2", SOURCE, "-o"]).arg(disk.library()).status();
        assert!(built.expect("a compiler for C").success(), "{SOURCE} compiles");
        disk.slow_down(Duration::ZERO);
        Some(disk)
    }

    /// The environment of a process for which [`Disk::slow_down`] counts.
    pub fn variables(&self) -> Vec<(String, String)> {
        let variables = [("LD_PRELOAD", self.library()), ("SYNC_DELAY", self.delay())];
        variables.map(|(name, path)| (name.to_owned(), path.display().to_string())).into()
    }

    /// How much longer a sync takes from here on.
    pub fn slow_down(&self, by: Duration) {
        fs::write(self.delay(), by.as_micros().to_string()).expect("our file");
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("sync.so")
    }

    fn delay(&self) -> PathBuf {
        self.folder.path().join("microseconds")
    }
}

fn file_system(path: &Path) -> String {
    let found = Command::new("stat").args(["--file-system", "--format=%T"]).arg(path).output().expect("stat");
    String::from_utf8_lossy(&found.stdout).trim().to_owned()
}
