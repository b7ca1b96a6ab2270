//! Uniswap V4: its contracts and pools. They are beside the planned market, which goes on as if they were not there.

use alloy_primitives::{
    Address, B256, Bytes, I256, U256, U512, address,
    aliases::{I24, U24},
};
use alloy_sol_types::SolValue;
use anyhow::Result;

use super::{
    DEPLOYER, Token, V4Contracts, World,
    deployer::Deployer,
    plan::Beside,
    pools::{outermost_tick, sqrt_price_x96, tick_spacing},
};
use crate::{
    artifacts::path,
    contracts::{PoolKey, RouterParameters, V4Liquidity, V4PoolManager},
};

/// Where Permit2 is on every chain.
const PERMIT2: Address = address!("000000000022D473030F116dDEE9F6B43aC78BA3");
/// WETH in each pool.
const DEPTH: u64 = 50_000;
/// The fees of the pools beside WETH, in hundredths of a basis point.
pub const V4_FEES: [u32; 2] = [500, 3_000];
/// The token beside WETH, the fee in hundredths of a basis point, and the price in whole tokens per WETH.
const POOLS: [(Beside, u32, u64); 4] = [
    (Beside::Usdc, V4_FEES[0], 3_040),
    (Beside::Usdc, V4_FEES[1], 3_003),
    (Beside::Dai, V4_FEES[0], 3_000),
    (Beside::Dai, V4_FEES[1], 3_012),
];

/// Sends what creates the contracts. Permit2 is not created: it has the same address everywhere.
pub(super) async fn contracts(deployer: &mut Deployer<'_>, weth: Address) -> Result<V4Contracts> {
    let pool_manager = deployer.create(path::UNISWAP_V4_POOL_MANAGER, DEPLOYER.abi_encode()).await?;
    let known = pool_manager.abi_encode();
    let state_view = deployer.create(path::UNISWAP_V4_STATE_VIEW, known.clone()).await?;
    let quoter = deployer.create(path::UNISWAP_V4_QUOTER, known.clone()).await?;
    let liquidity = deployer.create(path::UNISWAP_V4_LIQUIDITY, known).await?;
    let params = RouterParameters {
        permit2: PERMIT2,
        weth9: weth,
        v2Factory: Address::ZERO,
        v3Factory: Address::ZERO,
        pairInitCodeHash: B256::ZERO,
        poolInitCodeHash: B256::ZERO,
        v4PoolManager: pool_manager,
        v3NFTPositionManager: Address::ZERO,
        v4PositionManager: Address::ZERO,
        spokePool: Address::ZERO,
    };
    let router = deployer.create(path::UNIVERSAL_ROUTER, params.abi_encode()).await?;
    Ok(V4Contracts { pool_manager, state_view, quoter, router, permit2: PERMIT2, liquidity })
}

/// Sends what creates the pools with their liquidity, over the whole range of prices.
pub(super) async fn create_pools(world: &World, deployer: &mut Deployer<'_>) -> Result<()> {
    let V4Contracts { pool_manager, liquidity, .. } = world.uniswap_v4;
    for (beside, fee, price) in POOLS {
        let token = world.beside(beside);
        let weth_side = (world.weth.address, world.weth.units(DEPTH));
        let token_side = (token.address, token.units(DEPTH * price));
        let (low, high) = (weth_side.min(token_side), weth_side.max(token_side));
        let key = World::v4_pool(&world.weth, token, fee);
        let open =
            V4PoolManager::initializeCall { key: key.clone(), sqrtPriceX96: sqrt_price_x96(low.1, high.1) };
        deployer.call(pool_manager, &open).await?;
        let outermost = outermost_tick(fee);
        let params = V4Liquidity::ModifyLiquidityParams {
            tickLower: -outermost,
            tickUpper: outermost,
            liquidityDelta: full_range(low.1, high.1),
            salt: B256::ZERO,
        };
        let add = V4Liquidity::modifyLiquidityCall { key, params, hookData: Bytes::new() };
        deployer.call(liquidity, &add).await?;
    }
    Ok(())
}

impl World {
    /// The key of Uniswap V4's pool of two tokens at a fee. Tick spacings are those that V3 has for the fee.
    #[must_use]
    pub fn v4_pool(one: &Token, other: &Token, fee: u32) -> PoolKey {
        PoolKey {
            currency0: one.address.min(other.address),
            currency1: one.address.max(other.address),
            fee: U24::from(fee),
            tickSpacing: I24::try_from(tick_spacing(fee)).expect("a spacing has 15 bits"),
            hooks: Address::ZERO,
        }
    }
}

/// The liquidity that these amounts are over the whole range: √(amount0 · amount1), rounded down.
fn full_range(amount0: U256, amount1: U256) -> I256 {
    let product = U512::from(amount0) * U512::from(amount1);
    I256::from_raw(product.root(2).to())
}
