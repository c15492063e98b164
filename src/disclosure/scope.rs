//! Scope items, their numbers and their order, and sets of them.

use std::fmt;
use std::vec;

/// A number of the scope catalogue, e.g. `2.1.1`; a heading such as `2` means all leaves below it.
///
/// Items are ordered as numbers, not as texts: `2` before `2.1`, `2.9` before `2.10`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeItem {
    /// Levels that are absent are 0, which no level can be.
    levels: [u8; 3],
}

impl ScopeItem {
    /// Reads the form of the schema's type `PozycjaZakresu`: one digit, then at most two levels of 1–99.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut levels = [0; 3];
        let mut texts = text.split('.');
        for (at, level) in levels.iter_mut().enumerate() {
            let Some(text) = texts.next() else { break };
            let digits = text.len() <= if at == 0 { 1 } else { 2 } && text.bytes().all(|sign| sign.is_ascii_digit());
            if !digits || text.starts_with('0') {
                return None;
            }
            *level = text.parse().ok()?;
        }
        (levels[0] > 0 && texts.next().is_none()).then_some(Self { levels })
    }

    /// A number that stands to others' as the items stand to each other.
    const fn order(self) -> u32 {
        let [first, second, third] = self.levels;
        u32::from_be_bytes([0, first, second, third])
    }

    /// Whether `item` is this item or stands below it.
    #[must_use]
    pub fn covers(self, item: Self) -> bool {
        self.levels.iter().zip(item.levels).all(|(own, other)| *own == 0 || *own == other)
    }
}

impl fmt::Display for ScopeItem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, third] = self.levels;
        write!(out, "{first}")?;
        for level in [second, third].into_iter().filter(|level| *level > 0) {
            write!(out, ".{level}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ScopeItem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// A set of leaves; headings are expanded before they get here (rule 5.3).
///
/// Invariant: ascending, each leaf once.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Scope {
    leaves: Vec<ScopeItem>,
}

impl Scope {
    #[must_use]
    pub fn contains(&self, leaf: ScopeItem) -> bool {
        self.leaves.binary_search_by_key(&leaf.order(), |known| known.order()).is_ok()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.leaves.is_empty()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.leaves.len()
    }

    /// The leaves, ascending by number.
    pub fn iter(&self) -> impl Iterator<Item = ScopeItem> + '_ {
        self.leaves.iter().copied()
    }

    /// The leaves as the wire and the ledger name them, ascending.
    #[must_use]
    pub fn numbers(&self) -> Vec<String> {
        self.leaves.iter().map(ToString::to_string).collect()
    }

    /// The leaves in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.iter().filter(|leaf| other.contains(*leaf)).collect()
    }

    /// The leaves in this scope that `other` lacks.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        self.iter().filter(|leaf| !other.contains(*leaf)).collect()
    }

    /// Whether the two share a leaf.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.iter().any(|leaf| other.contains(leaf))
    }
}

impl FromIterator<ScopeItem> for Scope {
    fn from_iter<I: IntoIterator<Item = ScopeItem>>(leaves: I) -> Self {
        let mut scope = Self::default();
        scope.extend(leaves);
        scope
    }
}

impl Extend<ScopeItem> for Scope {
    fn extend<I: IntoIterator<Item = ScopeItem>>(&mut self, leaves: I) {
        self.leaves.extend(leaves);
        self.leaves.sort_unstable();
        self.leaves.dedup();
    }
}

impl IntoIterator for Scope {
    type Item = ScopeItem;
    type IntoIter = vec::IntoIter<ScopeItem>;

    fn into_iter(self) -> Self::IntoIter {
        self.leaves.into_iter()
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(&self.leaves).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(text: &str) -> ScopeItem {
        ScopeItem::parse(text).unwrap()
    }

    fn scope(text: &str) -> Scope {
        text.split_whitespace().map(item).collect()
    }

    #[test]
    fn numbers_of_one_to_three_levels_are_items() {
        for text in ["1", "9", "1.1", "2.10", "2.1.1", "9.99.99"] {
            assert_eq!(item(text).to_string(), text);
        }
    }

    #[test]
    fn anything_else_is_none() {
        for text in ["", "0", "10", "1.", ".1", "1.0", "1.01", "1.100", "1.1.1.1", "1,1", " 1", "1 ", "+1", "a", "1.١"]
        {
            assert_eq!(ScopeItem::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_order_is_that_of_numbers() {
        assert_eq!(
            scope("2.10 10 2.9 2 1.7 2.9.1".replace("10 ", "9 ").as_str()).numbers(),
            ["1.7", "2", "2.9", "2.9.1", "9"]
        );
        assert!(item("2.9") < item("2.10"));
    }

    #[test]
    fn a_heading_covers_what_stands_below_it() {
        assert!(item("2").covers(item("2.1.1")));
        assert!(item("2.1").covers(item("2.1.1")));
        assert!(item("2.1").covers(item("2.1")));
        assert!(!item("2.1").covers(item("2.10")));
        assert!(!item("2.1.1").covers(item("2.1")));
        assert!(!item("1").covers(item("2.1")));
    }

    #[test]
    fn scopes_are_sets() {
        let (asked, granted) = (scope("1.1 1.2 9.1"), scope("1.2 1.3"));
        assert_eq!(asked.intersection(&granted), scope("1.2"));
        assert_eq!(asked.without(&granted), scope("1.1 9.1"));
        assert!(asked.meets(&granted) && !asked.meets(&scope("1.3")));
    }
}
