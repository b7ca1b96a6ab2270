//! The market that tests trade on: tokens, three exchanges, and pools at prices planned so that each exchange is the
//! best one for some trade.
//!
//! | trade | best | then |
//! |---|---|---|
//! | WETH → USDC | SushiSwap | Uniswap V3 (0.05 %) |
//! | USDC → WETH | Uniswap V2 | Uniswap V3 (0.3 %) |
//! | WETH → DAI | Uniswap V3 (0.3 %) | Uniswap V2 |
//! | DAI → WETH | SushiSwap | Uniswap V2 |
//!
//! There is no pool of USDC and DAI. Uniswap V4 is there too, for who asks for it: it would be the best for WETH →
//! USDC. [`World::boot`] is the usual way in.

mod account;
mod boot;
mod cache;
mod deploy;
mod deployer;
mod market;
mod plan;
mod pools;
mod trade;
mod v4;

pub use account::{Account, DEPLOYER, Funds, TRADER};
pub use boot::Chain;
pub use market::{Pool, Token, V2Contracts, V3Contracts, V4Contracts, Venue, World};
pub use trade::Quote;
pub use v4::V4_FEES;
