//! The fold itself: every durable event goes in, and whoever asks gets the sums.

use super::{
    counts::{Counted, Counts},
    delayed::Delayed,
    depth::{Depth, Level},
    errors::Errors,
    figures::Figures,
    queue::{Stages, Waiting},
    stay::Stay,
    venues::VenueBook,
};
use crate::{
    order::{Catalog, Event, EventKind, Order, OrderId},
    telemetry::Clock,
};
use orderd_sdk::{
    timestamp::Timestamp,
    wire::{OrderStatus, Queue, Venues, Workers},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What is known of the orders' lives, in numbers.
pub struct Stats {
    clock: Arc<dyn Clock>,
    book: Mutex<Book>,
}

struct Book {
    counts: Counts,
    waiting: Waiting,
    delayed: Delayed,
    depth: Depth,
    errors: Errors,
    stages: Stages,
    venues: VenueBook,
    ended: BTreeMap<OrderStatus, u64>,
}

impl Stats {
    /// Nothing has happened yet. The venues of this catalog are counted; `clock` is the one that events are dated by.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, catalog: &Catalog) -> Self {
        let book = Book {
            counts: Counts::new(),
            waiting: Waiting::default(),
            delayed: Delayed::default(),
            depth: Depth::beginning(clock.now()),
            errors: Errors::new(catalog),
            stages: Stages::default(),
            venues: VenueBook::new(catalog),
            ended: BTreeMap::new(),
        };
        Self { clock, book: Mutex::new(book) }
    }

    /// Takes up the orders from before the start, before any event is noted. What they did then is not counted; some
    /// of them wait.
    pub fn take_up(&self, live: &[Arc<Order>]) {
        let now = self.now();
        let mut book = self.book();
        for order in live {
            if let Some(stay) = Stay::after(&order.events) {
                book.enter(order.id, None, stay, now);
            }
            book.delayed.note(order);
        }
    }

    /// Takes note of an order's new events, the last ones of its history. Called by one thread of the store's at a time, once for each
    /// event in the order of `seq`: it does no I/O and waits at most for another thread's report.
    pub fn note(&self, order: &Order, new_events: &[Arc<Event>]) {
        let known = order.events.len().saturating_sub(new_events.len());
        let mut stay = Stay::after(&order.events[..known]);
        let mut book = self.book();
        for (index, event) in (known..).zip(new_events) {
            book.note(event, &order.events[..index]);
            if let Some(next) = begun(stay, event) {
                if next.is_end() {
                    *book.ended.entry(next.status).or_default() += 1;
                }
                book.step(order.id, stay.replace(next), next);
            }
        }
        book.delayed.note(order);
    }

    /// What waits and how fast it goes; `depth` is what the store has in hand.
    #[must_use]
    pub fn queue(&self, depth: BTreeMap<OrderStatus, u64>) -> Queue {
        let now = self.now();
        let mut book = self.book();
        Queue {
            depth,
            oldest: book.waiting.oldest(now),
            rates: book.counts.rates(now),
            throughput: book.counts.throughput(now),
            stages: book.stages.report(now),
            delayed: book.delayed.next(),
            delayed_total: book.delayed.len(),
            depth_history: book.depth.report(now),
            waits: book.stages.waits(now),
            errors: book.errors.report(now),
            // The engine's business, which no event tells of.
            paused: None,
            workers: Workers::default(),
        }
    }

    /// How the venues do.
    #[must_use]
    pub fn venues(&self) -> Venues {
        let now = self.now();
        Venues { venues: self.book().venues.report(now) }
    }

    /// Counts since the start.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let now = self.now();
        let mut book = self.book();
        Figures {
            accepted: book.counts.total(Counted::Accepted),
            confirmed: book.counts.total(Counted::Confirmed),
            retried: book.counts.total(Counted::Retried),
            ended: book.ended.clone(),
            stages: book.stages.since_start(),
            venues: book.venues.report(now),
            quotes: book.venues.latencies(),
            oldest_ms: book.waiting.oldest(now).map(|oldest| oldest.age_ms),
        }
    }

    /// The time that ages are told at.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The stay that an event begins, if it changes the status.
fn begun(stay: Option<Stay>, event: &Event) -> Option<Stay> {
    let status = event.kind.status()?;
    let changes = stay.is_none_or(|stay| stay.status != status);
    changes.then_some(Stay { status, since: event.at })
}

impl Book {
    /// Counts an event that comes after these of its order.
    fn note(&mut self, event: &Event, earlier: &[Arc<Event>]) {
        let counted = Counted::of(event, earlier);
        if let Some(counted) = counted {
            self.counts.note(counted, event.at);
        }
        self.errors.note(event, earlier);
        if let EventKind::QuotesReceived { quotes } = &event.kind {
            self.venues.note_round(quotes, event.at);
        }
        if let EventKind::BuildStarted { quote } = &event.kind {
            self.venues.note_win(&quote.dex);
        }
        if let (EventKind::Confirmed { dex, .. }, Some(Counted::Confirmed)) = (&event.kind, counted) {
            self.venues.note_execution(dex);
        }
    }

    fn step(&mut self, id: OrderId, from: Option<Stay>, to: Stay) {
        if let Some(left) = from {
            self.waiting.leave(id, left);
            self.stages.note(left, to.since);
        }
        self.enter(id, from, to, to.since);
    }

    fn enter(&mut self, id: OrderId, from: Option<Stay>, to: Stay, at: Timestamp) {
        self.waiting.enter(id, to);
        let is_open = |stay: Stay| u64::from(!stay.is_end());
        let open = (self.depth.now().open + is_open(to)).saturating_sub(from.map_or(0, is_open));
        self.depth.note(Level { open, waiting: self.waiting.len() }, at);
    }
}
