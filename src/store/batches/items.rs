//! What a batch under load did to each of its persons so far, and the sum of it.

/// A keyed hash (rule 4.4).
pub type Hash = [u8; 32];

/// What one `Osoba` does to the set once the batch is visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// A new or other record takes its place.
    Written,
    /// The person leaves the set.
    Removed,
    /// The set holds the very same record, or nobody who could leave.
    Unchanged,
    /// It is broken; the person's former record stays as it was.
    Refused,
}

impl Effect {
    const ALL: [Self; 4] = [Self::Written, Self::Removed, Self::Unchanged, Self::Refused];

    /// The number in the row.
    #[must_use]
    pub const fn to_row(self) -> i64 {
        match self {
            Self::Written => 1,
            Self::Removed => 2,
            Self::Unchanged => 3,
            Self::Refused => 4,
        }
    }

    /// The effect of this number; `None` for any other.
    #[must_use]
    pub fn from_row(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|effect| effect.to_row() == number)
    }
}

/// One `Osoba` of a batch under load, as the duplicates' table remembers it.
///
/// Invariant: within a batch a source hash, and a PESEL hash, stands only with the first that brought it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Ordinal in the file, from 1.
    pub ordinal: u64,
    /// First line of it in the file.
    pub line: u32,
    /// Keyed hash of `idZrodlowe`.
    pub source: Option<Hash>,
    /// Keyed hash of the PESEL of the record's own person.
    pub pesel: Option<Hash>,
    pub effect: Effect,
    /// The protocol already names it for its repeated `idZrodlowe`.
    pub named_for_id: bool,
    /// The protocol already names it for its repeated PESEL.
    pub named_for_pesel: bool,
    /// `idZrodlowe`, sealed.
    pub source_sealed: Option<Vec<u8>>,
}

/// The visible row of a person of the set, as a loader needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentRow {
    pub row: i64,
    pub source: Hash,
    /// Keyed hash of the canonical record.
    pub content: Option<Hash>,
}

/// The six numbers of `podsumowanie`.
///
/// `written + removed by name + unchanged + refused = persons`; `removed` also counts those whom a full batch does not name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    pub persons: u64,
    pub written: u64,
    pub removed: u64,
    pub unchanged: u64,
    pub refused: u64,
    pub warnings: u64,
}

impl Summary {
    /// Counts one more person.
    pub fn count(&mut self, effect: Effect) {
        self.persons += 1;
        *self.of(effect) += 1;
    }

    /// A person counted before turns out to be broken.
    pub fn refuse(&mut self, former: Effect) {
        *self.of(former) -= 1;
        self.refused += 1;
    }

    /// The whole batch is refused: nothing was written and nobody left.
    pub fn refuse_all(&mut self) {
        *self = Self { persons: self.persons, refused: self.persons, warnings: self.warnings, ..Self::default() };
    }

    fn of(&mut self, effect: Effect) -> &mut u64 {
        match effect {
            Effect::Written => &mut self.written,
            Effect::Removed => &mut self.removed,
            Effect::Unchanged => &mut self.unchanged,
            Effect::Refused => &mut self.refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_reads_back_from_its_row() {
        for effect in Effect::ALL {
            assert_eq!(Effect::from_row(effect.to_row()), Some(effect));
        }
        assert_eq!(Effect::from_row(0), None);
    }

    #[test]
    fn persons_are_the_sum_of_what_happened_to_them() {
        let mut summary = Summary::default();
        for effect in [Effect::Written, Effect::Written, Effect::Removed, Effect::Unchanged, Effect::Refused] {
            summary.count(effect);
        }
        summary.refuse(Effect::Written);
        assert_eq!(summary, Summary { persons: 5, written: 1, removed: 1, unchanged: 1, refused: 2, warnings: 0 });
        summary.refuse_all();
        assert_eq!(summary, Summary { persons: 5, refused: 5, ..Summary::default() });
    }
}
