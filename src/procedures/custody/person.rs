//! By what a register may know a person: as named now, and in every other way that the administrator's sets tell.

use super::Error;
use crate::store::{Registry, SetRecord, Tenant};
use crate::subjects::{Identification, RecordPerson, SearchTerm, one_person, people, same_person};

/// A person in an administrator's sets and register.
pub(super) struct Known {
    /// What the person's keys hang on; the one under which a new entry stands comes first. None when what was named fits
    /// somebody on record, but not with this surname (rule 4.2).
    pub(super) materials: Vec<Vec<u8>>,
    /// Whether the words fit several different persons: then only what was named exactly so is theirs.
    pub(super) ambiguous: bool,
}

/// Looks the person up in all sets of the administrator, in their current state.
///
/// A way to name the person that fits somebody else too is left out: what stands under it may be about either.
pub(super) fn known(tenant: &Tenant, registry: &Registry, named: &Identification) -> Result<Known, Error> {
    let sets: Vec<&SetRecord> = registry.sets().filter(|set| set.tenant == tenant.id).collect();
    let term = named.term();
    let (found, others): (Vec<_>, Vec<_>) =
        under(tenant, &sets, &term)?.into_iter().partition(|person| person.matches(named));
    if found.is_empty() && !others.is_empty() {
        return Ok(Known { materials: Vec::new(), ambiguous: false });
    }
    if !one_person(&found.iter().collect::<Vec<_>>()) {
        return Ok(Known { materials: vec![term.tag_material()], ambiguous: true });
    }
    let mut terms: Vec<SearchTerm> = found.first().map(RecordPerson::tag).into_iter().collect();
    if !terms.contains(&term) {
        terms.push(term.clone());
    }
    let others = found.iter().flat_map(|person| std::iter::once(person.tag()).chain(person.terms()));
    for other in others {
        if !terms.contains(&other) && is_theirs(tenant, &sets, &other, &found)? {
            terms.push(other);
        }
    }
    // What was named may itself fit somebody else: by PESEL alone everybody is told apart.
    if !found.is_empty() && !is_theirs(tenant, &sets, &term, &found)? {
        terms.retain(|known| *known != term);
    }
    Ok(Known { materials: terms.iter().map(SearchTerm::tag_material).collect(), ambiguous: false })
}

fn is_theirs(tenant: &Tenant, sets: &[&SetRecord], term: &SearchTerm, found: &[RecordPerson]) -> Result<bool, Error> {
    let all = under(tenant, sets, term)?;
    Ok(all.iter().all(|one| found.iter().all(|other| same_person(one, other))))
}

/// Everybody whom a search term fits, in any of the sets.
fn under(tenant: &Tenant, sets: &[&SetRecord], term: &SearchTerm) -> Result<Vec<RecordPerson>, Error> {
    let mut persons = Vec::new();
    for set in sets {
        let key = tenant.keys.search_key(&term.material(&set.id))?;
        for stored in tenant.find(&set.id, key)?.records {
            let people = people(set.kind, &stored.record).map_err(Error::unreadable)?;
            let all = std::iter::once(people.subject).chain(people.children.into_iter().map(|(_, child)| child));
            persons.extend(all.filter(|person| person.terms().contains(term)));
        }
    }
    Ok(persons)
}
