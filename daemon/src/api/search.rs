//! Orders that a filter means, newest first. How many are looked at is bounded, and others get their turn in between.

use crate::{
    engine::Desk,
    order::{Order, OrderId, View},
    store::{ListQuery, StoreError},
};
use orderd_sdk::{
    filter::Filter,
    timestamp::Timestamp,
    wire::{OrderDto, OrderStatus},
};
use std::sync::Arc;

/// Orders looked at without a pause.
const STRIDE: usize = 250;
/// What a look through the store that finds little counts for: it may have passed many orders by.
const LONG_WALK: usize = 5_000;

/// A search under way.
pub(super) struct Search {
    filter: Filter,
    now: Timestamp,
    /// None when nothing is left to look at.
    next: Option<ListQuery>,
    looked: usize,
}

/// An order that was found.
pub(super) struct Found {
    pub(super) order: Arc<Order>,
    pub(super) shown: OrderDto,
}

impl Search {
    /// Looks for orders that are older than this one, stand in one of these statuses when any is named, and match.
    pub(super) fn new(
        filter: Filter,
        statuses: Vec<OrderStatus>,
        before: Option<OrderId>,
        now: Timestamp,
    ) -> Self {
        let (changed_since, limit) = (filter.changed_since(now), STRIDE);
        let query = |statuses| ListQuery { before, statuses, changed_since, limit };
        let next = match filter.statuses() {
            None => Some(query(statuses)),
            Some(mut possible) => {
                possible.retain(|status| statuses.is_empty() || statuses.contains(status));
                // To the store, no status means all of them.
                (!possible.is_empty()).then(|| query(possible))
            }
        };
        Self { filter, now, next, looked: 0 }
    }

    /// Whether there is more to look at, and as many may be looked at in all.
    pub(super) fn goes_on(&self, looks: usize) -> bool {
        self.next.is_some() && self.looked < looks
    }

    /// Older orders than this one are left to look at; none when there are none.
    pub(super) fn place(&self) -> Option<OrderId> {
        self.next.as_ref().and_then(|query| query.before)
    }

    /// Looks at some more.
    pub(super) async fn step(&mut self, desk: &dyn Desk) -> Result<Vec<Found>, StoreError> {
        let Some(query) = self.next.take() else {
            return Ok(Vec::new());
        };
        let page = desk.list(query.clone()).await?;
        self.looked += match page.orders.len() {
            few if few < STRIDE => LONG_WALK,
            many => many,
        };
        self.next = page.next.map(|before| ListQuery { before: Some(before), ..query });
        let found = page.orders.into_iter().map(|order| Found { shown: View::latest(&order), order });
        Ok(found.filter(|found| self.filter.matches(&found.shown, self.now)).collect())
    }
}
