//! Orders that have been at rest for long enough are removed, a few at a time.
//!
//! What is due is looked for beside the writer: ids sort by acceptance, so the orders that can be due are the first ones,
//! and their times stand in the index. Nothing is removed on the word of the index alone: the record of what seems due is
//! read. The writer then removes what is still as it was found, and idempotency keys along with it. A key whose order is
//! gone leads nowhere and counts as none, so it does not matter which of the two goes first. How much that is at once the
//! [`pace`](super::pace) says.

use super::{
    StoreError,
    board::Held,
    ledger::Ledger,
    pace::{Effort, Pace},
    port::{Left, Swept},
    records::{self, OVER},
    tree::{self, Batch, Direction, Edit, KeyRange, Tree},
    writer::Writer,
};
use crate::order::{Order, OrderId};
use orderd_sdk::timestamp::Timestamp;
use sled::IVec;
use std::{
    ops::{Bound, ControlFlow},
    sync::Arc,
    time::Duration,
};

/// For each order that a sweep may remove, and has to read, it looks at so many without reading them, at so many idempotency
/// keys, and frees as much space as a write of so many bytes does.
const LOOKS: usize = 16;
const KEY_LOOKS: usize = 16;
const TIDIED: usize = 1 << 10;

/// Looks for what is due, round and round.
#[derive(Debug)]
pub(super) struct Sweeper {
    retention_ms: Option<u64>,
    /// The last key that was looked at in this round.
    last: Option<IVec>,
    pace: Pace,
}

/// Orders that are due, as they were found at this instant.
#[derive(Debug)]
pub(super) struct Due {
    pub(super) now: Timestamp,
    orders: Vec<Arc<Order>>,
    left: Left,
    /// How many orders there might have been.
    most: usize,
}

impl Sweeper {
    /// Without a time nothing is ever due.
    pub(super) fn new(retention: Option<Duration>) -> Self {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self { retention_ms: retention.map(millis), last: None, pace: Pace::default() }
    }

    /// The next orders that are due at this instant. What cannot be read is left alone: it is told to whoever asks for it.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(super) fn find<T: Tree>(&mut self, ledger: &Ledger<T>, now: Timestamp) -> Result<Due, StoreError> {
        let most = self.pace.most();
        let until = self.retention_ms.and_then(|retention| now.0.checked_sub(retention)).map(Timestamp);
        let Some(until) = until else {
            return Ok(Due { now, orders: Vec::new(), left: Left::Nothing, most });
        };
        let (ids, left) = self.look(ledger, until, most)?;
        let read = |id| ledger.read_over(id).ok().flatten();
        let is_due = |order: &Arc<Order>| order.is_at_rest() && records::time_of(order) < until;
        Ok(Due { now, orders: ids.into_iter().filter_map(read).filter(is_due).collect(), left, most })
    }

    /// A sweep took so much of the writer; how long it is to be left alone now.
    pub(super) fn note(&mut self, effort: Effort) -> Duration {
        self.pace.note(effort)
    }

    /// Orders that are over and whose last event is older than this, as the index says, at most so many.
    fn look<T: Tree>(
        &mut self,
        ledger: &Ledger<T>,
        until: Timestamp,
        most: usize,
    ) -> Result<(Vec<OrderId>, Left), StoreError> {
        let (mut ids, mut looked_at, mut left) = (Vec::new(), 0, Left::Nothing);
        let mut last = None;
        if let Some(range) = range_after(self.last.take(), until) {
            ledger.tree().times(&range, Direction::Up, &mut |key, at| {
                if looked_at == most * LOOKS || ids.len() == most {
                    left = Left::Something;
                    return Ok(ControlFlow::Break(()));
                }
                looked_at += 1;
                last = Some(IVec::from(key));
                if at < until {
                    ids.push(records::order_of_key(key)?);
                }
                Ok(ControlFlow::Continue(()))
            })?;
        }
        // At the end the next round begins.
        self.last = last.filter(|_| left == Left::Something);
        Ok((ids, left))
    }
}

/// The keys after this one of orders that were accepted before this instant; none when there can be no such key.
fn range_after(last: Option<IVec>, until: Timestamp) -> Option<KeyRange> {
    let end = records::order_key(OVER, OrderId::lowest_at(until));
    let is_before_end = last.as_ref().is_none_or(|last| *last < end);
    let start = last.map_or(tree::all_of(OVER).0, Bound::Excluded);
    is_before_end.then_some((start, Bound::Excluded(end)))
}

impl<T: Tree> Writer<T> {
    /// Removes what is due and is still as it was found, with a few keys whose time is over.
    ///
    /// # Errors
    /// When it cannot be written; then nothing may be written any more.
    pub(super) fn sweep(&mut self, due: Due) -> Result<Swept, StoreError> {
        self.expiry.tick(due.now);
        let mut orders = due.orders;
        orders.retain(|order| self.is_as_it_was(order));
        let (keys, keys_left) = self.expiry.swept(&self.ledger, due.now, due.most * KEY_LOOKS, due.most);
        let mut swept = Swept { orders: orders.len(), keys: keys.len(), left: due.left, ..Swept::default() };
        if swept.orders + swept.keys > 0 {
            let over = orders.iter().map(|order| records::order_key(OVER, order.id));
            let keys = keys.iter().map(|key| records::claim_key(key));
            let batch: Batch = over.chain(keys).map(Edit::remove).collect();
            let held: Held = orders.iter().map(|order| (order.id, Some(order.clone()))).collect();
            self.ledger.board_mut().hold(held);
            self.ledger.apply(batch)?;
            self.ledger.board_mut().forget(&orders);
        }
        if [keys_left, self.ledger.tree().tidy(due.most * TIDIED)?].contains(&Left::Something) {
            swept.left = Left::Something;
        }
        Ok(swept)
    }

    /// Whether nothing has happened to the order since it was read: only a retry by hand can have moved it, and that has a
    /// time of its own.
    fn is_as_it_was(&self, order: &Order) -> bool {
        let at = self.ledger.tree().time(&records::order_key(OVER, order.id));
        at.is_ok_and(|at| at == Some(records::time_of(order)))
    }
}
