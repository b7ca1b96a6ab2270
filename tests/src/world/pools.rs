//! Creates the planned pools with their liquidity, and finds their addresses.

use alloy_primitives::{
    Address, U256, U512,
    aliases::{I24, U24, U160},
};
use anyhow::{Result, ensure};

use super::{
    Pool, Token, Venue, World,
    deployer::Deployer,
    plan::{Beside, POOLS, PoolPlan},
};
use crate::{
    contracts::{V2Factory, V2Router, V3Factory, V3Positions},
    rpc::{Rpc, RpcError},
};

/// The outermost price tick of Uniswap V3 and V4.
const MAX_TICK: i32 = 887_272;

/// Sends what creates all pools. The exchanges must be allowed to take the deployer's tokens.
pub(super) async fn create(world: &World, deployer: &mut Deployer<'_>) -> Result<()> {
    for plan in &POOLS {
        match plan.venue {
            Venue::UniswapV2 => v2(world, deployer, plan, world.uniswap_v2.router).await?,
            Venue::Sushiswap => v2(world, deployer, plan, world.sushiswap.router).await?,
            Venue::UniswapV3 => v3(world, deployer, plan).await?,
        }
    }
    Ok(())
}

/// The planned pools, by asking the factories.
pub(super) async fn find(world: &World, rpc: &Rpc) -> Result<Vec<Pool>> {
    let mut pools = Vec::new();
    for plan in &POOLS {
        let token = world.beside(plan.beside);
        let address = address_of(world, rpc, plan, token.address).await?;
        ensure!(!address.is_zero(), "{:?} has no pool of WETH and {}", plan.venue, token.symbol);
        let PoolPlan { venue, fee, price, depth, .. } = *plan;
        pools.push(Pool { venue, address, token: token.address, fee, price, depth });
    }
    Ok(pools)
}

async fn address_of(world: &World, rpc: &Rpc, plan: &PoolPlan, token: Address) -> Result<Address, RpcError> {
    let weth = world.weth.address;
    let pair = V2Factory::getPairCall { tokenA: weth, tokenB: token };
    let pool = V3Factory::getPoolCall { tokenA: weth, tokenB: token, fee: U24::from(plan.fee) };
    match plan.venue {
        Venue::UniswapV2 => rpc.eth_call(world.uniswap_v2.factory, &pair).await,
        Venue::Sushiswap => rpc.eth_call(world.sushiswap.factory, &pair).await,
        Venue::UniswapV3 => rpc.eth_call(world.uniswap_v3.factory, &pool).await,
    }
}

async fn v2(world: &World, deployer: &mut Deployer<'_>, plan: &PoolPlan, router: Address) -> Result<()> {
    let token = world.beside(plan.beside);
    let add = V2Router::addLiquidityCall {
        tokenA: world.weth.address,
        tokenB: token.address,
        amountADesired: world.weth.units(plan.depth),
        amountBDesired: token.units(plan.depth * plan.price),
        amountAMin: U256::ZERO,
        amountBMin: U256::ZERO,
        to: world.deployer,
        deadline: U256::MAX,
    };
    deployer.call(router, &add).await
}

async fn v3(world: &World, deployer: &mut Deployer<'_>, plan: &PoolPlan) -> Result<()> {
    let token = world.beside(plan.beside);
    let weth_side = (world.weth.address, world.weth.units(plan.depth));
    let token_side = (token.address, token.units(plan.depth * plan.price));
    let (side0, side1) =
        if weth_side.0 < token_side.0 { (weth_side, token_side) } else { (token_side, weth_side) };
    let open = V3Positions::createAndInitializePoolIfNecessaryCall {
        token0: side0.0,
        token1: side1.0,
        fee: U24::from(plan.fee),
        sqrtPriceX96: sqrt_price_x96(side0.1, side1.1),
    };
    deployer.call(world.uniswap_v3.positions, &open).await?;
    let mint = V3Positions::mintCall { params: full_range(plan.fee, side0, side1, world.deployer) };
    deployer.call(world.uniswap_v3.positions, &mint).await
}

fn full_range(
    fee: u32,
    side0: (Address, U256),
    side1: (Address, U256),
    recipient: Address,
) -> V3Positions::MintParams {
    let outermost = outermost_tick(fee);
    V3Positions::MintParams {
        token0: side0.0,
        token1: side1.0,
        fee: U24::from(fee),
        tickLower: -outermost,
        tickUpper: outermost,
        amount0Desired: side0.1,
        amount1Desired: side1.1,
        amount0Min: U256::ZERO,
        amount1Min: U256::ZERO,
        recipient,
        deadline: U256::MAX,
    }
}

/// The last tick that a pool's liquidity can reach to.
pub(super) fn outermost_tick(fee: u32) -> I24 {
    I24::try_from(MAX_TICK - MAX_TICK % tick_spacing(fee)).expect("a tick has 21 bits")
}

/// As the V3 factory is constructed: spacing 10 for 0.05 %, 60 for 0.3 %. In both the fee is 50 times the spacing.
pub(super) fn tick_spacing(fee: u32) -> i32 {
    i32::try_from(fee / 50).expect("a fee is far below a million")
}

/// √(amount1 / amount0) · 2⁹⁶, rounded down: the price as a V3 or V4 pool is opened with (whitepaper, section 6.1).
pub(super) fn sqrt_price_x96(amount0: U256, amount1: U256) -> U160 {
    let ratio: U512 = (U512::from(amount1) << 192) / U512::from(amount0);
    ratio.root(2).to()
}

impl World {
    pub(super) fn beside(&self, beside: Beside) -> &Token {
        match beside {
            Beside::Usdc => &self.usdc,
            Beside::Dai => &self.dai,
            Beside::Deflating => &self.deflating,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_amounts_are_the_price_one() {
        assert_eq!(sqrt_price_x96(U256::from(7), U256::from(7)), U160::from(1) << 96);
    }

    #[test]
    fn four_times_as_much_is_twice_the_root() {
        assert_eq!(sqrt_price_x96(U256::from(1), U256::from(4)), U160::from(1) << 97);
    }

    #[test]
    fn tick_spacings_are_those_of_the_factory() {
        assert_eq!((tick_spacing(500), tick_spacing(3_000)), (10, 60));
    }
}
