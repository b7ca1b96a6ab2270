//! Dice that fall the same way for the same seed.

use std::sync::atomic::{AtomicU64, Ordering};

/// An odd constant of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A whole number of percent, at most 100.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Percent(pub(crate) u8);

/// A pseudorandom sequence that several threads may draw from.
#[derive(Debug)]
pub(crate) struct Dice(AtomicU64);

impl Dice {
    /// Each name has its own sequence for a seed.
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        let mixed = name.bytes().fold(seed, |mixed, byte| mix(mixed.wrapping_add(STEP) ^ u64::from(byte)));
        Self(AtomicU64::new(mixed))
    }

    /// Whether something happens that happens this often. Draws nothing where the answer is certain.
    pub(crate) fn happens(&self, percent: Percent) -> bool {
        match percent.0 {
            0 => false,
            1..=99 => self.draw() % 100 < u64::from(percent.0),
            _ => true,
        }
    }

    fn draw(&self) -> u64 {
        mix(self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP))
    }
}

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throws(dice: &Dice, percent: u8) -> Vec<bool> {
        (0..10_000).map(|_| dice.happens(Percent(percent))).collect()
    }

    #[test]
    fn the_same_seed_and_name_give_the_same_throws() {
        assert_eq!(throws(&Dice::new(1, "a"), 50), throws(&Dice::new(1, "a"), 50));
        assert_ne!(throws(&Dice::new(1, "a"), 50), throws(&Dice::new(2, "a"), 50));
        assert_ne!(throws(&Dice::new(1, "a"), 50), throws(&Dice::new(1, "b"), 50));
    }

    #[test]
    fn things_happen_about_as_often_as_asked() {
        for (percent, range) in [(0, 0..=0), (10, 900..=1100), (90, 8900..=9100), (100, 10_000..=10_000)] {
            let count =
                throws(&Dice::new(7, "main"), percent).into_iter().filter(|happened| *happened).count();
            assert!(range.contains(&count), "{percent} %: {count}");
        }
    }
}
