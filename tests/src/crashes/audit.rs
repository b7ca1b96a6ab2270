//! What the crashes left: the daemon's orders, held against what clients were told and against the chain.

use super::{Clients, ENDS};
use crate::{Chain, Daemon, Sent, history::sent_by, judge::live_through, life::Gap, market, world::TRADER};
use alloy_primitives::B256;
use anyhow::{Result, bail};
use orderd_sdk::wire::{OrderDto, OrderMessage, OrderStatus};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// An audit gives up after so many orders that do not end: each costs a long wait.
const LOST_AT_MOST: usize = 3;

/// A broken promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// An accepted order is missing, does not end, or claims what the chain does not show.
    Lost(String),
    /// Something was done twice, or by nobody's order.
    Duplicate(String),
    /// A history or a lane has a hole.
    Hole(String),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, what) = match self {
            Self::Lost(what) => ("lost", what),
            Self::Duplicate(what) => ("duplicate", what),
            Self::Hole(what) => ("hole", what),
        };
        write!(f, "{kind}: {what}")
    }
}

/// Every order after its end, and every promise that was found broken.
#[derive(Debug, Default)]
pub struct Audit {
    orders: BTreeMap<String, OrderDto>,
    /// Whose each signed transaction is.
    owners: BTreeMap<B256, String>,
    /// Whose each sequence of the account is.
    sequences: BTreeMap<u64, String>,
    swaps: usize,
    transactions: usize,
    violations: Vec<Violation>,
    /// So much was lost that the rest was not looked at.
    given_up: bool,
}

impl Audit {
    /// Waits until every accepted order has ended, and checks what holds on any chain: none is missing, none appeared
    /// from nowhere, each history is dense, no sequence was signed for two orders.
    ///
    /// # Errors
    /// When the daemon cannot be asked.
    pub async fn of(daemon: &Daemon, clients: &Clients) -> Result<Self> {
        let mut audit = Self { violations: clients.violations().to_vec(), ..Self::default() };
        for id in clients.accepted().values() {
            audit.follow(daemon, id).await;
            if audit.violations.len() > LOST_AT_MOST {
                audit.given_up = true;
                return Ok(audit);
            }
        }
        let orders = daemon.http().orders().await?;
        audit.orders = orders.into_iter().map(|order| (order.id.clone(), order)).collect();
        audit.compare_with(clients);
        Ok(audit)
    }

    /// Holds the orders against everything that the account ever sent: each transaction is of an order or one of the
    /// strangers, each order had one effect if it was executed and none if not, and what was signed is consumed.
    ///
    /// # Errors
    /// When the node cannot be asked.
    pub async fn hold_against(&mut self, chain: &Chain, strangers: &[B256]) -> Result<()> {
        if self.given_up {
            return Ok(());
        }
        let sent = sent_by(&chain.rpc, TRADER.address).await?;
        self.transactions = sent.len();
        let mut effects: BTreeMap<String, Vec<&Sent>> = BTreeMap::new();
        for transaction in sent.iter().filter(|transaction| !strangers.contains(&transaction.hash)) {
            match self.owners.get(&transaction.hash) {
                Some(owner) if transaction.swapped() => {
                    effects.entry(owner.clone()).or_default().push(transaction);
                }
                Some(_) => {}
                None => self.add(Violation::Duplicate(format!("{} is of no order", transaction.hash))),
            }
        }
        self.swaps = effects.values().map(Vec::len).sum();
        for (id, order) in self.orders.clone() {
            let swaps = effects.get(&id).map_or(0, Vec::len);
            let expected = usize::from(order.status == OrderStatus::Finalized);
            if swaps > expected {
                self.add(Violation::Duplicate(format!(
                    "order {id} is {} and swapped {swaps} times",
                    order.status
                )));
            } else if expected == 1
                && let Err(error) = market::verify(chain, &order).await
            {
                self.add(Violation::Lost(format!("order {id}: {error:#}")));
            }
        }
        for sequence in self.sequences.split_off(&(sent.len() as u64)).into_keys() {
            self.add(Violation::Hole(format!(
                "sequence {sequence} was signed, and {} are consumed",
                sent.len()
            )));
        }
        Ok(())
    }

    /// Every order.
    pub fn orders(&self) -> impl Iterator<Item = &OrderDto> {
        self.orders.values()
    }

    /// How many orders ended in this status.
    #[must_use]
    pub fn count(&self, status: OrderStatus) -> usize {
        self.orders().filter(|order| order.status == status).count()
    }

    /// Sequences that were signed.
    pub fn sequences(&self) -> impl Iterator<Item = u64> {
        self.sequences.keys().copied()
    }

    /// Swaps that the chain shows, of all orders.
    #[must_use]
    pub fn swaps(&self) -> usize {
        self.swaps
    }

    /// Everything that the account has in the chain.
    #[must_use]
    pub fn transactions(&self) -> usize {
        self.transactions
    }

    /// Every promise that was found broken.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// # Errors
    /// When a promise was broken.
    pub fn ensure_clean(&self) -> Result<()> {
        if self.violations.is_empty() {
            return Ok(());
        }
        let told: Vec<_> = self.violations.iter().map(ToString::to_string).collect();
        bail!("{}", told.join("\n"))
    }

    fn add(&mut self, violation: Violation) {
        self.violations.push(violation);
    }

    async fn follow(&mut self, daemon: &Daemon, id: &str) {
        match live_through(daemon, id).await {
            Ok(told) => told.iter().for_each(|message| self.note_signature(id, message)),
            Err(error) if error.is::<Gap>() => self.add(Violation::Hole(format!("order {id}: {error:#}"))),
            Err(error) => self.add(Violation::Lost(format!("order {id} did not end: {error:#}"))),
        }
    }

    fn note_signature(&mut self, id: &str, message: &OrderMessage) {
        let fields = &message.fields;
        let hash = fields.tx_hash.as_deref().and_then(|hash| hash.parse().ok());
        if let (Some(hash), Some(_)) = (hash, fields.sequence) {
            self.owners.insert(hash, id.to_owned());
        }
        let Some(sequence) = fields.sequence else {
            return;
        };
        let owner = self.sequences.entry(sequence).or_insert_with(|| id.to_owned()).clone();
        if owner != id {
            self.add(Violation::Duplicate(format!("sequence {sequence} is of order {owner} and of {id}")));
        }
    }

    fn compare_with(&mut self, clients: &Clients) {
        let known: BTreeSet<_> = self.orders.keys().cloned().collect();
        let told: BTreeSet<_> = clients.accepted().values().cloned().collect();
        for id in told.difference(&known) {
            self.add(Violation::Lost(format!("order {id} was accepted and is not there")));
        }
        for id in known.difference(&told) {
            self.add(Violation::Duplicate(format!("order {id} was never answered to anybody")));
        }
        for (id, order) in self.orders.clone() {
            if !ENDS.contains(&order.status) {
                self.add(Violation::Lost(format!("order {id} is {} after its end", order.status)));
            }
        }
    }
}
