//! Who may see what: grants of a unit's groups on a set, and the decision about one request (rules 5.3, 5.9).

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{KindCatalogue, LegalBasis, Refusal, Scope, ScopeItem};

/// What an administrator granted: to one group of one unit, items of one set, on one legal basis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub unit: String,
    pub group: String,
    pub set: String,
    /// Leaves or headings.
    pub items: Vec<ScopeItem>,
    /// Code of the legal basis.
    pub basis: String,
}

/// On whose behalf a request asks, and for which set on which basis.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'r> {
    pub unit: &'r str,
    /// The user's groups in the gateway's register.
    pub groups: &'r [String],
    /// The group in the request; it only narrows.
    pub narrowed_to: Option<&'r str>,
    pub set: &'r str,
    /// Code of the legal basis in the request.
    pub basis: &'r str,
}

/// One item asked for, and where in the request it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub item: ScopeItem,
    /// Path in the signed body, e.g. `/u:UdostepnijDaneOsoby/u:zakres/u:pozycja[3]`.
    pub path: String,
}

impl Asked {
    /// The items of a list whose elements have the path `path`; a position is added when there are several.
    #[must_use]
    pub fn list(path: &str, items: &[ScopeItem]) -> Vec<Self> {
        let path_at = |at: usize| if items.len() > 1 { format!("{path}[{}]", at + 1) } else { path.to_owned() };
        items.iter().enumerate().map(|(at, item)| Self { item: *item, path: path_at(at) }).collect()
    }
}

/// The caller's rights on one set on one legal basis, before anything is asked of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    basis: String,
    /// Each group with the leaves it is granted.
    groups: Vec<(String, Scope)>,
}

/// What may be disclosed to this request, and on what ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Leaves asked for.
    pub asked: Scope,
    /// Leaves asked for and granted: nothing else may leave.
    pub granted: Scope,
    /// Leaves asked for and not granted; empty unless the request allows a cut.
    pub omitted: Scope,
    /// Code of the legal basis.
    pub basis: String,
    /// Groups whose rights were used, ascending.
    pub groups: Vec<String>,
}

/// Decides about a request for data: [`Rights::find`], then [`Rights::narrow`].
///
/// # Errors
/// The first rule that is broken, in the order set, legal basis, items, scope.
pub fn decide(
    catalogue: &KindCatalogue,
    grants: &[Grant],
    basis: Option<&LegalBasis>,
    caller: Caller<'_>,
    today: NaiveDate,
    asked: &[Asked],
    trim: bool,
) -> Result<Decision, Refusal> {
    Rights::find(catalogue, grants, basis, caller, today)?.narrow(catalogue, asked, trim)
}

impl Decision {
    /// Both decisions together, taken on the same rights.
    #[must_use]
    pub(super) fn and(mut self, other: Self) -> Self {
        self.asked.extend(other.asked);
        self.granted.extend(other.granted);
        self.omitted.extend(other.omitted);
        self.groups.extend(other.groups);
        self.groups.sort();
        self.groups.dedup();
        self
    }
}

impl Rights {
    /// The union over the caller's groups of what is granted on the set and rests on the legal basis.
    ///
    /// `basis` is the registered legal basis under the code asked for; `today` the date in Europe/Warsaw.
    ///
    /// # Errors
    /// [`Refusal::GroupForeign`]; [`Refusal::SetUnknown`] without any grant on the set;
    /// [`Refusal::BasisUnknown`], [`Refusal::BasisNotInForce`] or [`Refusal::BasisWithoutGrant`].
    pub fn find(
        catalogue: &KindCatalogue,
        grants: &[Grant],
        basis: Option<&LegalBasis>,
        caller: Caller<'_>,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        if caller.narrowed_to.is_some_and(|group| !caller.groups.iter().any(|own| own == group)) {
            return Err(Refusal::GroupForeign);
        }
        let of_caller = |grant: &&Grant| {
            grant.unit == caller.unit
                && grant.set == caller.set
                && caller.groups.contains(&grant.group)
                && caller.narrowed_to.is_none_or(|group| group == grant.group)
        };
        let grants: Vec<_> = grants.iter().filter(of_caller).collect();
        if grants.is_empty() {
            return Err(Refusal::SetUnknown);
        }
        let basis = basis.filter(|basis| basis.code == caller.basis).ok_or(Refusal::BasisUnknown)?;
        if !basis.valid_on(today) {
            return Err(Refusal::BasisNotInForce);
        }
        let groups: Vec<_> = grants
            .into_iter()
            .filter(|grant| grant.basis == basis.code)
            .map(|grant| {
                (grant.group.clone(), grant.items.iter().filter_map(|item| catalogue.expand(*item)).flatten().collect())
            })
            .collect();
        if groups.is_empty() {
            return Err(Refusal::BasisWithoutGrant);
        }
        Ok(Self { basis: basis.code.clone(), groups })
    }

    /// Code of the legal basis.
    #[must_use]
    pub fn basis(&self) -> &str {
        &self.basis
    }

    /// All leaves granted.
    #[must_use]
    pub fn granted(&self) -> Scope {
        self.groups.iter().flat_map(|(_, scope)| scope.iter()).collect()
    }

    /// The groups whose rights these are, ascending.
    #[must_use]
    pub fn groups(&self) -> Vec<String> {
        self.groups_where(|_| true)
    }

    /// Holds what is asked against what is granted, leaf by leaf.
    ///
    /// # Errors
    /// [`Refusal::ItemsUnknown`], or [`Refusal::NotGranted`] when a leaf is not granted; with `trim` only when no leaf is.
    pub fn narrow(&self, catalogue: &KindCatalogue, asked: &[Asked], trim: bool) -> Result<Decision, Refusal> {
        let mut expanded = Vec::with_capacity(asked.len());
        let mut unknown = Vec::new();
        for Asked { item, path } in asked {
            match catalogue.expand(*item) {
                Some(leaves) => expanded.push((path, leaves)),
                None => unknown.push((path.clone(), *item)),
            }
        }
        if !unknown.is_empty() {
            return Err(Refusal::ItemsUnknown(unknown));
        }
        let asked: Scope = expanded.iter().flat_map(|(_, leaves)| leaves.iter()).collect();
        let rights = self.granted();
        let (granted, omitted) = (asked.intersection(&rights), asked.without(&rights));
        if granted.is_empty() || !(trim || omitted.is_empty()) {
            let missing = expanded
                .into_iter()
                .map(|(path, leaves)| (path.clone(), leaves.without(&rights).into_iter().collect()));
            return Err(Refusal::NotGranted(missing.filter(|(_, leaves): &(_, Vec<_>)| !leaves.is_empty()).collect()));
        }
        let groups = self.groups_where(|scope| scope.meets(&granted));
        Ok(Decision { asked, granted, omitted, basis: self.basis.clone(), groups })
    }

    fn groups_where(&self, used: impl Fn(&Scope) -> bool) -> Vec<String> {
        let groups: BTreeSet<_> =
            self.groups.iter().filter(|(_, scope)| used(scope)).map(|(group, _)| group.clone()).collect();
        groups.into_iter().collect()
    }
}

#[cfg(test)]
mod tests;
