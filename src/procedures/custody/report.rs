//! The report for a person, out of what the register says about them.

use chrono::{DateTime, Utc};

use super::person::{Known, known};
use super::warrant::{Warrant, part};
use super::{Error, Official};
use crate::disclosure::{Catalogue, Right, ScopeItem};
use crate::ledger::{
    Draft, EventKind, Named, PersonContent, PersonPart, Report, ReportItem, ReportedEntry, StoredEntry, parse_entry,
    read_entry, read_facts,
};
use crate::procedures::question::Outcome;
use crate::store::{Registry, Stores};
use crate::subjects::{Identification, IdentificationFields, SetKind};

/// Gathers all that the register says about the person. The entry that says so, under the person's own key, is durable
/// before anything is given out (rule 4.6).
///
/// # Errors
/// As [`Error`] says; a missing right and several persons that match are recorded.
pub fn report(
    stores: &Stores,
    catalogue: &Catalogue,
    official: Official<'_>,
    person: &IdentificationFields,
    now: DateTime<Utc>,
) -> Result<Report, Error> {
    let identification = Identification::parse(person).map_err(Error::Person)?;
    let asked = part(person, &identification, official.reason);
    let warrant = Warrant::of(stores, official, Right::InspectRegister, Some(&asked))?;
    let (tenant, registry) = (&warrant.tenant, &warrant.registry);
    let Known { materials, ambiguous } = known(tenant, registry, &identification)?;
    let told = if ambiguous { Vec::new() } else { tenant.concerning(&materials)? };
    let outcome = match (ambiguous, told.is_empty()) {
        (true, _) => Outcome::Ambiguous,
        (false, true) => Outcome::NotFound,
        (false, false) => Outcome::Found,
    };
    let own = PersonPart { person: materials.into_iter().next().unwrap_or(asked.person), ..asked };
    let draft = warrant.draft(EventKind::Inspection);
    warrant.record(Draft { outcome: Some(outcome.wire().into()), parts: vec![own], ..draft })?;
    if ambiguous {
        return Err(Error::Ambiguous);
    }
    let desk = Writing { registry, catalogue };
    let unit = official.unit.to_owned();
    Ok(Report {
        tenant: Named {
            id: tenant.id.clone(),
            name: registry.tenants().find(|(id, _)| *id == tenant.id).map(|(_, name)| name.to_owned()),
        },
        person: person.clone(),
        time: now,
        unit: Named { name: desk.unit_name(&unit), id: unit },
        user: official.login.to_owned(),
        reason: official.reason.to_owned(),
        entries: told.into_iter().map(|(entry, content)| desk.entry(&entry, content)).collect::<Result<_, _>>()?,
    })
}

/// What identifiers of entries are called.
struct Writing<'a> {
    registry: &'a Registry,
    catalogue: &'a Catalogue,
}

impl Writing<'_> {
    fn entry(&self, stored: &StoredEntry, content: Option<PersonContent>) -> Result<ReportedEntry, Error> {
        let document = parse_entry(&stored.leaf).map_err(Error::unreadable)?;
        let head = read_entry(document.root()).map_err(Error::unreadable)?;
        let facts = read_facts(document.root());
        let set = facts.set.as_deref().and_then(|set| self.registry.set(set));
        let items =
            |numbers: &[String]| numbers.iter().map(|number| self.item(set.map(|set| set.kind), number)).collect();
        Ok(ReportedEntry {
            unit_name: facts.unit.as_deref().and_then(|unit| self.unit_name(unit)),
            set_name: set.map(|set| set.name.clone()),
            basis_title: facts.basis.as_deref().and_then(|code| self.registry.basis(code)).map(|one| one.title.clone()),
            asked: items(&facts.asked),
            granted: items(&facts.granted),
            head,
            facts,
            content,
        })
    }

    fn unit_name(&self, id: &str) -> Option<String> {
        self.registry.unit(id).map(|unit| unit.name.clone())
    }

    fn item(&self, kind: Option<SetKind>, number: &str) -> ReportItem {
        let name = kind.zip(ScopeItem::parse(number)).and_then(|(kind, item)| self.catalogue.kind(kind).name(item));
        ReportItem { number: number.to_owned(), name: name.map(str::to_owned) }
    }
}
