//! Fetches an order: what is ready is given out once more, judged by the rights of now and recorded by whoever gives it.

use uuid::Uuid;

use super::answer;
use super::content::Content;
use crate::call::{Call, Context, new_event};
use crate::problem::{Code, Kind, Problem};
use crate::procedures::disclose::{self, Disclosure};
use crate::procedures::question::{self, Question};
use crate::procedures::{Desk, access};
use crate::store::{Order, OrderedQuestion, QuestionState, Receipt};
use crate::workers::waiting;

/// How an order stands, question by question in the order asked.
pub struct Fetched {
    pub id: Uuid,
    pub replies: Vec<Reply>,
}

/// How one question stands.
pub struct Reply {
    pub set: String,
    pub told: Told,
}

/// What is said about a question.
pub enum Told {
    /// `GOTOWA`
    Ready(Box<Disclosure>),
    /// `W_TOKU`; the code says what it waits for, if that is known.
    Waiting(Option<String>),
    /// `ODMOWA`
    Refused(String),
}

/// An entry on its way, and what is told once it is durable.
struct Recording {
    receipt: Receipt,
    told: Told,
}

/// Only the system that ordered may fetch. Every answer that is given out has an entry of its own before the reply leaves;
/// so has every refusal to give one out.
///
/// # Errors
/// `BRAK_UPRAWNIEN`, `ZLECENIE_NIEZNANE`, `KOMUNIKAT_POWTORZONY`, `POWTORZENIE_NIEZGODNE`, `NIEDOSTEPNY`.
pub fn fetch(desk: &mut Desk<'_>, id: Uuid) -> Result<Fetched, Problem> {
    access::admit(desk)?;
    let order = desk.office.stores.orders().find(id)?.filter(|order| is_theirs(&desk.call, order));
    let order = order.ok_or(Code::OrderUnknown)?;
    desk.check_standing()?;
    let content = order.content.as_ref().map(Content::from_bytes).transpose()?;
    let mut begun = Vec::with_capacity(order.questions.len());
    for (place, ordered) in order.questions.iter().enumerate() {
        begun.push(match ordered.state {
            QuestionState::Waiting => Ok(Told::Waiting(ordered.code.clone())),
            QuestionState::Refused => Ok(Told::Refused(ordered.code.clone().unwrap_or_default())),
            QuestionState::Answered => {
                let content = content.as_ref().ok_or_else(|| Problem::internal("an order does not open"))?;
                give_out(desk, content, &content.question(place)?, ordered)?
            }
        });
    }
    // All registers are written at the same time; each reply waits for its own entry.
    let told = waiting(|| begun.into_iter().map(await_entry).collect::<Result<Vec<_>, _>>())?;
    desk.claim_look()?;
    let sets = order.questions.into_iter().map(|question| question.set);
    Ok(Fetched { id, replies: sets.zip(told).map(|(set, told)| Reply { set, told }).collect() })
}

fn is_theirs(call: &Call, order: &Order) -> bool {
    order.system == call.system && order.unit == call.unit && call.now < order.ends_at
}

/// Begins to give out one answer: the entry is submitted, or something else is to be told.
fn give_out(
    desk: &Desk<'_>,
    content: &Content,
    question: &Question,
    ordered: &OrderedQuestion,
) -> Result<Result<Told, Recording>, Problem> {
    let matter = desk.call.context.matter.as_deref().or(content.matter()).map(str::to_owned);
    let context = Context { matter, ..desk.call.context.clone() };
    let call = Call { event: new_event(), mark: None, context, ..desk.call.clone() };
    let mut own = Desk::new(desk.office, desk.registry.clone(), call);
    let judged = question::permit(&mut own, question)
        .and_then(|permitted| disclose::decide(&mut own, question, &permitted))
        .and_then(|_| Ok(own.recorder().order_answer(ordered.event)?));
    let refusal = match judged {
        Ok(Some(kept)) => {
            let disclosure = answer::from_bytes(ordered.event, &kept.payload)?;
            match own.retell(&kept) {
                Some(receipt) => return begun(receipt, Told::Ready(Box::new(disclosure))),
                None => Code::RepeatExpired.into(),
            }
        }
        Ok(None) => Code::RepeatExpired.into(),
        Err(problem) => problem,
    };
    if matches!(refusal.kind(), Kind::Unavailable | Kind::Internal) {
        return later(refusal).map(Ok);
    }
    let told = Told::Refused(refusal.code.wire().to_owned());
    begun(own.refuse(&refusal).map(|(receipt, _)| receipt), told)
}

fn begun(receipt: Result<Receipt, Problem>, told: Told) -> Result<Result<Told, Recording>, Problem> {
    match receipt {
        Ok(receipt) => Ok(Err(Recording { receipt, told })),
        Err(problem) => later(problem).map(Ok),
    }
}

fn await_entry(begun: Result<Told, Recording>) -> Result<Told, Problem> {
    begun.or_else(|Recording { receipt, told }| match receipt.wait_blocking() {
        Ok(_) => Ok(told),
        Err(error) => later(error.into()),
    })
}

/// An administrator that is away keeps nobody from the answers of the others.
fn later(problem: Problem) -> Result<Told, Problem> {
    if problem.kind() == Kind::Internal {
        return Err(problem);
    }
    log::debug!("an answer is told later: {problem}");
    Ok(Told::Waiting(Some(problem.code.wire().to_owned())))
}
