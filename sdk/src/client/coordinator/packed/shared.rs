//! What an order has in common with many others: kept once for all of them.

use super::{Decimal, OrderDto, Writer};
use std::{collections::HashSet, sync::Arc};

/// The members of an order that have few values, so that few combinations of them occur.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Shared {
    pub(super) order_type: Box<str>,
    pub(super) token_in: Box<str>,
    pub(super) token_out: Box<str>,
    pub(super) slippage: Decimal,
    pub(super) chain: Box<str>,
    pub(super) account: Box<str>,
    pub(super) dex: Option<Box<str>>,
    pub(super) max_attempts: u32,
    /// The venues that were asked, in the order of their answers.
    pub(super) quoted: Box<[Box<str>]>,
}

impl Shared {
    pub(super) fn of(order: OrderDto) -> Self {
        Self {
            order_type: order.order_type.into(),
            token_in: order.token_in.into(),
            token_out: order.token_out.into(),
            slippage: order.slippage,
            chain: order.chain.into(),
            account: order.account.into(),
            dex: order.dex.map(Into::into),
            max_attempts: order.max_attempts,
            quoted: order.quotes.into_iter().map(|quote| quote.dex.into()).collect(),
        }
    }
}

/// The combinations that occur. Those that no order has any more are dropped now and then, so that there are at most
/// twice as many as orders.
#[derive(Debug)]
pub(in super::super) struct SharedParts {
    known: HashSet<Arc<Shared>>,
    /// When there are so many, the unused ones go.
    sweep_at: usize,
    /// Where the rest is put together: only what it takes in the end is allocated anew.
    scratch: Writer,
}

const LEAST_SWEEP: usize = 1024;

impl Default for SharedParts {
    fn default() -> Self {
        Self { known: HashSet::new(), sweep_at: LEAST_SWEEP, scratch: Writer::default() }
    }
}

impl SharedParts {
    pub(super) fn share(&mut self, part: Shared) -> Arc<Shared> {
        if let Some(known) = self.known.get(&part) {
            return known.clone();
        }
        if self.known.len() >= self.sweep_at {
            self.known.retain(|part| Arc::strong_count(part) > 1);
            self.sweep_at = (2 * self.known.len()).max(LEAST_SWEEP);
        }
        let part = Arc::new(part);
        self.known.insert(part.clone());
        part
    }

    /// What `write` writes.
    pub(super) fn pack(&mut self, write: impl FnOnce(&mut Writer)) -> Box<[u8]> {
        self.scratch.0.clear();
        write(&mut self.scratch);
        self.scratch.0.as_slice().into()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }
}
