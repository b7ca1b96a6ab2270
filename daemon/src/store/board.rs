//! What the store knows without reading: every live order as of its last durable change, the lanes, and which orders
//! the last events belong to.

use super::{Committed, LaneAdvance, history::History};
use crate::order::{Lane, Order, OrderId};
use orderd_sdk::wire::OrderStatus;
use std::{collections::BTreeMap, sync::Arc};

/// Live orders, lanes and the last events, all as of the last durable window.
#[derive(Debug)]
pub(super) struct Board {
    live: BTreeMap<OrderId, Arc<Order>>,
    counts: BTreeMap<OrderStatus, u64>,
    held: Held,
    lanes: BTreeMap<Lane, u64>,
    history: History,
}

/// Orders that are not live and are being written: how they stand as long as that is not durable.
pub(super) type Held = BTreeMap<OrderId, Option<Arc<Order>>>;

/// How an order stands, as far as the board knows.
#[derive(Clone, Debug)]
pub(super) enum Known {
    /// This is its last durable version; none when it does not durably exist.
    Durable(Option<Arc<Order>>),
    /// What the tree has of it is durable.
    InTree,
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
        Self { live, counts, held: Held::new(), lanes, history }
    }

    /// How this order stands.
    pub(super) fn find(&self, id: OrderId) -> Known {
        match (self.live.get(&id), self.held.get(&id)) {
            (Some(order), _) => Known::Durable(Some(order.clone())),
            (None, Some(before)) => Known::Durable(before.clone()),
            (None, None) => Known::InTree,
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
        self.remove(order.id);
        *self.counts.entry(order.state.status()).or_default() += 1;
        self.live.insert(order.id, order);
    }

    fn remove(&mut self, id: OrderId) {
        let Some(order) = self.live.remove(&id) else {
            return;
        };
        let status = order.state.status();
        let left = self.counts.remove(&status).map_or(0, |count| count - 1);
        if left > 0 {
            self.counts.insert(status, left);
        }
    }
}
