//! Which pools there are, and at which prices. The prices differ by more than the fees, so that the best exchange
//! of a trade is the best one by a clear distance; the module above lists the winners.

use super::Venue;

/// The token beside WETH in a planned pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    Usdc,
    Dai,
    Deflating,
}

/// A pool to create.
#[derive(Debug, Clone, Copy)]
pub(super) struct PoolPlan {
    pub(super) venue: Venue,
    pub(super) beside: Beside,
    /// Hundredths of a basis point.
    pub(super) fee: u32,
    /// Whole tokens per WETH.
    pub(super) price: u64,
    /// Whole WETH.
    pub(super) depth: u64,
}

/// WETH in each pool. Selling 20 of them moves the price by 0.08 %.
const DEEP: u64 = 50_000;

pub(super) const POOLS: [PoolPlan; 9] = [
    deep(Venue::UniswapV2, Beside::Usdc, 3_000, 2_994),
    deep(Venue::Sushiswap, Beside::Usdc, 3_000, 3_030),
    deep(Venue::UniswapV3, Beside::Usdc, 500, 3_015),
    deep(Venue::UniswapV3, Beside::Usdc, 3_000, 3_003),
    deep(Venue::UniswapV2, Beside::Dai, 3_000, 2_998),
    deep(Venue::Sushiswap, Beside::Dai, 3_000, 2_985),
    deep(Venue::UniswapV3, Beside::Dai, 500, 3_010),
    deep(Venue::UniswapV3, Beside::Dai, 3_000, 3_030),
    PoolPlan { venue: Venue::UniswapV2, beside: Beside::Deflating, fee: 3_000, price: 3_000, depth: 1_000 },
];

const fn deep(venue: Venue, beside: Beside, fee: u32, price: u64) -> PoolPlan {
    PoolPlan { venue, beside, fee, price, depth: DEEP }
}
