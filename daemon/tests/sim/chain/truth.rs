//! What really happened on the chain: its blocks, what is final, and every transaction that anybody ever saw.

use super::{
    Effect, Signed,
    account::{Account, Market, Outcome},
    network::Network,
    node::address_of,
};
use crate::{faults::Weather, plan::ChainPlan, signatures::Signature, trace::Trace};
use orderd_sdk::plugin::BlockRef;
use std::collections::{BTreeMap, BTreeSet};

/// The chain as it is.
pub(crate) struct Truth {
    pub(super) plan: ChainPlan,
    /// By height.
    pub(super) blocks: Vec<Block>,
    /// Where a transaction is in the chain as it is now.
    pub(super) places: BTreeMap<String, usize>,
    /// The height up to which nothing can be undone.
    pub(super) final_height: usize,
    /// Every transaction that a node or a miner somewhere has seen, by its hash.
    pub(super) known: BTreeMap<String, Signed>,
    /// Where there are no sequences: places in lanes of which something was settled at some time.
    pub(super) ever_settled: BTreeSet<(String, u64)>,
    /// How far each account has ever come, undone blocks included.
    pub(super) reached: BTreeMap<String, u64>,
    /// Transactions that were in a block at some time.
    pub(super) was_included: BTreeSet<String>,
    /// What waits at the node, by address and sequence.
    pub(super) pool: BTreeMap<(String, u64), String>,
    pub(super) network: Network,
    /// The height that the node of the endpoint has come to.
    pub(super) seen: usize,
    pub(super) next_block_at: u64,
    /// Blocks that were ever made.
    pub(super) made: u64,
}

/// A block, and what is true after it.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) hash: String,
    pub(super) market: Market,
    pub(super) accounts: BTreeMap<String, Account>,
    pub(super) outcomes: BTreeMap<String, Outcome>,
}

impl Truth {
    pub(crate) fn new(plan: ChainPlan, accounts: BTreeMap<String, BTreeMap<String, u64>>) -> Self {
        let account = |allowances| Account { balance: plan.balance, allowances, ..Account::default() };
        let genesis = Block {
            hash: "block-0".to_owned(),
            market: Market { price: 2_000, base_fee: 100, seconds: crate::time::unix_seconds(0) },
            accounts: accounts
                .into_iter()
                .map(|(address, allowances)| (address, account(allowances)))
                .collect(),
            outcomes: BTreeMap::new(),
        };
        Self {
            plan,
            blocks: vec![genesis],
            places: BTreeMap::new(),
            final_height: 0,
            known: BTreeMap::new(),
            ever_settled: BTreeSet::new(),
            reached: BTreeMap::new(),
            was_included: BTreeSet::new(),
            pool: BTreeMap::new(),
            network: Network::default(),
            seen: 0,
            next_block_at: plan.block_time,
            made: 0,
        }
    }

    /// Lets happen what happens by now.
    pub(crate) fn advance(&mut self, now: u64, weather: &mut Weather, trace: &mut Trace) {
        loop {
            let arrival = self.network.next_arrival().filter(|at| *at <= now);
            if let Some(at) = arrival.filter(|at| *at <= self.next_block_at) {
                self.receive(at, weather, trace);
            } else if self.next_block_at <= now {
                self.make_blocks(weather, trace);
            } else {
                return;
            }
        }
    }

    pub(super) fn height(&self) -> usize {
        self.blocks.len() - 1
    }

    pub(super) fn tip(&self) -> &Block {
        self.blocks.last().expect("there is a first block")
    }

    pub(super) fn block_ref(&self, height: usize) -> BlockRef {
        BlockRef { number: height as u64, hash: self.blocks[height].hash.clone() }
    }

    pub(super) fn outcome(&self, hash: &str) -> Option<(usize, &Outcome)> {
        let height = *self.places.get(hash)?;
        Some((height, self.blocks[height].outcomes.get(hash)?))
    }

    /// The sequence that an account is at for good.
    pub(crate) fn final_sequence(&self, address: &str) -> u64 {
        self.blocks[self.final_height].accounts[address].sequence
    }

    /// How far an account has ever come, undone blocks included.
    pub(crate) fn reached(&self, address: &str) -> u64 {
        self.reached.get(address).copied().unwrap_or_default()
    }

    /// Whether a transaction can still have effect, or has it.
    pub(crate) fn may_have_effect(&self, signature: &Signature) -> bool {
        match self.outcome(&signature.hash) {
            Some((_, Outcome::Done(_))) => true,
            Some((height, Outcome::Reverted(_))) => height > self.final_height,
            None if !self.is_numbered() => self.may_settle(signature),
            None => self.final_sequence(&address_of(&signature.lane.account)) <= signature.sequence,
        }
    }

    /// What the swaps of an order brought in, those in blocks that cannot be undone first.
    pub(crate) fn effects(&self, amount: u64) -> Effects {
        let mut effects = Effects::default();
        for (hash, height) in &self.places {
            if let (Some(Outcome::Done(received)), true) =
                (self.blocks[*height].outcomes.get(hash), self.known[hash].sells() == Some(amount))
            {
                match *height <= self.final_height {
                    true => effects.for_good.push(*received),
                    false => effects.for_now.push(*received),
                }
            }
        }
        effects
    }

    /// Whether nothing more can happen to what is ours: nothing of it is in the pool, and every transaction is final. What
    /// others have waiting behind a hole of their own waits for ever.
    pub(crate) fn is_at_rest(&self) -> bool {
        if !self.is_numbered() {
            return self.network.is_empty() && self.has_settled();
        }
        let waiting = self.pool.iter().any(|((address, sequence), hash)| {
            let is_ours = !matches!(self.known[hash].unsigned.effect, Effect::Foreign { .. });
            is_ours && self.tip().accounts[address].sequence <= *sequence
        });
        !waiting
            && self.network.is_empty()
            && self
                .tip()
                .accounts
                .iter()
                .all(|(address, account)| account.sequence == self.final_sequence(address))
    }
}

/// What an order brought in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effects {
    pub(crate) for_good: Vec<u64>,
    pub(crate) for_now: Vec<u64>,
}
