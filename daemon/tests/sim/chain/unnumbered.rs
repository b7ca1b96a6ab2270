//! A chain without sequences: whoever settles takes signed swaps in any order, each once, until the time that it names.
//! What shares a place in a lane excludes each other, so that a swap that was revoked is not settled.

use super::{
    Effect, Signed,
    account::{Account, Market},
    bytes::valid_to,
    node::{View, address_of},
    truth::{Block, Truth},
};
use crate::{
    faults::{Fault, Weather},
    signatures::Signature,
};
use orderd_sdk::plugin::{Numbering, TxStatus};

impl Truth {
    pub(crate) fn is_numbered(&self) -> bool {
        self.plan.numbering == Numbering::Chain
    }

    /// Whether the final block is later than what the hash names.
    fn is_late(&self, hash: &str, final_height: usize) -> bool {
        valid_to(hash).is_some_and(|until| self.blocks[final_height].market.seconds > until)
    }

    /// What somebody settles next for an account. A ghost is one that the pool does not have any more.
    pub(super) fn next_to_settle(
        &self,
        address: &str,
        block: &Block,
        weather: &mut Weather,
    ) -> Option<String> {
        let account = &block.accounts[address];
        let ghosts = weather.strikes(Fault::Ghost);
        let offered = |hash: &String| ghosts || self.pool.values().any(|waiting| waiting == hash);
        let fit = self.known.iter().filter(|(hash, signed)| {
            signed.address == address && offered(hash) && account.may_settle(signed, block.market)
        });
        let fit: Vec<_> = fit.map(|(hash, _)| hash).collect();
        (!fit.is_empty() && !weather.strikes(Fault::Waits)).then(|| weather.chance.pick(&fit).clone())
    }

    /// Whether what is not in the chain could still be settled.
    pub(super) fn may_settle(&self, signature: &Signature) -> bool {
        let account = &self.blocks[self.final_height].accounts[&address_of(&signature.lane.account)];
        !self.is_late(&signature.hash, self.final_height) && !account.settled.contains(&signature.sequence)
    }

    /// Whether a place in a lane counts among those that are open: nothing of it was ever settled, or could never be.
    pub(crate) fn is_pending(&self, signature: &Signature) -> bool {
        let place = (address_of(&signature.lane.account), signature.sequence);
        !self.ever_settled.contains(&place) && !self.is_late(&signature.hash, self.final_height)
    }

    /// Whether nothing waits to be settled, and nothing that was can be undone.
    pub(super) fn has_settled(&self) -> bool {
        let waits = |(place, hash): (&(String, u64), &String)| {
            let is_settled = self.tip().accounts[&place.0].settled.contains(&place.1);
            !is_settled && !self.is_late(hash, self.final_height)
        };
        let last = &self.blocks[self.final_height];
        let is_final =
            |(address, account): (&String, &Account)| account.settled == last.accounts[address].settled;
        !self.pool.iter().any(waits) && self.tip().accounts.iter().all(is_final)
    }
}

impl Account {
    fn may_settle(&self, signed: &Signed, market: Market) -> bool {
        let in_time = match signed.unsigned.effect {
            Effect::Revoke { deadline } => market.seconds <= deadline,
            Effect::Swap { .. } | Effect::Approve { .. } | Effect::Nothing | Effect::Foreign { .. } => true,
        };
        let is_offered = signed.unsigned.bid >= market.base_fee && !self.settled.contains(&signed.sequence);
        in_time && is_offered && self.would(&signed.unsigned.effect, market).is_ok()
    }
}

impl View<'_> {
    /// What a node without sequences says of what it has in no block: dead only by what it takes for final.
    pub(super) fn waiting(&self, hash: &str, status: TxStatus) -> TxStatus {
        match !self.truth.is_numbered() && self.truth.is_late(hash, self.final_height) {
            true => TxStatus::Dead { reason: "it is too late for it".to_owned() },
            false => status,
        }
    }
}
