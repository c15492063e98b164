//! The demo's population and what each office knows of it: invented, reproducible, and varied enough to show every field.

mod dates;
mod family_benefits;
mod identifiers;
mod labour_office;
mod people;
mod random;
mod social_assistance;
mod words;

pub use dates::AS_OF;
pub use people::{Population, Resident};

use crate::documents::exchange::batch::{Action, Batch, BatchKind, Item};
use crate::documents::exchange::person::PersonalData;
use crate::documents::exchange::ps::{Benefit, General};
use crate::documents::exchange::pup::{LabourStatus, Registration};
use crate::documents::exchange::values::{Amount, Day};

/// Name of the labour office's set.
pub const PUP_SET: &str = "PUP-BUSKO/ewidencja";
/// Name of the social-assistance unit's set.
pub const PS_SET: &str = "OPS-BUSKO/pomoc";
/// Name of the family-benefit unit's set.
pub const SR_SET: &str = "SR-BUSKO/swiadczenia";

impl Population {
    /// The full batch of the labour office.
    #[must_use]
    pub fn pup_batch(&self) -> Batch {
        let items = self.known(|resident| resident.in_pup).map(|(position, resident)| {
            let personal = resident.data.clone();
            let record = if position == 0 {
                let registered = chrono::NaiveDate::from_ymd_opt(2025, 2, 3).map(Day).unwrap_or_default();
                let open = Registration { from: registered, to: None, status: LabourStatus::Unemployed };
                labour_office::record_with(personal, position, vec![open])
            } else {
                labour_office::record(personal, position)
            };
            Item { pup: Some(record), ..written("PUP", position) }
        });
        full_batch("PUP-2025-11-20", PUP_SET, items.collect())
    }

    /// The full batch of the social-assistance unit.
    #[must_use]
    pub fn ps_batch(&self) -> Batch {
        let items = self.known(|resident| resident.in_ps).map(|(position, resident)| Item {
            ps: Some(social_assistance::record(resident.data.clone(), position)),
            ..written("PS", position)
        });
        full_batch("OPS-2025-11-20", PS_SET, items.collect())
    }

    /// The full batch of the family-benefit unit.
    #[must_use]
    pub fn sr_batch(&self) -> Batch {
        let items = self.known(|resident| resident.in_sr).map(|(position, resident)| {
            let children: Vec<&PersonalData> =
                resident.children.iter().map(|child| &self.residents[*child].data).collect();
            let record = family_benefits::record(resident.data.clone(), &children, position);
            Item { sr: Some(record), ..written("SR", position) }
        });
        full_batch("SR-2025-11-20", SR_SET, items.collect())
    }

    /// Mark of the batch of changes.
    pub const CHANGES_MARK: &str = "OPS-2025-11-20-ZMIANY";

    /// A small batch of changes with one mistake: one record enters, the other is refused and keeps its former state.
    #[must_use]
    pub fn changes(&self, mark: Option<&str>) -> Batch {
        let mut anna = social_assistance::record(self.residents[0].data.clone(), 0);
        anna.general = General { registered: true, status: None };
        let from = Day(chrono::NaiveDate::from_ymd_opt(2025, 9, 1).unwrap_or_default());
        let amount = Some(Amount(41_800));
        anna.benefits
            .push(Benefit { name: "zasiłek okresowy".to_owned(), from, to: None, gross: amount, net: amount });
        let mut jan = social_assistance::record(self.residents[1].data.clone(), 1);
        // The last digit of the PESEL is its check digit.
        jan.personal.pesel = Some("71822823370".to_owned());
        let items = vec![Item { ps: Some(anna), ..written("PS", 0) }, Item { ps: Some(jan), ..written("PS", 1) }];
        Batch {
            kind: BatchKind::Incremental,
            partial: Some(true),
            ..full_batch(mark.unwrap_or(Self::CHANGES_MARK), PS_SET, items)
        }
    }

    fn known(&self, is_known: impl Fn(&Resident) -> bool) -> impl Iterator<Item = (usize, &Resident)> {
        self.residents.iter().enumerate().filter(move |(_, resident)| is_known(resident))
    }
}

fn written(prefix: &str, position: usize) -> Item {
    Item { source_id: Population::source_id(prefix, position), action: Action::Write, ..Item::default() }
}

fn full_batch(mark: &str, set: &str, items: Vec<Item>) -> Batch {
    Batch {
        mark: mark.to_owned(),
        set: set.to_owned(),
        kind: BatchKind::Full,
        as_of: Day(AS_OF),
        persons: items.len() as u64,
        partial: None,
        empty: None,
        items,
    }
}

#[cfg(test)]
mod tests;
