//! The slow model: rights and the cut computed over trees and texts, with none of the code under test.

use std::collections::BTreeSet;

use brama::disclosure::Grant;
use brama::subjects::SetKind;

use super::shapes::{Tree, leaves};

/// The person asked for: surname with PESEL, or surname with given name and birth date.
#[derive(Debug, Clone)]
pub struct Sought {
    pub surname: &'static str,
    pub pesel: Option<&'static str>,
    pub given_name: &'static str,
    pub birth_date: &'static str,
}

impl Sought {
    /// The person that stands in `element`.
    pub fn from(element: &Tree) -> Self {
        let value = |name| element.value(name).unwrap_or_default();
        Self {
            surname: value("nazwisko"),
            pesel: element.value("pesel"),
            given_name: value("imie"),
            birth_date: value("dataUrodzenia"),
        }
    }

    pub fn is(&self, element: &Tree) -> bool {
        let other = Self::from(element);
        let first = |names: &'static str| names.split(' ').next();
        self.surname == other.surname
            && match self.pesel {
                Some(pesel) => other.pesel == Some(pesel),
                None => first(self.given_name) == first(other.given_name) && self.birth_date == other.birth_date,
            }
    }
}

/// Texts of a request and of the register around it.
#[derive(Debug, Clone)]
pub struct Question {
    pub groups: Vec<String>,
    pub narrowed_to: Option<String>,
    pub basis: String,
    /// Code of the registered basis, and whether it is in force.
    pub registered: Option<bool>,
    pub asked: Vec<String>,
    pub trim: bool,
}

pub const UNIT: &str = "OPS-BUSKO";
pub const SET: &str = "PUP-BUSKO/ewidencja";

/// The leaves that may leave, or the code of the refusal.
pub fn rights(kind: SetKind, grants: &[Grant], question: &Question) -> Result<BTreeSet<String>, &'static str> {
    if question.narrowed_to.as_ref().is_some_and(|group| !question.groups.contains(group)) {
        return Err("BRAK_UPRAWNIEN");
    }
    let mut any_on_set = false;
    let mut any_on_basis = false;
    let mut granted = BTreeSet::new();
    for grant in grants {
        let group = question.groups.contains(&grant.group)
            && question.narrowed_to.as_ref().is_none_or(|only| *only == grant.group);
        if grant.unit != UNIT || grant.set != SET || !group {
            continue;
        }
        any_on_set = true;
        if grant.basis == question.basis {
            any_on_basis = true;
            for item in &grant.items {
                granted.extend(expand(kind, &item.to_string()));
            }
        }
    }
    if !any_on_set {
        return Err("ZBIOR_NIEZNANY");
    }
    if question.registered != Some(true) || !any_on_basis {
        return Err("PODSTAWA_NIEWAZNA");
    }
    let mut asked = BTreeSet::new();
    for item in &question.asked {
        let leaves = expand(kind, item);
        if leaves.is_empty() {
            return Err("ZAKRES_NIEZNANY");
        }
        asked.extend(leaves);
    }
    let both: BTreeSet<_> = asked.intersection(&granted).cloned().collect();
    if both.is_empty() || (both.len() < asked.len() && !question.trim) {
        return Err("ZAKRES_NIEDOZWOLONY");
    }
    Ok(both)
}

fn expand(kind: SetKind, item: &str) -> Vec<String> {
    leaves(kind).into_iter().filter(|leaf| leaf == item || leaf.starts_with(&format!("{item}."))).collect()
}

/// The tree that is left of a record for the person sought; `None` when the person is not in it.
pub fn cut(record: &Tree, sought: &Sought, allowed: &BTreeSet<String>) -> Option<Tree> {
    let own = record.inside.iter().find(|tree| matches!(tree.name, "daneOsobowe" | "podmiot"))?;
    let mut visible = record.clone();
    if !sought.is(own) {
        visible.inside.retain(|tree| tree.name != "decyzja" || tree.all("dziecko").any(|child| sought.is(child)));
        for decision in visible.inside.iter_mut().filter(|tree| tree.name == "decyzja") {
            decision.inside.retain(|tree| tree.name != "dziecko" || sought.is(tree));
        }
        visible.all("decyzja").next()?;
    }
    visible.inside = visible.inside.into_iter().filter_map(|tree| keep(tree, allowed)).collect();
    Some(visible)
}

fn keep(mut tree: Tree, allowed: &BTreeSet<String>) -> Option<Tree> {
    if !tree.item.is_empty() {
        return allowed.contains(&tree.item).then_some(tree);
    }
    tree.inside = tree.inside.into_iter().filter_map(|inner| keep(inner, allowed)).collect();
    (!tree.inside.is_empty()).then_some(tree)
}
