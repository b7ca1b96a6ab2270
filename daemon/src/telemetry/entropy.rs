//! Chance. Everyone who needs some is given an [`Entropy`], so that a simulation can be repeated.

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
        getrandom::u64().unwrap_or_default()
    }
}
