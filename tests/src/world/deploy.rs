//! Deploys the whole market on an empty chain: tokens, exchanges, pools, and the trader's money.

use alloy_primitives::{Address, B256, U64, U256};
use alloy_sol_types::SolValue;
use anyhow::{Result, ensure};

use super::{
    DEPLOYER, Funds, TRADER, Token, V2Contracts, V3Contracts, World, account::ether, deployer::Deployer,
    pools, v4,
};
use crate::{
    artifacts::{path, permit2},
    contracts::{Erc20, Weth},
    rpc::Rpc,
};

/// Ether of the deployer: for gas, and to wrap.
const DEPLOYER_ETHER: u64 = 10_000_000;
/// WETH of the deployer, for the pools and for gifts.
const WRAPPED_ETHER: u64 = 1_000_000;
/// Whole tokens of each supply.
const SUPPLY: u64 = 10_000_000_000;
/// Where OpenZeppelin 3.4's ERC-20 keeps its decimals.
const DECIMALS_SLOT: u64 = 5;
/// Room for the whole deployment in one block.
const DEPLOYMENT_GAS_LIMIT: u64 = 1_000_000_000;
/// The gas limit of blocks after it.
const BLOCK_GAS_LIMIT: u64 = 30_000_000;
/// The base fee that a fresh world goes on from, in wei per gas.
const BASE_FEE: u64 = 1_000_000_000;

impl World {
    /// Deploys everything on the chain behind `rpc`: an anvil with its usual accounts, on which nothing else happens
    /// meanwhile. Leaves it making a block per transaction.
    ///
    /// # Errors
    /// When the npm packages are missing, the node fails, or a transaction reverts.
    pub async fn deploy(rpc: &Rpc) -> Result<Self> {
        let chain_id = rpc.call::<U64>("eth_chainId", ()).await?.to();
        rpc.set_automine(false).await?;
        rpc.set_block_gas_limit(DEPLOYMENT_GAS_LIMIT).await?;
        rpc.set_balance(DEPLOYER, ether(DEPLOYER_ETHER)).await?;
        let mut deployer = Deployer::new(rpc, DEPLOYER).await?;
        let mut world = contracts(&mut deployer, chain_id).await?;
        deployer.settle().await?;
        set_decimals(rpc, &world.usdc).await?;
        rpc.set_code(world.uniswap_v4.permit2, &permit2()?).await?;
        world.approve_all(&mut deployer).await?;
        pools::create(&world, &mut deployer).await?;
        v4::create_pools(&world, &mut deployer).await?;
        deployer.settle().await?;
        world.pools = pools::find(&world, rpc).await?;
        rpc.set_block_gas_limit(BLOCK_GAS_LIMIT).await?;
        rpc.set_automine(true).await?;
        rpc.set_next_base_fee(BASE_FEE).await?;
        world.fund(rpc, TRADER.address, Funds::default()).await?;
        Ok(world)
    }

    /// Wraps ether, and lets every exchange take the deployer's tokens for liquidity.
    async fn approve_all(&self, deployer: &mut Deployer<'_>) -> Result<()> {
        let wrapped = ether(WRAPPED_ETHER);
        deployer.pay(self.weth.address, wrapped, &Weth::depositCall {}).await?;
        let spenders = [
            self.uniswap_v2.router,
            self.sushiswap.router,
            self.uniswap_v3.positions,
            self.uniswap_v4.liquidity,
        ];
        for token in [&self.weth, &self.usdc, &self.dai, &self.deflating] {
            for spender in spenders {
                let approve = Erc20::approveCall { spender, amount: U256::MAX };
                deployer.call(token.address, &approve).await?;
            }
        }
        Ok(())
    }
}

async fn contracts(deployer: &mut Deployer<'_>, chain_id: u64) -> Result<World> {
    // In this order WETH is the lower address beside USDC and the higher one beside DAI: both cases of every pool.
    let dai = erc20(deployer, "DAI", 18).await?;
    let usdc = erc20(deployer, "USDC", 6).await?;
    let weth = token("WETH", deployer.create(path::WETH9, Vec::new()).await?, 18);
    let supply = ether(SUPPLY).abi_encode();
    let deflating = token("DTT", deployer.create(path::DEFLATING_ERC20, supply).await?, 18);
    let uniswap_v2 = v2(deployer, path::UNISWAP_V2_FACTORY, path::UNISWAP_V2_ROUTER, weth.address).await?;
    let sushiswap = v2(deployer, path::SUSHISWAP_FACTORY, path::SUSHISWAP_ROUTER, weth.address).await?;
    let uniswap_v3 = v3(deployer, weth.address).await?;
    let uniswap_v4 = v4::contracts(deployer, weth.address).await?;
    Ok(World {
        chain_id,
        deployer: DEPLOYER,
        trader: TRADER.address,
        weth,
        usdc,
        dai,
        deflating,
        uniswap_v2,
        sushiswap,
        uniswap_v3,
        uniswap_v4,
        pools: Vec::new(),
    })
}

async fn erc20(deployer: &mut Deployer<'_>, symbol: &str, decimals: u8) -> Result<Token> {
    let unplaced = token(symbol, Address::ZERO, decimals);
    let constructor = (symbol.to_owned(), symbol.to_owned(), unplaced.units(SUPPLY), DEPLOYER);
    let address = deployer.create(path::ERC20, constructor.abi_encode_params()).await?;
    Ok(Token { address, ..unplaced })
}

async fn v2(deployer: &mut Deployer<'_>, factory: &str, router: &str, weth: Address) -> Result<V2Contracts> {
    let factory = deployer.create(factory, DEPLOYER.abi_encode()).await?;
    let router = deployer.create(router, (factory, weth).abi_encode_params()).await?;
    Ok(V2Contracts { factory, router })
}

/// The position manager's descriptor only draws pictures of positions; there is none.
async fn v3(deployer: &mut Deployer<'_>, weth: Address) -> Result<V3Contracts> {
    let factory = deployer.create(path::UNISWAP_V3_FACTORY, Vec::new()).await?;
    let known = (factory, weth).abi_encode_params();
    let router = deployer.create(path::UNISWAP_V3_ROUTER, known.clone()).await?;
    let quoter = deployer.create(path::UNISWAP_V3_QUOTER, known).await?;
    let described = (factory, weth, Address::ZERO).abi_encode_params();
    let positions = deployer.create(path::UNISWAP_V3_POSITIONS, described).await?;
    Ok(V3Contracts { factory, router, quoter, positions })
}

/// The preset always begins with 18 decimals and has no function to change them.
async fn set_decimals(rpc: &Rpc, token: &Token) -> Result<()> {
    let value = B256::from(U256::from(token.decimals));
    rpc.set_storage_at(token.address, U256::from(DECIMALS_SLOT), value).await?;
    let decimals = rpc.eth_call(token.address, &Erc20::decimalsCall {}).await?;
    ensure!(decimals == token.decimals, "{} says it has {decimals} decimals", token.symbol);
    Ok(())
}

fn token(symbol: &str, address: Address, decimals: u8) -> Token {
    Token { symbol: symbol.to_owned(), address, decimals }
}
