//! An answer in the form in which it is kept sealed: what was told, with the bytes of the records as they leave.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::disclosure::ScopeItem;
use crate::problem::Problem;
use crate::procedures::disclose::{DisclosedRecord, Disclosure};
use crate::procedures::question::{Answer, Outcome};
use crate::subjects::Role;

#[derive(Serialize, Deserialize)]
struct Kept {
    outcome: String,
    as_of: Option<String>,
    records: Vec<Record>,
    omitted: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Record {
    role: Option<String>,
    element: String,
}

/// # Errors
/// `BLAD_WEWNETRZNY` when a record is no text, which canonical XML always is.
pub(super) fn to_bytes(disclosure: &Disclosure) -> Result<Vec<u8>, Problem> {
    let record = |record: &DisclosedRecord| {
        let element = String::from_utf8(record.element.clone()).map_err(Problem::internal)?;
        Ok::<_, Problem>(Record { role: record.role.map(str::to_owned), element })
    };
    let kept = Kept {
        outcome: disclosure.answer.outcome.wire().to_owned(),
        as_of: disclosure.answer.as_of.map(|day| day.to_string()),
        records: disclosure.records.iter().map(record).collect::<Result<_, _>>()?,
        omitted: disclosure.omitted.numbers(),
    };
    serde_json::to_vec(&kept).map_err(Problem::internal)
}

/// What was kept of the answer to the question of `event`.
///
/// # Errors
/// `BLAD_WEWNETRZNY` when the bytes are those of another form.
pub(super) fn from_bytes(event: Uuid, bytes: &[u8]) -> Result<Disclosure, Problem> {
    // What was read is not told: it may be of a person.
    let other = |_| Problem::internal("a kept answer has another form");
    let kept: Kept = serde_json::from_slice(bytes).map_err(other)?;
    let unread = || Problem::internal("a kept answer says what no answer says");
    let outcome = Outcome::ALL.into_iter().find(|one| one.wire() == kept.outcome).ok_or_else(unread)?;
    let as_of = kept.as_of.map(|day| day.parse().map_err(Problem::internal)).transpose()?;
    let record = |record: Record| {
        let role = record.role.map(|word| Role::WORDS.into_iter().find(|role| *role == word).ok_or_else(unread));
        Ok::<_, Problem>(DisclosedRecord { role: role.transpose()?, element: record.element.into_bytes() })
    };
    Ok(Disclosure {
        answer: Answer { event, outcome, as_of },
        records: kept.records.into_iter().map(record).collect::<Result<_, _>>()?,
        omitted: kept.omitted.iter().map(|item| ScopeItem::parse(item).ok_or_else(unread)).collect::<Result<_, _>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(outcome: Outcome, as_of: Option<&str>, records: &[(Option<&'static str>, &str)], omitted: &[&str]) {
        let record = |&(role, element): &(_, &str)| DisclosedRecord { role, element: element.as_bytes().to_vec() };
        let event = Uuid::from_u128(7);
        let told = Disclosure {
            answer: Answer { event, outcome, as_of: as_of.map(|day| day.parse().expect("a day")) },
            records: records.iter().map(record).collect(),
            omitted: omitted.iter().filter_map(|item| ScopeItem::parse(item)).collect(),
        };
        let kept = from_bytes(event, &to_bytes(&told).expect("bytes")).expect("an answer");
        assert_eq!((kept.answer.event, kept.answer.outcome, kept.answer.as_of), (event, outcome, told.answer.as_of));
        let texts = kept.records.iter().map(|one| (one.role, String::from_utf8_lossy(&one.element).into_owned()));
        assert_eq!(
            texts.collect::<Vec<_>>(),
            records.iter().map(|(role, text)| (*role, (*text).to_owned())).collect::<Vec<_>>()
        );
        assert_eq!(kept.omitted.numbers(), omitted);
    }

    #[test]
    fn an_answer_is_told_again_as_it_was_told() {
        check(
            Outcome::Found,
            Some("2025-11-20"),
            &[(None, "<b:UdostepnionaPUP>Żółć</b:UdostepnionaPUP>")],
            &["9.1", "9.2"],
        );
        check(Outcome::Found, Some("2025-11-20"), &[(Some("PODMIOT"), "<a/>"), (Some("DZIECKO"), "<b/>")], &[]);
        check(Outcome::NotFound, None, &[], &[]);
        check(Outcome::Ambiguous, Some("2025-11-20"), &[], &["2.5"]);
    }

    #[test]
    fn something_else_is_no_answer() {
        let written = [
            &b""[..],
            b"{}",
            br#""Lipowa-Testowa""#,
            br#"{"outcome":["Lipowa-Testowa"],"as_of":null,"records":[],"omitted":[]}"#,
            br#"{"outcome":"ZNALEZIONO","as_of":null,"records":"Lipowa-Testowa","omitted":[]}"#,
            br#"{"outcome":"Lipowa-Testowa","as_of":null,"records":[],"omitted":[]}"#,
        ];
        for bytes in written {
            let cause = from_bytes(Uuid::nil(), bytes).err().and_then(|problem| problem.cause).expect("a cause");
            assert!(!format!("{cause} {cause:?}").contains("Lipowa"), "the log quotes nothing: {cause}");
        }
    }
}
