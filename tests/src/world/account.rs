//! The accounts of a fresh world, and giving money to more of them.

use alloy_primitives::{Address, U256, address};
use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::{Token, World};
use crate::{
    contracts::Erc20,
    rpc::{Rpc, TxRequest},
};

/// The first account of anvil's public test mnemonic. It owns all liquidity and the rest of every supply.
pub const DEPLOYER: Address = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");

/// The account that trades: the second one of anvil's public test mnemonic. It begins at sequence 0, with
/// [`Funds::default`] and without any approval.
pub const TRADER: Account = Account {
    address: address!("70997970C51812dc3A010C7d01b50e0d17dc79C8"),
    private_key: "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
};

/// An account with its publicly known key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The address.
    pub address: Address,
    /// The private key, in hex without a prefix.
    pub private_key: &'static str,
}

/// What an account gets, in whole units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funds {
    /// Ether, which replaces what the account has.
    pub ether: u64,
    /// Wrapped ether, added.
    pub weth: u64,
    /// USDC, added.
    pub usdc: u64,
    /// DAI, added.
    pub dai: u64,
}

impl Default for Funds {
    fn default() -> Self {
        Self { ether: 1_000, weth: 1_000, usdc: 5_000_000, dai: 5_000_000 }
    }
}

impl World {
    /// Gives `funds` to `who`. The deployer sends the tokens, so no sequence number of `who` is used.
    ///
    /// # Errors
    /// When the node fails or the deployer has nothing left.
    pub async fn fund(&self, rpc: &Rpc, who: Address, funds: Funds) -> Result<()> {
        rpc.set_balance(who, ether(funds.ether)).await?;
        let gifts = [(&self.weth, funds.weth), (&self.usdc, funds.usdc), (&self.dai, funds.dai)];
        for (token, whole) in gifts {
            if whole > 0 {
                self.give(rpc, token, who, token.units(whole)).await?;
            }
        }
        Ok(())
    }

    async fn give(&self, rpc: &Rpc, token: &Token, to: Address, amount: U256) -> Result<()> {
        let transfer = Erc20::transferCall { to, amount };
        let receipt = rpc.execute(&TxRequest::call(self.deployer, token.address, &transfer)).await?;
        ensure!(receipt.succeeded(), "the deployer cannot give {amount} of {} to {to}", token.symbol);
        Ok(())
    }
}

/// Whole ether in wei.
pub(super) fn ether(whole: u64) -> U256 {
    U256::from(whole) * U256::from(10).pow(U256::from(18))
}
