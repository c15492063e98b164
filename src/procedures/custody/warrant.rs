//! Who acts on a register, why, and whether they may: the beginning of every entry that they leave.

use std::sync::Arc;

use super::Error;
use crate::call::new_event;
use crate::disclosure::Right;
use crate::ledger::{Draft, EventKind, PersonContent, PersonPart};
use crate::procedures::access;
use crate::store::{Registry, Stores, Submission, Tenant, is_identifier, is_text};
use crate::subjects::{Identification, IdentificationFields};

/// An official of the administrator's own unit, and what they have to say for it.
#[derive(Debug, Clone, Copy)]
pub struct Official<'a> {
    pub tenant: &'a str,
    pub unit: &'a str,
    pub login: &'a str,
    /// Stands readable in the entry, so nothing about a person belongs there; 1 to 200 characters.
    pub reason: &'a str,
}

/// An official found to have the right.
pub(super) struct Warrant {
    pub(super) tenant: Arc<Tenant>,
    pub(super) registry: Arc<Registry>,
    draft: Draft,
}

impl Warrant {
    /// Checks that the official has `right`; a refusal is recorded, with a part about `person` where one is named.
    pub(super) fn of(
        stores: &Stores,
        official: Official<'_>,
        right: Right,
        person: Option<&PersonPart>,
    ) -> Result<Self, Error> {
        let Official { tenant, unit, login, reason } = official;
        for (name, what) in [(tenant, "the administrator"), (unit, "the unit"), (login, "the login")] {
            if !is_identifier(name) {
                return Err(Error::Malformed(what));
            }
        }
        if !is_text(reason) {
            return Err(Error::Malformed("the reason (1 to 200 characters)"));
        }
        let registry = stores.platform().registry()?;
        let tenant = stores.tenant(tenant)?;
        let own = registry.user(unit, login).into_iter().flatten();
        let groups = access::holding(&registry, unit, own, right, &tenant.id);
        let draft = Draft {
            unit: Some(unit.to_owned()),
            user: Some(login.to_owned()),
            groups,
            rights_generation: Some(registry.generation()),
            reason: Some(reason.to_owned()),
            ..Draft::new(new_event(), EventKind::Refusal, &tenant.id)
        };
        let warrant = Self { tenant, registry, draft };
        if warrant.draft.groups.is_empty() {
            let code = Some(crate::problem::Code::Forbidden.wire());
            warrant.record(Draft { code, parts: person.into_iter().cloned().collect(), ..warrant.draft.clone() })?;
            return Err(Error::Forbidden(right));
        }
        Ok(warrant)
    }

    /// The beginning of an entry of this kind.
    pub(super) fn draft(&self, kind: EventKind) -> Draft {
        Draft { kind, event: new_event(), ..self.draft.clone() }
    }

    /// Writes an entry durably.
    pub(super) fn record(&self, draft: Draft) -> Result<(), Error> {
        let submission = Submission { draft: Some(draft), ..Submission::default() };
        self.tenant.recorder.submit(submission)?.wait_blocking()?;
        Ok(())
    }
}

/// The part of an entry about the person whom an official named.
pub(super) fn part(named: &IdentificationFields, identification: &Identification, reason: &str) -> PersonPart {
    PersonPart {
        person: identification.term().tag_material(),
        content: PersonContent {
            identification: named.clone(),
            matter: None,
            purpose: Some(reason.to_owned()),
            fields: Vec::new(),
            records: Vec::new(),
        },
    }
}
