//! What the daemon has told so far.

use super::Feed;
use crate::console::msg::Report;
use orderd_sdk::{
    client::{self, Cache, Changed, CoordinatorOptions, Link},
    timestamp::Timestamp,
    wire::{Actions, Clients, OrderStatus, Pause, Queue, Status, Venues},
};
use std::sync::Arc;

/// What the daemon has told so far; every page reads it.
#[derive(Debug)]
pub struct Told {
    /// The orders.
    pub cache: Cache,
    /// How far it can be trusted.
    pub link: Option<Link>,
    /// Since when it is in the phase it is in, by the console's clock.
    pub link_since: Timestamp,
    /// How the daemon is.
    pub status: Option<Arc<Status>>,
    /// What waits.
    pub queue: Option<Arc<Queue>>,
    /// How venues do.
    pub venues: Option<Arc<Venues>>,
    /// Who is connected.
    pub clients: Option<Arc<Clients>>,
    /// What was done.
    pub actions: Option<Arc<Actions>>,
    /// Which orders have changed, and what of all orders needs eyes.
    pub feed: Feed,
}

impl Default for Told {
    /// Nothing, and no orders that would ever come.
    fn default() -> Self {
        Self::new(client::Feed::new(&CoordinatorOptions::default()).1)
    }
}

impl Told {
    /// Nothing yet, but for the orders of this cache.
    #[must_use]
    pub fn new(cache: Cache) -> Self {
        Self {
            cache,
            link: None,
            link_since: Timestamp::default(),
            status: None,
            queue: None,
            venues: None,
            clients: None,
            actions: None,
            feed: Feed::default(),
        }
    }

    /// The coordinator stands otherwise to its daemon.
    pub fn link(&mut self, link: Link, now: Timestamp) {
        if self.link.as_ref().map(|before| before.phase) != Some(link.phase) {
            self.link_since = now;
        }
        self.link = Some(link);
    }

    /// Orders have changed.
    pub fn orders(&mut self, changed: &Changed, now: Timestamp) {
        self.feed.take(changed, &self.cache, now);
    }

    /// Orders in this state, as far as the daemon has said.
    #[must_use]
    pub fn depth(&self, status: OrderStatus) -> Option<u64> {
        let depth = match (&self.queue, &self.status) {
            (Some(queue), _) => &queue.depth,
            (None, Some(told)) => &told.orders,
            (None, None) => return None,
        };
        Some(depth.get(&status).copied().unwrap_or_default())
    }

    /// Orders that are not over.
    #[must_use]
    pub fn open(&self) -> Option<u64> {
        let queue = self.queue.as_ref().map(|queue| queue.depth.values().sum());
        queue.or_else(|| self.status.as_ref().map(|status| status.orders.values().sum()))
    }

    /// Who holds up the queue, since when and why.
    #[must_use]
    pub fn paused(&self) -> Option<&Pause> {
        match (&self.queue, &self.status) {
            (Some(queue), _) => queue.paused.as_ref(),
            (None, status) => status.as_ref()?.paused.as_ref(),
        }
    }

    /// Takes a report in.
    pub fn take(&mut self, report: Report) {
        match report {
            Report::Status(status) => self.status = Some(status),
            Report::Queue(queue) => self.queue = Some(queue),
            Report::Venues(venues) => self.venues = Some(venues),
            Report::Clients(clients) => self.clients = Some(clients),
            Report::Actions(actions) => self.actions = Some(actions),
        }
    }
}
