//! HMAC (RFC 2104) and HKDF (RFC 5869) over OpenSSL's SHA-256.
//!
//! OpenSSL 3 looks an algorithm up by its name for every context of its own HMAC and HKDF; for inputs as short as ours
//! that takes many times longer than the hashing.

use openssl::sha::{Sha256, sha256};
use zeroize::Zeroizing;

/// Bytes of a hash.
const HASH: usize = 32;
/// Bytes that SHA-256 takes in at once.
const BLOCK: usize = 64;

/// A keyed hash being made.
pub(super) struct Hmac {
    inner: Sha256,
    outer: Sha256,
}

impl Hmac {
    pub(super) fn new(key: &[u8]) -> Self {
        let mut block = Zeroizing::new([0; BLOCK]);
        if key.len() > BLOCK {
            block[..HASH].copy_from_slice(&sha256(key));
        } else {
            block[..key.len()].copy_from_slice(key);
        }
        let begun = |pad: u8| {
            let mut hash = Sha256::new();
            hash.update(&*Zeroizing::new(block.map(|byte| byte ^ pad)));
            hash
        };
        Self { inner: begun(0x36), outer: begun(0x5c) }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.inner.update(bytes);
    }

    pub(super) fn finish(mut self) -> [u8; HASH] {
        self.outer.update(&self.inner.finish());
        self.outer.finish()
    }
}

/// Fills `out` from `secret`, at most 255 hashes of it.
pub(super) fn hkdf(secret: &[u8], salt: &[u8], info: &[u8], out: &mut [u8]) {
    let mut extract = Hmac::new(salt);
    extract.update(secret);
    let key = Zeroizing::new(extract.finish());
    let mut block = Zeroizing::new([0; HASH]);
    for (number, piece) in (1..=u8::MAX).zip(out.chunks_mut(HASH)) {
        let mut expand = Hmac::new(&*key);
        if number > 1 {
            expand.update(&*block);
        }
        expand.update(info);
        expand.update(&[number]);
        *block = expand.finish();
        piece.copy_from_slice(&block[..piece.len()]);
    }
}

#[cfg(test)]
mod tests {
    use openssl::hash::MessageDigest;
    use openssl::md::Md;
    use openssl::pkey::{Id, PKey};
    use openssl::pkey_ctx::PkeyCtx;
    use openssl::sign::Signer;

    use super::*;

    fn of_openssl(secret: &[u8], salt: &[u8], info: &[u8], out: &mut [u8]) {
        let mut context = PkeyCtx::new_id(Id::HKDF).expect("HKDF");
        context.derive_init().expect("begun");
        context.set_hkdf_md(Md::sha256()).expect("SHA-256");
        context.set_hkdf_key(secret).expect("a secret");
        context.set_hkdf_salt(salt).expect("a salt");
        context.add_hkdf_info(info).expect("an info");
        context.derive(Some(out)).expect("derived");
    }

    #[test]
    fn hmac_is_that_of_openssl_for_keys_of_every_length() {
        for length in [1, 31, 32, 63, 64, 65, 200] {
            let key = vec![0xA5; length];
            let mut hmac = Hmac::new(&key);
            hmac.update(b"one");
            hmac.update(b"two");
            let key = PKey::hmac(&key).expect("a key");
            let mut signer = Signer::new(MessageDigest::sha256(), &key).expect("a signer");
            assert_eq!(hmac.finish()[..], signer.sign_oneshot_to_vec(b"onetwo").expect("a value"), "{length}");
        }
    }

    #[test]
    fn hkdf_is_that_of_openssl_for_outputs_of_every_length() {
        for (length, salt) in [(1, "salt"), (32, ""), (33, "salt"), (44, ""), (64, "salt"), (255 * HASH, "")] {
            let (mut ours, mut theirs) = (vec![0; length], vec![0; length]);
            hkdf(&[0x0b; 32], salt.as_bytes(), b"info", &mut ours);
            of_openssl(&[0x0b; 32], salt.as_bytes(), b"info", &mut theirs);
            assert_eq!(ours, theirs, "{length}");
        }
    }

    #[test]
    fn hkdf_is_that_of_rfc_5869() {
        // RFC 5869 A.1.
        let (salt, info): (Vec<u8>, Vec<u8>) = ((0x00..=0x0c).collect(), (0xf0..=0xf9).collect());
        let mut out = [0; 42];
        hkdf(&[0x0b; 22], &salt, &info, &mut out);
        let hex: String = out.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    }
}
