//! What the store knows without reading: every live order as of its last durable change, the lanes, and which orders
//! the last events belong to.

use super::{
    Committed, LaneAdvance, Seen,
    ended::{Ended, Form},
    history::History,
};
use crate::order::{Lane, Order, OrderId};
use orderd_sdk::wire::OrderStatus;
use std::{collections::BTreeMap, sync::Arc};

/// Live orders, lanes and the last events, all as of the last durable window.
#[derive(Debug)]
pub(super) struct Board {
    live: BTreeMap<OrderId, Arc<Order>>,
    counts: BTreeMap<OrderStatus, u64>,
    held: Held,
    /// Of the others, some that were asked for.
    ended: Ended,
    /// Counts the windows that were begun.
    window: u64,
    lanes: BTreeMap<Lane, u64>,
    history: History,
}

/// Orders that are not live and are being written: how they stand as long as that is not durable.
pub(super) type Held = BTreeMap<OrderId, Option<Arc<Order>>>;

/// How an order stands, as far as the board knows.
#[derive(Clone, Debug)]
pub(super) enum Known<R = Arc<Order>> {
    /// This is its last durable version; none when it does not durably exist.
    Durable(Option<R>),
    /// What the tree has of it is durable.
    InTree,
}

impl<R> Known<R> {
    /// The order as it stands, given what the tree has of it.
    pub(super) fn or(self, in_tree: Option<R>) -> Option<R> {
        match self {
            Self::Durable(order) => order,
            Self::InTree => in_tree,
        }
    }
}

impl Board {
    /// A board as it is at the start.
    pub(super) fn new(
        live: BTreeMap<OrderId, Arc<Order>>,
        lanes: BTreeMap<Lane, u64>,
        history: History,
    ) -> Self {
        let mut counts = BTreeMap::new();
        for order in live.values() {
            *counts.entry(order.state.status()).or_default() += 1;
        }
        Self { live, counts, held: Held::new(), ended: Ended::default(), window: 0, lanes, history }
    }

    /// From now on so many bytes, about, are for what was asked for of orders that are over.
    pub(super) fn keep_ended(&mut self, bytes: usize) {
        self.ended = Ended::within(bytes);
    }

    /// How this order stands.
    pub(super) fn find(&self, id: OrderId) -> Known {
        match self.look_up(id, Form::Order) {
            Known::Durable(Some(Seen::Order(order))) => Known::Durable(Some(order)),
            Known::Durable(Some(Seen::Shown(_))) => {
                unreachable!("what is kept has the form that is asked for")
            }
            Known::Durable(None) => Known::Durable(None),
            Known::InTree => Known::InTree,
        }
    }

    /// The same; in this form, if it is over, and as it is otherwise.
    pub(super) fn look_up(&self, id: OrderId, form: Form) -> Known<Seen> {
        match (self.live.get(&id), self.held.get(&id)) {
            (Some(order), _) => Known::Durable(Some(Seen::Order(order.clone()))),
            (None, Some(before)) => Known::Durable(before.clone().map(Seen::Order)),
            (None, None) => match self.ended.get(id, form) {
                Some(seen) => Known::Durable(Some(seen.clone())),
                None => Known::InTree,
            },
        }
    }

    /// The number of the window that was begun last.
    pub(super) fn window(&self) -> u64 {
        self.window
    }

    /// This was read of an order that is over from the tree, from a record of this size, after it was found to be
    /// [there](Known::InTree) during this window. It is kept unless another window was begun, which may have changed it.
    pub(super) fn note_read(&mut self, id: OrderId, seen: Seen, record: usize, window: u64) {
        if self.window == window && !self.is_live(id) {
            self.ended.put(id, seen, record);
        }
    }

    /// Whether the order is live.
    pub(super) fn is_live(&self, id: OrderId) -> bool {
        self.live.contains_key(&id)
    }

    /// Live orders, oldest first.
    pub(super) fn live(&self) -> impl DoubleEndedIterator<Item = &Arc<Order>> {
        self.live.values()
    }

    /// At most so many live orders older than this one, newest first.
    pub(super) fn live_before(&self, before: Option<OrderId>, limit: usize) -> Vec<Arc<Order>> {
        let orders = match before {
            Some(before) => self.live.range(..before),
            None => self.live.range(..),
        };
        orders.rev().take(limit).map(|(_, order)| order.clone()).collect()
    }

    /// The orders that are being written and were over before.
    pub(super) fn held(&self) -> impl Iterator<Item = &Arc<Order>> {
        self.held.values().flatten()
    }

    /// How many live orders stand in each status.
    pub(super) fn counts(&self) -> &BTreeMap<OrderStatus, u64> {
        &self.counts
    }

    /// The next free sequence of every lane.
    pub(super) fn lanes(&self) -> &BTreeMap<Lane, u64> {
        &self.lanes
    }

    /// The cursor of the last event.
    pub(super) fn cursor(&self) -> u64 {
        self.history.last()
    }

    /// To which orders the last events belong.
    pub(super) fn history(&self) -> &History {
        &self.history
    }

    /// A window is about to be written: until it is durable, these orders stand as they are told here.
    pub(super) fn hold(&mut self, held: Held) {
        self.window += 1;
        held.keys().for_each(|id| self.ended.forget(*id));
        self.held = held;
    }

    /// The window is durable.
    pub(super) fn settle(&mut self, orders: &[Committed], lanes: Vec<LaneAdvance>) {
        self.held.clear();
        self.lanes.extend(lanes.into_iter().map(|to| (to.lane, to.next)));
        for change in orders {
            let order = &change.order;
            self.history.push(order.id, change.new_events().len());
            match order.is_at_rest() {
                true => self.remove(order.id),
                false => self.put(order.clone()),
            }
        }
    }

    /// These orders, which were held, are durably gone, and with them what can be told of the time of their events.
    pub(super) fn forget(&mut self, orders: &[Arc<Order>]) {
        self.held.clear();
        let last = |order: &Arc<Order>| order.events.last().map(|event| event.cursor.get());
        if let Some(newest) = orders.iter().filter_map(last).max() {
            self.history.forget(newest);
        }
    }

    fn put(&mut self, order: Arc<Order>) {
        let status = order.state.status();
        let before = self.live.insert(order.id, order).map(|before| before.state.status());
        if before != Some(status) {
            *self.counts.entry(status).or_default() += 1;
            before.into_iter().for_each(|before| self.uncount(before));
        }
    }

    fn remove(&mut self, id: OrderId) {
        if let Some(order) = self.live.remove(&id) {
            self.uncount(order.state.status());
        }
    }

    fn uncount(&mut self, status: OrderStatus) {
        let left = self.counts.remove(&status).map_or(0, |count| count - 1);
        if left > 0 {
            self.counts.insert(status, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::{accepted, after, expired, id};

    fn knows(board: &Board) -> bool {
        matches!(board.find(id(1)), Known::Durable(Some(_)))
    }

    #[test]
    fn what_was_read_is_kept_until_it_may_change() {
        let mut board = Board::new(BTreeMap::new(), BTreeMap::new(), History::after(0, 10));
        board.keep_ended(1 << 20);
        let order = Arc::new(after(&accepted(1), expired()));
        let during = board.window();
        board.hold(Held::new());
        board.note_read(order.id, Seen::Order(order.clone()), 100, during);
        assert!(!knows(&board), "the window that was begun meanwhile may be about this order");
        board.note_read(order.id, Seen::Order(order.clone()), 100, board.window());
        assert!(knows(&board));
        board.settle(&[], Vec::new());
        board.hold(Held::new());
        assert!(knows(&board), "other orders are none of its business");
        board.hold(Held::from([(order.id, Some(order))]));
        board.settle(&[], Vec::new());
        assert!(!knows(&board));
    }
}
