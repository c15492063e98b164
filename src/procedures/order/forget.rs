//! Lets go of what orders hold of a person whose key an administrator destroys.

use crate::ledger::{Draft, EventKind};
use crate::problem::Code;
use crate::procedures::custody::Error;
use crate::store::{QuestionState, Settled, Stores, Submission, Tenant, WaitingQuestion};

/// What a question is told whose person was erased: who still needs to know has to ask anew.
const CODE: Code = Code::RepeatExpired;

/// Refusals that wait for their entries at a time.
const AT_ONCE: usize = 100;

/// Ends the questions of orders at `tenant` about the person whom `materials` tell apart: what waits is refused by an entry in
/// its register that names nobody, what is ready is not given out any more. The content of an order goes once no other
/// administrator's question needs it. Gives the number of questions.
///
/// To be called before the person's keys are destroyed: then what is answered meanwhile goes with them.
///
/// # Errors
/// When a register is away; what was refused by then stays so, and asking again does the rest.
pub fn forget(stores: &Stores, tenant: &Tenant, materials: &[Vec<u8>]) -> Result<usize, Error> {
    let orders = stores.orders();
    let waiting = orders.waiting_about(&tenant.id, materials)?;
    let mut refused = 0;
    for questions in waiting.chunks(AT_ONCE) {
        let receipts = questions.iter().map(|question| {
            let submission = Submission { draft: Some(refusal(&tenant.id, question)), ..Submission::default() };
            tenant.recorder.submit(submission)
        });
        for receipt in receipts.collect::<Result<Vec<_>, _>>()? {
            receipt.wait_blocking()?;
        }
        for WaitingQuestion { event, .. } in questions {
            // A clerk may have been faster: whatever the register has is what became of the question.
            match tenant.recorder.settled(*event)? {
                Some(Settled::Refused(code)) => {
                    orders.settle(*event, QuestionState::Refused, Some(&code))?;
                    refused += 1;
                }
                Some(Settled::Answered) => orders.settle(*event, QuestionState::Answered, None)?,
                None => {}
            }
        }
    }
    Ok(refused + orders.forget(&tenant.id, materials, CODE.wire())?)
}

fn refusal(tenant: &str, question: &WaitingQuestion) -> Draft {
    Draft {
        system: Some(question.system.clone()),
        unit: Some(question.unit.clone()),
        set: Some(question.set.clone()),
        code: Some(CODE.wire()),
        ..Draft::new(question.event, EventKind::Refusal, tenant)
    }
}
