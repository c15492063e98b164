//! The keys of one administrator (or of the platform), as they are used and as they are kept.

use std::fmt;

use zeroize::Zeroizing;

use super::{Key, Label, MasterKey, SearchKey, key_id};
use crate::store::Error;

/// Records are padded to this many bytes (rule 4.1).
const RECORD_PAD: usize = 256;

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyUse {
    /// Seals records, batches and other content.
    Data,
    /// Makes search keys and other keyed hashes.
    Index,
    /// Wraps the keys of persons in the ledger and seals what it keeps.
    Ledger,
}

impl KeyUse {
    pub const ALL: [Self; 3] = [Self::Data, Self::Index, Self::Ledger];

    /// The word in the platform database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Index => "index",
            Self::Ledger => "ledger",
        }
    }

    /// # Errors
    /// `Internal` for a word that is not ours.
    pub fn parse(word: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|key_use| key_use.word() == word)
            .ok_or_else(|| Error::internal(format!("unknown use of a key: {word}")))
    }
}

/// A key as the platform database keeps it.
#[derive(Debug, Clone)]
pub struct WrappedKey {
    pub id: u32,
    pub key_use: KeyUse,
    pub wrapped: Vec<u8>,
}

/// The data, index and ledger keys of one owner. Several keys of one use are possible: the newest seals, all open.
#[derive(Clone)]
pub struct KeyRing {
    owner: String,
    keys: Vec<(KeyUse, Key)>,
}

impl KeyRing {
    /// New random keys for `owner`.
    ///
    /// # Errors
    /// `Internal` when the system has no randomness.
    pub fn generate(owner: &str) -> Result<Self, Error> {
        let keys = (1..).zip(KeyUse::ALL).map(|(id, key_use)| Ok((key_use, Key::random(id)?)));
        Ok(Self { owner: owner.to_owned(), keys: keys.collect::<Result<_, Error>>()? })
    }

    /// The keys, wrapped for keeping.
    ///
    /// # Errors
    /// `Internal` when OpenSSL fails.
    pub fn wrap(&self, master: &MasterKey) -> Result<Vec<WrappedKey>, Error> {
        self.keys
            .iter()
            .map(|(key_use, key)| {
                let label = Label { purpose: key_use.word(), set: "", row: &key.id().to_be_bytes() };
                let wrapped = master.key().seal(&self.owner, label, key.secret(), 1)?;
                Ok(WrappedKey { id: key.id(), key_use: *key_use, wrapped })
            })
            .collect()
    }

    /// The keys of `owner` from what [`KeyRing::wrap`] made.
    ///
    /// # Errors
    /// `Sealed` when the master key is another one, `Refused` when a use has no key.
    pub fn unwrap(owner: &str, wrapped: &[WrappedKey], master: &MasterKey) -> Result<Self, Error> {
        let mut keys = Vec::with_capacity(wrapped.len());
        for key in wrapped {
            let label = Label { purpose: key.key_use.word(), set: "", row: &key.id.to_be_bytes() };
            let clear = master.key().open(owner, label, &key.wrapped)?;
            keys.push((key.key_use, Key::from_secret(key.id, secret(&clear)?)));
        }
        keys.sort_by_key(|(_, key)| key.id());
        for key_use in KeyUse::ALL {
            if !keys.iter().any(|(other, _)| *other == key_use) {
                return Err(Error::Refused(format!("{owner} has no {} key", key_use.word())));
            }
        }
        Ok(Self { owner: owner.to_owned(), keys })
    }

    /// Whether every key of `other` is one of these.
    #[must_use]
    pub fn holds(&self, other: &Self) -> bool {
        let has = |(key_use, key): &(KeyUse, Key)| {
            let same = |(own_use, own): &&(KeyUse, Key)| (own_use, own.id()) == (key_use, key.id());
            self.keys.iter().find(same).is_some_and(|(_, own)| openssl::memcmp::eq(own.secret(), key.secret()))
        };
        self.owner == other.owner && other.keys.iter().all(has)
    }

    /// Whose keys these are.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Seals with the newest key of a use, padded to a multiple of `pad` bytes.
    ///
    /// # Errors
    /// `Internal` when OpenSSL fails.
    pub fn seal(&self, key_use: KeyUse, label: Label<'_>, clear: &[u8], pad: usize) -> Result<Vec<u8>, Error> {
        self.newest(key_use)?.seal(&self.owner, label, clear, pad)
    }

    /// Opens what [`KeyRing::seal`] made, with whichever key it names.
    ///
    /// # Errors
    /// `Sealed` when the bytes, the owner, the label or the key are others.
    pub fn open(&self, key_use: KeyUse, label: Label<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let id = key_id(sealed)?;
        let key = self.keys.iter().find(|(other, key)| *other == key_use && key.id() == id);
        key.ok_or(Error::Sealed("unknown key"))?.1.open(&self.owner, label, sealed)
    }

    /// Wraps a key of something smaller than the owner: a person, an order. It comes back without a number of its own, since
    /// one beside what it seals would tell which key that is.
    ///
    /// # Errors
    /// As [`KeyRing::seal`].
    pub fn wrap_key(&self, key_use: KeyUse, label: Label<'_>, key: &Key) -> Result<Vec<u8>, Error> {
        self.seal(key_use, label, key.secret(), 1)
    }

    /// The key back from what [`KeyRing::wrap_key`] made.
    ///
    /// # Errors
    /// As [`KeyRing::open`].
    pub fn unwrap_key(&self, key_use: KeyUse, label: Label<'_>, wrapped: &[u8]) -> Result<Key, Error> {
        secret(&self.open(key_use, label, wrapped)?).map(|secret| Key::from_secret(Key::UNNUMBERED, secret))
    }

    /// Seals a record of `set` that stands in `row`.
    ///
    /// # Errors
    /// As [`KeyRing::seal`].
    pub fn seal_record(&self, set: &str, row: i64, record: &[u8]) -> Result<Vec<u8>, Error> {
        self.seal(KeyUse::Data, Label { purpose: "rekord", set, row: &row.to_be_bytes() }, record, RECORD_PAD)
    }

    /// Opens what [`KeyRing::seal_record`] made.
    ///
    /// # Errors
    /// As [`KeyRing::open`].
    pub fn open_record(&self, set: &str, row: i64, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.open(KeyUse::Data, Label { purpose: "rekord", set, row: &row.to_be_bytes() }, sealed)
    }

    /// A keyed hash with the index key: `purpose` keeps hashes of different kinds apart.
    ///
    /// # Errors
    /// `Internal` when OpenSSL fails.
    pub fn hmac(&self, purpose: &str, fields: &[&[u8]]) -> Result<[u8; 32], Error> {
        let all: Vec<&[u8]> = std::iter::once(purpose.as_bytes()).chain(fields.iter().copied()).collect();
        Ok(self.newest(KeyUse::Index)?.hmac(&all))
    }

    /// The search key of `material` = norm version ‖ set ‖ kind ‖ length-prefixed fields (rule 4.2).
    ///
    /// # Errors
    /// `Internal` when OpenSSL fails.
    pub fn search_key(&self, material: &[u8]) -> Result<SearchKey, Error> {
        let hash = self.hmac("szukanie", &[material])?;
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        Ok(SearchKey(key))
    }

    /// The newest key of a use.
    ///
    /// # Errors
    /// `Refused` when there is none; [`KeyRing::unwrap`] has looked.
    pub fn newest(&self, key_use: KeyUse) -> Result<&Key, Error> {
        let newest = self.keys.iter().rev().find(|(other, _)| *other == key_use);
        newest
            .map(|(_, key)| key)
            .ok_or_else(|| Error::Refused(format!("{} has no {} key", self.owner, key_use.word())))
    }
}

fn secret(clear: &[u8]) -> Result<Zeroizing<[u8; 32]>, Error> {
    clear.try_into().map(Zeroizing::new).map_err(|_| Error::Sealed("a key of another length"))
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "KeyRing({})", self.owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn master() -> MasterKey {
        MasterKey::random().expect("a master key")
    }

    #[test]
    fn keys_come_back_only_with_their_master_key_and_owner() {
        let (master, ring) = (master(), KeyRing::generate("OPS").expect("keys"));
        let wrapped = ring.wrap(&master).expect("wrapped");
        let again = KeyRing::unwrap("OPS", &wrapped, &master).expect("unwrapped");
        let sealed = ring.seal_record("OPS/pomoc", 5, b"<x/>").expect("sealed");
        assert_eq!(&**again.open_record("OPS/pomoc", 5, &sealed).expect("open"), b"<x/>");

        assert!(KeyRing::unwrap("PUP", &wrapped, &master).is_err());
        assert!(KeyRing::unwrap("OPS", &wrapped, &self::master()).is_err());
        assert!(KeyRing::unwrap("OPS", &wrapped[..2], &master).is_err(), "a use without a key");
    }

    #[test]
    fn an_older_key_still_opens_what_it_sealed() {
        let mut ring = KeyRing::generate("OPS").expect("keys");
        let old = ring.seal_record("s", 1, b"old").expect("sealed");
        let before = ring.clone();
        ring.keys.push((KeyUse::Data, Key::random(4).expect("a key")));
        assert!(ring.holds(&before) && !before.holds(&ring));
        assert!(!ring.holds(&KeyRing::generate("OPS").expect("keys")), "others under the same numbers");
        let new = ring.seal_record("s", 1, b"new").expect("sealed");
        assert_eq!(key_id(&new).expect("an id"), 4);
        assert_eq!(&**ring.open_record("s", 1, &old).expect("open"), b"old");
        assert_eq!(&**ring.open_record("s", 1, &new).expect("open"), b"new");
    }

    #[test]
    fn search_keys_differ_between_administrators() {
        let (one, other) = (KeyRing::generate("A").expect("keys"), KeyRing::generate("B").expect("keys"));
        assert_eq!(one.search_key(b"x").expect("a key"), one.search_key(b"x").expect("a key"));
        assert_ne!(one.search_key(b"x").expect("a key"), other.search_key(b"x").expect("a key"));
    }
}
