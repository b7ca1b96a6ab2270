//! What the daemon has told so far.

use crate::console::msg::Report;
use orderd_sdk::{
    client::{Cache, CoordinatorOptions, Feed, Link},
    wire::{Actions, Clients, Queue, Status, Venues},
};
use std::sync::Arc;

/// What the daemon has told so far; every page reads it.
#[derive(Debug)]
pub struct Told {
    /// The orders.
    pub cache: Cache,
    /// How far it can be trusted.
    pub link: Option<Link>,
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
}

impl Default for Told {
    /// Nothing, and no orders that would ever come.
    fn default() -> Self {
        Self::new(Feed::new(&CoordinatorOptions::default()).1)
    }
}

impl Told {
    /// Nothing yet, but for the orders of this cache.
    #[must_use]
    pub fn new(cache: Cache) -> Self {
        Self { cache, link: None, status: None, queue: None, venues: None, clients: None, actions: None }
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
