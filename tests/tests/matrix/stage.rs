//! A node of its own for each case, whose blocks come when the case wants them.

use alloy_primitives::B256;
use anyhow::Result;
use orderd_tests::{AnvilOptions, Chain, World};
use std::{convert::Infallible, time::Duration};
use tokio::sync::watch;

/// A chain of its own: what a stray daemon of another test sends to a port that was its node's is refused.
const CHAIN_ID: u64 = 31_340;
/// From block to block. Finality is two blocks deep.
const BLOCK_TIME: Duration = Duration::from_millis(50);

/// How often the pool is looked at.
const POOL_POLL: Duration = Duration::from_millis(20);

/// The node, and who uses the account from outside.
pub(crate) struct Stage {
    pub(crate) chain: Chain,
    /// Transactions of the account that are of no order.
    pub(crate) strangers: watch::Sender<Vec<B256>>,
    blocks: watch::Sender<Blocks>,
}

/// When blocks come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blocks {
    /// One for each transaction, and empty ones on the beat.
    Flowing,
    /// One for each transaction.
    OnDemand,
    /// None.
    Held,
}

impl Stage {
    /// A fresh node: every transaction is in a block at once, and empty blocks follow.
    pub(crate) async fn set() -> Result<Self> {
        let options = AnvilOptions { chain_id: CHAIN_ID, ..AnvilOptions::default() };
        let chain = World::boot_with(options).await?;
        Ok(Self { chain, strangers: watch::Sender::default(), blocks: watch::Sender::new(Blocks::Flowing) })
    }

    /// Makes blocks for ever, while they are wanted.
    pub(crate) async fn make_blocks(&self) -> Result<Infallible> {
        let mut beat = tokio::time::interval(BLOCK_TIME);
        loop {
            beat.tick().await;
            if *self.blocks.borrow() == Blocks::Flowing {
                self.chain.rpc.mine(1).await?;
            }
        }
    }

    /// Nothing becomes final any more, but what is sent is in a block at once.
    pub(crate) fn hold_finality(&self) {
        self.blocks.send_replace(Blocks::OnDemand);
    }

    /// Nothing comes into a block any more.
    pub(crate) async fn hold_blocks(&self) -> Result<()> {
        self.blocks.send_replace(Blocks::Held);
        Ok(self.chain.rpc.set_automine(false).await?)
    }

    /// Whether nothing comes into a block.
    pub(crate) fn holds_blocks(&self) -> bool {
        *self.blocks.borrow() == Blocks::Held
    }

    /// Waits until the node has a transaction that waits for a block.
    pub(crate) async fn until_waiting(&self, hash: B256) -> Result<()> {
        let mut beat = tokio::time::interval(POOL_POLL);
        while !self.chain.rpc.waiting_hashes().await?.contains(&hash) {
            beat.tick().await;
        }
        Ok(())
    }

    /// Blocks come as at the beginning; what has waited goes into the first.
    pub(crate) async fn calm(&self) -> Result<()> {
        self.chain.rpc.set_automine(true).await?;
        self.blocks.send_replace(Blocks::Flowing);
        Ok(())
    }
}
