//! What is deployed, as tests and the demonstration see it: plain data that can be written to JSON and read back.

use alloy_primitives::{Address, U256};
use serde::{Deserialize, Serialize};

/// An exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Venue {
    /// Uniswap V2.
    UniswapV2,
    /// SushiSwap, a fork of Uniswap V2 with its own factory, router and pools.
    Sushiswap,
    /// Uniswap V3.
    UniswapV3,
}

impl Venue {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::UniswapV2, Self::Sushiswap, Self::UniswapV3];
}

/// An ERC-20 token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its symbol, such as `USDC`.
    pub symbol: String,
    /// Its contract.
    pub address: Address,
    /// How many decimals its base unit has.
    pub decimals: u8,
}

impl Token {
    /// Whole tokens in base units.
    #[must_use]
    pub fn units(&self, whole: u64) -> U256 {
        U256::from(whole) * U256::from(10).pow(U256::from(self.decimals))
    }
}

/// The contracts of Uniswap V2 or of its fork.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct V2Contracts {
    /// Finds pools.
    pub factory: Address,
    /// Quotes and trades; the spender to approve.
    pub router: Address,
}

/// The contracts of Uniswap V3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct V3Contracts {
    /// Finds pools.
    pub factory: Address,
    /// Trades (the first `SwapRouter`, with a deadline in its parameters); the spender to approve.
    pub router: Address,
    /// Quotes (`QuoterV2`).
    pub quoter: Address,
    /// Holds liquidity.
    pub positions: Address,
}

/// The contracts of Uniswap V4. Its pools are beside the planned ones: only who asks for this exchange trades on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct V4Contracts {
    /// Holds all pools.
    pub pool_manager: Address,
    /// Tells what a pool is like.
    pub state_view: Address,
    /// Quotes (`V4Quoter`).
    pub quoter: Address,
    /// Trades (`UniversalRouter`).
    pub router: Address,
    /// Takes tokens for the router; the spender to approve.
    pub permit2: Address,
    /// Holds liquidity.
    pub liquidity: Address,
}

/// A pool of WETH and another token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Where it is.
    pub venue: Venue,
    /// The pool's contract.
    pub address: Address,
    /// The token next to WETH.
    pub token: Address,
    /// The fee in hundredths of a basis point: 3000 is 0.3 %.
    pub fee: u32,
    /// The price it began at, before its fee: whole tokens per WETH.
    pub price: u64,
    /// The WETH it began with, in whole units.
    pub depth: u64,
}

/// Everything deployed on one chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    /// The EVM chain id.
    pub chain_id: u64,
    /// The unlocked account that owns liquidity and supplies.
    pub deployer: Address,
    /// The funded account that trades, [`TRADER`](super::TRADER).
    pub trader: Address,
    /// Wrapped ether, 18 decimals.
    pub weth: Token,
    /// A dollar with 6 decimals.
    pub usdc: Token,
    /// A dollar with 18 decimals.
    pub dai: Token,
    /// A token (`DTT`) that burns 1 % of every transfer; it has a pool on Uniswap V2 only.
    pub deflating: Token,
    /// Uniswap V2.
    pub uniswap_v2: V2Contracts,
    /// SushiSwap.
    pub sushiswap: V2Contracts,
    /// Uniswap V3.
    pub uniswap_v3: V3Contracts,
    /// Uniswap V4.
    pub uniswap_v4: V4Contracts,
    /// All pools but those of Uniswap V4.
    pub pools: Vec<Pool>,
}

impl World {
    /// The tokens that every exchange trades.
    #[must_use]
    pub fn tokens(&self) -> [&Token; 3] {
        [&self.weth, &self.usdc, &self.dai]
    }

    /// The contract that trades on `venue`, which must be approved to take what is sold.
    #[must_use]
    pub fn router(&self, venue: Venue) -> Address {
        match venue {
            Venue::UniswapV2 => self.uniswap_v2.router,
            Venue::Sushiswap => self.sushiswap.router,
            Venue::UniswapV3 => self.uniswap_v3.router,
        }
    }

    /// The pools of WETH and `token` on `venue`.
    pub fn pools_of(&self, venue: Venue, token: Address) -> impl Iterator<Item = &Pool> {
        self.pools.iter().filter(move |pool| pool.venue == venue && pool.token == token)
    }

    /// The exchange that a pool belongs to.
    #[must_use]
    pub fn venue_of(&self, pool: Address) -> Option<Venue> {
        self.pools.iter().find(|known| known.address == pool).map(|known| known.venue)
    }
}
