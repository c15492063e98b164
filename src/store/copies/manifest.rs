//! What a copy says of itself: whose it is, what lies in it, with which keys; sealed with those keys, so that no byte of it
//! can be changed by whoever lacks the master key.

use std::fs::{self, File};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::files::{FileDigest, cannot};
use crate::ledger::TreeHead;
use crate::store::{Error, KeyRing, KeyUse, Platform, SetRecord, WrappedKey, files};
use crate::subjects::SetKind;

/// The manifest's name; a folder without it is no copy.
pub(super) const MANIFEST: &str = "kopia.toml";

/// The only form there is.
const FORMAT: u32 = 1;

/// Bytes of a manifest at most.
const BYTES_MAX: u64 = 1 << 20;

/// Which database the copy was made of, and can be restored to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    format: u32,
    pub(super) administrator: String,
    pub(super) name: String,
    /// RFC 3339, UTC.
    pub(super) made_at: String,
    pub(super) database: Engine,
    pub(super) program: String,
    pub(super) register: Extent,
    #[serde(rename = "file")]
    pub(super) files: Vec<CopiedFile>,
    #[serde(rename = "key")]
    keys: Vec<CopiedKey>,
    #[serde(rename = "set", default)]
    sets: Vec<CopiedSet>,
}

/// How far the copied register goes: its newest signed head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Extent {
    pub(super) epoch: u64,
    pub(super) size: u64,
    /// Base64; absent from a register without entries.
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CopiedFile {
    pub(super) name: String,
    pub(super) bytes: u64,
    /// Hexadecimal, as `sha256sum` prints it.
    pub(super) sha256: String,
    /// Numbers of the migrations that its databases have been through.
    pub(super) steps: Vec<String>,
}

/// A key of the administrator, wrapped by the master key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CopiedKey {
    id: u32,
    #[serde(rename = "use")]
    key_use: String,
    wrapped: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CopiedSet {
    id: String,
    kind: String,
    name: String,
}

impl Extent {
    /// That of the newest signed head; without one the register is empty.
    pub(super) fn new(head: Option<&TreeHead>) -> Self {
        head.map_or(Self { epoch: 1, size: 0, root: None }, |head| Self {
            epoch: head.epoch,
            size: head.size,
            root: Some(STANDARD.encode(head.root)),
        })
    }
}

impl CopiedFile {
    pub(super) fn new(name: &str, digest: FileDigest, steps: Vec<String>) -> Self {
        Self { name: name.to_owned(), bytes: digest.bytes, sha256: digest.sha256, steps }
    }

    pub(super) fn digest(&self) -> FileDigest {
        FileDigest { bytes: self.bytes, sha256: self.sha256.clone() }
    }
}

/// What the platform knows of an administrator.
pub(super) struct Registered<'r> {
    pub(super) id: &'r str,
    pub(super) name: &'r str,
    pub(super) keys: &'r [WrappedKey],
    pub(super) sets: &'r [SetRecord],
}

impl Manifest {
    pub(super) fn new(
        registered: &Registered<'_>,
        made_at: String,
        database: Engine,
        register: Extent,
        files: Vec<CopiedFile>,
    ) -> Self {
        let key = |key: &WrappedKey| CopiedKey {
            id: key.id,
            key_use: key.key_use.word().to_owned(),
            wrapped: STANDARD.encode(&key.wrapped),
        };
        let set = |set: &SetRecord| CopiedSet {
            id: set.id.clone(),
            kind: set.kind.wire().to_owned(),
            name: set.name.clone(),
        };
        Self {
            format: FORMAT,
            administrator: registered.id.to_owned(),
            name: registered.name.to_owned(),
            made_at,
            database,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            register,
            files,
            keys: registered.keys.iter().map(key).collect(),
            sets: registered.sets.iter().map(set).collect(),
        }
    }

    /// The wrapped keys, as the platform keeps them.
    pub(super) fn keys(&self) -> Result<Vec<WrappedKey>, Error> {
        let key = |key: &CopiedKey| {
            let wrapped = STANDARD.decode(&key.wrapped).map_err(|_| Error::Sealed("a key that is not base64"))?;
            Ok(WrappedKey { id: key.id, key_use: KeyUse::parse(&key.key_use)?, wrapped })
        };
        self.keys.iter().map(key).collect()
    }

    /// The administrator's sets, as they were registered.
    pub(super) fn sets(&self) -> Result<Vec<SetRecord>, Error> {
        let set = |set: &CopiedSet| {
            let kind = SetKind::parse(&set.kind).ok_or_else(|| Error::internal("a set of no known kind"))?;
            Ok(SetRecord { id: set.id.clone(), tenant: self.administrator.clone(), kind, name: set.name.clone() })
        };
        self.sets.iter().map(set).collect()
    }

    /// Writes the manifest last of all and durably: from then on the folder is a copy.
    pub(super) fn write(&self, folder: &Path, ring: &KeyRing) -> Result<(), Error> {
        let body = toml::to_string(self).map_err(Error::internal)?;
        let text = sealed(&body, ring)?;
        let (draft, path) = (folder.join(format!("{MANIFEST}.nowa")), folder.join(MANIFEST));
        let written = files::write_file_private(&draft, text.as_bytes()).and_then(|()| fs::rename(&draft, &path));
        written.and_then(|()| files::sync_dir(folder)).map_err(cannot(&path))?;
        let parent = folder.parent().unwrap_or(folder);
        files::sync_dir(parent).map_err(cannot(parent))
    }

    /// Reads the manifest of `owner`'s copy in `folder`, with the keys that opened it.
    ///
    /// # Errors
    /// `Refused` when there is none, or it is another administrator's, was made with another master key, or was changed.
    pub(super) fn read(folder: &Path, owner: &str, platform: &Platform) -> Result<(Self, KeyRing), Error> {
        let path = folder.join(MANIFEST);
        let refused = |why: &str| Error::Refused(format!("{}: {why}", path.display()));
        let length = File::open(&path).and_then(|file| file.metadata()).map_err(|cause| refused(&cause.to_string()))?;
        if length.len() > BYTES_MAX {
            return Err(refused("too long for a manifest"));
        }
        let text = fs::read_to_string(&path).map_err(|cause| refused(&cause.to_string()))?;
        let body = text.rfind(SEAL).map(|at| &text[..at]).ok_or_else(|| refused("it has no seal"))?;
        let manifest: Self = toml::from_str(body).map_err(|_| refused("it is not understood"))?;
        if manifest.format != FORMAT {
            return Err(refused("another form of copies, of a newer program"));
        }
        if manifest.administrator != owner {
            return Err(refused(&format!("it is a copy of {}, not of {owner}", manifest.administrator)));
        }
        let ring = manifest.keys().and_then(|keys| platform.unwrap_keys(owner, &keys));
        let ring = ring.map_err(|_| refused("its keys do not open: another master key, or it was changed"))?;
        if sealed(body, &ring)? != text {
            return Err(refused("it was changed"));
        }
        Ok((manifest, ring))
    }
}

const SEAL: &str = "\n[seal]\n";

/// The manifest with its seal: a keyed hash of every byte before.
fn sealed(body: &str, ring: &KeyRing) -> Result<String, Error> {
    let hash = ring.hmac("kopia", &[body.as_bytes()])?;
    Ok(format!("{body}{SEAL}hmac = \"{}\"\n", STANDARD.encode(hash)))
}
