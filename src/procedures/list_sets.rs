//! `PobierzZbiory`: which sets the caller may ask for, and on what ground.

use chrono::NaiveDate;

use super::{Desk, access};
use crate::disclosure::Scope;
use crate::problem::Problem;
use crate::store::SetRecord;
use crate::subjects::SetKind;

/// A set with at least one right of the caller that is valid today.
pub struct OfferedSet {
    pub id: String,
    pub name: String,
    pub kind: SetKind,
    pub tenant: String,
    /// The day which its data describe; none when it was never fed or its administrator is away.
    pub as_of: Option<NaiveDate>,
    pub rights: Vec<OfferedRight>,
}

/// What one grant allows.
pub struct OfferedRight {
    pub group: String,
    /// Code and title of the legal basis.
    pub basis: String,
    pub title: String,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub items: Scope,
}

/// Lists them in the order of their identifiers.
///
/// # Errors
/// As [`Desk::check_standing`] and [`Desk::claim_look`]; an administrator that is away only lacks its date.
pub fn list_sets(desk: &mut Desk<'_>) -> Result<Vec<OfferedSet>, Problem> {
    access::admit(desk)?;
    desk.check_standing()?;
    let groups = access::groups(desk);
    let registry = std::sync::Arc::clone(&desk.registry);
    let offered = registry.sets().filter_map(|set| offer(desk, set, &groups)).collect();
    desk.claim_look()?;
    Ok(offered)
}

fn offer(desk: &Desk<'_>, set: &SetRecord, groups: &[String]) -> Option<OfferedSet> {
    let catalogue = desk.office.catalogue.kind(set.kind);
    let rights: Vec<OfferedRight> = desk
        .registry
        .grants(&desk.call.unit, &set.id)
        .iter()
        .filter(|grant| groups.contains(&grant.group))
        .filter_map(|grant| {
            let basis = desk.registry.basis(&grant.basis).filter(|basis| basis.valid_on(desk.call.today))?;
            Some(OfferedRight {
                group: grant.group.clone(),
                basis: basis.code.clone(),
                title: basis.title.clone(),
                valid_from: basis.valid_from,
                valid_to: basis.valid_to,
                items: grant.items.iter().filter_map(|item| catalogue.expand(*item)).flatten().collect(),
            })
        })
        .collect();
    // An administrator that is away must not hold up the list: its sets stand there without their day.
    let state = || desk.office.stores.opened(&set.tenant)?.set_state(&set.id).ok().flatten();
    (!rights.is_empty()).then(|| OfferedSet {
        id: set.id.clone(),
        name: set.name.clone(),
        kind: set.kind,
        tenant: set.tenant.clone(),
        as_of: state().and_then(|state| state.as_of),
        rights,
    })
}
