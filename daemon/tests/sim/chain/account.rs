//! What an account has, and what transactions do to it.

use super::{Effect, Signed};
use orderd_sdk::plugin::Numbering;
use std::collections::{BTreeMap, BTreeSet};

/// An account as of a block.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    /// The next sequence; 0 where there are none.
    pub(super) sequence: u64,
    /// Where there are none: the places in the lane of which something was settled.
    pub(super) settled: BTreeSet<u64>,
    /// Of the token that is sold.
    pub(super) balance: u64,
    /// What each venue may take.
    pub(super) allowances: BTreeMap<String, u64>,
}

/// What the market is as of a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Market {
    /// What a thousand of the sold token give.
    pub(super) price: u64,
    /// The least bid that gets into a block.
    pub(super) base_fee: u64,
    /// Unix seconds.
    pub(super) seconds: u64,
}

/// What became of a transaction in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It had effect, and brought in so much.
    Done(u64),
    /// It reverted.
    Reverted(&'static str),
}

impl Account {
    /// Carries a transaction out; its sequence is the account's next, where there are any.
    pub(super) fn carry_out(&mut self, signed: &Signed, market: Market, numbering: Numbering) -> Outcome {
        match numbering {
            Numbering::Chain => self.sequence += 1,
            Numbering::Lane => drop(self.settled.insert(signed.sequence)),
        }
        match self.would(&signed.unsigned.effect, market) {
            Err(reason) => Outcome::Reverted(reason),
            Ok(received) => {
                self.apply(&signed.unsigned.effect);
                Outcome::Done(received)
            }
        }
    }

    /// What it would bring in, or why it would revert.
    pub(super) fn would(&self, effect: &Effect, market: Market) -> Result<u64, &'static str> {
        let Effect::Swap { amount, min_out, deadline, spender } = effect else {
            return Ok(0);
        };
        let received = amount * market.price / 1_000;
        if self.balance < *amount {
            Err("funds")
        } else if self.allowances.get(spender).is_none_or(|allowed| allowed < amount) {
            Err("allowance")
        } else if received < *min_out {
            Err("price")
        } else if market.seconds > *deadline {
            Err("deadline")
        } else {
            Ok(received)
        }
    }

    fn apply(&mut self, effect: &Effect) {
        match effect {
            Effect::Swap { amount, spender, .. } => {
                self.balance -= amount;
                *self.allowances.get_mut(spender).expect("it was looked at") -= amount;
            }
            Effect::Approve { spender, amount } => drop(self.allowances.insert(spender.clone(), *amount)),
            Effect::Nothing | Effect::Revoke { .. } | Effect::Foreign { .. } => {}
        }
    }
}
