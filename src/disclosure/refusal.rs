//! Why a disclosure is refused, and how the caller is told.

use super::ScopeItem;
use crate::problem::{Code, Detail, Problem};

/// So many places are named to the caller; a request may hold many more.
const PLACES_MAX: usize = 100;

/// The rule that a request breaks; deny is the default, so each of these is a right that was not found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The user is not in the group to which the request narrows the rights.
    GroupForeign,
    /// Not one grant of the caller on this set (rule 5.9).
    SetUnknown,
    /// No such legal basis.
    BasisUnknown,
    /// The legal basis is not in force today.
    BasisNotInForce,
    /// No grant of the caller on this set rests on the legal basis.
    BasisWithoutGrant,
    /// Items that this kind of set does not have, each with the path where it was asked.
    ItemsUnknown(Vec<(String, ScopeItem)>),
    /// Leaves that are not granted, by the path where they were asked.
    NotGranted(Vec<(String, Vec<ScopeItem>)>),
}

impl Refusal {
    /// The code on the wire.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::GroupForeign => Code::Forbidden,
            Self::SetUnknown => Code::SetUnknown,
            Self::BasisUnknown | Self::BasisNotInForce | Self::BasisWithoutGrant => Code::BasisInvalid,
            Self::ItemsUnknown(_) => Code::ScopeUnknown,
            Self::NotGranted(_) => Code::ScopeNotGranted,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let problem = Self::new(refusal.code());
        match refusal {
            Refusal::GroupForeign => problem.explain("Użytkownik nie należy do wskazanej grupy."),
            // Whether the set exists is not told (rule 5.9).
            Refusal::SetUnknown => problem,
            Refusal::BasisUnknown => problem.explain("Nie ma takiej podstawy prawnej."),
            Refusal::BasisNotInForce => problem.explain("Podstawa prawna nie obowiązuje w dniu żądania."),
            Refusal::BasisWithoutGrant => problem
                .explain("Żadne uprawnienie wywołującego do tego zbioru nie opiera się na tej podstawie prawnej."),
            Refusal::ItemsUnknown(items) => {
                items.into_iter().take(PLACES_MAX).fold(problem, |problem, (path, item)| {
                    at(problem, path, format!("Zbiór tego rodzaju nie ma pozycji {item}."))
                })
            }
            Refusal::NotGranted(items) => {
                items.into_iter().take(PLACES_MAX).fold(problem, |problem, (path, leaves)| {
                    at(problem, path, format!("Pozycji {} nie nadano.", enumerate(&leaves)))
                })
            }
        }
    }
}

fn at(problem: Problem, path: String, text: String) -> Problem {
    problem.detail(Detail { path: Some(path), text, ..Detail::default() })
}

/// A Polish enumeration: `9.1`, `9.1 i 9.2`, `9.1, 9.2 i 9.3`.
fn enumerate(leaves: &[ScopeItem]) -> String {
    let mut text = String::new();
    for (at, leaf) in leaves.iter().enumerate() {
        if at > 0 {
            text.push_str(if at + 1 == leaves.len() { " i " } else { ", " });
        }
        text.push_str(&leaf.to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_are_enumerated_in_polish() {
        let leaves: Vec<_> = ["9.1", "9.2", "9.3"].into_iter().filter_map(ScopeItem::parse).collect();
        assert_eq!(enumerate(&leaves[..1]), "9.1");
        assert_eq!(enumerate(&leaves[..2]), "9.1 i 9.2");
        assert_eq!(enumerate(&leaves), "9.1, 9.2 i 9.3");
    }

    #[test]
    fn a_request_with_very_many_items_has_a_short_refusal() {
        let item = ScopeItem::parse("9.1").unwrap();
        let place = |at: usize| format!("/u:pozycja[{at}]");
        let unknown = Refusal::ItemsUnknown((1..=5000).map(|at| (place(at), item)).collect());
        let not_granted = Refusal::NotGranted((1..=5000).map(|at| (place(at), vec![item])).collect());
        for refusal in [unknown, not_granted] {
            assert_eq!(Problem::from(refusal).details.len(), PLACES_MAX);
        }
    }

    #[test]
    fn an_unknown_set_is_not_explained() {
        let problem = Problem::from(Refusal::SetUnknown);
        assert_eq!((problem.code, problem.details.len()), (Code::SetUnknown, 0));
    }
}
