//! What an official has in front of them: the call, the rights of the moment, the databases, the entry being written.

use std::sync::Arc;

use uuid::Uuid;

use super::Office;
use crate::call::Call;
use crate::ledger::{Draft, EventKind, PersonContent, PersonPart, RecordDigest};
use crate::problem::{Code, Problem};
use crate::store::{Claim, PLATFORM, Receipt, Recorder, Registry, Standing, Submission, Tenant};
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
    receipt: Option<Receipt>,
    admitted: bool,
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
        Self { office, registry, call, draft, tenant: None, receipt: None, admitted: false }
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
        if self.tenant.is_some() {
            self.office.stores.platform_recorder().standing(&Claim { content: None, ..self.claim() })?;
        }
        Ok(())
    }

    /// Refuses a replay and the misuse of an `idZadania` before any data is touched (rules 1.1, 2.1, 2.2).
    ///
    /// # Errors
    /// `KOMUNIKAT_POWTORZONY`, `POWTORZENIE_NIEZGODNE`.
    pub fn check_standing(&self) -> Result<Standing, Problem> {
        self.check_unrefused()?;
        Ok(self.recorder().standing(&self.claim())?)
    }

    /// Submits the entry of a success together with the request's claim; the door waits for its commit. Whoever was
    /// found takes the place of the person as asked; a refusal keeps the latter.
    ///
    /// # Errors
    /// `PRZECIAZENIE` when the ledger's queue is full.
    pub fn record(&mut self, kind: EventKind, found: Option<Found>) -> Result<(), Problem> {
        let mut draft = Draft { kind, ..self.draft.clone() };
        if let (Some(part), Some((person, records))) = (draft.parts.first_mut(), found) {
            part.person = person;
            part.content.records = records;
        }
        self.submit(Some(draft))
    }

    /// Claims the request without an entry, for operations that disclose nothing about anybody.
    ///
    /// # Errors
    /// As [`Desk::record`].
    pub fn claim_only(&mut self) -> Result<(), Problem> {
        self.submit(None)
    }

    fn submit(&mut self, draft: Option<Draft>) -> Result<(), Problem> {
        if !self.admitted {
            return Err(Problem::internal("an operation did not ask whether its caller may ask at all"));
        }
        self.receipt = Some(self.recorder().submit(Submission { claim: Some(self.claim()), draft })?);
        Ok(())
    }

    /// Leaves the desk after a success: the receipt of what was recorded, and the pen to refuse all the same should the
    /// ledger not take it.
    ///
    /// # Errors
    /// `BLAD_WEWNETRZNY` when an operation ended without recording or claiming anything: no log, no answer (promise 1).
    pub fn leave(mut self) -> Result<(Receipt, Refuser), Problem> {
        let receipt =
            self.receipt.take().ok_or_else(|| Problem::internal("an operation ended without a ledger submission"))?;
        Ok((receipt, self.refuser()))
    }

    /// Leaves the desk after a refusal, which is recorded. It claims nothing, so the same question may be asked again
    /// once its reason is gone; only the signed message itself can never be used again.
    ///
    /// # Errors
    /// As [`Desk::record`].
    pub fn refuse(self, problem: &Problem) -> Result<(Receipt, Refuser), Problem> {
        let replayed = problem.code == Code::MessageRepeated;
        let claim = (!replayed).then(|| Claim { content: None, ..self.claim() });
        let refuser = self.refuser();
        let receipt = refuser.submit(problem, claim)?;
        Ok((receipt, refuser))
    }

    fn refuser(self) -> Refuser {
        Refuser { recorder: self.recorder().clone(), draft: self.draft }
    }

    /// The event's identifier: `idUdostepnienia` of a reply.
    #[must_use]
    pub const fn event(&self) -> Uuid {
        self.call.event
    }

    fn recorder(&self) -> &Recorder {
        self.tenant.as_deref().map_or_else(|| self.office.stores.platform_recorder(), |tenant| &tenant.recorder)
    }

    fn claim(&self) -> Claim {
        Claim {
            system: self.call.system.clone(),
            signed_info: self.call.signed_info,
            task: self.call.context.is_task_named().then(|| self.call.context.task_key()),
            content: Some(self.call.content),
        }
    }
}

/// What is needed to record a refusal after the desk was left.
pub struct Refuser {
    recorder: Recorder,
    draft: Draft,
}

impl Refuser {
    /// Records that the ledger itself refused the request: a replay or another content, found at the commit.
    ///
    /// # Errors
    /// As [`Desk::record`].
    pub fn refuse(self, problem: &Problem) -> Result<Receipt, Problem> {
        self.submit(problem, None)
    }

    fn submit(&self, problem: &Problem, claim: Option<Claim>) -> Result<Receipt, Problem> {
        let draft = Draft {
            kind: EventKind::Refusal,
            code: Some(problem.code.wire()),
            outcome: None,
            granted: Vec::new(),
            state: None,
            as_of: None,
            ..self.draft.clone()
        };
        Ok(self.recorder.submit(Submission { claim, draft: Some(draft) })?)
    }
}
