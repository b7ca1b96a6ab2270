//! Everything an account ever sent, found by walking the blocks: the count of effects that crash tests judge by.

use alloy_primitives::{Address, B256, U64};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::{
    rpc::{Receipt, Rpc, quantity},
    swaps::swaps,
};

/// The longest chain that is walked.
const MAX_BLOCKS: u64 = 100_000;
/// How often a block is asked for.
const ASKS: u32 = 50;

/// A transaction that is in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The sender's sequence number.
    pub nonce: u64,
    /// The transaction.
    pub hash: B256,
    /// What became of it.
    pub receipt: Receipt,
}

impl Sent {
    /// Whether it traded: it succeeded and a pool says so.
    #[must_use]
    pub fn swapped(&self) -> bool {
        self.receipt.succeeded() && !swaps(&self.receipt).is_empty()
    }
}

#[derive(Deserialize)]
struct Block {
    transactions: Vec<Transaction>,
}

#[derive(Deserialize)]
struct Transaction {
    hash: B256,
    from: Address,
    #[serde(deserialize_with = "quantity")]
    nonce: u64,
}

/// All transactions of `who` in the chain, by sequence number from 0.
///
/// # Errors
/// When the node fails, the chain is too long, or the sequence numbers have a gap, which a chain cannot have.
pub async fn sent_by(rpc: &Rpc, who: Address) -> Result<Vec<Sent>> {
    let newest = rpc.block_number().await?;
    ensure!(newest < MAX_BLOCKS, "a chain of {newest} blocks is too long to walk");
    let mut sent = Vec::new();
    for number in 0..=newest {
        let block = block(rpc, number).await.with_context(|| format!("of {newest} blocks"))?;
        for transaction in block.transactions.into_iter().filter(|transaction| transaction.from == who) {
            sent.push(with_receipt(rpc, transaction).await?);
        }
    }
    for (expected, found) in (0..).zip(&sent) {
        ensure!(found.nonce == expected, "{who} has sequence {} in place of {expected}", found.nonce);
    }
    Ok(sent)
}

/// How many transactions of `who` traded.
///
/// # Errors
/// As for [`sent_by`].
pub async fn successful_swaps(rpc: &Rpc, who: Address) -> Result<usize> {
    Ok(sent_by(rpc, who).await?.iter().filter(|sent| sent.swapped()).count())
}

/// A block. While it mines, a node may count its newest block a moment before it shows it.
async fn block(rpc: &Rpc, number: u64) -> Result<Block> {
    for _ in 0..ASKS {
        if let Some(block) = rpc.call("eth_getBlockByNumber", (U64::from(number), true)).await? {
            return Ok(block);
        }
    }
    bail!("block {number} is not there")
}

async fn with_receipt(rpc: &Rpc, Transaction { hash, nonce, .. }: Transaction) -> Result<Sent> {
    let receipt =
        rpc.receipt(hash).await?.with_context(|| format!("{hash} is in a block without a receipt"))?;
    Ok(Sent { nonce, hash, receipt })
}
