//! Takes an order: everything in it is judged as if it were asked at once, and nothing is stored unless all is permissible.

use chrono::{Days, NaiveDate};
use uuid::Uuid;

use super::Request;
use super::content::Content;
use crate::call::{end_of, new_event};
use crate::problem::{Code, Detail, Kind, Problem};
use crate::procedures::question::{self, Permitted, Question};
use crate::procedures::{Desk, disclose};
use crate::store::{NewOrder, NewQuestion, Standing};

/// An order that is stored with the claim of its request.
pub struct Placed {
    /// `idZlecenia`
    pub id: Uuid,
    /// The last day on which it can be fetched.
    pub valid_to: NaiveDate,
}

/// Rights, legal basis, words and scope of every question are judged; an administrator that is away does not matter yet.
///
/// # Errors
/// As [`question::permit_later`]; `ZAKRES_NIEZNANY`, `ZAKRES_NIEDOZWOLONY`, `KOMUNIKAT_POWTORZONY`, `POWTORZENIE_NIEZGODNE`;
/// `PRZECIAZENIE` while as many questions of the system wait as may.
pub fn place(desk: &mut Desk<'_>, request: &Request) -> Result<Placed, Problem> {
    let mut questions = Vec::with_capacity(request.asked.len());
    let mut person = Vec::new();
    for question in request.questions() {
        let permitted = judge(desk, &question).map_err(|problem| about(desk, &question, problem))?;
        person = permitted.identification.term().tag_material();
        questions.push(NewQuestion { event: new_event(), set: question.set, tenant: permitted.set.tenant });
    }
    forget(desk);
    let orders = desk.office.stores.orders();
    // A retry adds no question.
    if desk.check_standing()? == Standing::Fresh
        && orders.waiting(&desk.call.system)? >= u64::from(orders.questions_max)
    {
        // Nobody was asked about.
        desk.draft.parts.clear();
        let full = Problem::new(Code::Overloaded);
        return Err(full.explain("Na odpowiedź czeka już tyle pytań zleconych przez ten system, ile dopuszczono."));
    }
    let valid_to = desk.call.today + Days::new(orders.days.into());
    let order = NewOrder {
        id: new_event(),
        system: desk.call.system.clone(),
        unit: desk.call.unit.clone(),
        made_at: desk.call.now,
        ends_at: end_of(valid_to),
        person,
        content: Content::new(&desk.call, request).to_bytes()?,
        questions,
    };
    let id = order.id;
    desk.claim_order(order)?;
    Ok(Placed { id, valid_to })
}

/// Judges one question, which somebody is to answer later.
fn judge(desk: &mut Desk<'_>, question: &Question) -> Result<Permitted, Problem> {
    forget(desk);
    let permitted = question::permit_later(desk, question)?;
    disclose::decide(desk, question, &permitted)?;
    match desk.check_unused() {
        Err(problem) if problem.kind() == Kind::Unavailable => {}
        judged => judged?,
    }
    Ok(permitted)
}

/// Leaves nothing of one question in the entry of another's refusal, nor in that of all together.
fn forget(desk: &mut Desk<'_>) {
    desk.turn_back();
    desk.draft.set = None;
    desk.draft.groups.clear();
    desk.draft.asked.clear();
    desk.draft.granted.clear();
}

/// Points at the question when the problem points nowhere.
fn about(desk: &Desk<'_>, question: &Question, problem: Problem) -> Problem {
    if !problem.details.is_empty() || matches!(problem.kind(), Kind::Unavailable | Kind::Internal) {
        return problem;
    }
    let path = question.path_of(&desk.call, "zbior");
    problem.detail(Detail { path: Some(path), text: "Dotyczy pytania o ten zbiór.".to_owned(), ..Detail::default() })
}
