//! Chance. Everyone who needs some is given an [`Entropy`], so that a simulation can be repeated.

use std::cell::RefCell;

/// Gives bits that nobody can foretell, unless it is a simulation that gives them.
pub trait Entropy: Send + Sync {
    /// Evenly spread bits.
    fn bits(&self) -> u64;
}

/// The operating system's. Where that has none to give, the bits are merely not random: nothing that must stay secret
/// may come from here.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn bits(&self) -> u64 {
        STOCK.with_borrow_mut(|stock| stock.pop().unwrap_or_else(|| restock(stock)))
    }
}

/// Bits that are asked for at once: most of what that costs is the call.
const BATCH: usize = 128;

thread_local! {
    /// Bits that were given out to nobody yet.
    static STOCK: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

fn restock(stock: &mut Vec<u64>) -> u64 {
    let mut bytes = [0; 8 * BATCH];
    getrandom::fill(&mut bytes).ok();
    let (words, _) = bytes.as_chunks();
    stock.extend(words.iter().map(|word| u64::from_ne_bytes(*word)));
    stock.pop().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_bits_come_twice() {
        let bits: BTreeSet<u64> = (0..10 * BATCH).map(|_| SystemEntropy.bits()).collect();
        assert_eq!(bits.len(), 10 * BATCH);
    }
}
