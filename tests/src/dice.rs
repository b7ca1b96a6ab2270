//! Numbers that look random and follow from a seed (SplitMix64), so that a run can be repeated.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// Dice that begin at a seed.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice that roll the same for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A seed that nobody has used before.
    #[must_use]
    pub fn fresh_seed() -> u64 {
        RandomState::new().build_hasher().finish()
    }

    /// From 0 up to and without `sides`, which must not be 0.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}
