//! The master key: a file outside the data folder that only the gateway's account can read (rule 4.5).

use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::Key;
use crate::store::{Error, files};

/// The key that wraps all others. Its file holds 32 random bytes in base64.
#[derive(Clone)]
pub struct MasterKey(Key);

impl MasterKey {
    /// Reads the key from `path`.
    ///
    /// # Errors
    /// `Refused` when the file is missing, unreadable, broken, inside `data`, or open to group or others.
    pub fn load(path: &Path, data: &Path) -> Result<Self, Error> {
        let refused = |why: &str| Error::Refused(format!("master key {}: {why}", path.display()));
        let real = path.canonicalize().map_err(|cause| refused(&cause.to_string()))?;
        if data.canonicalize().is_ok_and(|data| real.starts_with(data)) {
            return Err(refused("it must not lie in the data folder"));
        }
        let mode = fs::metadata(&real).map_err(|cause| refused(&cause.to_string()))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(refused("group or others may read it; chmod 600"));
        }
        let text = Zeroizing::new(fs::read(&real).map_err(|cause| refused(&cause.to_string()))?);
        let bytes = STANDARD.decode(text.trim_ascii()).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| refused("it is not base64"))?;
        let secret = <[u8; 32]>::try_from(&bytes[..]).map_err(|_| refused("it does not hold 32 bytes"))?;
        Ok(Self(Key::from_secret(0, Zeroizing::new(secret))))
    }

    /// Makes a new key in a new file and reads it back under the rules of [`MasterKey::load`].
    ///
    /// # Errors
    /// `Refused` when the file exists or cannot be written.
    pub fn create(path: &Path, data: &Path) -> Result<Self, Error> {
        let refused = |why: String| Error::Refused(format!("master key {}: {why}", path.display()));
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            files::create_dir_private(folder).map_err(|cause| refused(cause.to_string()))?;
        }
        // Written aside and then linked: whoever sees the file sees all of it, and an older one is never replaced.
        let draft = path.with_extension(format!("{}.new", Uuid::new_v4()));
        let text = Zeroizing::new(STANDARD.encode(Self::random()?.0.secret()) + "\n");
        let linked = files::write_file_private(&draft, text.as_bytes()).and_then(|()| fs::hard_link(&draft, path));
        let cleaned = fs::remove_file(&draft);
        // The name in the folder has to be as durable as what will be sealed with the key.
        let kept = path.parent().map_or(Ok(()), files::sync_dir);
        linked.and(cleaned).and(kept).map_err(|cause| refused(cause.to_string()))?;
        Self::load(path, data)
    }

    /// A key that lives in memory only.
    ///
    /// # Errors
    /// `Internal` when the system has no randomness.
    pub fn random() -> Result<Self, Error> {
        Key::random(0).map(Self)
    }

    /// What the platform database keeps to know this key again.
    #[must_use]
    pub fn check_value(&self) -> [u8; 32] {
        let mut value = [0; 32];
        self.0.derive(b"", b"brama master key check 1", &mut value);
        value
    }

    pub(super) const fn key(&self) -> &Key {
        &self.0
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("MasterKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refusal(path: &Path, data: &Path) -> String {
        MasterKey::load(path, data).expect_err("it is refused").to_string()
    }

    #[test]
    fn it_lies_outside_the_data_and_is_closed_to_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        fs::create_dir(&data).expect("created");

        let inside = data.join("k");
        assert!(MasterKey::create(&inside, &data).is_err());
        assert!(refusal(&inside, &data).contains("data folder"));

        let path = folder.path().join("keys/master");
        let made = MasterKey::create(&path, &data).expect("made");
        let read = MasterKey::load(&path, &data).expect("read");
        assert_eq!(made.check_value(), read.check_value());
        assert!(MasterKey::create(&path, &data).is_err(), "never over an old one");

        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("set");
        assert!(refusal(&path, &data).contains("chmod"));
    }

    #[test]
    fn a_broken_file_is_refused_and_its_content_never_shown() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("k");
        files::create_file_private(&path).expect("created");
        for text in ["", "tajne", "dGFqbmU=\n"] {
            fs::write(&path, text).expect("written");
            let said = refusal(&path, &folder.path().join("data"));
            assert!(!said.contains("tajne"), "{said}");
        }
    }
}
