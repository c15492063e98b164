//! What an order keeps sealed: who asked for whom, why and what, so that it can be asked later as it was ordered.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{AskedSet, Request};
use crate::call::{Call, Context, day_of};
use crate::problem::Problem;
use crate::procedures::question::Question;
use crate::store::OrderContent;
use crate::subjects::IdentificationFields;

/// The request and the call that brought it, in the form in which they are sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Content {
    path: String,
    certificate: [u8; 32],
    task: String,
    unit: String,
    user: Option<String>,
    group: Option<String>,
    matter: Option<String>,
    person: Person,
    basis: String,
    purpose: String,
    asked: Vec<Asked>,
}

#[derive(Serialize, Deserialize)]
struct Person {
    surname: Option<String>,
    pesel: Option<String>,
    given_name: Option<String>,
    birth_date: Option<String>,
    document_kind: Option<String>,
    document_number: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Asked {
    set: String,
    items: Vec<String>,
    trim: bool,
}

impl Content {
    pub(super) fn new(call: &Call, request: &Request) -> Self {
        let Context { task, unit, user, group, matter } = call.context.clone();
        let IdentificationFields { surname, pesel, given_name, birth_date, document_kind, document_number } =
            request.person.clone();
        let asked =
            request.asked.iter().map(|one| Asked { set: one.set.clone(), items: one.items.clone(), trim: one.trim });
        Self {
            path: call.path.clone(),
            certificate: call.fingerprint,
            task,
            unit,
            user,
            group,
            matter,
            person: Person { surname, pesel, given_name, birth_date, document_kind, document_number },
            basis: request.basis.clone(),
            purpose: request.purpose.clone(),
            asked: asked.collect(),
        }
    }

    /// # Errors
    /// `BLAD_WEWNETRZNY`, which nothing in a content can cause.
    pub(super) fn to_bytes(&self) -> Result<OrderContent, Problem> {
        let bytes = serde_json::to_vec(self).map_err(Problem::internal)?;
        Ok(OrderContent(Zeroizing::new(bytes)))
    }

    /// # Errors
    /// `BLAD_WEWNETRZNY` when the bytes are those of another form.
    pub(super) fn from_bytes(OrderContent(bytes): &OrderContent) -> Result<Self, Problem> {
        // What was read is not told: it may be of a person.
        serde_json::from_slice(bytes).map_err(|_| Problem::internal("an order's content has another form"))
    }

    /// The question at `place`, from 0.
    ///
    /// # Errors
    /// `BLAD_WEWNETRZNY` when there are not so many.
    pub(super) fn question(&self, place: usize) -> Result<Question, Problem> {
        let missing = || Problem::internal("an order has fewer questions than rows");
        self.request().questions().nth(place).ok_or_else(missing)
    }

    /// Reference of the matter for which it was ordered.
    pub(super) fn matter(&self) -> Option<&str> {
        self.matter.as_deref()
    }

    /// The order's call as it is made at `now` under `event`, outside any message.
    pub(super) fn call(&self, system: &str, unit: &str, event: Uuid, now: DateTime<Utc>) -> Call {
        Call {
            event,
            now,
            today: day_of(now),
            system: system.to_owned(),
            unit: unit.to_owned(),
            fingerprint: self.certificate,
            mark: None,
            path: self.path.clone(),
            context: Context {
                task: self.task.clone(),
                unit: self.unit.clone(),
                user: self.user.clone(),
                group: self.group.clone(),
                matter: self.matter.clone(),
            },
        }
    }

    fn request(&self) -> Request {
        let person = &self.person;
        Request {
            person: IdentificationFields {
                surname: person.surname.clone(),
                pesel: person.pesel.clone(),
                given_name: person.given_name.clone(),
                birth_date: person.birth_date.clone(),
                document_kind: person.document_kind.clone(),
                document_number: person.document_number.clone(),
            },
            basis: self.basis.clone(),
            purpose: self.purpose.clone(),
            asked: self.asked.iter().map(AskedSet::from).collect(),
        }
    }
}

impl From<&Asked> for AskedSet {
    fn from(asked: &Asked) -> Self {
        Self { set: asked.set.clone(), items: asked.items.clone(), trim: asked.trim }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_content_is_not_quoted_for_the_log() {
        for bytes in [&br#""85831541742""#[..], br#"{"path":85831541742}"#, br#"{"person":{"pesel":["85831541742"]}}"#]
        {
            let refused = Content::from_bytes(&OrderContent(Zeroizing::new(bytes.to_vec()))).err().expect("no content");
            let cause = refused.cause.expect("a cause");
            assert!(!format!("{cause} {cause:?}").contains("85831541742"), "{cause}");
        }
    }
}
