//! Sends transactions of one account in bulk: each gets its sequence number here, none is waited for, and
//! [`Deployer::settle`] then makes one block of all and checks them.
//!
//! The block's gas limit must have room for all of them. Anvil skips a transaction that does not fit, tries the
//! account's next one, finds a gap in its sequence, and throws that one away.

use alloy_primitives::{Address, B256, Bytes, U64, U256};
use alloy_sol_types::SolCall;
use anyhow::{Context, Result, ensure};

use crate::rpc::{BlockTag, Rpc, RpcError, TxRequest};

/// Enough for the largest contract and for a pool's creation.
const GAS: u64 = 6_000_000;

#[derive(Debug)]
pub(super) struct Deployer<'a> {
    rpc: &'a Rpc,
    account: Address,
    nonce: u64,
    sent: Vec<(String, B256)>,
}

impl<'a> Deployer<'a> {
    pub(super) async fn new(rpc: &'a Rpc, account: Address) -> Result<Self, RpcError> {
        let nonce = rpc.transaction_count(account, BlockTag::Latest).await?;
        Ok(Self { rpc, account, nonce, sent: Vec::new() })
    }

    /// Creates the contract of an artifact; its address is known before it is there.
    pub(super) async fn create(&mut self, artifact: &str, constructor: Vec<u8>) -> Result<Address> {
        let code = crate::artifacts::bytecode(artifact)?;
        let data = Bytes::from([code.as_ref(), &constructor].concat());
        let address = self.account.create(self.nonce);
        self.push(artifact.to_owned(), TxRequest { data, ..self.request() }).await?;
        Ok(address)
    }

    /// Calls a function.
    pub(super) async fn call<C: SolCall>(&mut self, to: Address, call: &C) -> Result<()> {
        self.pay(to, U256::ZERO, call).await
    }

    /// Calls a function with wei sent along.
    pub(super) async fn pay<C: SolCall>(&mut self, to: Address, value: U256, call: &C) -> Result<()> {
        let data = call.abi_encode().into();
        let transaction = TxRequest { to: Some(to), data, value, ..self.request() };
        self.push(C::SIGNATURE.to_owned(), transaction).await
    }

    /// Makes a block of everything sent since the last time, and checks that all of it succeeded.
    pub(super) async fn settle(&mut self) -> Result<()> {
        self.rpc.mine(1).await?;
        for (what, hash) in self.sent.drain(..) {
            let receipt = self.rpc.receipt(hash).await?.with_context(|| format!("{what} is in no block"))?;
            ensure!(receipt.succeeded(), "{what} reverted ({} gas)", receipt.gas_used);
        }
        Ok(())
    }

    fn request(&self) -> TxRequest {
        TxRequest {
            from: self.account,
            gas: Some(U64::from(GAS)),
            nonce: Some(U64::from(self.nonce)),
            ..TxRequest::default()
        }
    }

    async fn push(&mut self, what: String, transaction: TxRequest) -> Result<()> {
        let hash = self.rpc.send(&transaction).await.with_context(|| what.clone())?;
        self.nonce += 1;
        self.sent.push((what, hash));
        Ok(())
    }
}
