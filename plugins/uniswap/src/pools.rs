//! Which pools exist. An address never changes, so it is asked for once; that there is none may change, so it is
//! asked for again after a while.

use alloy_primitives::Address;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The most pools remembered. Beyond it nothing new is remembered, which only costs time.
const MOST_POOLS: usize = 4_096;
/// How long "there is none" is believed.
const ABSENT_FOR: Duration = Duration::from_secs(60);

/// Where two tokens are traded at a fee. Both orders of the tokens are the same market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Market {
    /// The token with the lower address: `token0` of a pool.
    pub(crate) low: Address,
    /// The other one.
    pub(crate) high: Address,
    /// In the venue's own unit, where it has pools of several fees; else 0.
    pub(crate) fee: u32,
}

impl Market {
    /// The market of two tokens.
    pub(crate) fn new(one: Address, other: Address, fee: u32) -> Self {
        Self { low: one.min(other), high: one.max(other), fee }
    }
}

/// What is known of pools.
#[derive(Debug, Default)]
pub(crate) struct Pools(Mutex<HashMap<Market, Known>>);

#[derive(Clone, Copy, Debug)]
enum Known {
    At(Address),
    AbsentSince(Instant),
}

impl Pools {
    /// Of these markets, those about which nothing is known; each once.
    pub(crate) fn unknown(&self, markets: &[Market]) -> Vec<Market> {
        let known = self.lock();
        let is_known = |market: &Market| match known.get(market) {
            Some(Known::At(_)) => true,
            Some(Known::AbsentSince(since)) => since.elapsed() < ABSENT_FOR,
            None => false,
        };
        let mut unknown: Vec<Market> = markets.iter().copied().filter(|market| !is_known(market)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        unknown
    }

    /// Where the pool of a market is; `None` where there is none, or nobody asked.
    pub(crate) fn at(&self, market: Market) -> Option<Address> {
        match self.lock().get(&market) {
            Some(Known::At(address)) => Some(*address),
            Some(Known::AbsentSince(_)) | None => None,
        }
    }

    /// Remembers what a factory said: the zero address stands for no pool.
    pub(crate) fn note(&self, market: Market, address: Address) {
        let known = match address.is_zero() {
            true => Known::AbsentSince(Instant::now()),
            false => Known::At(address),
        };
        let mut pools = self.lock();
        if pools.len() >= MOST_POOLS && !pools.contains_key(&market) {
            pools.retain(|_, known| matches!(known, Known::At(_)));
        }
        if pools.len() < MOST_POOLS || pools.contains_key(&market) {
            pools.insert(market, known);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Market, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
