//! Numbers that look like chance and come from a seed alone.

use orderd::telemetry::Entropy;
use std::{
    ops::RangeInclusive,
    sync::{Mutex, PoisonError},
};

/// SplitMix64 (Steele, Lea, Flood 2014): small, fast, and good enough to disturb an engine.
#[derive(Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The numbers of a seed; streams of one seed have nothing in common.
    pub(crate) fn of(seed: u64, stream: u64) -> Self {
        let mut chance = Self(seed.wrapping_mul(0xd134_2543_de82_ef95) ^ stream);
        chance.0 = chance.bits() ^ stream.rotate_left(32);
        chance
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to this one, which is left out.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.bits() % end.max(1)
    }

    pub(crate) fn between(&mut self, range: RangeInclusive<u64>) -> u64 {
        range.start() + self.below(range.end() - range.start() + 1)
    }

    /// True so often in a thousand times.
    pub(crate) fn happens(&mut self, per_mille: u64) -> bool {
        self.below(1_000) < per_mille
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        let index = usize::try_from(self.below(of.len() as u64)).expect("an index fits");
        of[index]
    }
}

/// The engine's own chance.
pub(crate) struct SeededEntropy(Mutex<Chance>);

impl SeededEntropy {
    pub(crate) fn of(seed: u64, stream: u64) -> Self {
        Self(Mutex::new(Chance::of(seed, stream)))
    }
}

impl Entropy for SeededEntropy {
    fn bits(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).bits()
    }
}
