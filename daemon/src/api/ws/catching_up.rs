//! Events that a client has missed, in pages: from memory where that reaches back far enough, else from storage.

use super::{Pipe, snapshot::Shown};
use crate::{
    api::ApiState,
    order::{Order, OrderId},
    stream::{Filter, Published},
};
use orderd_sdk::wire::GapReason;
use std::{collections::HashMap, sync::Arc, vec};

/// Events that are looked at for one page.
const PAGE: usize = 128;

/// Events that are being told after they were missed.
pub(super) enum CatchingUp {
    /// Those of all orders that match, in the order of cursors.
    Events {
        filter: Arc<Filter>,
        /// What was told already.
        shown: Shown,
        /// Told up to here.
        next: u64,
        /// To be told up to here.
        until: u64,
    },
    /// The rest of each of these lives.
    Lives(vec::IntoIter<(Arc<Order>, u64)>),
}

/// How far it has come.
pub(super) struct Missed {
    /// Everything up to this event was told; 0 when that cannot be said.
    pub(super) up_to: u64,
    /// Whether that was all.
    pub(super) is_all: bool,
}

impl CatchingUp {
    /// The events of a filter after one and up to another.
    ///
    /// # Errors
    /// When the daemon does not remember so far back.
    pub(super) fn events(
        state: &ApiState,
        filter: &Arc<Filter>,
        shown: &Shown,
        after: u64,
        until: u64,
    ) -> Result<Self, GapReason> {
        let is_there = state.hub.recent(after, 0).is_some() || state.desk.history(after, 1).is_some();
        match is_there {
            true => Ok(Self::Events { filter: filter.clone(), shown: shown.clone(), next: after, until }),
            false => Err(GapReason::TooOld),
        }
    }

    /// The rest of each of these lives, from this `seq` on.
    pub(super) fn lives(lives: impl Iterator<Item = (Arc<Order>, u64)>) -> Self {
        Self::Lives(lives.collect::<Vec<_>>().into_iter())
    }

    /// Tells the next page.
    ///
    /// # Errors
    /// When what comes next was forgotten meanwhile, or cannot be read.
    pub(super) async fn tell_page(&mut self, state: &ApiState, pipe: &mut Pipe) -> Result<Missed, GapReason> {
        match self {
            Self::Events { filter, shown, next, until } => {
                let events = page(state, *next, *until).await?;
                for event in events.iter().filter(|event| filter.admits_event(event) && !shown.has(event)) {
                    pipe.push(event.frame());
                }
                *next = events.last().map_or(*until, |event| event.cursor());
                Ok(Missed { up_to: *next, is_all: *next >= *until })
            }
            Self::Lives(lives) => {
                if let Some((order, next)) = lives.next() {
                    let events = (next..=order.seq()).filter_map(|seq| Published::of(&order, seq));
                    events.for_each(|event| pipe.push(event.frame()));
                }
                Ok(Missed { up_to: 0, is_all: lives.as_slice().is_empty() })
            }
        }
    }
}

/// The next events after one and up to another; empty when there are none.
async fn page(state: &ApiState, after: u64, until: u64) -> Result<Vec<Arc<Published>>, GapReason> {
    let mut events = match state.hub.recent(after, PAGE) {
        Some(events) => events,
        None => stored_page(state, after).await?,
    };
    events.retain(|event| event.cursor() <= until);
    Ok(events)
}

async fn stored_page(state: &ApiState, after: u64) -> Result<Vec<Arc<Published>>, GapReason> {
    let ids = state.desk.history(after, PAGE).ok_or(GapReason::TooOld)?;
    let mut orders: HashMap<OrderId, Arc<Order>> = HashMap::new();
    let mut events = Vec::with_capacity(ids.len());
    for (id, cursor) in ids.into_iter().zip(after + 1..) {
        let order = match orders.get(&id) {
            Some(order) => order,
            None => orders.entry(id).or_insert(load(state, id, after).await?),
        };
        events.push(Arc::new(Published::at(order, cursor).ok_or(GapReason::Unreadable)?));
    }
    Ok(events)
}

async fn load(state: &ApiState, id: OrderId, after: u64) -> Result<Arc<Order>, GapReason> {
    match state.desk.load(id).await {
        Ok(Some(order)) => Ok(order),
        // It was removed a moment ago, with what is remembered of that time.
        Ok(None) if state.desk.history(after, 0).is_none() => Err(GapReason::TooOld),
        Ok(None) => Err(GapReason::Unreadable),
        Err(error) => {
            tracing::error!(%error, "a client that comes back met a failing store");
            Err(GapReason::Unreadable)
        }
    }
}
