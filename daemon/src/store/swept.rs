//! What is removed when its time is over, what is not, and what the world sees of it.

use super::{
    Applied, Change, CommitSink, Left, ListQuery, MemorySettings, MemoryStore, SledSettings, SledStore,
    Store,
    contract::{Opened, contract, put},
    expiry::{DEFAULT_TTL, Expiry},
    history::DEFAULT_EVENTS,
    ledger::Ledger,
    memory::MemoryTree,
    port::Receipt,
    recent::Recent,
    samples::{self, NOW, accepted, after, id, step},
    sweep::Sweeper,
    worker::small,
    writer::{Pending, Writer},
};
use crate::order::{Fact, Intent, Order, OrderId, OrderIds};
use orderd_sdk::timestamp::Timestamp;
use proptest::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

const RETENTION: Duration = Duration::from_hours(48);
const HOUR: u64 = 3_600_000;
/// The first millisecond in which an order that ended at [`NOW`] is due.
const DUE: Timestamp = Timestamp(NOW.0 + 48 * HOUR + 1);

fn memory(sink: CommitSink) -> Opened {
    let settings = MemorySettings { retention: Some(RETENTION), ..MemorySettings::default() };
    Opened::new(Arc::new(MemoryStore::with(&settings, sink).unwrap()), None)
}

fn sled(sink: CommitSink) -> Opened {
    let dir = tempfile::tempdir().unwrap();
    let settings = SledSettings { retention: Some(RETENTION), ..small(dir.path()) };
    Opened::new(Arc::new(SledStore::open(settings, sink).unwrap()), Some(dir))
}

contract! {
    an_order_is_removed_when_it_has_been_at_rest_for_long_enough
    what_can_still_change_stays
    the_key_of_an_order_that_is_gone_is_free
    keys_are_removed_while_nothing_is_claimed
    what_was_removed_is_no_hole_in_what_is_remembered
    more_than_one_sweep_can_take_is_left_for_the_next
    orders_that_have_changed_since_are_listed_without_the_others
}

fn silent() -> CommitSink {
    Box::new(|_| ())
}

fn over(number: u64) -> Order {
    after(&accepted(number), samples::expired())
}

/// The order after one more fact, at this time.
fn later(order: &Order, fact: Fact, at: Timestamp) -> Order {
    let mut next = order.clone();
    next.apply(fact, at).unwrap();
    next
}

async fn is_there(store: &dyn Store, order: OrderId) -> bool {
    store.load(order).await.unwrap().is_some()
}

/// Sweeps at this instant until nothing is left to do; how many orders and keys were removed.
async fn sweep(store: &dyn Store, now: Timestamp) -> (usize, usize) {
    let (mut orders, mut keys) = (0, 0);
    loop {
        let swept = store.sweep(now).await.unwrap();
        (orders, keys) = (orders + swept.orders, keys + swept.keys);
        if swept.left == Left::Nothing {
            return (orders, keys);
        }
    }
}

async fn listed(store: &dyn Store, changed_since: Option<Timestamp>) -> Vec<OrderId> {
    let mut query = ListQuery { limit: 7, changed_since, ..ListQuery::default() };
    let mut ids = Vec::new();
    loop {
        let page = store.list(query.clone()).await.unwrap();
        ids.extend(page.orders.iter().map(|order| order.id));
        match page.next {
            Some(next) => query.before = Some(next),
            None => return ids,
        }
    }
}

async fn an_order_is_removed_when_it_has_been_at_rest_for_long_enough(open: fn(CommitSink) -> Opened) {
    let store = open(silent());
    let late = later(&accepted(2), samples::expired(), NOW.plus_millis(1));
    put(&**store, samples::with_lane(step(&over(1), 2), "main", 7)).await;
    put(&**store, step(&late, 2)).await;
    assert_eq!(sweep(&**store, Timestamp(DUE.0 - 1)).await, (0, 0), "not a moment too early");
    assert_eq!(sweep(&**store, DUE).await, (1, 0));
    assert!(!is_there(&**store, id(1)).await && is_there(&**store, id(2)).await);
    assert_eq!(listed(&**store, None).await, [id(2)]);
    assert_eq!(sweep(&**store, DUE).await, (0, 0));
    assert_eq!(sweep(&**store, DUE.plus_millis(1)).await, (1, 0));
    assert_eq!(listed(&**store, None).await, []);

    assert_eq!(store.lanes().await.unwrap(), BTreeMap::from([(samples::lane("main"), 7)]));
    let next = accepted(3);
    put(&**store, step(&next, 1)).await;
    assert_eq!(next.events[0].cursor.get(), 5, "cursors go on");
}

async fn what_can_still_change_stays(open: fn(CommitSink) -> Opened) {
    let store = open(silent());
    put(&**store, step(&accepted(1), 1)).await;
    let facts = samples::life(3).into_iter().take(2).chain(samples::approved(3)).chain([samples::failed()]);
    let failed = facts.fold(accepted(2), |order, fact| after(&order, fact));
    assert!(failed.state.is_over() && !failed.is_at_rest(), "its approval may be undone");
    put(&**store, step(&failed, failed.events.len())).await;
    assert_eq!(sweep(&**store, Timestamp(u64::MAX)).await, (0, 0));
    assert_eq!(listed(&**store, None).await, [id(2), id(1)]);
}

#[tokio::test]
async fn without_a_time_orders_are_kept_for_good() {
    let store = MemoryStore::new(silent()).unwrap();
    put(&store, step(&over(1), 2)).await;
    assert_eq!(sweep(&store, Timestamp(u64::MAX)).await, (0, 0));
    assert!(is_there(&store, id(1)).await);
}

async fn claim(store: &dyn Store, order: &Order, key: &str) -> Applied {
    put(store, samples::with_claim(step(order, order.events.len()), key, 1)).await
}

async fn the_key_of_an_order_that_is_gone_is_free(open: fn(CommitSink) -> Opened) {
    let store = open(silent());
    assert_eq!(claim(&**store, &over(1), "key").await, Applied::Kept);
    assert_eq!(sweep(&**store, DUE).await, (1, 1));
    assert_eq!(claim(&**store, &accepted(2), "key").await, Applied::Kept);
    let taken = Applied::Claimed { by: id(2), same_request: true };
    assert_eq!(claim(&**store, &accepted(3), "key").await, taken);
}

/// The order is kept for a shorter time than its key here, as it seems to be after the clock was set back.
#[tokio::test]
async fn a_key_that_outlives_its_order_leads_nowhere() {
    let settings = MemorySettings { retention: Some(Duration::from_hours(1)), ..MemorySettings::default() };
    let store = MemoryStore::with(&settings, silent()).unwrap();
    assert_eq!(claim(&store, &over(1), "key").await, Applied::Kept);
    assert_eq!(sweep(&store, NOW.plus_millis(HOUR + 1)).await, (1, 0));
    assert_eq!(claim(&store, &accepted(2), "key").await, Applied::Kept);
}

async fn keys_are_removed_while_nothing_is_claimed(open: fn(CommitSink) -> Opened) {
    let store = open(silent());
    claim(&**store, &over(1), "of one that is over").await;
    claim(&**store, &accepted(2), "of a live one").await;
    let ttl = DEFAULT_TTL.as_millis() as u64;
    assert_eq!(sweep(&**store, NOW.plus_millis(ttl)).await, (0, 0));
    assert_eq!(sweep(&**store, NOW.plus_millis(ttl + 1)).await, (0, 1));
    assert_eq!(claim(&**store, &accepted(3), "of one that is over").await, Applied::Kept);
    let taken = Applied::Claimed { by: id(2), same_request: true };
    assert_eq!(claim(&**store, &accepted(4), "of a live one").await, taken);
}

async fn what_was_removed_is_no_hole_in_what_is_remembered(open: fn(CommitSink) -> Opened) {
    let store = open(silent());
    put(&**store, step(&accepted(1), 1)).await;
    put(&**store, step(&over(2), 2)).await;
    put(&**store, step(&accepted(3), 1)).await;
    assert_eq!(store.history(0, 9), Some(vec![id(1), id(2), id(2), id(3)]));
    assert_eq!(sweep(&**store, DUE).await, (1, 0));
    for after in 0..3 {
        assert_eq!(store.history(after, 9), None, "{after}");
    }
    assert_eq!(store.history(3, 9), Some(vec![id(3)]));
    put(&**store, step(&accepted(4), 1)).await;
    assert_eq!(store.history(3, 9), Some(vec![id(3), id(4)]));
    assert_eq!(store.history(5, 9), Some(vec![]));
}

async fn more_than_one_sweep_can_take_is_left_for_the_next(open: fn(CommitSink) -> Opened) {
    let store = open(silent());
    for number in 1..=600 {
        store.commit(step(&over(number), 2)).await.unwrap();
    }
    put(&**store, step(&accepted(601), 1)).await;
    let first = store.sweep(DUE).await.unwrap();
    assert_eq!((first.orders, first.left), (256, Left::Something));
    assert_eq!(sweep(&**store, DUE).await, (344, 0));
    assert_eq!(listed(&**store, None).await, [id(601)]);
}

async fn orders_that_have_changed_since_are_listed_without_the_others(open: fn(CommitSink) -> Opened) {
    let store = open(silent());
    let at = |minutes: u64| NOW.plus_millis(minutes * 60_000);
    let mut expected: BTreeMap<u64, Vec<OrderId>> = BTreeMap::new();
    for number in (1..=40).rev() {
        let minutes = number * 7 % 40;
        let fact = if number % 3 == 0 { samples::routing() } else { samples::expired() };
        put(&**store, step(&later(&accepted(number), fact, at(minutes)), 2)).await;
        (0..=minutes).for_each(|since| expected.entry(since).or_default().push(id(number)));
    }
    for since in 0..=40 {
        let expected = expected.get(&since).cloned().unwrap_or_default();
        assert_eq!(listed(&**store, Some(at(since))).await, expected, "since minute {since}");
    }
}

/// A writer and what it looks for, without a thread between them.
struct Desk {
    ledger: Arc<Ledger<MemoryTree>>,
    writer: Writer<MemoryTree>,
    sweeper: Sweeper,
}

impl Desk {
    fn new() -> Self {
        let recent = Recent::default();
        let ledger = Arc::new(Ledger::open(MemoryTree::default(), recent, DEFAULT_EVENTS).unwrap());
        let writer = Writer::new(ledger.clone(), Expiry::new(DEFAULT_TTL));
        Self { ledger, writer, sweeper: Sweeper::new(Some(RETENTION)) }
    }

    fn write(&mut self, change: Change) {
        self.writer.write(std::iter::once(Pending { change, receipt: Receipt::pending().0 })).tell(&silent());
    }
}

#[test]
fn what_is_retried_after_it_was_found_to_be_due_stays() {
    let intent = || Intent { deadline: None, ..samples::intent() };
    let accepted = |number| Order::accept(id(number), intent(), 0, NOW);
    let failed = |number| after(&after(&accepted(number), samples::routing()), samples::failed());
    let mut desk = Desk::new();
    for number in 1..=3 {
        desk.write(step(&failed(number), 3));
    }
    let due = desk.sweeper.find(&desk.ledger, DUE).unwrap();
    let retried = |number| later(&failed(number), Fact::RetryRequested { queue_position: 0 }, DUE);
    desk.write(step(&retried(1), 1));
    let failed_again = later(&retried(2), samples::expired(), DUE);
    desk.write(step(&failed_again, 2));
    assert_eq!(desk.writer.sweep(due).unwrap().orders, 1);
    assert_eq!(desk.ledger.live().iter().map(|order| order.id).collect::<Vec<_>>(), [id(1)]);
    assert_eq!(desk.ledger.load_over(id(2)).unwrap().as_deref(), Some(&failed_again));
    assert_eq!(desk.ledger.load_over(id(3)).unwrap(), None);
}

/// What happens to an order: accepted in this hour, each further event so many hours later, and how it ends if it does.
#[derive(Clone, Debug)]
struct Life {
    accepted: u64,
    steps: Vec<u64>,
    ends: bool,
    has_key: bool,
}

fn lives() -> impl Strategy<Value = Vec<Life>> {
    let life = (0..200_u64, prop::collection::vec(0..60_u64, 0..4), any::<bool>(), any::<bool>());
    let life = life.prop_map(|(accepted, steps, ends, has_key)| Life { accepted, steps, ends, has_key });
    // Ids grow with the time of acceptance.
    prop::collection::vec(life, 1..25).prop_map(|mut lives| {
        lives.sort_by_key(|life| life.accepted);
        lives
    })
}

fn at_hour(hour: u64) -> Timestamp {
    NOW.plus_millis(hour * HOUR)
}

/// The order, and the hour of its last event.
fn live_through(life: &Life, ids: &mut OrderIds) -> (Order, u64) {
    let mut hour = life.accepted;
    let id = ids.next(at_hour(hour), 7);
    let mut order = Order::accept(id, samples::intent(), 0, at_hour(hour));
    for pause in &life.steps {
        hour += pause;
        order = later(&order, samples::routing(), at_hour(hour));
    }
    if life.ends {
        order = later(&order, samples::expired(), at_hour(hour));
    }
    (order, hour)
}

async fn sweep_through(open: fn(CommitSink) -> Opened, lives: &[Life], hours: &[u64]) {
    let store = open(silent());
    let mut ids = OrderIds::new();
    let mut orders = Vec::new();
    for (number, life) in lives.iter().enumerate() {
        let (order, last) = live_through(life, &mut ids);
        let change = step(&order, order.events.len());
        let change = if life.has_key { samples::with_claim(change, &number.to_string(), 1) } else { change };
        put(&**store, change).await;
        orders.push((order, last, life));
    }
    let mut latest = 0;
    for hour in hours {
        sweep(&**store, at_hour(*hour).plus_millis(1)).await;
        latest = latest.max(*hour);
        let kept = orders.iter().filter(|(_, last, life)| !is_due(life, *last, latest));
        let kept: BTreeSet<_> = kept.map(|(order, ..)| order.id).collect();
        let found: BTreeSet<_> = listed(&**store, None).await.into_iter().collect();
        assert_eq!(found, kept, "at hour {hour}");
    }
    // A key is also over when the store has seen a later event than its time.
    let seen = orders.iter().map(|(_, last, _)| *last).max().unwrap_or_default();
    for (number, (order, last, life)) in orders.iter().enumerate().filter(|(_, (.., life))| life.has_key) {
        let rival = Order::accept(ids.next(NOW, 9), samples::intent(), 0, NOW);
        let is_kept = !life.ends || life.accepted + 24 > latest && life.accepted + 24 >= seen;
        assert!(!is_kept || !is_due(life, *last, latest), "a key outlives its order");
        let expected = match is_kept {
            true => Applied::Claimed { by: order.id, same_request: true },
            false => Applied::Kept,
        };
        assert_eq!(claim(&**store, &rival, &number.to_string()).await, expected, "key {number}");
    }
}

fn is_due(life: &Life, last: u64, hour: u64) -> bool {
    life.ends && last + 48 <= hour
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn exactly_what_is_due_is_removed_and_no_key_outlives_its_order(
        lives in lives(),
        moments in prop::collection::vec((any::<prop::sample::Index>(), 47..50_u64), 1..6),
    ) {
        // About when the time of one of them is over.
        let last = |life: &Life| life.accepted + life.steps.iter().sum::<u64>();
        let hours: Vec<_> = moments.iter().map(|(of, later)| last(of.get(&lives)) + later).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for open in [memory as fn(CommitSink) -> Opened, sled] {
            runtime.block_on(sweep_through(open, &lives, &hours));
        }
    }
}
