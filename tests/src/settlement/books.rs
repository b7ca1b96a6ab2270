//! What the settlement holds and enforces: an order takes effect once, whole, for what it asks at least, until the time
//! it names, and never after it was revoked. Pure but for the time, which it is told.

use super::{
    digest,
    message::{Entry, Outcome, Refusal, SignedCancellation, SignedOrder, Uid},
};
use alloy_primitives::{Address, U256};
use orderd_sdk::{amount::Amount, plugin::BlockRef};
use std::collections::BTreeMap;

pub use super::message::Order;

/// What becomes of orders that come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settling {
    /// They are settled after so many milliseconds.
    After(u64),
    /// The same, but only half of each, which nobody has signed.
    Half,
    /// Nobody settles them.
    Never,
}

/// What becomes of cancellations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelling {
    /// The order is revoked at once.
    Revokes,
    /// It is noted, and whoever settles may not have heard of it.
    IsNoted,
}

/// An order that took effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fill {
    /// Its name.
    pub uid: String,
    /// What was asked.
    pub order: Order,
    /// What was sold and bought, in base units.
    pub sold: Amount,
    /// As above.
    pub bought: Amount,
}

/// The books.
#[derive(Debug)]
pub struct Books {
    /// What becomes of orders.
    settling: Settling,
    /// What becomes of cancellations.
    pub cancelling: Cancelling,
    /// How long after it was made a block cannot be undone, in milliseconds.
    pub finality_ms: u64,
    /// What one base unit of the first token brings of the second, as a fraction.
    prices: BTreeMap<(Address, Address), (U256, U256)>,
    balances: BTreeMap<(Address, Address), U256>,
    orders: BTreeMap<Uid, Record>,
    fills: Vec<Fill>,
    /// Orders that were taken in with a signature that nobody had signed before.
    taken: usize,
}

#[derive(Debug, Default)]
struct Record {
    order: Option<Order>,
    /// When it may settle; none while nobody does it.
    due_ms: Option<u64>,
    forgotten: bool,
    cancelling: bool,
    end: Option<End>,
}

#[derive(Clone, Debug)]
enum End {
    Settled { fill: usize, complete: bool, at_ms: u64 },
    Revoked { at_ms: u64 },
}

impl Books {
    /// Books with a price and with what accounts hold.
    pub(super) fn new() -> Self {
        Self {
            settling: Settling::After(0),
            cancelling: Cancelling::Revokes,
            finality_ms: 0,
            prices: BTreeMap::new(),
            balances: BTreeMap::new(),
            orders: BTreeMap::new(),
            fills: Vec::new(),
            taken: 0,
        }
    }

    /// Sets a price: so many base units of the second token for so many of the first.
    pub fn price(&mut self, sell: (Address, u64), buy: (Address, u64)) {
        self.prices.insert((sell.0, buy.0), (U256::from(buy.1), U256::from(sell.1)));
    }

    /// Gives an account so much.
    pub fn credit(&mut self, owner: Address, token: Address, amount: u64) {
        *self.balances.entry((owner, token)).or_default() += U256::from(amount);
    }

    /// What an account holds.
    #[must_use]
    pub fn balance(&self, owner: Address, token: Address) -> Amount {
        Amount(self.balances.get(&(owner, token)).copied().unwrap_or_default())
    }

    /// Everything that took effect, oldest first.
    #[must_use]
    pub fn fills(&self) -> &[Fill] {
        &self.fills
    }

    /// How many orders were ever taken in: each with a signature of its own.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// Loses every order that is open from the book. Whoever had seen one may still settle it.
    pub fn forget(&mut self) {
        self.orders.values_mut().for_each(|record| record.forgotten = true);
    }

    /// From now on these rules hold, for whatever is open as well.
    pub(super) fn rule(&mut self, settling: Settling, now_ms: u64) {
        self.settling = settling;
        let due = self.due(now_ms);
        let open = self.orders.values_mut().filter(|record| record.order.is_some());
        open.for_each(|record| record.due_ms = due);
        self.advance(now_ms);
    }

    /// What an order of so much would get.
    pub(super) fn quote(&self, sell: Address, buy: Address, amount: Amount) -> Result<Amount, Refusal> {
        let (numerator, denominator) = self.prices.get(&(sell, buy)).ok_or(Refusal::NoMarket)?;
        let product = amount.0.checked_mul(*numerator).ok_or(Refusal::InvalidOrder)?;
        Ok(Amount(product / denominator))
    }

    /// Takes an order in, which may be known already.
    pub(super) fn take(&mut self, signed: SignedOrder, now_ms: u64) -> Result<(Uid, bool), Refusal> {
        let SignedOrder { order, owner, signature } = signed;
        let uid = digest::uid(&order, owner);
        if digest::signer(uid.digest, &signature.0) != Some(owner) {
            return Err(Refusal::InvalidSignature);
        }
        if let Some(record) = self.orders.get_mut(&uid).filter(|record| record.order.is_some()) {
            record.forgotten = false;
            return Ok((uid, false));
        }
        let is_revoked = self.orders.get(&uid).is_some_and(|record| record.end.is_some());
        self.check(&order, owner, is_revoked, now_ms)?;
        let due_ms = self.due(now_ms);
        let record = self.orders.entry(uid).or_default();
        (record.order, record.due_ms) = (Some(order), due_ms);
        self.taken += 1;
        self.advance(now_ms);
        Ok((uid, true))
    }

    fn check(&self, order: &Order, owner: Address, is_revoked: bool, now_ms: u64) -> Result<(), Refusal> {
        self.quote(order.sell_token, order.buy_token, order.sell_amount)?;
        match () {
            () if is_revoked => Err(Refusal::Revoked),
            () if order.sell_amount.0.is_zero() => Err(Refusal::InvalidOrder),
            () if now_ms / 1_000 > u64::from(order.valid_to) => Err(Refusal::Expired),
            () if self.balance(owner, order.sell_token) < order.sell_amount => {
                Err(Refusal::InsufficientFunds)
            }
            () => Ok(()),
        }
    }

    fn due(&self, now_ms: u64) -> Option<u64> {
        match self.settling {
            Settling::After(moment) => Some(now_ms + moment),
            Settling::Half => Some(now_ms),
            Settling::Never => None,
        }
    }

    /// Notes that an order is to be revoked, which need not be known.
    pub(super) fn cancel(&mut self, signed: SignedCancellation, now_ms: u64) -> Result<Uid, Refusal> {
        let uid = Uid::parse(&signed.uid).ok_or(Refusal::InvalidOrder)?;
        if digest::signer(digest::cancellation(&uid), &signed.signature.0) != Some(uid.owner) {
            return Err(Refusal::InvalidSignature);
        }
        self.advance(now_ms);
        let record = self.orders.entry(uid).or_default();
        match record.end {
            Some(End::Settled { .. }) => return Err(Refusal::Settled),
            Some(End::Revoked { .. }) => return Ok(uid),
            None => {}
        }
        record.cancelling = true;
        if self.cancelling == Cancelling::Revokes {
            record.end = Some(End::Revoked { at_ms: now_ms });
        }
        Ok(uid)
    }

    /// Settles what is due. Whatever is not settled by its time never is.
    pub(super) fn advance(&mut self, now_ms: u64) {
        let due = self.orders.iter().filter(|(uid, record)| {
            let is_open = record.end.is_none() && record.due_ms.is_some_and(|due| due <= now_ms);
            is_open && now_ms / 1_000 <= u64::from(uid.valid_to)
        });
        let due: Vec<Uid> = due.map(|(uid, _)| *uid).collect();
        due.into_iter().for_each(|uid| self.settle_one(uid, now_ms));
    }

    /// It gets a little less than was quoted, where it asks for no more than that.
    fn settle_one(&mut self, uid: Uid, now_ms: u64) {
        let Some(order) = self.orders.get(&uid).and_then(|record| record.order.clone()) else {
            return;
        };
        let quoted = self.quote(order.sell_token, order.buy_token, order.sell_amount).unwrap_or_default();
        let bought = quoted.0.saturating_sub(U256::from(3)).max(order.buy_amount.0);
        let complete = self.settling != Settling::Half;
        let share = if complete { U256::ONE } else { U256::from(2) };
        let (sold, bought) = (order.sell_amount.0 / share, bought / share);
        let Some(left) = self.balance(uid.owner, order.sell_token).0.checked_sub(sold) else {
            return;
        };
        self.balances.insert((uid.owner, order.sell_token), left);
        *self.balances.entry((order.receiver, order.buy_token)).or_default() += bought;
        let fill = self.fills.len();
        self.fills.push(Fill { uid: uid.to_string(), order, sold: Amount(sold), bought: Amount(bought) });
        let record = self.orders.entry(uid).or_default();
        record.end = Some(End::Settled { fill, complete, at_ms: now_ms });
    }

    /// What the service says of an order.
    pub(super) fn entry(&self, uid: Uid, now_ms: u64) -> Entry {
        let record = self.orders.get(&uid);
        let book = match record {
            Some(Record { cancelling: true, end: None, .. }) => "cancelling",
            Some(Record { order: Some(_), forgotten: false, end: None, .. }) => "open",
            Some(_) | None => "none",
        };
        let outcome = record.and_then(|record| record.end.clone()).map(|end| self.outcome(&end, now_ms));
        Entry { uid: uid.to_string(), book, outcome }
    }

    fn outcome(&self, end: &End, now_ms: u64) -> Outcome {
        let is_final = |at_ms: u64| now_ms >= at_ms + self.finality_ms;
        let block = |at_ms: u64| BlockRef { number: at_ms / 1_000, hash: format!("batch-{at_ms}") };
        match end {
            End::Settled { fill, complete, at_ms } => {
                let Fill { order, bought, .. } = &self.fills[*fill];
                Outcome::Settled {
                    block: block(*at_ms),
                    buy_token: order.buy_token,
                    receiver: order.receiver,
                    bought: *bought,
                    complete: *complete,
                    finalized: is_final(*at_ms),
                }
            }
            End::Revoked { at_ms } => Outcome::Revoked { block: block(*at_ms), finalized: is_final(*at_ms) },
        }
    }
}
