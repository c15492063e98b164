//! `UdostepnijDaneOsoby`: gives out of one set what was asked for and granted about one person, and records it.

use super::Desk;
use super::question::{self, Answer, Outcome, Permitted, Question};
use crate::disclosure::{Asked, Decision, Scope, ScopeItem, View, cut};
use crate::ledger::{EventKind, RecordDigest};
use crate::problem::{Code, Problem};
use crate::signatures::sha256;

/// The answer with its data.
pub struct Disclosure {
    pub answer: Answer,
    /// One or more exactly when the person was found.
    pub records: Vec<DisclosedRecord>,
    /// Leaves asked for and not granted, after a cut.
    pub omitted: Scope,
}

/// One record, cut.
pub struct DisclosedRecord {
    /// `PODMIOT` or `DZIECKO`; only in sets of family benefits.
    pub role: Option<&'static str>,
    /// The bytes of the `b:Udostepniona…` element, as they leave.
    pub element: Vec<u8>,
}

/// Access first, then the rule, then the data, last the ledger's entry.
///
/// # Errors
/// As [`question::permit`], [`Desk::check_unrefused`] and [`question::look_up`]; `ZAKRES_NIEZNANY`, `ZAKRES_NIEDOZWOLONY`.
pub fn disclose(desk: &mut Desk<'_>, question: &Question) -> Result<Disclosure, Problem> {
    let permitted = question::permit(desk, question)?;
    let decision = decide(desk, question, &permitted)?;
    let catalogue = desk.office.catalogue.kind(permitted.set.kind);

    desk.check_unrefused()?;
    let matches = question::look_up(desk, &permitted)?;
    let persons = question::persons(&matches, &permitted.identification);
    let outcome = question::outcome(&persons);
    let mut records = Vec::new();
    let mut digests = Vec::new();
    if outcome == Outcome::Found {
        for one in &matches {
            let element = cut(catalogue, &one.stored.record, &decision.granted, View::of(&one.role))?;
            let role = question::role(permitted.set.kind, &one.role);
            let digest = sha256(&element);
            let source_id = one.stored.source_id.clone();
            digests.push(RecordDigest { source_id, role: role.map(Into::into), digest });
            records.push(DisclosedRecord { role, element });
        }
    }
    let answer = question::record(desk, EventKind::Disclosure, outcome, &persons, digests)?;
    Ok(Disclosure { answer, records, omitted: decision.omitted })
}

/// Decides what of the items asked for is given out.
///
/// # Errors
/// `ZAKRES_NIEZNANY`, `ZAKRES_NIEDOZWOLONY`.
pub(super) fn decide(desk: &mut Desk<'_>, question: &Question, permitted: &Permitted) -> Result<Decision, Problem> {
    let catalogue = desk.office.catalogue.kind(permitted.set.kind);
    let items = question
        .items
        .iter()
        .map(|item| ScopeItem::parse(item).ok_or(Code::ScopeUnknown))
        .collect::<Result<Vec<_>, _>>()?;
    let asked = Asked::list(&format!("{}/u:pozycja", question.path_of(&desk.call, "zakres")), &items);
    desk.draft.asked = items.iter().filter_map(|item| catalogue.expand(*item)).flatten().collect::<Scope>().numbers();
    let decision = permitted.rights.narrow(catalogue, &asked, question.trim)?;
    desk.draft.granted = decision.granted.numbers();
    desk.draft.groups.clone_from(&decision.groups);
    Ok(decision)
}
