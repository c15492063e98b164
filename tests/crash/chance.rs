//! Chance that can be repeated: the same seed gives the same numbers.

use std::ops::RangeInclusive;
use std::thread::sleep;
use std::time::Duration;

/// SplitMix64.
pub struct Chance(u64);

impl Chance {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Another row of numbers, for another thread.
    pub const fn fork(&mut self) -> Self {
        Self(self.next())
    }

    pub fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        range.start() + self.next() % (range.end() - range.start() + 1)
    }

    /// Happens once in so many times.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.next().is_multiple_of(times)
    }

    /// Waits for a time within so many milliseconds.
    pub fn rest(&mut self, millis: RangeInclusive<u64>) {
        sleep(Duration::from_millis(self.within(millis)));
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
