//! A small seeded generator, so that the demo is the same to the byte on every machine.

/// `SplitMix64` (Steele, Lea, Flood 2014): no secret and no cryptography, only repeatable variety.
pub struct Random(u64);

impl Random {
    /// The generator of one purpose and one person: a change of one section moves no other.
    #[must_use]
    pub const fn of(purpose: u64, person: usize) -> Self {
        Self(purpose.wrapping_mul(0xD6E8_FEB8_6659_FD93) ^ (person as u64).wrapping_mul(0xA076_1D64_78BD_642F))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `bound` - 1; `bound` is not 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        // The upper half of the product is below the bound, whatever the lower half was.
        let product = u128::from(self.next()) * u128::from(bound);
        u32::try_from(product >> 64).unwrap_or(0)
    }

    /// A number from `first` to `last`, both included.
    pub fn between(&mut self, first: u32, last: u32) -> u32 {
        first + self.below(last - first + 1)
    }

    /// True in so many cases of a hundred.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of the values; there is at least one.
    pub fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(u32::try_from(values.len()).unwrap_or(u32::MAX)) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_person_is_the_same_on_every_machine() {
        let mut random = Random::of(1, 2);
        let drawn: Vec<u32> = (0..6).map(|_| random.below(1000)).collect();
        assert_eq!(drawn, [292, 174, 571, 656, 816, 278]);
    }

    #[test]
    fn both_ends_of_a_range_are_drawn() {
        let mut random = Random::of(7, 7);
        let drawn: std::collections::BTreeSet<u32> = (0..200).map(|_| random.between(3, 6)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [3, 4, 5, 6]);
    }
}
