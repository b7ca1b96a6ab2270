//! What the npm packages of `tests/chain` hold: creation bytecodes of the contracts, and where their folder is.
//! Nothing is compiled here; a missing package is an error that says how to install it.

use std::{fs, path::PathBuf};

use alloy_primitives::{Bytes, hex};
use anyhow::{Context, Result};
use serde::Deserialize;

/// Compiled contracts, by their artifact's path below `node_modules`.
pub mod path {
    /// Wrapped ether.
    pub const WETH9: &str = "@uniswap/v2-periphery/build/WETH9.json";
    /// An ERC-20 whose whole supply goes to one owner; its decimals are in storage slot 5.
    pub const ERC20: &str = "@openzeppelin/contracts/build/contracts/ERC20PresetFixedSupply.json";
    /// An ERC-20 that burns 1 % of every transfer.
    pub const DEFLATING_ERC20: &str = "@uniswap/v2-periphery/build/DeflatingERC20.json";
    /// Uniswap V2's factory.
    pub const UNISWAP_V2_FACTORY: &str = "@uniswap/v2-core/build/UniswapV2Factory.json";
    /// Uniswap V2's router.
    pub const UNISWAP_V2_ROUTER: &str = "@uniswap/v2-periphery/build/UniswapV2Router02.json";
    /// SushiSwap's factory. The package's `artifacts` hold another pair bytecode than the router expects.
    pub const SUSHISWAP_FACTORY: &str = "@sushiswap/sushiswap/deployments/arbitrum/UniswapV2Factory.json";
    /// SushiSwap's router.
    pub const SUSHISWAP_ROUTER: &str = "@sushiswap/sushiswap/deployments/arbitrum/UniswapV2Router02.json";
    /// Uniswap V3's factory.
    pub const UNISWAP_V3_FACTORY: &str =
        "@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json";
    /// Uniswap V3's liquidity positions.
    pub const UNISWAP_V3_POSITIONS: &str = "@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json";
    /// Uniswap V3's router.
    pub const UNISWAP_V3_ROUTER: &str =
        "@uniswap/v3-periphery/artifacts/contracts/SwapRouter.sol/SwapRouter.json";
    /// Uniswap V3's quoter.
    pub const UNISWAP_V3_QUOTER: &str =
        "@uniswap/v3-periphery/artifacts/contracts/lens/QuoterV2.sol/QuoterV2.json";
    /// Uniswap V4's one contract for all pools.
    pub const UNISWAP_V4_POOL_MANAGER: &str =
        "@uniswap/v4-periphery/foundry-out/PoolManager.sol/PoolManager.default.json";
    /// Uniswap V4's quoter.
    pub const UNISWAP_V4_QUOTER: &str = "@uniswap/v4-periphery/foundry-out/V4Quoter.sol/V4Quoter.json";
    /// What Uniswap V4's pools are like.
    pub const UNISWAP_V4_STATE_VIEW: &str = "@uniswap/v4-periphery/foundry-out/StateView.sol/StateView.json";
    /// Puts liquidity into Uniswap V4's pools; made for Uniswap's own tests.
    pub const UNISWAP_V4_LIQUIDITY: &str =
        "@uniswap/v4-periphery/foundry-out/PoolModifyLiquidityTest.sol/PoolModifyLiquidityTest.default.json";
    /// The router of Uniswap V4, and of the versions before.
    pub const UNIVERSAL_ROUTER: &str =
        "@uniswap/universal-router/artifacts/contracts/UniversalRouter.sol/UniversalRouter.json";
    /// What Uniswap's own tests put Permit2 on a chain with.
    pub(super) const DEPLOY_PERMIT2: &str =
        "@uniswap/v4-periphery/foundry-out/DeployPermit2.sol/DeployPermit2.json";
}

/// How the code of Permit2 begins.
const PERMIT2_HEAD: [u8; 17] = hex!("6040608081526004908136101561001557");
/// Its length in bytes.
const PERMIT2_LENGTH: usize = 9_152;

#[derive(Deserialize)]
struct Artifact {
    bytecode: Bytecode,
}

/// Hex, the bare text or in an object: compilers differ.
#[derive(Deserialize)]
#[serde(untagged)]
enum Bytecode {
    Bare(String),
    Wrapped { object: String },
}

/// The folder of the pinned npm packages, `tests/chain`.
#[must_use]
pub fn chain_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("chain")
}

/// A file below `node_modules`, whether it exists or not.
#[must_use]
pub fn package_file(relative: &str) -> PathBuf {
    chain_folder().join("node_modules").join(relative)
}

/// The creation bytecode of the contract whose artifact is at `relative`, without constructor arguments.
///
/// # Errors
/// When the npm packages are not installed, or the artifact holds no complete bytecode.
pub fn bytecode(relative: &str) -> Result<Bytes> {
    let text = fs::read_to_string(package_file(relative)).with_context(|| {
        format!("cannot read the contract {relative}: run `make chain-deps` to install it")
    })?;
    let artifact: Artifact =
        serde_json::from_str(&text).with_context(|| format!("{relative} is not a contract artifact"))?;
    let (Bytecode::Bare(code) | Bytecode::Wrapped { object: code }) = artifact.bytecode;
    let code = hex::decode(code.trim_start_matches("0x"))
        .with_context(|| format!("the bytecode in {relative} is not plain hex (an unlinked library?)"))?;
    anyhow::ensure!(!code.is_empty(), "{relative} holds no bytecode");
    Ok(code.into())
}

/// The code of Permit2 as it is on every chain. No package has it by itself: it is a constant of Uniswap's own tests.
///
/// # Errors
/// When the npm packages are not installed, or are others.
pub fn permit2() -> Result<Bytes> {
    let code = bytecode(path::DEPLOY_PERMIT2)?;
    let start = code.windows(PERMIT2_HEAD.len()).position(|bytes| bytes == PERMIT2_HEAD);
    let code = start.and_then(|start| code.get(start..start + PERMIT2_LENGTH));
    let code = code.context("the package holds no Permit2")?;
    Ok(Bytes::copy_from_slice(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_package_says_how_to_install_it() {
        let error = bytecode("@nobody/nothing/Missing.json").unwrap_err();
        assert!(error.to_string().contains("make chain-deps"), "{error}");
    }
}
