//! Who may ask at all, and for what: the caller's unit, the official, the groups, the grants (rule 5.9).

use super::Desk;
use crate::disclosure::{Caller, Right, Rights};
use crate::problem::{Code, Detail, Problem};
use crate::store::{Registry, SetRecord};

/// Checks that `kontekst` names the certificate's unit and one of its officials, and notes both in the entry.
///
/// # Errors
/// `BRAK_UPRAWNIEN`, pointing at the field that does not fit.
pub fn admit(desk: &mut Desk<'_>) -> Result<(), Problem> {
    let context = &desk.call.context;
    if context.unit != desk.call.unit {
        return Err(denied(desk, "jednostka", "Certyfikat należy do innej jednostki."));
    }
    if let Some(login) = &context.user {
        desk.draft.user = Some(login.clone());
        let Some(groups) = desk.registry.user(&desk.call.unit, login) else {
            return Err(denied(desk, "uzytkownik", "Jednostka nie ma takiego użytkownika."));
        };
        if context.group.as_ref().is_some_and(|group| !groups.contains(group)) {
            return Err(denied(desk, "grupa", "Użytkownik nie należy do tej grupy."));
        }
    }
    desk.admitted();
    Ok(())
}

/// The groups whose rights count: all of the official's, or the one that the request narrows to.
#[must_use]
pub fn groups(desk: &Desk<'_>) -> Vec<String> {
    let context = &desk.call.context;
    let groups = context.user.as_ref().and_then(|login| desk.registry.user(&desk.call.unit, login));
    let groups = groups.into_iter().flatten();
    groups.filter(|group| context.group.as_ref().is_none_or(|only| only == *group)).cloned().collect()
}

/// Checks that the caller's official has `right` over the administrator `tenant`, which must be their own unit's.
///
/// # Errors
/// `BRAK_UPRAWNIEN`.
pub fn require(desk: &Desk<'_>, right: Right, tenant: &str) -> Result<(), Problem> {
    if !holding(&desk.registry, &desk.call.unit, &groups(desk), right, tenant).is_empty() {
        return Ok(());
    }
    Err(denied(
        desk,
        "uzytkownik",
        &format!("Potrzebne jest uprawnienie {} jednostki tego administratora.", right.word()),
    ))
}

/// Those of the groups of `unit` that have `right` over the administrator `tenant`; none unless it is the unit's own.
#[must_use]
pub fn holding<'g>(
    registry: &Registry,
    unit: &str,
    groups: impl IntoIterator<Item = &'g String>,
    right: Right,
    tenant: &str,
) -> Vec<String> {
    let own = registry.unit(unit).is_some_and(|unit| unit.tenant.as_deref() == Some(tenant));
    let holds = |group: &&String| own && registry.has_right(unit, std::iter::once(*group), right);
    groups.into_iter().filter(holds).cloned().collect()
}

/// The caller's rights on `set` under the legal basis `basis`, today.
///
/// # Errors
/// `ZBIOR_NIEZNANY` without any grant, `PODSTAWA_NIEWAZNA`.
pub fn rights(desk: &Desk<'_>, set: &SetRecord, basis: &str) -> Result<Rights, Problem> {
    let groups = groups(desk);
    let caller = Caller {
        unit: &desk.call.unit,
        groups: &groups,
        narrowed_to: desk.call.context.group.as_deref(),
        set: &set.id,
        basis,
    };
    let grants = desk.registry.grants(&desk.call.unit, &set.id);
    let catalogue = desk.office.catalogue.kind(set.kind);
    Ok(Rights::find(catalogue, grants, desk.registry.basis(basis), caller, desk.call.today)?)
}

/// Path of a field of `kontekst` in the request being served.
fn denied(desk: &Desk<'_>, field: &str, text: &str) -> Problem {
    let path = format!("{}/w:{field}", desk.call.path_of("kontekst"));
    Problem::new(Code::Forbidden).detail(Detail { path: Some(path), text: text.to_owned(), ..Detail::default() })
}
