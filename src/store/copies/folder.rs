//! Putting a folder of SQLite databases in the place of another in one step; the one that was there keeps its bytes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::files::cannot;
use crate::store::{Error, create_dir_private, create_file_private, files};

/// Tells a folder that was restored from the one that it replaces, until both have their final names.
const MARK: &str = "odtwarzanie";

/// What SQLite keeps beside a file as long as somebody has it open.
const BESIDE: [&str; 2] = ["-wal", "-shm"];
/// How long sessions may take to close, and how often that is looked at.
const CLOSING: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(5);

/// A folder that is being filled beside an administrator's own. Its name, like that of what is set aside, can be no
/// administrator's: an identifier has no `~`.
pub(super) struct Staging {
    live: PathBuf,
    /// Where the files go.
    pub(super) folder: PathBuf,
    aside: PathBuf,
}

impl Staging {
    /// Begins anew beside `live`; what an interrupted restore left behind is finished or thrown away first. `time` names
    /// what is set aside.
    pub(super) fn begin(live: &Path, time: &str) -> Result<Self, Error> {
        let beside = |suffix: &str| {
            let mut name = live.file_name().unwrap_or_default().to_owned();
            name.push(format!("~{suffix}"));
            live.with_file_name(name)
        };
        let staging = Self { live: live.to_owned(), folder: beside("nowy"), aside: beside(time) };
        staging.tidy().map_err(cannot(&staging.folder))?;
        let made = create_dir_private(&staging.folder).and_then(|()| create_file_private(&staging.folder.join(MARK)));
        made.map_err(cannot(&staging.folder))?;
        Ok(staging)
    }

    fn tidy(&self) -> io::Result<()> {
        if !self.folder.exists() {
            return Ok(());
        }
        let is_empty = self.folder.read_dir()?.next().is_none();
        if is_empty || self.folder.join(MARK).exists() {
            return self.throw_away();
        }
        // Exchanged, but not renamed: this is what the restored folder replaced.
        fs::rename(&self.folder, self.aside.with_extension("przerwane"))?;
        match fs::remove_file(self.live.join(MARK)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
            _ => Ok(()),
        }
    }

    /// Removes what was filled in, the mark last: without it the folder would look like the replaced one.
    pub(super) fn throw_away(&self) -> io::Result<()> {
        for entry in self.folder.read_dir()? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name != MARK) {
                fs::remove_file(path)?;
            }
        }
        match fs::remove_file(self.folder.join(MARK)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
            _ => {}
        }
        fs::remove_dir(&self.folder)
    }

    /// Puts the filled folder in its place and says where the one lies that was there.
    pub(super) fn finish(self) -> Result<Option<PathBuf>, Error> {
        self.wait_until_closed()?;
        let parent = self.live.parent().unwrap_or(&self.live);
        let put = || -> io::Result<Option<PathBuf>> {
            for entry in self.folder.read_dir()? {
                super::files::sync(&entry?.path())?;
            }
            files::sync_dir(&self.folder)?;
            let replaced = self.live.exists();
            if replaced {
                self.exchange()?;
            } else {
                fs::rename(&self.folder, &self.live)?;
            }
            files::sync_dir(parent)?;
            fs::remove_file(self.live.join(MARK))?;
            files::sync_dir(&self.live)?;
            Ok(replaced.then(|| self.aside.clone()))
        };
        put().map_err(cannot(&self.live))
    }

    /// Pools close their sessions on threads of their own, and the last one takes what SQLite keeps beside a file with it.
    fn wait_until_closed(&self) -> Result<(), Error> {
        let until = Instant::now() + CLOSING;
        loop {
            let mut names =
                self.folder.read_dir().map_err(cannot(&self.folder))?.flatten().map(|entry| entry.file_name());
            if !names.any(|name| BESIDE.iter().any(|end| name.as_encoded_bytes().ends_with(end.as_bytes()))) {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(Error::Busy("the restored databases are still open"));
            }
            thread::sleep(LOOK);
        }
    }

    fn exchange(&self) -> io::Result<()> {
        match renameat_with(CWD, &self.folder, CWD, &self.live, RenameFlags::EXCHANGE) {
            Ok(()) => fs::rename(&self.folder, &self.aside),
            // Some file systems cannot: killed between these two, nothing is in place until the restore is repeated.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                fs::rename(&self.live, &self.aside)?;
                fs::rename(&self.folder, &self.live)
            }
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with the administrator's own one, which holds `old`, if anything.
    fn place(old: Option<&str>) -> (tempfile::TempDir, PathBuf) {
        let data = tempfile::tempdir().unwrap();
        let live = data.path().join("OPS");
        if let Some(old) = old {
            fs::create_dir(&live).unwrap();
            fs::write(live.join("a"), old).unwrap();
        }
        (data, live)
    }

    fn fill(live: &Path, time: &str) -> Staging {
        let staging = Staging::begin(live, time).unwrap();
        fs::write(staging.folder.join("a"), time).unwrap();
        staging
    }

    #[track_caller]
    fn check(folder: &Path, content: &str) {
        assert_eq!(fs::read_to_string(folder.join("a")).unwrap(), content);
        assert_eq!(folder.read_dir().unwrap().count(), 1, "{}", folder.display());
    }

    #[test]
    fn the_new_folder_takes_the_place_and_the_old_one_is_kept() {
        let (data, live) = place(Some("old"));
        let aside = fill(&live, "T1").finish().unwrap().unwrap();
        check(&live, "T1");
        check(&aside, "old");
        assert_eq!(aside, data.path().join("OPS~T1"));
        let (data, live) = place(None);
        assert_eq!(fill(&live, "T1").finish().unwrap(), None);
        check(&live, "T1");
        assert_eq!(data.path().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn whatever_an_interrupted_restore_left_behind_nothing_old_is_lost() {
        let (data, live) = place(Some("old"));
        drop(fill(&live, "T1"));
        check(&fill(&live, "T2").finish().unwrap().unwrap(), "old");
        check(&live, "T2");
        assert_eq!(data.path().read_dir().unwrap().count(), 2, "what was filled in first is gone");

        let staging = fill(&live, "T3");
        renameat_with(CWD, &staging.folder, CWD, &live, RenameFlags::EXCHANGE).unwrap();
        check(&fill(&live, "T4").finish().unwrap().unwrap(), "T3");
        check(&live, "T4");
        check(&data.path().join("OPS~T4.przerwane"), "T2");
        assert_eq!(data.path().read_dir().unwrap().count(), 4);
    }
}
