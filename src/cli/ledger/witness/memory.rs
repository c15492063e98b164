//! What a witness keeps between two rounds: the last head it signed, whole or as it was, and the evidence of contradictions.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::Failure;
use crate::ledger::{SignedHead, TreeHead, read_head, write_head};
use crate::store::sync_dir;
use crate::xml::{Document, Limits, R, Writer};

/// A file with one `r:glowa`.
pub struct Memory {
    path: PathBuf,
}

/// A head with what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub signed: SignedHead,
    pub head: TreeHead,
}

impl Memory {
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The last head that was signed; nothing before the first.
    ///
    /// # Errors
    /// `Unreadable` when the file is there and holds none: a witness that forgets is none.
    pub fn last(&self) -> Result<Option<Kept>, Failure> {
        let bytes = match fs::read(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|error| self.cannot(&error))?,
        };
        let document = Document::parse(&bytes, &Limits::default()).map_err(|error| self.cannot(&error))?;
        let signed = read_head(document.root()).map_err(|error| self.cannot(&error))?;
        let head = signed.read().map_err(|error| self.cannot(&error))?;
        if signed.is_signed() {
            Ok(Some(Kept { signed, head }))
        } else {
            Err(self.cannot(&"the head's signature does not hold"))
        }
    }

    /// Keeps a head in the place of the last; after a loss of power there is the one or the other.
    ///
    /// # Errors
    /// `Unreadable` when it cannot be written.
    pub fn keep(&self, signed: &SignedHead) -> Result<(), Failure> {
        let mut out = Writer::new();
        write_head(R.name("glowa"), signed, &mut out);
        write(&self.path, &out.into_bytes()).map_err(|error| self.cannot(&error))
    }

    /// Puts two heads that contradict each other beside the file and says where.
    ///
    /// # Errors
    /// As [`Memory::keep`].
    pub fn accuse(&self, kept: &Kept, shown: Option<&SignedHead>) -> Result<PathBuf, Failure> {
        let mut out = Writer::new();
        out.apex(R.name("Sprzecznosc"), &[]);
        write_head(R.name("wczesniejsza"), &kept.signed, &mut out);
        if let Some(shown) = shown {
            write_head(R.name("glowa"), shown, &mut out);
        }
        out.close();
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let (epoch, size) = (kept.head.epoch, kept.head.size);
        let path = self.path.with_file_name(format!("{name}.evidence-{epoch}-{size}.xml"));
        write(&path, &out.into_bytes()).map_err(|error| self.cannot(&error))?;
        Ok(path)
    }

    fn cannot(&self, error: &dyn std::fmt::Display) -> Failure {
        Failure::Unreadable(format!("{}: {error}", self.path.display()))
    }
}

/// Writes a whole file durably, or leaves what is there.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let mut file = File::create(&draft)?;
    file.write_all(bytes)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    sync_dir(path.parent().unwrap_or(Path::new("")))
}
