//! What a node shows of the chain: it may lag, it may not find what is there. What it calls finalized is never wrong.

use super::{
    Effect, Signed, Truth,
    account::{Market, Outcome},
    bytes::Unsigned,
    network::outbid,
    truth::Block,
};
use crate::faults::{Fault, Weather};
use orderd_sdk::{
    amount::Amount,
    plugin::{Consumer, LaneStatus, PluginError, TxStatus},
};

/// The most that is ever bid.
const HIGHEST_BID: u64 = 20_000;
/// So many blocks one of several nodes may lag.
const NODES_APART: u64 = 6;

/// The address of an account.
pub(crate) fn address_of(account: &str) -> String {
    format!("at-{account}")
}

/// The chain as one node sees it.
pub(super) struct View<'a> {
    pub(super) truth: &'a Truth,
    height: usize,
    pub(super) final_height: usize,
}

impl Truth {
    /// The node that a call meets.
    pub(super) fn view(&self, weather: &mut Weather) -> View<'_> {
        let apart = match weather.strikes(Fault::ManyNodes) {
            true => weather.chance.below(NODES_APART),
            false => 0,
        };
        let height = self.seen.saturating_sub(usize::try_from(apart).expect("a few blocks"));
        let final_height = self.final_height.min(height.saturating_sub(self.final_depth()));
        View { truth: self, height, final_height }
    }
}

impl View<'_> {
    /// A node that takes every block for final.
    pub(super) fn all_final(self) -> Self {
        Self { final_height: self.height, ..self }
    }

    fn block(&self) -> &Block {
        &self.truth.blocks[self.height]
    }

    pub(super) fn market(&self) -> Market {
        self.block().market
    }

    pub(super) fn allowance(&self, address: &str, spender: &str) -> u64 {
        self.block().accounts[address].allowances.get(spender).copied().unwrap_or_default()
    }

    pub(super) fn lane(&self, address: &str) -> LaneStatus {
        if !self.truth.is_numbered() {
            return LaneStatus::unnumbered();
        }
        let sequence_at = |block: &Block| block.accounts[address].sequence;
        LaneStatus::at(sequence_at(self.block()), sequence_at(&self.truth.blocks[self.final_height]))
    }

    pub(super) fn status(&self, hash: &str, weather: &mut Weather) -> TxStatus {
        let seen = self.truth.outcome(hash).filter(|(height, _)| *height <= self.height);
        let Some((height, outcome)) = seen else {
            let is_pending = self.truth.pool.values().any(|known| known == hash);
            // A block that this node has not seen: it may still have the transaction in its own pool.
            let is_ahead = self.truth.places.contains_key(hash) && weather.chance.happens(500);
            let status = if is_pending || is_ahead { TxStatus::Pending } else { TxStatus::NotFound };
            return self.waiting(hash, status);
        };
        let finalized = height <= self.final_height;
        if finalized && weather.hides(hash) {
            return TxStatus::NotFound;
        }
        if !finalized && weather.strikes(Fault::HiddenReceipt) {
            return if weather.chance.happens(500) { TxStatus::Pending } else { TxStatus::NotFound };
        }
        let block = self.truth.block_ref(height);
        match outcome {
            Outcome::Done(received) => {
                TxStatus::Succeeded { block, received: Some(Amount::from(*received)), finalized }
            }
            Outcome::Reverted(reason) => {
                TxStatus::Reverted { block, reason: (*reason).to_owned(), finalized }
            }
        }
    }

    pub(super) fn consumer(&self, address: &str, sequence: u64) -> Consumer {
        let of = |hash: &&String| {
            let signed = &self.truth.known[*hash];
            signed.address == address && signed.sequence == sequence
        };
        let blocks = self.truth.blocks[..=self.final_height].iter().enumerate();
        let found =
            blocks.filter_map(|(height, block)| Some((height, block.outcomes.keys().find(of)?))).next();
        found.map_or(Consumer::Open, |(height, hash)| Consumer::Consumed {
            hash: hash.clone(),
            block: self.truth.block_ref(height),
        })
    }

    /// Tries a transaction out, and adds a bid.
    pub(super) fn estimate(
        &self,
        address: &str,
        unsigned: Unsigned,
        weather: &mut Weather,
    ) -> Result<Unsigned, PluginError> {
        let account = &self.block().accounts[address];
        match account.would(&unsigned.effect, self.market()) {
            Err("funds") => Err(PluginError {
                kind: orderd_sdk::plugin::ErrorKind::InsufficientFunds,
                message: "too little of the sold token".to_owned(),
            }),
            Err("allowance") => Err(PluginError {
                kind: orderd_sdk::plugin::ErrorKind::InsufficientAllowance,
                message: "the venue may not take the sold token".to_owned(),
            }),
            Err(reason) => Err(PluginError::transient(format!("would revert: {reason}"))),
            Ok(_) => {
                let bid = self.market().base_fee * weather.chance.between(100..=150) / 100;
                Ok(Unsigned { bid, ..unsigned })
            }
        }
    }

    /// What has to be bid to take the place of these.
    fn outbidding(&self, replaced: &[Signed]) -> Result<u64, PluginError> {
        let highest = replaced.iter().map(|signed| signed.unsigned.bid).max().unwrap_or_default();
        let bid = outbid(highest).max(self.market().base_fee * 12 / 10);
        match bid <= HIGHEST_BID {
            true => Ok(bid),
            false => Err(PluginError::permanent("that would cost more than is allowed")),
        }
    }

    /// The last of these again, for more.
    pub(super) fn bump(&self, replaced: &[Signed]) -> Result<Signed, PluginError> {
        let last = replaced.last().ok_or_else(|| PluginError::invalid("nothing to replace"))?;
        let unsigned = Unsigned { bid: self.outbidding(replaced)?, ..last.unsigned.clone() };
        Ok(Signed { unsigned, ..last.clone() })
    }

    /// Nothing, in the place of these.
    pub(super) fn cancel(
        &self,
        address: String,
        sequence: u64,
        replaced: &[Signed],
    ) -> Result<Signed, PluginError> {
        let deadline = replaced.last().and_then(Signed::deadline).filter(|_| !self.truth.is_numbered());
        let effect = deadline.map_or(Effect::Nothing, |deadline| Effect::Revoke { deadline });
        let unsigned = Unsigned { effect, bid: self.outbidding(replaced)? };
        Ok(Signed { address, sequence, unsigned })
    }
}
