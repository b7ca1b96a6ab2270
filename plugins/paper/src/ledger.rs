//! What a paper chain has come to: accounts, reserves, receipts. Pure: no clock, no file.
//!
//! [`Ledger::execute`] says what a transaction would do now, as an [`Entry`] that holds every number it leads
//! to; [`Ledger::apply`] makes it so. A journal of entries therefore rebuilds the same ledger, even under another
//! configuration than the one they were made under.

use crate::{
    clock::Millis,
    entry::{Effect, Entry, Refusal, Swapped},
    pool::Market,
    receipts::{Receipt, Receipts},
    transaction::{Action, Swap, Transaction, TxHash},
};
use orderd_sdk::{
    amount::Amount,
    plugin::{Consumer, PluginError},
};
use ruint::aliases::U256;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// A pool as configured, and as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pool {
    pub(crate) venue: String,
    /// Addresses.
    pub(crate) tokens: [String; 2],
    pub(crate) configured: [U256; 2],
    pub(crate) reserves: [U256; 2],
    pub(crate) fee_bps: u32,
    pub(crate) after_swap: AfterSwap,
}

/// What becomes of a pool's price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterSwap {
    /// Arbitrage at once brings back the configured reserves.
    Restore,
    /// The reserves stay where the swap moved them.
    Keep,
}

/// Rules that come from the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    /// What every account starts with, by token address.
    pub(crate) start_balances: HashMap<String, U256>,
    /// How long after its inclusion a transaction is final.
    pub(crate) finality_ms: u64,
    /// How many receipts are kept.
    pub(crate) max_receipts: usize,
}

/// An account that has appeared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Account {
    /// The first sequence that is not consumed.
    pub(crate) next: u64,
    /// Below it, receipts have been dropped.
    pub(crate) forgotten: u64,
    /// By token address; what is not here is the start balance.
    pub(crate) balances: BTreeMap<String, U256>,
    /// Inclusion times of the newest sequences, as far as they were not final when the last one came.
    unsettled: VecDeque<Millis>,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ledger {
    rules: Rules,
    pools: Vec<Pool>,
    pub(crate) accounts: HashMap<String, Account>,
    pub(crate) receipts: Receipts,
}

/// A swap's numbers.
struct Fill {
    pool: usize,
    side: usize,
    amount_out: U256,
    reserves: (U256, U256),
}

impl Ledger {
    pub(crate) fn new(rules: Rules, pools: Vec<Pool>) -> Self {
        Self { receipts: Receipts::new(rules.max_receipts), rules, pools, accounts: HashMap::new() }
    }

    /// The number of the newest block.
    pub(crate) fn height(&self) -> u64 {
        self.receipts.height()
    }

    pub(crate) fn pools(&self) -> &[Pool] {
        &self.pools
    }

    /// The first sequence of an account that is not consumed.
    pub(crate) fn next_sequence(&self, address: &str) -> u64 {
        self.accounts.get(address).map_or(0, |account| account.next)
    }

    /// The first sequence of an account that is not final.
    pub(crate) fn final_sequence(&self, address: &str, now: Millis) -> u64 {
        self.accounts.get(address).map_or(0, |account| {
            let open = account.unsettled.iter().rev().take_while(|at| !self.is_final(**at, now)).count();
            account.next - open as u64
        })
    }

    /// Which transaction consumed a sequence for good.
    ///
    /// # Errors
    /// When that has been forgotten.
    pub(crate) fn consumer(
        &self,
        address: &str,
        sequence: u64,
        now: Millis,
    ) -> Result<Consumer, PluginError> {
        if sequence >= self.final_sequence(address, now) {
            return Ok(Consumer::Open);
        }
        let receipt = self.receipts.of_sequence(address, sequence);
        let receipt = receipt.ok_or_else(|| {
            PluginError::permanent(format!("what consumed sequence {sequence} is forgotten"))
        })?;
        Ok(Consumer::Consumed { hash: receipt.hash.to_string(), block: receipt.block() })
    }

    /// Whether what was included then is final now.
    pub(crate) fn is_final(&self, at: Millis, now: Millis) -> bool {
        at.0.saturating_add(self.rules.finality_ms) <= now.0
    }

    pub(crate) fn balance(&self, address: &str, token: &str) -> U256 {
        let touched = self.accounts.get(address).and_then(|account| account.balances.get(token));
        match touched.or_else(|| self.rules.start_balances.get(token)) {
            Some(balance) => *balance,
            None => U256::ZERO,
        }
    }

    /// The pool of a pair as a swap in this direction sees it.
    pub(crate) fn market(&self, venue: &str, token_in: &str, token_out: &str) -> Option<Market> {
        let (pool, side) = self.find_pool(venue, token_in, token_out)?;
        Some(self.pools[pool].market(side))
    }

    /// Whether a swap would take effect now.
    pub(crate) fn check(&self, swap: &Swap, now: Millis) -> Result<(), Refusal> {
        self.fill(swap, now).map(|_| ())
    }

    /// What including this transaction now leads to. Its sequence is the account's next: the caller sees to it.
    pub(crate) fn execute(&self, transaction: &Transaction, hash: TxHash, now: Millis) -> Entry {
        let effect = match &transaction.action {
            Action::Cancel => Effect::Cancelled,
            Action::Swap(swap) if swap.trader != transaction.from => Refusal::NotTheTrader.into(),
            Action::Swap(swap) => match self.fill(swap, now) {
                Ok(fill) => self.swapped(swap, &fill),
                Err(refusal) => refusal.into(),
            },
        };
        Entry {
            number: self.height() + 1,
            at: now.0,
            hash,
            from: transaction.from.clone(),
            sequence: transaction.sequence,
            effect,
        }
    }

    /// Makes an entry part of the ledger. Entries come in the order of their numbers, without holes.
    pub(crate) fn apply(&mut self, entry: Entry) {
        assert_eq!(entry.number, self.height() + 1, "blocks have no holes");
        let finality_ms = self.rules.finality_ms;
        let account = self.accounts.entry(entry.from.clone()).or_default();
        assert_eq!(entry.sequence, account.next, "sequences have no holes");
        account.consume(Millis(entry.at), finality_ms);
        if let Effect::Swapped(swapped) = &entry.effect {
            let Swapped { venue, token_in, token_out, .. } = &**swapped;
            account.balances.insert(token_in.clone(), swapped.balance_in.0);
            account.balances.insert(token_out.clone(), swapped.balance_out.0);
            let reserves = (swapped.reserve_in.0, swapped.reserve_out.0);
            self.set_reserves(venue, token_in, token_out, reserves);
        }
        self.keep(Receipt::from(entry));
    }

    /// Sets what a pool holds; a pool that is no longer configured is passed over.
    pub(crate) fn set_reserves(
        &mut self,
        venue: &str,
        token_in: &str,
        token_out: &str,
        reserves: (U256, U256),
    ) {
        if let Some((pool, side)) = self.find_pool(venue, token_in, token_out) {
            let pool = &mut self.pools[pool];
            if pool.after_swap == AfterSwap::Keep {
                (pool.reserves[side], pool.reserves[1 - side]) = reserves;
            }
        }
    }

    /// Puts an account back as a snapshot has it. Its receipts follow.
    pub(crate) fn restore_account(&mut self, address: String, account: Account) {
        self.accounts.insert(address, account);
    }

    /// Puts a receipt back as a snapshot has it.
    pub(crate) fn restore_receipt(&mut self, receipt: Receipt) {
        let finality_ms = self.rules.finality_ms;
        if let Some(account) = self.accounts.get_mut(&*receipt.from) {
            account.unsettle(Millis(receipt.at), finality_ms);
        }
        self.keep(receipt);
    }

    fn keep(&mut self, receipt: Receipt) {
        if let Some(dropped) = self.receipts.push(receipt)
            && let Some(account) = self.accounts.get_mut(&*dropped.from)
        {
            account.forgotten = dropped.sequence + 1;
        }
    }

    fn fill(&self, swap: &Swap, now: Millis) -> Result<Fill, Refusal> {
        let found = self.find_pool(&swap.venue, &swap.token_in, &swap.token_out);
        let (pool, side) = found.ok_or_else(|| Refusal::NoPool(swap.venue.clone()))?;
        if now.seconds() > swap.deadline {
            return Err(Refusal::TooLate);
        }
        let (held, amount_in) = (Amount(self.balance(&swap.trader, &swap.token_in)), swap.amount_in);
        if held < amount_in {
            return Err(Refusal::NoFunds { held, amount_in });
        }
        let market = self.pools[pool].market(side);
        let amount_out = market.amount_out(amount_in.0).ok_or(Refusal::NoPrice)?;
        if amount_out < swap.min_out.0 {
            return Err(Refusal::BelowMinimum { out: Amount(amount_out), min_out: swap.min_out });
        }
        Ok(Fill { pool, side, amount_out, reserves: market.after(amount_in.0, amount_out) })
    }

    fn swapped(&self, swap: &Swap, fill: &Fill) -> Effect {
        let pool = &self.pools[fill.pool];
        let (reserve_in, reserve_out) = match pool.after_swap {
            AfterSwap::Keep => fill.reserves,
            AfterSwap::Restore => (pool.configured[fill.side], pool.configured[1 - fill.side]),
        };
        let held_in = self.balance(&swap.trader, &swap.token_in);
        let held_out = self.balance(&swap.trader, &swap.token_out);
        Effect::Swapped(Box::new(Swapped {
            venue: swap.venue.clone(),
            token_in: swap.token_in.clone(),
            token_out: swap.token_out.clone(),
            amount_in: swap.amount_in,
            amount_out: Amount(fill.amount_out),
            balance_in: Amount(held_in.saturating_sub(swap.amount_in.0)),
            balance_out: Amount(held_out.saturating_add(fill.amount_out)),
            reserve_in: Amount(reserve_in),
            reserve_out: Amount(reserve_out),
        }))
    }

    /// The pool of a pair, and on which side of it the sold token is.
    fn find_pool(&self, venue: &str, token_in: &str, token_out: &str) -> Option<(usize, usize)> {
        self.pools.iter().enumerate().find_map(|(index, pool)| {
            let side = pool.tokens.iter().position(|token| token == token_in)?;
            (pool.venue == venue && pool.tokens[1 - side] == token_out).then_some((index, side))
        })
    }
}

impl Pool {
    fn market(&self, side: usize) -> Market {
        Market {
            reserve_in: self.reserves[side],
            reserve_out: self.reserves[1 - side],
            fee_bps: self.fee_bps,
        }
    }
}

impl Account {
    pub(crate) fn new(next: u64, forgotten: u64, balances: BTreeMap<String, U256>) -> Self {
        Self { next, forgotten, balances, unsettled: VecDeque::new() }
    }

    fn consume(&mut self, at: Millis, finality_ms: u64) {
        self.next += 1;
        self.unsettle(at, finality_ms);
    }

    /// Notes the time of one more sequence, and forgets those that had become final by then.
    fn unsettle(&mut self, at: Millis, finality_ms: u64) {
        if finality_ms > 0 {
            let settled = |earlier: &mut Millis| earlier.0.saturating_add(finality_ms) <= at.0;
            while self.unsettled.pop_front_if(settled).is_some() {}
            self.unsettled.push_back(at);
        }
    }
}
