//! Who may ask at all: the caller's unit, the official, the groups (rule 5.9).

use super::Desk;
use crate::problem::{Code, Detail, Problem};

/// Checks that `kontekst` names the certificate's unit and one of its officials, and notes both in the entry.
///
/// # Errors
/// `BRAK_UPRAWNIEN`, pointing at the field that does not fit.
pub fn admit(desk: &mut Desk<'_>) -> Result<(), Problem> {
    let context = &desk.call.context;
    desk.draft.request = Some(context.task.clone());
    if context.unit != desk.call.unit {
        return Err(denied("jednostka", "Certyfikat należy do innej jednostki."));
    }
    if let Some(login) = &context.user {
        desk.draft.user = Some(login.clone());
        let user = desk.registry.user(&desk.call.unit, login);
        let user = user.ok_or_else(|| denied("uzytkownik", "Jednostka nie ma takiego użytkownika."))?;
        if context.group.as_ref().is_some_and(|group| !user.groups.contains(group)) {
            return Err(denied("grupa", "Użytkownik nie należy do tej grupy."));
        }
    }
    Ok(())
}

/// The groups whose rights count: all of the official's, or the one that the request narrows to.
#[must_use]
pub fn groups(desk: &Desk<'_>) -> Vec<String> {
    let context = &desk.call.context;
    let user = context.user.as_ref().and_then(|login| desk.registry.user(&desk.call.unit, login));
    let groups = user.map(|user| user.groups.as_slice()).unwrap_or_default();
    groups.iter().filter(|group| context.group.as_ref().is_none_or(|only| only == *group)).cloned().collect()
}

fn denied(field: &str, text: &str) -> Problem {
    let path = Some(format!("/*/*:kontekst/w:{field}"));
    Problem::new(Code::Forbidden).detail(Detail { path, text: text.to_owned(), ..Detail::default() })
}
