//! Sealing at rest: the master key, the keys of one administrator, and sealed bytes (rule 4.1).

use std::fmt;

use openssl::rand::rand_bytes;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use zeroize::Zeroizing;

use super::Error;

mod hmac;
mod master;
mod ring;

use hmac::{Hmac, hkdf};

pub use master::MasterKey;
pub use ring::{KeyRing, KeyUse, WrappedKey};

/// First byte of everything sealed.
const VERSION: u8 = 1;
const KEY_ID: usize = 4;
const SALT: usize = 32;
const TAG: usize = 16;
const LENGTH: usize = 4;
const HEAD: usize = 1 + KEY_ID + SALT;

/// What sealed bytes are: bound to them, so that no row can be put in the place of another.
#[derive(Debug, Clone, Copy)]
pub struct Label<'a> {
    /// Kind of content, e.g. `rekord`.
    pub purpose: &'a str,
    /// Set it belongs to; empty where there is none.
    pub set: &'a str,
    /// Row or event it belongs to.
    pub row: &'a [u8],
}

/// First half of a keyed hash under which a record is found (rule 4.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SearchKey(pub [u8; 16]);

/// A 256-bit secret with the number by which sealed bytes name it; wiped from memory when dropped.
#[derive(Clone)]
pub struct Key {
    id: u32,
    secret: Zeroizing<[u8; 32]>,
}

impl Key {
    /// The number of keys that are told apart by what they belong to.
    pub const UNNUMBERED: u32 = 0;

    /// A new random key.
    ///
    /// # Errors
    /// `Internal` when the system has no randomness.
    pub fn random(id: u32) -> Result<Self, Error> {
        let mut secret = Zeroizing::new([0; 32]);
        rand_bytes(&mut *secret)?;
        Ok(Self { id, secret })
    }

    #[must_use]
    pub fn from_secret(id: u32, secret: Zeroizing<[u8; 32]>) -> Self {
        Self { id, secret }
    }

    #[must_use]
    pub const fn id(&self) -> u32 {
        self.id
    }

    #[must_use]
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// HMAC-SHA256 over `fields`, each preceded by its length.
    #[must_use]
    pub fn hmac(&self, fields: &[&[u8]]) -> [u8; 32] {
        let mut hmac = Hmac::new(&*self.secret);
        for field in fields {
            hmac.update(&(field.len() as u64).to_be_bytes());
            hmac.update(field);
        }
        hmac.finish()
    }

    /// HKDF-SHA256 of this key with `salt` and `info`.
    pub fn derive(&self, salt: &[u8], info: &[u8], out: &mut [u8]) {
        hkdf(&*self.secret, salt, info, out);
    }

    /// Seals `clear` for `owner`: version ‖ key id ‖ salt ‖ ciphertext ‖ tag (rule 4.1).
    ///
    /// Before sealing, `clear` gets its length in front and zeros behind up to a multiple of `pad` bytes.
    ///
    /// # Errors
    /// `Internal` when OpenSSL fails or `clear` is 4 GiB long.
    pub fn seal(&self, owner: &str, label: Label<'_>, clear: &[u8], pad: usize) -> Result<Vec<u8>, Error> {
        let mut salt = [0; SALT];
        rand_bytes(&mut salt)?;
        let padded_length = (LENGTH + clear.len()).next_multiple_of(pad.max(1));
        let mut padded = Zeroizing::new(Vec::with_capacity(padded_length));
        padded.extend_from_slice(&u32::try_from(clear.len()).map_err(Error::internal)?.to_be_bytes());
        padded.extend_from_slice(clear);
        padded.resize(padded_length, 0);

        let once = self.once(&salt);
        let mut tag = [0; TAG];
        let aad = aad(owner, label);
        let body = encrypt_aead(Cipher::aes_256_gcm(), &once[..32], Some(&once[32..]), &aad, &padded, &mut tag)?;

        let mut sealed = Vec::with_capacity(HEAD + body.len() + TAG);
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.id.to_be_bytes());
        sealed.extend_from_slice(&salt);
        sealed.extend_from_slice(&body);
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    /// Opens what [`Key::seal`] made with the same key, owner and label.
    ///
    /// # Errors
    /// `Sealed` when anything differs or a bit was changed.
    pub fn open(&self, owner: &str, label: Label<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        if key_id(sealed)? != self.id {
            return Err(Error::Sealed("another key"));
        }
        let (head, rest) = sealed.split_at_checked(HEAD).ok_or(Error::Sealed("too short"))?;
        let (body, tag) =
            rest.len().checked_sub(TAG).and_then(|at| rest.split_at_checked(at)).ok_or(Error::Sealed("too short"))?;
        let once = self.once(&head[1 + KEY_ID..]);
        let aad = aad(owner, label);
        let mut clear = decrypt_aead(Cipher::aes_256_gcm(), &once[..32], Some(&once[32..]), &aad, body, tag)
            .map(Zeroizing::new)
            .map_err(|_| Error::Sealed("changed, or of another owner, purpose, set or row"))?;
        let length = clear
            .first_chunk::<LENGTH>()
            .map(|bytes| u32::from_be_bytes(*bytes) as usize)
            .filter(|length| LENGTH + length <= clear.len())
            .ok_or(Error::Sealed("wrong length"))?;
        clear.truncate(LENGTH + length);
        clear.drain(..LENGTH);
        Ok(clear)
    }

    /// The key and nonce of one sealing: used once, since the salt is random.
    fn once(&self, salt: &[u8]) -> Zeroizing<[u8; 44]> {
        let mut once = Zeroizing::new([0; 44]);
        self.derive(salt, b"brama seal 1", &mut *once);
        once
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Key({})", self.id)
    }
}

impl fmt::Debug for SearchKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SearchKey")
    }
}

/// The number of the key that `sealed` asks for.
pub(super) fn key_id(sealed: &[u8]) -> Result<u32, Error> {
    match sealed.split_first_chunk::<{ 1 + KEY_ID }>() {
        Some(([VERSION, id @ ..], _)) => Ok(u32::from_be_bytes(*id)),
        Some(_) => Err(Error::Sealed("unknown version")),
        None => Err(Error::Sealed("too short")),
    }
}

fn aad(owner: &str, label: Label<'_>) -> Vec<u8> {
    let mut aad = vec![VERSION];
    for field in [label.purpose.as_bytes(), owner.as_bytes(), label.set.as_bytes(), label.row] {
        aad.extend_from_slice(&(field.len() as u64).to_be_bytes());
        aad.extend_from_slice(field);
    }
    aad
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABEL: Label<'_> = Label { purpose: "rekord", set: "OPS/pomoc", row: &[7] };

    #[test]
    fn what_was_sealed_opens_only_in_its_own_place() {
        let key = Key::random(1).expect("a key");
        let sealed = key.seal("OPS", LABEL, "Żółć-Testowa".as_bytes(), 256).expect("sealed");
        assert_eq!(&**key.open("OPS", LABEL, &sealed).expect("open"), "Żółć-Testowa".as_bytes());

        let elsewhere = [
            ("PUP", LABEL),
            ("OPS", Label { purpose: "zrodlo", ..LABEL }),
            ("OPS", Label { set: "OPS/inny", ..LABEL }),
            ("OPS", Label { row: &[8], ..LABEL }),
        ];
        for (owner, label) in elsewhere {
            assert!(key.open(owner, label, &sealed).is_err(), "{owner} {label:?}");
        }
        assert!(Key::random(1).expect("a key").open("OPS", LABEL, &sealed).is_err());
    }

    #[test]
    fn every_flipped_bit_and_every_missing_byte_is_noticed() {
        let key = Key::random(3).expect("a key");
        let sealed = key.seal("OPS", LABEL, b"x", 16).expect("sealed");
        for bit in 0..sealed.len() * 8 {
            let mut broken = sealed.clone();
            broken[bit / 8] ^= 1 << (bit % 8);
            assert!(key.open("OPS", LABEL, &broken).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(key.open("OPS", LABEL, &sealed[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn padding_hides_the_length_and_salts_hide_equality() {
        let key = Key::random(1).expect("a key");
        let short = key.seal("OPS", LABEL, b"", 256).expect("sealed");
        let long = key.seal("OPS", LABEL, &[1; 252], 256).expect("sealed");
        assert_eq!(short.len(), HEAD + 256 + TAG);
        assert_eq!(short.len(), long.len());
        assert_ne!(short, key.seal("OPS", LABEL, b"", 256).expect("sealed"));
        assert!(key.open("OPS", LABEL, &short).expect("open").is_empty());
    }

    #[test]
    fn hmac_separates_its_fields() {
        let key = Key::random(1).expect("a key");
        assert_ne!(key.hmac(&[b"ab", b"c"]), key.hmac(&[b"a", b"bc"]));
    }
}
