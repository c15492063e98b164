//! What is too large for memory while a request is worked on: sealed on disk under a key that only this process holds.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use openssl::error::ErrorStack;
use openssl::rand::rand_bytes;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use zeroize::Zeroizing;

/// Bytes sealed at once (rule 4.3 allows 4 MiB).
const CHUNK_BYTES: usize = 128 << 10;
const TAG_BYTES: usize = 16;
const SEALED_BYTES: usize = CHUNK_BYTES + TAG_BYTES;
const NONCE_BYTES: usize = 12;

/// A file without a name: it is gone with the process, whatever ends that, and its key with it.
pub struct Spool {
    file: File,
    key: Zeroizing<[u8; 32]>,
    /// Chunks written.
    chunks: u64,
    /// Plain bytes not written yet.
    held: Zeroizing<Vec<u8>>,
    length: u64,
}

impl Spool {
    /// A new spool in `folder`, which is made when it is missing.
    ///
    /// # Errors
    /// When no file can be made there.
    pub fn create(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut key = Zeroizing::new([0; 32]);
        rand_bytes(key.as_mut())?;
        let file = tempfile::tempfile_in(folder)?;
        Ok(Self { file, key, chunks: 0, held: Zeroizing::new(Vec::with_capacity(CHUNK_BYTES)), length: 0 })
    }

    /// Appends `bytes`.
    ///
    /// # Errors
    /// When the disk takes no more.
    pub fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len() as u64;
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK_BYTES - self.held.len()));
            self.held.extend_from_slice(now);
            if self.held.len() == CHUNK_BYTES {
                self.seal_chunk()?;
            }
            bytes = later;
        }
        Ok(())
    }

    /// Bytes of memory that a spool takes, whatever its length.
    pub const MEMORY_BYTES: usize = CHUNK_BYTES;

    /// Bytes appended so far.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// What was appended, in pieces counted from 0; `None` behind the last.
    ///
    /// # Errors
    /// When the disk gives something else back than it took.
    pub fn piece(&self, number: u64) -> io::Result<Option<Cow<'_, [u8]>>> {
        if number >= self.chunks {
            return Ok((number == self.chunks).then_some(Cow::Borrowed(&self.held)));
        }
        let mut sealed = vec![0; SEALED_BYTES];
        self.file.read_exact_at(&mut sealed, number * SEALED_BYTES as u64)?;
        let (body, tag) = sealed.split_at(CHUNK_BYTES);
        let plain = decrypt_aead(cipher(), self.key.as_ref(), Some(&nonce(number)), &[], body, tag);
        Ok(Some(Cow::Owned(plain.map_err(damaged)?)))
    }

    fn seal_chunk(&mut self) -> io::Result<()> {
        let mut tag = [0; TAG_BYTES];
        let nonce = nonce(self.chunks);
        let mut sealed = encrypt_aead(cipher(), self.key.as_ref(), Some(&nonce), &[], &self.held, &mut tag)?;
        sealed.extend_from_slice(&tag);
        self.file.write_all_at(&sealed, self.chunks * SEALED_BYTES as u64)?;
        self.chunks += 1;
        self.held.clear();
        Ok(())
    }
}

fn cipher() -> Cipher {
    Cipher::aes_256_gcm()
}

/// The chunk's number: a key seals each chunk once and is never used again.
fn nonce(chunk: u64) -> [u8; NONCE_BYTES] {
    let mut nonce = [0; NONCE_BYTES];
    nonce[NONCE_BYTES - 8..].copy_from_slice(&chunk.to_be_bytes());
    nonce
}

fn damaged(_: ErrorStack) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a spooled chunk was changed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_in_comes_out_as_often_as_asked() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::create(&folder.path().join("spool")).unwrap();
        let content: Vec<u8> = (0..CHUNK_BYTES * 2 + 77).map(|at| u8::try_from(at % 251).unwrap()).collect();
        for piece in content.chunks(99_991) {
            spool.write(piece).unwrap();
        }
        assert_eq!(spool.length(), content.len() as u64);
        for _ in 0..2 {
            let pieces = (0..4).map_while(|number| spool.piece(number).unwrap());
            let read: Vec<u8> = pieces.flat_map(Cow::into_owned).collect();
            assert!(read == content);
        }
    }

    #[test]
    fn the_disk_holds_nothing_readable_and_a_changed_byte_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::create(folder.path()).unwrap();
        spool.write(&b"Lipowa-Testowa ".repeat(CHUNK_BYTES / 10)).unwrap();
        let mut stored = vec![0; CHUNK_BYTES];
        spool.file.read_exact_at(&mut stored, 0).unwrap();
        assert!(memchr::memmem::find(&stored, b"Testowa").is_none());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "the file has no name");
        spool.file.write_all_at(&[stored[5] ^ 1], 5).unwrap();
        assert!(spool.piece(0).is_err());
    }
}
