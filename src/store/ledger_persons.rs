//! Keys of persons and the sealed parts of entries: readable only as long as the person's key exists (rule 3.6).

use openssl::sha::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Error, Key, KeyRing, KeyUse, Label};
use crate::ledger::{PersonContent, SealedPart};

/// Parts are padded to this many bytes, so that their length tells little (rule 4.1).
const PART_PAD: usize = 512;

/// The key of a person, and what derives from it, has no number: one beside the sealed bytes would tell who the person is.
pub(super) const NO_NUMBER: u32 = Key::UNNUMBERED;

const PART_INFO: &[u8] = b"brama ledger part 1";
const ANSWER_INFO: &[u8] = b"brama ledger answer 1";
const COMMITMENT: &[u8] = b"brama ledger part commitment 1";

/// The keyed hash by which a register knows a person.
pub(super) type PersonTag = [u8; 32];

/// Hashes what a person is told apart by.
pub(super) fn person_tag(keys: &KeyRing, material: &[u8]) -> Result<PersonTag, Error> {
    keys.hmac("osoba rejestru", &[material])
}

/// A new random key for a person.
pub(super) fn new_person_key() -> Result<Key, Error> {
    Key::random(NO_NUMBER)
}

/// The key as the register keeps it.
pub(super) fn wrap_person_key(keys: &KeyRing, person: &PersonTag, key: &Key) -> Result<Vec<u8>, Error> {
    keys.wrap_key(KeyUse::Ledger, label(person), key)
}

/// The key back from what [`wrap_person_key`] made.
pub(super) fn unwrap_person_key(keys: &KeyRing, person: &PersonTag, wrapped: &[u8]) -> Result<Key, Error> {
    keys.unwrap_key(KeyUse::Ledger, label(person), wrapped)
}

/// Seals one person's part of the entry of `event`.
pub(super) fn seal_part(owner: &str, person: &Key, event: Uuid, content: &PersonContent) -> Result<SealedPart, Error> {
    let key = part_key(person, event);
    let clear = Zeroizing::new(content.to_xml());
    Ok(SealedPart { commitment: commitment(&key), sealed: key.seal(owner, part_label(&event), &clear, PART_PAD)? })
}

/// Opens a part: for procedures with a right, a reason and an entry of their own alone (rule 4.6).
pub(super) fn open_part(
    owner: &str,
    person: &Key,
    event: Uuid,
    part: &SealedPart,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let key = part_key(person, event);
    if commitment(&key) != part.commitment {
        return Err(Error::Sealed("another person's key, or one that came after the first was destroyed"));
    }
    key.open(owner, part_label(&event), &part.sealed)
}

/// The key of one part: who gets it can read this part and no other.
fn part_key(person: &Key, event: Uuid) -> Key {
    derived(person, event, PART_INFO)
}

/// The key of what is kept of the answer that the entry of `event` is about: gone with the person's.
pub(super) fn answer_key(person: &Key, event: Uuid) -> Key {
    derived(person, event, ANSWER_INFO)
}

fn derived(person: &Key, event: Uuid, info: &[u8]) -> Key {
    let mut secret = Zeroizing::new([0; 32]);
    person.derive(event.as_bytes(), info, &mut *secret);
    Key::from_secret(NO_NUMBER, secret)
}

/// AES-GCM alone lets one ciphertext open under two keys to two texts; this binds the part to one key.
fn commitment(key: &Key) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(COMMITMENT);
    hash.update(key.secret());
    hash.finish()
}

const fn label(person: &PersonTag) -> Label<'_> {
    Label { purpose: "klucz osoby", set: "", row: person }
}

fn part_label(event: &Uuid) -> Label<'_> {
    Label { purpose: "czesc osobowa", set: "", row: event.as_bytes() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subjects::IdentificationFields;

    const EVENT: Uuid = Uuid::from_u128(1);

    fn content(surname: &str) -> PersonContent {
        let identification =
            IdentificationFields { surname: Some(surname.to_owned()), ..IdentificationFields::default() };
        PersonContent { identification, matter: None, purpose: None, fields: Vec::new(), records: Vec::new() }
    }

    #[test]
    fn a_part_opens_only_with_the_persons_key_for_its_own_event_and_administrator() {
        let (person, other) = (new_person_key().unwrap(), new_person_key().unwrap());
        let part = seal_part("OPS", &person, EVENT, &content("Lipowa-Testowa")).unwrap();
        let clear = open_part("OPS", &person, EVENT, &part).unwrap();
        assert_eq!(*clear, content("Lipowa-Testowa").to_xml());

        assert!(open_part("OPS", &other, EVENT, &part).is_err());
        assert!(open_part("PUP", &person, EVENT, &part).is_err());
        assert!(open_part("OPS", &person, Uuid::from_u128(2), &part).is_err());
        let swapped = SealedPart { commitment: [0; 32], ..part };
        assert!(open_part("OPS", &person, EVENT, &swapped).is_err());
    }

    #[test]
    fn nothing_of_a_part_tells_whether_it_is_about_the_same_person_or_how_long_it_is() {
        let person = new_person_key().unwrap();
        let one = seal_part("OPS", &person, EVENT, &content("A")).unwrap();
        let two = seal_part("OPS", &person, Uuid::from_u128(2), &content(&"A".repeat(100))).unwrap();
        assert_eq!(one.sealed.len(), two.sealed.len());
        assert_eq!(one.sealed[..5], [1, 0, 0, 0, 0], "version and no number of a key");
        assert_ne!(one.commitment, two.commitment);
        assert_ne!(one.sealed[5..], seal_part("OPS", &person, EVENT, &content("A")).unwrap().sealed[5..]);
    }

    #[test]
    fn a_persons_key_is_wrapped_for_one_person_of_one_administrator() {
        let (keys, others) = (KeyRing::generate("OPS").unwrap(), KeyRing::generate("OPS").unwrap());
        let (anna, jan) = (person_tag(&keys, b"anna").unwrap(), person_tag(&keys, b"jan").unwrap());
        let key = new_person_key().unwrap();
        let wrapped = wrap_person_key(&keys, &anna, &key).unwrap();
        assert_eq!(unwrap_person_key(&keys, &anna, &wrapped).unwrap().secret(), key.secret());
        assert!(unwrap_person_key(&keys, &jan, &wrapped).is_err());
        assert!(unwrap_person_key(&others, &anna, &wrapped).is_err());
        assert_ne!(anna, person_tag(&others, b"anna").unwrap(), "the same person is another hash elsewhere");
    }
}
