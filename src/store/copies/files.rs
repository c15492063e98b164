//! Files of a copy: their digests, and carrying them over so that what was checked is what arrives.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use openssl::sha::Sha256;

use crate::store::{Error, create_dir_private};

/// Bytes in memory at a time.
const PIECE: usize = 1 << 16;

/// Length and digest of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileDigest {
    pub(super) bytes: u64,
    /// SHA-256 in hexadecimal.
    pub(super) sha256: String,
}

/// Reads a file to its end.
pub(super) fn digest(path: &Path) -> io::Result<FileDigest> {
    pour(&mut File::open(path)?, &mut io::sink())
}

/// Copies a file durably into a new one with mode 0600; the digest is of the bytes that were written.
pub(super) fn carry(from: &Path, to: &Path) -> io::Result<FileDigest> {
    let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    let digest = pour(&mut File::open(from)?, &mut out)?;
    out.sync_all()?;
    Ok(digest)
}

/// Makes a file's bytes durable.
pub(super) fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Makes `folder` for a new copy, closed to everybody else; one that exists has to be empty.
pub(super) fn make_empty(folder: &Path) -> Result<(), Error> {
    create_dir_private(folder).map_err(cannot(folder))?;
    if folder.read_dir().map_err(cannot(folder))?.next().is_some() {
        return Err(Error::Refused(format!("{} is not empty", folder.display())));
    }
    std::fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(cannot(folder))
}

/// Names the place in an error of the file system.
pub(super) fn cannot(path: &Path) -> impl Fn(io::Error) -> Error {
    move |cause| Error::Unavailable(format!("{}: {cause}", path.display()))
}

fn pour(from: &mut impl Read, to: &mut impl Write) -> io::Result<FileDigest> {
    let (mut sha, mut bytes, mut piece) = (Sha256::new(), 0, vec![0; PIECE]);
    loop {
        let read = from.read(&mut piece)?;
        if read == 0 {
            break;
        }
        sha.update(&piece[..read]);
        to.write_all(&piece[..read])?;
        bytes += read as u64;
    }
    Ok(FileDigest { bytes, sha256: sha.finish().iter().map(|byte| format!("{byte:02x}")).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_carried_has_the_digest_of_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&from, vec![7; PIECE + 1]).unwrap();
        let carried = carry(&from, &to).unwrap();
        assert_eq!((carried.bytes, &carried), (PIECE as u64 + 1, &digest(&to).unwrap()));
        assert_eq!(to.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(carry(&from, &to).is_err(), "never over another file");
        std::fs::write(&from, b"").unwrap();
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(digest(&from).unwrap(), FileDigest { bytes: 0, sha256: nothing.to_owned() });
    }

    #[test]
    fn a_copy_begins_in_an_empty_folder_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("x/y");
        make_empty(&new).unwrap();
        make_empty(&new).unwrap();
        assert_eq!(new.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        std::fs::write(new.join("a"), b"").unwrap();
        assert!(matches!(make_empty(&new), Err(Error::Refused(_))));
    }
}
