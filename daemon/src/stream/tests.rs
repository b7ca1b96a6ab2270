//! Readers and publishers together.

use super::{topic::FEW, *};
use crate::{
    order::{
        Fact, Intent, Order, OrderId, OrderIds,
        samples::{self, NOW},
    },
    telemetry::spawn,
};
use futures_util::FutureExt as _;
use orderd_sdk::wire::{Delivery, OrderFilter, OrderMessage, OrderStatus};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, RwLock},
};

const BUDGET: Budget = Budget { messages: 1_000, bytes: 1 << 24 };

/// A log that gives each event its cursor and publishes it, as the store does.
struct Log {
    hub: Arc<Hub>,
    cursor: Mutex<u64>,
    orders: RwLock<BTreeMap<OrderId, Arc<Order>>>,
    ids: Mutex<OrderIds>,
}

impl Log {
    fn new(budget: Budget) -> Arc<Self> {
        let hub = Hub::new(budget, budget.messages);
        spawn("hub", hub.clone().run());
        Arc::new(Self { hub, cursor: Mutex::new(0), orders: RwLock::default(), ids: Mutex::default() })
    }

    fn accept(&self, account: &str) -> OrderId {
        let id = self.ids.lock().unwrap().next(NOW, 0);
        let intent = Intent { account: account.into(), ..samples::intent() };
        self.keep(Order::accept(id, intent, 0, NOW), 0);
        id
    }

    /// One event more; rounds of quotes may follow each other without end.
    fn grow(&self, id: OrderId) {
        let mut order = Order::clone(&self.load(id));
        let first_new = order.events.len();
        let fact = match order.seq() {
            1 => Fact::QuotesRequested { venues: 2 },
            _ => Fact::QuotesReceived { quotes: Vec::new().into() },
        };
        order.apply(fact, NOW).unwrap();
        self.keep(order, first_new);
    }

    fn keep(&self, order: Order, first_new: usize) {
        let order = Arc::new(order);
        let mut cursor = self.cursor.lock().unwrap();
        for event in &order.events[first_new..] {
            *cursor += 1;
            event.cursor.set(*cursor);
        }
        self.orders.write().unwrap().insert(order.id, order.clone());
        self.hub.publish(&order, first_new);
    }

    fn load(&self, id: OrderId) -> Arc<Order> {
        self.orders.read().unwrap()[&id].clone()
    }

    fn follow(&self, id: OrderId, from: u64) -> Subscription {
        let subscription = self.hub.follow(id, from, Arc::default(), 1);
        subscription.offer(&self.load(id));
        subscription
    }

    fn read(&self, filter: OrderFilter, delivery: Delivery) -> (Reader, Arc<Bell>) {
        let bell = Arc::<Bell>::default();
        let (reader, _) = self.hub.read(Filter::read(filter).unwrap(), delivery, bell.clone(), 1);
        (reader, bell)
    }

    /// Waits until everything was brought to its readers.
    async fn told(&self) {
        while self.hub.told() < *self.cursor.lock().unwrap() {
            tokio::task::yield_now().await;
        }
    }
}

fn of_account(account: &str) -> OrderFilter {
    OrderFilter { account: vec![account.into()], ..OrderFilter::default() }
}

fn drain(reader: &mut Reader) -> Vec<u64> {
    let event = || match reader.pull() {
        Pulled::Event(event) => Some(event.cursor()),
        Pulled::Nothing => None,
        Pulled::Lost | Pulled::Torn => panic!("lost"),
    };
    std::iter::from_fn(event).collect()
}

#[tokio::test]
async fn a_frame_is_the_message_of_its_event_and_all_its_readers_share_it() {
    let log = Log::new(BUDGET);
    let id = log.accept("main");
    log.told().await;
    let (mut all, _) = log.read(OrderFilter::default(), Delivery::All);
    let (mut one, mut other) = (log.follow(id, 1), log.follow(id, 2));
    log.grow(id);
    log.told().await;
    let Pulled::Event(event) = all.pull() else { panic!("nothing") };
    one.next_frame().unwrap();
    let (frame, same) = (one.next_frame().unwrap(), other.next_frame().unwrap());
    for shared in [&frame.frame, &same.frame] {
        assert_eq!(shared.bytes().as_ptr(), event.frame().bytes().as_ptr(), "encoded once");
    }
    let message: OrderMessage = serde_json::from_slice(frame.frame.json()).unwrap();
    assert_eq!((message.seq, message.cursor, message.kind), (2, 2, OrderStatus::Routing));
    assert_eq!((message.order.seq, message.order.status), (2, OrderStatus::Routing));
    assert!(one.next_frame().is_none());
}

#[tokio::test]
async fn few_readers_are_rung_when_an_event_is_published_and_many_by_the_hub() {
    let log = Log::new(BUDGET);
    let id = log.accept("main");
    log.told().await;
    let follow = || {
        let bell = Arc::<Bell>::default();
        (log.hub.follow(id, 1, bell.clone(), 1), bell)
    };
    let mut readers: Vec<_> = (0..FEW).map(|_| follow()).collect();
    let rung = |readers: &[(Subscription, Arc<Bell>)]| -> Vec<u64> {
        readers.iter().map(|(_, bell)| bell.peek()).collect()
    };
    log.grow(id);
    assert_eq!(rung(&readers), [1; FEW], "by the publisher");
    assert_eq!(log.hub.told(), 2, "nothing is left for the hub");
    let (mut all, _) = log.read(OrderFilter::default(), Delivery::All);
    log.grow(id);
    assert_eq!(log.hub.told(), 2);
    log.told().await;
    assert_eq!(drain(&mut all), [3]);
    readers.push(follow());
    for (_, bell) in &readers {
        bell.rung().now_or_never();
    }
    log.grow(id);
    assert_eq!(rung(&readers), [0; FEW + 1]);
    log.told().await;
    assert_eq!(rung(&readers), [1; FEW + 1], "by the hub");
}

#[tokio::test]
async fn an_older_state_changes_nothing() {
    let log = Log::new(BUDGET);
    let id = log.accept("main");
    let old = log.load(id);
    log.grow(id);
    let mut subscription = log.follow(id, 1);
    subscription.offer(&old);
    let seqs: Vec<_> = std::iter::from_fn(|| subscription.next_frame()).map(|frame| frame.seq).collect();
    assert_eq!(seqs, [1, 2]);
}

#[tokio::test]
async fn the_last_reader_takes_the_topic_and_the_feed_along() {
    let log = Log::new(BUDGET);
    let id = log.accept("main");
    let readers = [log.follow(id, 1), log.follow(id, 1)];
    let feeds = [(); 2].map(|()| log.read(of_account("main"), Delivery::All));
    assert_eq!(log.hub.load(), Load { orders: 1, readers: 2 });
    drop((readers, feeds));
    assert_eq!(log.hub.load(), Load::default());
    log.grow(id);
    log.told().await;
}

#[tokio::test]
async fn each_reader_hears_of_its_filters_orders_only() {
    let log = Log::new(BUDGET);
    let (mut a, bell) = log.read(of_account("a"), Delivery::All);
    let (mut all, _) = log.read(OrderFilter::default(), Delivery::All);
    let (one, two) = (log.accept("a"), log.accept("b"));
    let (mut named, _) =
        log.read(OrderFilter { ids: vec![two.to_string()], ..OrderFilter::default() }, Delivery::All);
    log.told().await;
    named.skip();
    log.grow(two);
    log.grow(one);
    log.told().await;
    assert_eq!(bell.rung().await, 1);
    assert_eq!((drain(&mut a), drain(&mut all), drain(&mut named)), (vec![1, 4], vec![1, 2, 3, 4], vec![3]));
}

#[tokio::test]
async fn who_wants_the_latest_and_is_late_hears_the_newest_of_each_order() {
    let log = Log::new(Budget { messages: 8, ..BUDGET });
    let (mut latest, _) = log.read(OrderFilter::default(), Delivery::Latest);
    let (mut all, _) = log.read(OrderFilter::default(), Delivery::All);
    let ids = [log.accept("a"), log.accept("b")];
    log.grow(ids[0]);
    log.told().await;
    assert_eq!(drain(&mut latest), [1, 2, 3], "not late");
    for _ in 0..2 {
        ids.iter().for_each(|id| log.grow(*id));
    }
    log.grow(ids[0]);
    log.told().await;
    assert_eq!(drain(&mut latest), [7, 8]);
    assert_eq!(drain(&mut all), [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[tokio::test]
async fn who_is_too_late_loses_and_goes_on_where_it_skips_to() {
    let log = Log::new(Budget { messages: 4, ..BUDGET });
    let id = log.accept("a");
    let (mut reader, _) = log.read(OrderFilter::default(), Delivery::All);
    for _ in 0..6 {
        log.grow(id);
        log.told().await;
    }
    assert!(matches!(reader.pull(), Pulled::Lost));
    assert_eq!(reader.skip(), 7);
    log.grow(id);
    log.told().await;
    assert_eq!(drain(&mut reader), [8]);
}

#[tokio::test]
async fn more_at_once_than_is_kept_is_a_loss_for_filters_and_none_for_an_order() {
    let log = Log::new(Budget { messages: 4, ..BUDGET });
    let id = log.accept("a");
    log.told().await;
    let (mut reader, _) = log.read(OrderFilter::default(), Delivery::All);
    let mut subscription = log.follow(id, 1);
    // Without a pause, so that the hub does not come to it.
    (0..9).for_each(|_| log.grow(id));
    log.told().await;
    assert!(matches!(reader.pull(), Pulled::Torn), "it is not to blame");
    assert_eq!(reader.skip(), 10);
    subscription.changed().await;
    let seqs: Vec<_> = std::iter::from_fn(|| subscription.next_frame()).map(|frame| frame.seq).collect();
    assert_eq!(seqs, (1..=10).collect::<Vec<_>>());
}

/// A publisher runs ahead while readers subscribe, load and read, as the store and the API do it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_comes_at_any_time_reads_every_event_once() {
    const ROUNDS: u64 = 500;
    const EVENTS: u64 = 24;
    for round in 0..ROUNDS {
        let log = Log::new(BUDGET);
        let id = log.accept("main");
        let publisher = {
            let log = log.clone();
            tokio::task::spawn_blocking(move || (1..EVENTS).for_each(|_| log.grow(id)))
        };
        let from = round % 3 + 1;
        let mut subscription = log.follow(id, from);
        let (mut reader, bell) = log.read(OrderFilter::default(), Delivery::All);
        let seen = log.load(id).seq();
        let mut read = Vec::new();
        while read.last() != Some(&EVENTS) {
            match subscription.next_frame() {
                Some(frame) => read.push(frame.seq),
                None => subscription.changed().await,
            }
        }
        assert_eq!(read, (from..=EVENTS).collect::<Vec<_>>());
        let mut live = Vec::new();
        while live.last() != Some(&EVENTS) && seen < EVENTS {
            match reader.pull() {
                Pulled::Event(event) => live.push(event.cursor()),
                Pulled::Nothing => drop(bell.rung().await),
                Pulled::Lost | Pulled::Torn => panic!("lost"),
            }
        }
        live.retain(|cursor| *cursor > seen);
        assert_eq!(live, (seen + 1..=EVENTS).collect::<Vec<_>>(), "what the load has not shown");
        publisher.await.unwrap();
    }
}
