//! The threads that answer orders: one question of an administrator at a time, asked as it was ordered, until it is settled.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::answer;
use super::content::Content;
use crate::ledger::{Draft, EventKind};
use crate::problem::{Code, Kind, Problem};
use crate::procedures::bell::Bell;
use crate::procedures::question;
use crate::procedures::shift::{Duty, Shift};
use crate::procedures::{Desk, Office, disclose};
use crate::store::{Errand, Orders, PLATFORM, QuestionState, Receipt, Settled, Submission};

/// How often the pause between two tries doubles, from a second on: to 64 seconds.
const DOUBLINGS: u32 = 6;

/// An administrator is served for so long, and for so many questions, before others go first.
const TURN: Duration = Duration::from_secs(1);
const TURN_QUESTIONS: usize = 20;

/// The running clerk of a node.
pub struct Clerk(Shift);

/// What all its threads share.
struct Bureau {
    office: Arc<Office>,
    /// Who we are to other nodes.
    holder: Uuid,
}

impl Clerk {
    /// Begins to answer in threads of its own; what an earlier run of a lone node had in hand is taken up at once.
    ///
    /// # Errors
    /// `NIEDOSTEPNY` when the platform's register is away.
    pub fn start(office: &Arc<Office>) -> Result<Self, Problem> {
        let orders = office.stores.orders();
        orders.release_abandoned()?;
        for tenant in orders.due(Utc::now())? {
            office.orders.ring(&tenant);
        }
        let bureau = Bureau { office: Arc::clone(office), holder: Uuid::new_v4() };
        Shift::start(&office.orders, bureau).map(Self)
    }

    /// Ends the threads, each after the question it has in hand.
    pub fn stop(self) {
        self.0.stop();
    }
}

impl Duty for Bureau {
    const NAME: &'static str = "order";
    const THREADS: usize = 4;
    const ROUND: Duration = Duration::from_secs(2);

    fn go_round(&self, bell: &Bell) {
        let now = Utc::now();
        if let Err(error) = self.orders().sweep(now) {
            log::warn!("orders that have ended cannot be taken away: {error}");
        }
        match self.orders().due(now) {
            Ok(tenants) => tenants.iter().for_each(|tenant| bell.ring(tenant)),
            Err(error) => log::warn!("orders cannot be looked at: {error}"),
        }
    }

    /// Answers what is due at one administrator, for a bounded time: then others go first. When it is away, the rest waits for
    /// the next round.
    fn serve(&self, tenant: &str) -> Result<(), Problem> {
        let until = Instant::now() + TURN;
        for _ in 0..TURN_QUESTIONS {
            if self.office.orders.is_closed() || Instant::now() >= until {
                break;
            }
            let Some(errand) = self.orders().take(tenant, self.holder, Utc::now())? else { return Ok(()) };
            self.run(tenant, &errand)?;
        }
        self.office.orders.ring(tenant);
        Ok(())
    }
}

impl Bureau {
    fn orders(&self) -> Orders<'_> {
        self.office.stores.orders()
    }

    /// Settles one question, or puts it off and says why. Only what fails for all others too is an error.
    fn run(&self, tenant: &str, errand: &Errand) -> Result<(), Problem> {
        let now = Utc::now();
        let next = now + pause(errand.tries);
        let done =
            if now < errand.ends_at { self.ask(tenant, errand, now) } else { Err(Code::TenantUnavailable.into()) };
        let done = match done {
            Err(_) if next >= errand.ends_at => self.give_up(tenant, errand, now),
            done => done,
        };
        match done {
            Ok(Settled::Answered) => self.orders().settle(errand.event, QuestionState::Answered, None)?,
            Ok(Settled::Refused(code)) => self.orders().settle(errand.event, QuestionState::Refused, Some(&code))?,
            Err(problem) => {
                self.orders().put_off(errand.event, self.holder, next, problem.code.wire())?;
                if problem.kind() == Kind::Unavailable {
                    return Err(problem);
                }
                let cause = problem.cause.as_ref().map(ToString::to_string).unwrap_or_default();
                log::error!("tenant.id" = tenant; "question {} of an order fails: {cause}", errand.event);
            }
        }
        Ok(())
    }

    /// Asks as the order says. What the register has decides, whoever wrote it: an earlier try, or another node.
    fn ask(&self, tenant: &str, errand: &Errand, now: DateTime<Utc>) -> Result<Settled, Problem> {
        let tenant = self.office.stores.tenant(tenant)?;
        if let Some(settled) = tenant.recorder.settled(errand.event)? {
            return Ok(settled);
        }
        let content = content(errand)?;
        let question = content.question(errand.place)?;
        let mut desk = self.desk(&content, errand, now)?;
        let asked = disclose::disclose(&mut desk, &question);
        let recorder = desk.recorder().clone();
        let receipt = match asked {
            Ok(disclosure) => desk.leave_for_later(answer::to_bytes(&disclosure)?, errand.ends_at)?,
            Err(problem) if matches!(problem.kind(), Kind::Unavailable | Kind::Internal) => return Err(problem),
            Err(problem) => desk.refuse(&problem)?.0,
        };
        receipt.wait_blocking()?;
        recorder.settled(errand.event)?.ok_or_else(|| Problem::internal("an entry that is durable is not there"))
    }

    /// The order ends without an answer: the platform's register says so, unless that of the administrator knows better.
    fn give_up(&self, tenant: &str, errand: &Errand, now: DateTime<Utc>) -> Result<Settled, Problem> {
        let known = self.office.stores.tenant(tenant).ok();
        // Neither one that is away nor one whose keys were destroyed can be asked.
        if let Some(settled) = known.and_then(|tenant| tenant.recorder.settled(errand.event).ok().flatten()) {
            return Ok(settled);
        }
        let (code, receipt) = match content(errand) {
            Ok(content) => {
                let mut desk = self.desk(&content, errand, now)?;
                let question = content.question(errand.place)?;
                // Whether the words name a person was judged when they were ordered.
                let _ = question::note(&mut desk, &question);
                (Code::TenantUnavailable, desk.refuse(&Code::TenantUnavailable.into())?.0)
            }
            Err(problem) => (problem.code, self.refuse_unread(errand, problem.code)?),
        };
        receipt.wait_blocking()?;
        Ok(Settled::Refused(code.wire().to_owned()))
    }

    /// Refuses a question that nobody can read any more: of it there is only what stands beside its content.
    fn refuse_unread(&self, errand: &Errand, code: Code) -> Result<Receipt, Problem> {
        let draft = Draft {
            system: Some(errand.system.clone()),
            unit: Some(errand.unit.clone()),
            set: Some(errand.set.clone()),
            code: Some(code.wire()),
            ..Draft::new(errand.event, EventKind::Refusal, PLATFORM)
        };
        let submission = Submission { draft: Some(draft), ..Submission::default() };
        Ok(self.office.stores.platform_recorder().submit(submission)?)
    }

    fn desk(&self, content: &Content, errand: &Errand, now: DateTime<Utc>) -> Result<Desk<'_>, Problem> {
        let call = content.call(&errand.system, &errand.unit, errand.event, now);
        Ok(Desk::new(&self.office, self.office.registry()?, call))
    }
}

fn content(errand: &Errand) -> Result<Content, Problem> {
    let sealed = errand.content.as_ref().ok_or_else(|| Problem::internal("an order does not open"))?;
    Content::from_bytes(sealed)
}

/// How long a question rests after so many tries that failed.
fn pause(tries: u32) -> TimeDelta {
    TimeDelta::seconds(1 << tries.min(DOUBLINGS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_its_bound() {
        let pauses = [0, 1, 5, 6, 7, 63, 64, u32::MAX].map(|tries| pause(tries).num_seconds());
        assert_eq!(pauses, [1, 2, 32, 64, 64, 64, 64, 64]);
    }
}
