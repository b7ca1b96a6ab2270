//! Orders as they stand, in pages.

use super::{Pipe, inbound::Refusal, orders::NotBegun};
use crate::{
    api::ApiState,
    order::{Order, OrderId, View},
    store::StoreError,
    stream::{Filter, Frame, Published},
};
use orderd_sdk::wire::Snapshot;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    vec,
};
use tokio::sync::OwnedSemaphorePermit;

/// Orders on one page.
const PAGE: usize = 100;

/// A snapshot of more orders than this is large: only so many of them are made at once.
const LARGE: usize = 1_000;
pub(in crate::api) const LARGE_SNAPSHOTS: usize = 64;

/// A snapshot that is being told.
pub(super) struct Showing {
    orders: vec::IntoIter<Arc<Order>>,
    cursor: u64,
    /// Orders that were asked for and are not there.
    missing: Vec<OrderId>,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Showing {
    /// These orders; every event up to the cursor is in them.
    pub(super) fn new(orders: Vec<Arc<Order>>, cursor: u64) -> Self {
        Self { orders: orders.into_iter(), cursor, missing: Vec::new(), _turn: None }
    }

    pub(super) fn cursor(&self) -> u64 {
        self.cursor
    }

    /// Tells the next page; says whether it was the last.
    pub(super) fn tell_page(&mut self, id: &str, pipe: &mut Pipe) -> bool {
        tell_missing(&std::mem::take(&mut self.missing), id, pipe);
        let orders: Vec<_> = self.orders.by_ref().take(PAGE).map(|order| View::latest(&order)).collect();
        let last = self.orders.as_slice().is_empty();
        pipe.push(&Frame::encode(&Snapshot { id: id.to_owned(), orders, cursor: self.cursor, last }));
        last
    }
}

/// Every order that matches and is not over.
pub(super) fn live(state: &ApiState, filter: &Filter) -> Result<Showing, NotBegun> {
    let (mut orders, cursor) = state.desk.live_at();
    orders.retain(|order| filter.admits(order));
    let turn = match orders.len() > LARGE {
        true => Some(state.large_snapshots.clone().try_acquire_owned().map_err(|_| NotBegun::Busy)?),
        false => None,
    };
    Ok(Showing { _turn: turn, ..Showing::new(orders, cursor) })
}

/// Orders that a client was told by name, and the last event of each that it was told with.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown(HashMap<OrderId, u64>);

impl Shown {
    /// The client is told these as they stand.
    pub(super) fn note(&mut self, orders: &[Arc<Order>]) {
        let last = |order: &Arc<Order>| order.events.last().map_or(0, |event| event.cursor.get());
        self.0.extend(orders.iter().map(|order| (order.id, last(order))));
    }

    /// Whether the client was told this event with its order.
    pub(super) fn has(&self, event: &Published) -> bool {
        self.0.get(&event.order().id).is_some_and(|shown| event.cursor() <= *shown)
    }
}

/// Orders that were asked for by name.
pub(super) struct Named {
    pub(super) orders: Vec<Arc<Order>>,
    pub(super) missing: Vec<OrderId>,
}

/// Loads orders by name.
pub(super) async fn load_named(state: &ApiState, ids: &BTreeSet<OrderId>) -> Result<Named, StoreError> {
    let mut named = Named { orders: Vec::with_capacity(ids.len()), missing: Vec::new() };
    for id in ids {
        match state.desk.load(*id).await? {
            Some(order) => named.orders.push(order),
            None => named.missing.push(*id),
        }
    }
    Ok(named)
}

impl Named {
    /// Those that match, as a snapshot.
    pub(super) fn into_showing(self, filter: &Filter, cursor: u64) -> Showing {
        let matching = self.orders.into_iter().filter(|order| filter.admits(order)).collect();
        Showing { missing: self.missing, ..Showing::new(matching, cursor) }
    }
}

/// Tells which orders are not there.
pub(super) fn tell_missing(missing: &[OrderId], id: &str, pipe: &mut Pipe) {
    for order in missing {
        let refusal = Refusal::of("order-not-found", format!("no order has the id {order}")).about(id);
        pipe.push(&Frame::encode(&refusal.signal()));
    }
}
