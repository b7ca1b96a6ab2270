//! The table against what is promised of it: by examples, and against a model that sorts everything anew each time.

mod model;
mod properties;
mod rules;

use super::{Listing, Pick};
use orderd_sdk::{
    client::{Cache, Changed, CoordinatorOptions, Feed, Packed},
    timestamp::Timestamp,
    wire::{ErrorCode, OrderDto, OrderStatus},
};
use std::{collections::BTreeMap, sync::Arc};

/// Ids of which some have sixteen digits in common.
fn id(number: usize) -> String {
    format!("0199c0d{}-0000-7000-8000-{number:012}", number % 3)
}

fn order(number: usize) -> OrderDto {
    OrderDto {
        id: id(number),
        job_id: id(number),
        order_type: "market".into(),
        token_in: "SOL".into(),
        token_out: "USDC".into(),
        amount: "1".into(),
        slippage: "0.5".into(),
        status: OrderStatus::Pending,
        progress: 0,
        message: "waits for its turn".into(),
        chain: "paper".into(),
        account: "main".into(),
        dex: None,
        quotes: Vec::new(),
        amount_out: None,
        tx_hash: None,
        attempts: 0,
        max_attempts: 3,
        last_error: None,
        last_error_code: None,
        cancel_requested: false,
        labels: BTreeMap::new(),
        seq: 1,
        created_at: Timestamp(number as u64),
        updated_at: Timestamp(number as u64),
    }
}

fn failed(number: usize) -> OrderDto {
    OrderDto { status: OrderStatus::Failed, seq: 2, ..order(number) }
}

/// A filter that needs no language.
#[derive(Clone, Copy, Debug)]
enum Picked {
    All,
    State(OrderStatus),
    /// Changed within so many milliseconds.
    Within(u64),
    /// Not changed for longer than that.
    Before(u64),
}

impl Picked {
    fn fits(self, status: OrderStatus, updated_at: Timestamp, now: Timestamp) -> bool {
        match self {
            Self::All => true,
            Self::State(wanted) => status == wanted,
            Self::Within(millis) => now.millis_since(updated_at) <= millis,
            Self::Before(millis) => now.millis_since(updated_at) > millis,
        }
    }
}

impl Pick for Picked {
    fn matches(&self, order: &Packed, now: Timestamp) -> bool {
        self.fits(order.status, order.updated_at, now)
    }

    fn turns_at(&self, order: &Packed, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::All | Self::State(_) => None,
            Self::Within(millis) | Self::Before(millis) => {
                Some(order.updated_at.plus_millis(millis + 1)).filter(|turn| *turn > now)
            }
        }
    }
}

/// A table and the cache that it shows.
struct Scene {
    feed: Feed,
    cache: Cache,
    table: Listing,
    now: Timestamp,
}

impl Scene {
    /// With these orders, in a window of so many lines.
    fn new(orders: impl IntoIterator<Item = OrderDto>, height: usize) -> Self {
        let (feed, cache) = Feed::new(&CoordinatorOptions::default());
        let mut scene = Self { feed, cache, table: Listing::new(), now: Timestamp(1000) };
        scene.table.resize(height);
        scene.put(orders);
        scene
    }

    fn put(&mut self, orders: impl IntoIterator<Item = OrderDto>) {
        let ids = orders.into_iter().map(|order| {
            let id = Arc::from(&*order.id);
            self.feed.put(order);
            id
        });
        let ids = ids.collect();
        self.flush(&Changed::Ids(ids));
    }

    fn remove(&mut self, number: usize) {
        self.feed.remove(&id(number));
        self.flush(&Changed::Ids(vec![id(number).into()]));
    }

    fn flush(&mut self, changed: &Changed) {
        self.feed.flush();
        self.table.refresh(changed, &self.cache, self.now);
    }

    fn pick(&mut self, picked: Picked) {
        self.table.pick(Box::new(picked), &self.cache, self.now);
    }

    fn pass(&mut self, millis: u64) {
        self.now = self.now.plus_millis(millis);
        self.table.advance(&self.cache, self.now);
    }

    fn thaw(&mut self) {
        self.table.thaw(&self.cache, self.now);
    }

    /// The numbers of the orders on the screen.
    fn screen(&self) -> Vec<usize> {
        self.table.window().map(|row| number(row.order.id())).collect()
    }

    /// The order under the cursor, and its line.
    fn cursor(&self) -> Option<(usize, usize)> {
        let row = self.table.cursor()?;
        Some((number(row.order.id()), self.table.position()? - self.table.top()))
    }
}

fn number(id: &str) -> usize {
    id[24..].parse().unwrap()
}
