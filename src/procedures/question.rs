//! What every question about a person has in common: the way from its words to the records that match.

use chrono::NaiveDate;
use uuid::Uuid;

use super::{Desk, access};
use crate::call::Call;
use crate::disclosure::Rights;
use crate::ledger::{EventKind, RecordDigest};
use crate::problem::{Code, Problem};
use crate::store::{SetRecord, StoredRecord};
use crate::subjects::{
    FieldError, Identification, IdentificationFields, People, RecordPerson, Role, SetKind, one_person, people,
};

/// A question as it was asked; valid by schema, not yet by meaning.
pub struct Question {
    pub person: IdentificationFields,
    pub basis: String,
    pub purpose: String,
    pub set: String,
    /// Items of the scope, leaves or headings; empty where the operation has none.
    pub items: Vec<String>,
    /// Cut instead of refusing what goes beyond the grant.
    pub trim: bool,
    /// Which question of an order it is, from 1; none when it is asked by itself.
    pub place: Option<usize>,
}

impl Question {
    /// Path of what is asked by this question alone, in the request of `call`.
    #[must_use]
    pub fn path_of(&self, call: &Call, child: &str) -> String {
        match self.place {
            None => call.path_of(child),
            Some(place) => call.path_of(&format!("pytanie[{place}]/u:{child}")),
        }
    }
}

/// What was found out about the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Found,
    NotFound,
    /// Several different persons match; nothing about any of them is told.
    Ambiguous,
}

impl Outcome {
    pub const ALL: [Self; 3] = [Self::Found, Self::NotFound, Self::Ambiguous];

    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Found => "ZNALEZIONO",
            Self::NotFound => "BRAK_OSOBY",
            Self::Ambiguous => "NIEJEDNOZNACZNE",
        }
    }
}

/// What every answer says.
pub struct Answer {
    pub event: Uuid,
    pub outcome: Outcome,
    /// The day which the data describe; none when the set was never fed.
    pub as_of: Option<NaiveDate>,
}

/// A question that was found permissible.
pub struct Permitted {
    pub identification: Identification,
    pub set: SetRecord,
    pub rights: Rights,
}

/// A record in which the person stands, opened.
pub struct Match {
    pub stored: StoredRecord,
    pub role: Role,
    /// Everybody in the record.
    pub people: People,
}

/// Judges a question in the order of rule 1.1: the administrator, the official, rights and legal basis, the words.
///
/// The entry names the person as asked from the start; once the administrator is known its own ledger takes the entry.
/// Rights come before the words, so that a set without a grant looks like one that does not exist (rule 5.9).
///
/// # Errors
/// `BRAK_UPRAWNIEN`, `ZBIOR_NIEZNANY`, `PODSTAWA_NIEWAZNA`, `DANE_NIEPOPRAWNE`, `NIEDOSTEPNY`.
pub fn permit(desk: &mut Desk<'_>, question: &Question) -> Result<Permitted, Problem> {
    permit_by(desk, question, |desk, tenant| desk.turn_to(tenant).map(drop))
}

/// The same for a question that is answered later: while its administrator is away, the platform's register takes a
/// refusal.
///
/// # Errors
/// As [`permit`], but for `NIEDOSTEPNY`.
pub fn permit_later(desk: &mut Desk<'_>, question: &Question) -> Result<Permitted, Problem> {
    permit_by(desk, question, |desk, tenant| {
        if let Err(problem) = desk.turn_to(tenant) {
            log::debug!("tenant.id" = tenant; "asked later: {problem}");
            desk.turn_back();
        }
        Ok(())
    })
}

fn permit_by(
    desk: &mut Desk<'_>,
    question: &Question,
    turn: impl FnOnce(&mut Desk<'_>, &str) -> Result<(), Problem>,
) -> Result<Permitted, Problem> {
    let identification = note(desk, question);
    let set = desk.registry.set(&question.set).cloned();
    if let Some(set) = &set {
        turn(desk, &set.tenant)?;
    }
    access::admit(desk)?;
    let set = set.ok_or(Code::SetUnknown)?;
    let rights = access::rights(desk, &set, &question.basis)?;
    desk.draft.groups = rights.groups();
    let group = desk.call.path_of("osoba");
    let identification = identification.map_err(|error| error.below(&group))?;
    Ok(Permitted { identification, set, rights })
}

/// Notes in the entry what is asked, and about whom.
pub(super) fn note(desk: &mut Desk<'_>, question: &Question) -> Result<Identification, FieldError> {
    desk.draft.set = Some(question.set.clone());
    desk.draft.basis = Some(question.basis.clone());
    let identification = Identification::parse(&question.person);
    let tag =
        identification.as_ref().map_or_else(|_| question.person.tag_material(), |known| known.term().tag_material());
    desk.concern(&question.person, tag, &question.purpose);
    identification
}

/// Looks the person up: the state that was read, and every record in which the person stands (rule 4.2: compared again
/// after opening).
///
/// # Errors
/// `NIEDOSTEPNY`; `BLAD_WEWNETRZNY` when a record cannot be opened.
pub fn look_up(desk: &mut Desk<'_>, permitted: &Permitted) -> Result<Vec<Match>, Problem> {
    let Permitted { identification, set, .. } = permitted;
    let tenant = desk.administrator()?;
    let key = tenant.keys.search_key(&identification.term().material(&set.id))?;
    let found = tenant.find(&set.id, key)?;
    desk.draft.state = found.state.as_ref().map(|state| state.number);
    desk.draft.as_of = found.state.as_ref().and_then(|state| state.as_of);
    let mut matches = Vec::with_capacity(found.records.len());
    for stored in found.records {
        let people = people(set.kind, &stored.record)?;
        if let Some((role, _)) = people.seek(identification) {
            matches.push(Match { stored, role, people });
        }
    }
    Ok(matches)
}

/// Whoever matches in any of the records.
#[must_use]
pub fn persons<'m>(matches: &'m [Match], sought: &Identification) -> Vec<&'m RecordPerson> {
    matches.iter().filter_map(|one| one.people.seek(sought)).flat_map(|(_, persons)| persons).collect()
}

/// What the persons found amount to: nobody, one person, or several different ones.
#[must_use]
pub fn outcome(persons: &[&RecordPerson]) -> Outcome {
    if persons.is_empty() {
        Outcome::NotFound
    } else if one_person(persons) {
        Outcome::Found
    } else {
        Outcome::Ambiguous
    }
}

/// Records the answer: its outcome, and in place of the person as asked the person on record.
///
/// # Errors
/// As [`Desk::record`].
pub fn record(
    desk: &mut Desk<'_>,
    kind: EventKind,
    outcome: Outcome,
    persons: &[&RecordPerson],
    records: Vec<RecordDigest>,
) -> Result<Answer, Problem> {
    let answer = Answer { event: desk.event(), outcome, as_of: desk.draft.as_of };
    desk.draft.outcome = Some(outcome.wire().into());
    let found = persons.first().filter(|_| outcome == Outcome::Found);
    desk.record(kind, found.map(|person| (person.tag().tag_material(), records)))?;
    Ok(answer)
}

/// `PODMIOT` or `DZIECKO` where the kind of the set has roles (rule 5.5).
#[must_use]
pub fn role(kind: SetKind, role: &Role) -> Option<&'static str> {
    (kind == SetKind::Sr).then(|| role.wire())
}
