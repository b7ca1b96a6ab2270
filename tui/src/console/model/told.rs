//! What the daemon has told so far.

use crate::console::msg::Report;
use orderd_sdk::{
    client::Link,
    wire::{Actions, Clients, Queue, Status, Venues},
};
use std::sync::Arc;

/// What the daemon has told so far; every page reads it.
#[derive(Debug, Default)]
pub struct Told {
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

impl Told {
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
