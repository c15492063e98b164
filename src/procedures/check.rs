//! `WeryfikujWystepowanieOsoby` and `WeryfikujDaneOsoby`: yes or no about a person, recorded like a disclosure (rule 5.7).

use super::Desk;
use super::question::{self, Answer, Match, Outcome, Permitted, Question};
use crate::disclosure::{Comparison, ComparisonFields};
use crate::ledger::EventKind;
use crate::problem::{Code, Problem};
use crate::store::Standing;
use crate::subjects::RecordPerson;

/// The answer of a comparison.
pub struct Compared {
    pub answer: Answer,
    /// Name of each given value and whether it agrees; empty unless the person was found.
    pub fields: Vec<(&'static str, bool)>,
}

/// Says whether the person is in the set.
///
/// # Errors
/// As [`question::permit`] and [`question::look_up`]; `LIMIT_PROB`.
pub fn presence(desk: &mut Desk<'_>, question: &Question) -> Result<Answer, Problem> {
    let permitted = question::permit(desk, question)?;
    let matches = try_look_up(desk, &permitted)?;
    let persons = question::persons(&matches, &permitted.identification);
    let outcome = question::outcome(&persons);
    question::record(desk, EventKind::PresenceCheck, outcome, &persons, Vec::new())
}

/// Compares the given values with the person's record; each needs its scope item.
///
/// # Errors
/// As [`presence`]; `ZAKRES_NIEDOZWOLONY`, `DANE_NIEPOPRAWNE` when there is nothing to compare or a value cannot be.
pub fn data(desk: &mut Desk<'_>, question: &Question, given: &ComparisonFields) -> Result<Compared, Problem> {
    let permitted = question::permit(desk, question)?;
    let path = desk.call.path_of("porownanie");
    let comparison = Comparison::parse(given).map_err(|error| error.below(&path))?;
    let names = comparison.names();
    if let Some(part) = desk.draft.parts.first_mut() {
        part.content.fields = names.iter().map(|name| (*name).to_owned()).collect();
    }
    let catalogue = desk.office.catalogue.kind(permitted.set.kind);
    let places = comparison.permit(&permitted.rights, catalogue, &path)?;
    desk.draft.asked = places.decision.asked.numbers();
    desk.draft.granted = places.decision.granted.numbers();
    desk.draft.groups.clone_from(&places.decision.groups);

    let matches = try_look_up(desk, &permitted)?;
    let sought = &permitted.identification;
    let persons: Vec<&RecordPerson> = matches.iter().flat_map(|one| places.persons(&one.people, sought)).collect();
    let outcome = question::outcome(&persons);
    let fields = if outcome == Outcome::Found { comparison.against(&persons) } else { Vec::new() };
    let answer = question::record(desk, EventKind::DataCheck, outcome, &persons, Vec::new())?;
    Ok(Compared { answer, fields })
}

/// Looks up after counting a try of this official at this person; a retry of the same request is none.
fn try_look_up(desk: &mut Desk<'_>, permitted: &Permitted) -> Result<Vec<Match>, Problem> {
    if desk.check_standing()? == Standing::Repeat {
        return question::look_up(desk, permitted);
    }
    let official = format!("{}/{}", desk.call.unit, desk.call.context.user.as_deref().unwrap_or_default());
    let person = permitted.identification.term().tag_material();
    if !desk.office.tries.admit(official, person) {
        return Err(Code::TriesExceeded.into());
    }
    question::look_up(desk, permitted)
}
