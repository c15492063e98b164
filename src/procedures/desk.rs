//! What an official has in front of them: the call, the rights of the moment, the databases, the entry being written.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Office;
use crate::call::Call;
use crate::ledger::{Draft, EventKind, KeptAnswer, PersonContent, PersonPart, RecordDigest};
use crate::problem::{Code, Problem};
use crate::store::{
    Claim, NewOrder, OrderAnswer, PLATFORM, Receipt, Recorded, Recorder, Registry, Standing, Submission, Tenant,
};
use crate::subjects::IdentificationFields;

/// The person on record: what the person's key hangs on, and the records that were given out.
pub type Found = (Vec<u8>, Vec<RecordDigest>);

/// One request's working place.
///
/// The draft of the ledger's entry grows while the request is judged, so that a refusal at any point records what was
/// known by then.
pub struct Desk<'o> {
    pub office: &'o Office,
    pub registry: Arc<Registry>,
    pub call: Call,
    pub draft: Draft,
    /// The administrator whose set was asked for; none before that is known.
    tenant: Option<Arc<Tenant>>,
    pending: Option<Pending>,
    admitted: bool,
}

/// What is submitted once the answer is written.
#[derive(Default)]
struct Pending {
    draft: Option<Draft>,
    /// Whether retries get this answer again.
    kept: bool,
    order: Option<NewOrder>,
}

impl<'o> Desk<'o> {
    #[must_use]
    pub fn new(office: &'o Office, registry: Arc<Registry>, call: Call) -> Self {
        let draft = Draft {
            unit: Some(call.unit.clone()),
            system: Some(call.system.clone()),
            certificate: Some(call.fingerprint),
            rights_generation: Some(registry.generation()),
            request: call.context.is_task_named().then(|| call.context.task.clone()),
            ..Draft::new(call.event, EventKind::Refusal, PLATFORM)
        };
        Self { office, registry, call, draft, tenant: None, pending: None, admitted: false }
    }

    /// Identifier of the administrator being asked.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref().map(|tenant| tenant.id.as_str())
    }

    /// Turns to the administrator `id`: from here on its ledger takes the entry.
    ///
    /// # Errors
    /// `NIEDOSTEPNY` when its databases are away.
    pub fn turn_to(&mut self, id: &str) -> Result<Arc<Tenant>, Problem> {
        let tenant = self.office.stores.tenant(id)?;
        id.clone_into(&mut self.draft.tenant);
        self.tenant = Some(Arc::clone(&tenant));
        Ok(tenant)
    }

    /// Turns away from whatever administrator was asked: the platform's register takes the entry.
    pub fn turn_back(&mut self) {
        PLATFORM.clone_into(&mut self.draft.tenant);
        self.tenant = None;
    }

    /// The administrator being asked.
    ///
    /// # Errors
    /// `BLAD_WEWNETRZNY` when nobody turned to one.
    pub fn administrator(&self) -> Result<Arc<Tenant>, Problem> {
        self.tenant.clone().ok_or_else(|| Problem::internal("no administrator was turned to"))
    }

    /// Notes that the caller's unit and official were found good; nothing but a refusal is recorded before.
    pub(super) fn admitted(&mut self) {
        self.admitted = true;
    }

    /// Names the person in the entry's sealed part: `tag` is what the person's key hangs on (rule 3.6).
    pub fn concern(&mut self, asked: &IdentificationFields, tag: Vec<u8>, purpose: &str) {
        let content = PersonContent {
            identification: asked.clone(),
            matter: self.call.context.matter.clone(),
            purpose: Some(purpose.to_owned()),
            fields: Vec::new(),
            records: Vec::new(),
        };
        self.draft.parts = vec![PersonPart { person: tag, content }];
    }

    /// Refuses a message that was used up by a refusal before its administrator was known. Whether the administrator's
    /// own register knows it is decided when the entry is written, and nothing leaves before (rules 1.1, 2.4).
    ///
    /// # Errors
    /// `KOMUNIKAT_POWTORZONY`.
    pub fn check_unrefused(&self) -> Result<(), Problem> {
        if let (Some(_), Some(message)) = (&self.tenant, self.message()) {
            self.office.stores.platform_recorder().standing(&message)?;
        }
        Ok(())
    }

    /// Refuses a message that the register of the administrator being asked knows. For what is claimed in the platform's
    /// register, which does not know whom an administrator refused.
    ///
    /// # Errors
    /// `KOMUNIKAT_POWTORZONY`, `NIEDOSTEPNY`.
    pub fn check_unused(&self) -> Result<(), Problem> {
        if let Some(message) = self.message() {
            self.recorder().standing(&message)?;
        }
        Ok(())
    }

    /// Refuses a replay and the misuse of an `idZadania` before any data is touched (rules 1.1, 2.1, 2.2).
    ///
    /// # Errors
    /// `KOMUNIKAT_POWTORZONY`, `POWTORZENIE_NIEZGODNE`.
    pub fn check_standing(&self) -> Result<Standing, Problem> {
        self.check_unrefused()?;
        Ok(self.claim().map_or(Ok(Standing::Fresh), |claim| self.recorder().standing(&claim))?)
    }

    /// Makes the entry of a success ready, to be submitted with the request's claim and the answer. Whoever was found
    /// takes the place of the person as asked; a refusal keeps the latter.
    ///
    /// # Errors
    /// `BLAD_WEWNETRZNY` when nobody asked whether the caller may ask at all.
    pub fn record(&mut self, kind: EventKind, found: Option<Found>) -> Result<(), Problem> {
        let mut draft = Draft { kind, ..self.draft.clone() };
        if let (Some(part), Some((person, records))) = (draft.parts.first_mut(), found) {
            part.person = person;
            part.content.records = records;
        }
        self.prepare(Pending { draft: Some(draft), kept: true, order: None })
    }

    /// Claims the request without an entry, for operations that have an effect and disclose nothing about anybody.
    ///
    /// # Errors
    /// As [`Desk::record`].
    pub fn claim_effect(&mut self) -> Result<(), Problem> {
        self.prepare(Pending { kept: true, ..Pending::default() })
    }

    /// The same for a request that makes an order: whoever works on orders is called once it is stored.
    ///
    /// # Errors
    /// As [`Desk::record`].
    pub fn claim_order(&mut self, order: NewOrder) -> Result<(), Problem> {
        self.prepare(Pending { kept: true, order: Some(order), ..Pending::default() })
    }

    /// The same for operations that only say how things stand: asked again they say how things stand then.
    ///
    /// # Errors
    /// As [`Desk::record`].
    pub fn claim_look(&mut self) -> Result<(), Problem> {
        self.prepare(Pending::default())
    }

    fn prepare(&mut self, pending: Pending) -> Result<(), Problem> {
        if !self.admitted {
            return Err(Problem::internal("an operation did not ask whether its caller may ask at all"));
        }
        self.pending = Some(pending);
        Ok(())
    }

    /// Leaves the desk after a success with `answer`, the Body's child: the receipt of what is being recorded, and the pen
    /// to write something else should the ledger not take it.
    ///
    /// # Errors
    /// `BLAD_WEWNETRZNY` when an operation ended without recording or claiming anything: no log, no answer (promise 1);
    /// `PRZECIAZENIE` when the ledger's queue is full.
    pub fn leave(mut self, answer: &[u8]) -> Result<(Receipt, Pen), Problem> {
        let Pending { draft, kept, order } = self.pending()?;
        let answer = kept.then(|| answer.to_vec());
        let tenants: Vec<String> =
            order.iter().flat_map(|order| &order.questions).map(|question| question.tenant.clone()).collect();
        let submission = Submission { claim: self.claim(), draft, answer, order, ..Submission::default() };
        let mut receipt = self.recorder().submit(submission)?;
        if !tenants.is_empty() {
            let bell = self.office.orders.clone();
            receipt = receipt.heard(move |_| tenants.iter().for_each(|tenant| bell.ring(tenant)));
        }
        Ok((receipt, self.pen(kept)))
    }

    /// Leaves the desk after a question of an order was answered; the answer is kept with its entry until `ends_at`.
    ///
    /// # Errors
    /// As [`Desk::leave`].
    pub fn leave_for_later(mut self, payload: Vec<u8>, ends_at: DateTime<Utc>) -> Result<Receipt, Problem> {
        let draft = self.pending()?.draft;
        let order_answer = Some(OrderAnswer { payload, ends_at });
        Ok(self.recorder().submit(Submission { draft, order_answer, ..Submission::default() })?)
    }

    /// Records that what `kept` holds is told again; nothing when the rights of the desk's caller do not reach that far.
    ///
    /// # Errors
    /// As [`Desk::leave`].
    pub fn retell(&self, kept: &KeptAnswer) -> Option<Result<Receipt, Problem>> {
        let draft = Draft { kind: EventKind::Disclosure, ..self.draft.clone() };
        let draft = Some(kept.retell(&draft)?);
        let submission = Submission { draft, retold: true, ..Submission::default() };
        Some(self.recorder().submit(submission).map_err(Problem::from))
    }

    fn pending(&mut self) -> Result<Pending, Problem> {
        self.pending.take().ok_or_else(|| Problem::internal("an operation ended without a ledger submission"))
    }

    /// Leaves the desk after a refusal, which is recorded. It claims nothing, so the same question may be asked again
    /// once its reason is gone; only the signed message itself can never be used again.
    ///
    /// # Errors
    /// As [`Desk::record`].
    pub fn refuse(self, problem: &Problem) -> Result<(Receipt, Pen), Problem> {
        let pen = self.pen(false);
        let receipt = pen.submit(problem)?;
        Ok((receipt, pen))
    }

    fn pen(self, kept: bool) -> Pen {
        let message = self.message();
        Pen { recorder: self.recorder().clone(), draft: self.draft, message, kept }
    }

    /// The event's identifier: `idUdostepnienia` of a reply.
    #[must_use]
    pub const fn event(&self) -> Uuid {
        self.call.event
    }

    /// The writer of the register that takes this request's entry.
    pub(super) fn recorder(&self) -> &Recorder {
        self.tenant.as_deref().map_or_else(|| self.office.stores.platform_recorder(), |tenant| &tenant.recorder)
    }

    /// What the call's message claims to be; nothing outside any message.
    fn claim(&self) -> Option<Claim> {
        self.call.mark.map(|mark| Claim {
            system: self.call.system.clone(),
            signed_info: mark.signed_info,
            task: self.call.context.is_task_named().then(|| self.call.context.task_key()),
            content: Some(mark.content),
        })
    }

    /// The message alone, without its task.
    fn message(&self) -> Option<Claim> {
        self.claim().map(|claim| Claim { content: None, ..claim })
    }
}

/// What is needed to answer otherwise after the desk was left.
pub struct Pen {
    recorder: Recorder,
    draft: Draft,
    /// The message, which a refusal uses up; the task stays free.
    message: Option<Claim>,
    kept: bool,
}

impl Pen {
    /// The event of the first request, when what was recorded is a retry that gets the first answer again.
    #[must_use]
    pub fn repeats(&self, recorded: Recorded) -> Option<Uuid> {
        recorded.repeats.filter(|_| self.kept)
    }

    /// The answer of the first request (rule 2.3).
    ///
    /// # Errors
    /// `POWTORZENIE_WYGASLE` when it went since the retry was recorded, `NIEDOSTEPNY` when it cannot be read.
    pub fn first_answer(&self, first: Uuid) -> Result<Vec<u8>, Problem> {
        Ok(self.recorder.answer(first)?.payload)
    }

    /// Records that the ledger itself refused the request: a replay or another content, found at the commit.
    ///
    /// # Errors
    /// As [`Desk::record`].
    pub fn refuse(self, problem: &Problem) -> Result<Receipt, Problem> {
        self.submit(problem)
    }

    fn submit(&self, problem: &Problem) -> Result<Receipt, Problem> {
        let replayed = problem.code == Code::MessageRepeated;
        let claim = self.message.clone().filter(|_| !replayed);
        let draft = Draft {
            kind: EventKind::Refusal,
            code: Some(problem.code.wire()),
            outcome: None,
            granted: Vec::new(),
            state: None,
            as_of: None,
            ..self.draft.clone()
        };
        Ok(self.recorder.submit(Submission { claim, draft: Some(draft), ..Submission::default() })?)
    }
}
