//! The newest receipts of a chain, by block number and by hash.

use crate::transaction::TxHash;
use orderd_sdk::{amount::Amount, plugin::BlockRef};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;

/// An included transaction, as far as anybody may still ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Receipt {
    /// Of its block; each block holds one transaction.
    pub(crate) number: u64,
    /// Milliseconds since the Unix epoch.
    pub(crate) at: u64,
    pub(crate) hash: TxHash,
    pub(crate) from: String,
    pub(crate) sequence: u64,
    pub(crate) verdict: Verdict,
}

/// What a transaction brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Verdict {
    Received { token: String, amount: Amount },
    Reverted { reason: String },
    Cancelled,
}

impl Receipt {
    pub(crate) fn block(&self) -> BlockRef {
        BlockRef { number: self.number, hash: self.block_hash().to_string() }
    }

    /// The name of its block: SHA-256 of the block's number and the transaction's hash.
    fn block_hash(&self) -> TxHash {
        let digest = Sha256::new().chain_update(self.number.to_be_bytes()).chain_update(self.hash.0);
        TxHash(digest.finalize().into())
    }
}

/// The newest receipts, their numbers without holes. The oldest are dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Receipts {
    limit: usize,
    /// The number of the newest block.
    height: u64,
    newest: VecDeque<Receipt>,
    by_hash: FxHashMap<TxHash, u64>,
}

impl Receipts {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, height: 0, newest: VecDeque::new(), by_hash: FxHashMap::default() }
    }

    pub(crate) fn height(&self) -> u64 {
        self.height
    }

    /// Begins above this block, when a snapshot has no receipts of it or before.
    pub(crate) fn start_above(&mut self, height: u64) {
        assert!(self.newest.is_empty(), "only before the first receipt");
        self.height = height;
    }

    /// Adds the receipt of the next block, and hands back one that there is no more room for.
    pub(crate) fn push(&mut self, receipt: Receipt) -> Option<Receipt> {
        assert_eq!(receipt.number, self.height + 1, "blocks have no holes");
        self.height = receipt.number;
        self.by_hash.insert(receipt.hash, receipt.number);
        self.newest.push_back(receipt);
        if self.newest.len() <= self.limit {
            return None;
        }
        let dropped = self.newest.pop_front()?;
        self.by_hash.remove(&dropped.hash);
        Some(dropped)
    }

    pub(crate) fn get(&self, hash: &TxHash) -> Option<&Receipt> {
        let age = self.height - self.by_hash.get(hash)?;
        let index = self.newest.len().checked_sub(usize::try_from(age).ok()? + 1)?;
        self.newest.get(index)
    }

    /// The receipt of an account's sequence. Looks from the newest on: who asks, asks about the recent past.
    pub(crate) fn of_sequence(&self, from: &str, sequence: u64) -> Option<&Receipt> {
        self.newest.iter().rev().find(|receipt| receipt.from == from && receipt.sequence == sequence)
    }

    /// Oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Receipt> {
        self.newest.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(number: u64) -> Receipt {
        Receipt {
            number,
            at: 0,
            hash: TxHash::of(&number.to_be_bytes()),
            from: "paper:a".into(),
            sequence: number - 1,
            verdict: Verdict::Cancelled,
        }
    }

    #[test]
    fn only_the_newest_are_kept_and_found_by_hash() {
        let mut receipts = Receipts::new(3);
        receipts.start_above(10);
        let dropped: Vec<_> = (11..=15).filter_map(|number| receipts.push(receipt(number))).collect();
        assert_eq!(dropped, [receipt(11), receipt(12)]);
        for number in 11..=16 {
            let expected = (13..=15).contains(&number).then(|| receipt(number));
            assert_eq!(receipts.get(&receipt(number).hash), expected.as_ref(), "{number}");
        }
    }
}
