//! An answer that is kept for retries, with what its entry said: whoever gets it again gets the same, and the entry of the
//! repeat says what was given out then, not what would be now (rule 2.3).

use serde::{Deserialize, Serialize};

use super::entry::Draft;
use super::person::RecordDigest;

/// What is kept; personal data, hence sealed by the store.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    facts: Facts,
    /// The Body's child, byte for byte.
    pub payload: Vec<u8>,
}

/// What an entry says about the data that were given out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Facts {
    outcome: Option<String>,
    granted: Vec<String>,
    state: Option<i64>,
    as_of: Option<String>,
    /// What the found person is told apart by, and the records of the answer.
    person: Option<Vec<u8>>,
    records: Vec<Record>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    source_id: String,
    role: Option<String>,
    digest: [u8; 32],
}

impl KeptAnswer {
    /// The answer whose entry is `draft`; without an entry, the payload alone.
    #[must_use]
    pub fn new(draft: Option<&Draft>, payload: Vec<u8>) -> Self {
        let part = draft.and_then(|draft| draft.parts.first());
        let record = |record: &RecordDigest| Record {
            source_id: record.source_id.clone(),
            role: record.role.as_deref().map(str::to_owned),
            digest: record.digest,
        };
        let facts = Facts {
            outcome: draft.and_then(|draft| draft.outcome.as_deref()).map(str::to_owned),
            granted: draft.map(|draft| draft.granted.clone()).unwrap_or_default(),
            state: draft.and_then(|draft| draft.state),
            as_of: draft.and_then(|draft| draft.as_of).map(|day| day.to_string()),
            person: part.map(|part| part.person.clone()),
            records: part.map(|part| part.content.records.iter().map(record).collect()).unwrap_or_default(),
        };
        Self { facts, payload }
    }

    /// The entry of a repeat: the retry's own caller, rights and words, with what was given out the first time. Nothing
    /// when the caller's rights do not reach that far any more.
    #[must_use]
    pub fn retell(&self, draft: &Draft) -> Option<Draft> {
        let Facts { outcome, granted, state, as_of, person, records } = &self.facts;
        if !granted.iter().all(|item| draft.granted.contains(item)) {
            return None;
        }
        let mut draft = Draft {
            outcome: outcome.clone().map(Into::into),
            granted: granted.clone(),
            state: *state,
            as_of: as_of.as_deref().and_then(|day| day.parse().ok()),
            ..draft.clone()
        };
        if let (Some(part), Some(person)) = (draft.parts.first_mut(), person) {
            part.person.clone_from(person);
            part.content.records = records.iter().cloned().map(Into::into).collect();
        }
        Some(draft)
    }

    /// Length of the facts (4 bytes, big-endian), the facts, the payload.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // Strings and numbers always have a JSON form, far below 4 GiB.
        let facts = serde_json::to_vec(&self.facts).unwrap_or_default();
        let length = u32::try_from(facts.len()).unwrap_or_default();
        [&length.to_be_bytes()[..], &facts, &self.payload].concat()
    }

    /// What [`KeptAnswer::to_bytes`] wrote; nothing when it is something else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk()?;
        let (facts, payload) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        Some(Self { facts: serde_json::from_slice(facts).ok()?, payload: payload.to_vec() })
    }
}

impl From<Record> for RecordDigest {
    fn from(record: Record) -> Self {
        Self { source_id: record.source_id, role: record.role.map(Into::into), digest: record.digest }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ledger::{EventKind, PersonContent, PersonPart};
    use crate::subjects::IdentificationFields;

    fn draft(state: i64, granted: &[&str], person: &str) -> Draft {
        let record = RecordDigest { source_id: person.to_owned(), role: Some("PODMIOT".into()), digest: [7; 32] };
        let content = PersonContent {
            identification: IdentificationFields::default(),
            matter: None,
            purpose: Some("cel".to_owned()),
            fields: Vec::new(),
            records: vec![record],
        };
        Draft {
            outcome: Some("ZNALEZIONO".into()),
            granted: granted.iter().map(|item| (*item).to_owned()).collect(),
            state: Some(state),
            as_of: "2025-11-20".parse().ok(),
            rights_generation: Some(state),
            parts: vec![PersonPart { person: person.as_bytes().to_vec(), content }],
            ..Draft::new(Uuid::from_u128(1), EventKind::Disclosure, "OPS")
        }
    }

    #[test]
    fn what_is_kept_reads_back() {
        for kept in [
            KeptAnswer::new(Some(&draft(3, &["1.1"], "anna")), b"<odpowiedz/>".to_vec()),
            KeptAnswer::new(None, Vec::new()),
        ] {
            assert!(KeptAnswer::from_bytes(&kept.to_bytes()) == Some(kept));
        }
        for bytes in [&b""[..], b"\0\0", b"\0\0\0\x09{}", b"\0\0\0\x02{}"] {
            assert!(KeptAnswer::from_bytes(bytes).is_none());
        }
    }

    #[test]
    fn a_repeat_says_what_was_given_out_the_first_time() {
        let kept = KeptAnswer::new(Some(&draft(3, &["1.1"], "anna")), Vec::new());
        let told = kept.retell(&draft(4, &["1.1", "2.1"], "jan")).expect("the rights reach as far");
        assert_eq!((told.state, told.granted, told.rights_generation), (Some(3), vec!["1.1".to_owned()], Some(4)));
        assert_eq!(told.parts[0].person, b"anna");
        assert_eq!(told.parts[0].content.records[0].source_id, "anna");
    }

    #[test]
    fn an_answer_that_holds_more_than_is_granted_now_is_not_told_again() {
        let kept = KeptAnswer::new(Some(&draft(3, &["1.1", "2.1"], "anna")), Vec::new());
        assert!(kept.retell(&draft(3, &["1.1"], "anna")).is_none());
    }
}
