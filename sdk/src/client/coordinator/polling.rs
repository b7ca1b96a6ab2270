//! How the cache is kept while there is no socket: by asking what has changed, page by page, and by listing afresh where
//! the daemon does not remember that far back.

use super::{
    jobs::{self, Done, Listing, Report},
    ledger::Trust,
    line::Line,
    link::Why,
    mending::Doubt,
    socket::unreachable,
    task::Task,
};
use crate::{
    client::ClientError,
    wire::{OrderChanges, Position},
};
use tokio::time::Instant;

/// Where polling stands.
#[derive(Debug, Default)]
pub(super) struct Polling {
    /// When to ask next.
    pub(super) at: Option<Instant>,
    /// What became of the last question since the socket was lost.
    pub(super) outcome: Option<Result<(), Why>>,
    orders: Asked,
    reports: Asked,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Asked {
    #[default]
    No,
    Yes,
}

impl Polling {
    /// The socket takes over, or nothing is to be asked any more.
    pub(super) fn stop(&mut self) {
        self.at = None;
        self.outcome = None;
    }
}

impl Task {
    /// Asks what has changed, and for what somebody reads. One question of each kind is under way at a time.
    pub(super) fn poll(&mut self) {
        self.polling.at = None;
        if self.polling.orders == Asked::No {
            self.polling.orders = Asked::Yes;
            match (&self.position.epoch, self.position.cursor) {
                (Some(epoch), Some(cursor)) => {
                    let changes = jobs::changes(self.client.clone(), epoch.clone(), cursor);
                    self.jobs.spawn(async move { Done::Polled(changes.await) });
                }
                _ => self.list(None),
            }
        }
        self.poll_reports();
    }

    pub(super) fn poll_reports(&mut self) {
        let topics = self.topics.read();
        let logs: Vec<_> =
            self.logs.iter().map(|slot| (slot.name.clone(), slot.lines(), slot.filter.clone())).collect();
        let anything = !(topics.is_empty() && logs.is_empty());
        if anything && self.polling.reports == Asked::No {
            self.polling.reports = Asked::Yes;
            let reports = jobs::reports(self.client.clone(), topics, logs);
            self.jobs.spawn(async move { Done::Reports(reports.await) });
        }
    }

    fn list(&mut self, place: Option<Position>) {
        let list = jobs::list(self.client.clone(), place, self.options.snapshot, self.options.max_orders);
        self.jobs.spawn(async move { Done::Listed(list.await) });
    }

    /// Takes a page of changes. It is as good when the socket has come back meanwhile.
    pub(super) fn polled(&mut self, outcome: Result<OrderChanges, ClientError>) {
        self.polling.orders = Asked::No;
        match outcome {
            Ok(page) => self.take_polled(page),
            Err(error) if leads_no_further(&error) && self.is_polling() => {
                self.polling.orders = Asked::Yes;
                self.list(error.cursor_gone().cloned());
            }
            Err(error) => self.poll_failed(&error),
        }
    }

    fn take_polled(&mut self, page: OrderChanges) {
        self.counters.polls.one_more();
        let before = self.position.cursor;
        if before.is_some() && self.position.epoch.as_deref() == Some(&*page.epoch) {
            for order in page.orders {
                self.absorb(order, page.cursor);
            }
            self.position.reach(page.cursor);
        }
        if !self.is_polling() {
            return;
        }
        let goes_on = page.more && self.position.cursor > before;
        if goes_on {
            self.polling.at = Some(Instant::now());
        } else {
            self.polling.outcome = Some(Ok(()));
            self.polling.at = Some(Instant::now() + self.options.poll);
            self.begin_mending();
        }
    }

    /// Takes a list of live orders: everything else that is held is in doubt.
    pub(super) fn listed(&mut self, outcome: Result<Listing, ClientError>) {
        self.polling.orders = Asked::No;
        match outcome {
            // The socket has come back, and brings a snapshot of its own.
            Ok(_) if !self.is_polling() => (),
            Ok(listing) => self.take_listed(listing),
            Err(error) => self.poll_failed(&error),
        }
    }

    fn take_listed(&mut self, listing: Listing) {
        self.counters.snapshots.one_more();
        match self.position.epoch.as_deref().is_some_and(|epoch| epoch != listing.epoch) {
            true => self.lose_trust(),
            false => self.doubt(Trust::Kept, Doubt::Everything),
        }
        for order in listing.orders {
            self.absorb(order, listing.cursor);
        }
        self.position.begin(&listing.epoch, listing.cursor);
        self.begin_mending();
        // What has changed during the listing is asked for at once.
        self.polling.at = Some(Instant::now());
    }

    fn poll_failed(&mut self, error: &ClientError) {
        if self.is_polling() {
            self.polling.outcome = Some(Err(unreachable(error)));
            self.polling.at = Some(Instant::now() + self.options.poll);
        }
    }

    pub(super) fn reported(&mut self, reports: Vec<Report>) {
        self.polling.reports = Asked::No;
        if !self.is_polling() {
            return;
        }
        for report in reports {
            match report {
                Report::Topic(topic, object) => {
                    if self.topics.tell(topic, object.get()).is_err() {
                        self.counters.malformed.one_more();
                    }
                }
                Report::Log(name, lines) => self.tell_log(&name, lines),
            }
        }
    }

    pub(super) fn is_polling(&self) -> bool {
        matches!(self.line, Line::Waiting(_) | Line::Dialing(_))
    }
}

/// Whether what has changed cannot be told, now or later: the daemon does not remember that far back, or cannot read one
/// of the orders.
fn leads_no_further(error: &ClientError) -> bool {
    matches!(error, ClientError::Problem(problem) if matches!(&*problem.code, "cursor-gone" | "order-unreadable"))
}
