//! What every backend must do. Each check gets a way to make an empty store that tells a sink.

use super::{
    Applied, CommitSink, ListQuery, MemoryStore, SledSettings, SledStore, Store, StoreError,
    listing::SCAN_LIMIT,
    samples::{self, Told, accepted, after, id, step},
};
use crate::order::{Order, OrderId};
use orderd_sdk::wire::OrderStatus;
use std::{
    collections::BTreeMap,
    ops::Deref,
    sync::{Arc, Mutex, OnceLock, Weak},
};
use tempfile::TempDir;

/// A store and what it lives in.
pub(super) struct Home<S> {
    store: S,
    _dir: Option<TempDir>,
}

impl<S> Deref for Home<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.store
    }
}

pub(super) type Opened = Home<Arc<dyn Store>>;

impl Opened {
    pub(super) fn new(store: Arc<dyn Store>, dir: Option<TempDir>) -> Self {
        Self { store, _dir: dir }
    }

    pub(super) fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }
}

pub(super) fn memory(sink: CommitSink) -> Opened {
    Opened::new(Arc::new(MemoryStore::new(sink).unwrap()), None)
}

pub(super) fn sled(sink: CommitSink) -> Opened {
    let dir = tempfile::tempdir().unwrap();
    Opened::new(Arc::new(SledStore::open(SledSettings::at(dir.path()), sink).unwrap()), Some(dir))
}

/// Every check, for every backend.
macro_rules! contract {
    ($($check:ident)*) => {
        mod memory_store {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $check() {
                super::$check(super::memory).await;
            })*
        }

        mod sled_store {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $check() {
                super::$check(super::sled).await;
            })*
        }
    };
}

pub(super) use contract;

contract! {
    what_is_durable_is_seen
    the_sink_is_told_before_the_receipt_and_load_agrees
    events_of_many_committers_get_cursors_without_a_hole
    changes_in_flight_together_tell_every_event_once
    a_key_that_many_race_for_has_one_owner
    a_claimed_change_leaves_no_trace
    a_key_is_free_again_when_its_time_and_its_order_are_over
    an_order_that_ends_leaves_the_live_ones_and_can_come_back
    pages_go_from_the_newest_to_the_oldest_without_overlap
    a_page_of_a_rare_status_is_short_and_has_a_next_one
    an_order_is_shown_as_it_stands
    lanes_keep_their_last_sequence
    a_change_without_events_is_kept_and_not_told
    nothing_is_taken_after_close
}

pub(super) async fn put(store: &dyn Store, change: super::Change) -> Applied {
    store.commit(change).await.unwrap().durable().await.unwrap()
}

async fn ids(store: &dyn Store, query: ListQuery) -> (Vec<OrderId>, Option<OrderId>) {
    let page = store.list(query).await.unwrap();
    (page.orders.iter().map(|order| order.id).collect(), page.next)
}

pub(super) fn query(statuses: &[OrderStatus], limit: usize) -> ListQuery {
    ListQuery { statuses: statuses.to_vec(), limit, ..ListQuery::default() }
}

fn silent() -> CommitSink {
    Box::new(|_| ())
}

/// Orders with these numbers; the even ones are over.
async fn put_orders(store: &dyn Store, numbers: impl Iterator<Item = u64>) {
    let mut receipts = Vec::new();
    for number in numbers {
        let order = match number % 2 {
            0 => after(&accepted(number), samples::expired()),
            _ => accepted(number),
        };
        receipts.push(store.commit(step(&order, order.events.len())).await.unwrap());
    }
    for receipt in receipts {
        receipt.durable().await.unwrap();
    }
}

async fn what_is_durable_is_seen(open: fn(CommitSink) -> Opened) {
    let store = open(silent());
    assert_eq!(store.load(id(1)).await.unwrap(), None);
    assert_eq!(store.cursor(), 0);

    let order = accepted(1);
    assert_eq!(put(&**store, step(&order, 1)).await, Applied::Kept);
    let order = after(&order, samples::routing());
    put(&**store, step(&order, 1)).await;
    put(&**store, step(&accepted(2), 1)).await;

    let loaded = store.load(id(1)).await.unwrap().unwrap();
    assert_eq!(*loaded, order);
    assert_eq!(loaded.events[1].cursor.get(), 2);
    assert_eq!(store.cursor(), 3);
    let live: Vec<_> = store.live().await.unwrap().iter().map(|order| order.id).collect();
    assert_eq!(live, [id(1), id(2)]);
    let counts = BTreeMap::from([(OrderStatus::Pending, 1), (OrderStatus::Routing, 1)]);
    assert_eq!(store.live_counts(), counts);
}

/// The sink asks the store itself, on the writer's own thread: `load` of a live order needs no other.
async fn the_sink_is_told_before_the_receipt_and_load_agrees(open: fn(CommitSink) -> Opened) {
    let asked: Arc<OnceLock<Weak<dyn Store>>> = Arc::default();
    let told: Arc<Mutex<Vec<(u64, u64, u64)>>> = Arc::default();
    let (store, seen) = (asked.clone(), told.clone());
    let home = open(Box::new(move |committed| {
        let store = store.get().and_then(Weak::upgrade).unwrap();
        for change in committed {
            let loaded = futures_util::FutureExt::now_or_never(store.load(change.order.id));
            let order = loaded.expect("no disk is read").unwrap().unwrap();
            seen.lock().unwrap().push((order.seq(), change.order.seq(), store.cursor()));
        }
    }));
    assert!(asked.set(Arc::downgrade(&home.store)).is_ok());

    let order = accepted(1);
    let receipt = home.commit(step(&order, 1)).await.unwrap();
    receipt.durable().await.unwrap();
    assert_eq!(*told.lock().unwrap(), [(1, 1, 1)]);
    put(&**home, step(&after(&order, samples::routing()), 1)).await;
    assert_eq!(*told.lock().unwrap(), [(1, 1, 1), (2, 2, 2)]);
}

async fn events_of_many_committers_get_cursors_without_a_hole(open: fn(CommitSink) -> Opened) {
    const COMMITTERS: u64 = 32;
    const STEPS: u64 = 12;
    let told = Told::default();
    let home = open(told.sink());
    let run = |number| {
        let store = home.store.clone();
        async move {
            let mut order = accepted(number);
            put(&*store, step(&order, 1)).await;
            for _ in 1..STEPS {
                order = after(&order, samples::routing());
                put(&*store, step(&order, 1)).await;
            }
        }
    };
    futures_util::future::join_all((1..=COMMITTERS).map(run)).await;

    let events = told.events();
    let cursors: Vec<u64> = events.iter().map(|(_, _, cursor)| *cursor).collect();
    assert_eq!(cursors, (1..=COMMITTERS * STEPS).collect::<Vec<_>>());
    assert_seqs_are_whole(&events, STEPS);
    assert_eq!(home.cursor(), COMMITTERS * STEPS);
}

async fn changes_in_flight_together_tell_every_event_once(open: fn(CommitSink) -> Opened) {
    const STEPS: u64 = 20;
    let told = Told::default();
    let home = open(told.sink());
    let mut orders = [accepted(1), accepted(2), accepted(3)];
    let mut receipts = Vec::new();
    for _ in 0..STEPS {
        for order in &mut orders {
            receipts.push(home.commit(step(order, 1)).await.unwrap());
            *order = after(order, samples::routing());
        }
    }
    for receipt in receipts {
        assert_eq!(receipt.durable().await.unwrap(), Applied::Kept);
    }
    let events = told.events();
    assert!(events.iter().map(|(_, _, cursor)| *cursor).eq(1..=3 * STEPS));
    assert_seqs_are_whole(&events, STEPS);
    for number in 1..=3 {
        assert_eq!(home.load(id(number)).await.unwrap().unwrap().seq(), STEPS);
    }
}

fn assert_seqs_are_whole(events: &[(OrderId, u64, u64)], steps: u64) {
    let mut seqs: BTreeMap<OrderId, Vec<u64>> = BTreeMap::new();
    for (order, seq, _) in events {
        seqs.entry(*order).or_default().push(*seq);
    }
    for (order, seqs) in seqs {
        assert_eq!(seqs, (1..=steps).collect::<Vec<_>>(), "{order}");
    }
}

async fn a_key_that_many_race_for_has_one_owner(open: fn(CommitSink) -> Opened) {
    const RACERS: u64 = 40;
    let told = Told::default();
    let home = open(told.sink());
    let race = |number: u64| {
        let store = home.store.clone();
        let fingerprint = (number % 2) as u8;
        let change = samples::with_claim(step(&accepted(number), 1), "key", fingerprint);
        async move { (number, put(&*store, change).await) }
    };
    let results = futures_util::future::join_all((0..RACERS).map(race)).await;

    let winners: Vec<u64> =
        results.iter().filter(|(_, applied)| *applied == Applied::Kept).map(|(number, _)| *number).collect();
    let [winner] = winners[..] else {
        panic!("{winners:?} all won");
    };
    for (number, applied) in results.into_iter().filter(|(number, _)| *number != winner) {
        let expected = Applied::Claimed { by: id(winner), same_request: number % 2 == winner % 2 };
        assert_eq!(applied, expected);
        assert_eq!(home.load(id(number)).await.unwrap(), None);
    }
    assert_eq!(told.events(), [(id(winner), 1, 1)]);
}

async fn a_key_is_free_again_when_its_time_and_its_order_are_over(open: fn(CommitSink) -> Opened) {
    const TTL_MS: u64 = 24 * 3_600_000;
    let home = open(silent());
    let claim = |number, key, later| {
        let order = samples::accepted_later(number, later);
        put(&**home, samples::with_claim(step(&order, 1), key, 1))
    };
    let taken = |number| Applied::Claimed { by: id(number), same_request: true };
    assert_eq!(claim(1, "of a live order", 0).await, Applied::Kept);
    assert_eq!(claim(2, "of one that ends", 0).await, Applied::Kept);
    put(&**home, step(&after(&accepted(2), samples::expired()), 1)).await;

    assert_eq!(claim(3, "of one that ends", TTL_MS).await, taken(2), "not a moment too early");
    assert_eq!(claim(4, "of one that ends", TTL_MS + 1).await, Applied::Kept);
    assert_eq!(claim(5, "of one that ends", TTL_MS + 1).await, taken(4), "it has a new owner");
    assert_eq!(claim(6, "of a live order", TTL_MS + 1).await, taken(1));
    put(&**home, step(&after(&accepted(1), samples::expired()), 1)).await;
    assert_eq!(claim(7, "of a live order", TTL_MS + 1).await, Applied::Kept);
}

async fn a_claimed_change_leaves_no_trace(open: fn(CommitSink) -> Opened) {
    let home = open(silent());
    let first = samples::with_claim(step(&accepted(1), 1), "key", 1);
    assert_eq!(put(&**home, first.clone()).await, Applied::Kept);
    let again = super::Change { first_new: 1, ..first };
    assert_eq!(put(&**home, again).await, Applied::Kept, "its own key");

    let late = samples::with_claim(samples::with_lane(step(&accepted(2), 1), "main", 9), "key", 1);
    let expected = Applied::Claimed { by: id(1), same_request: true };
    assert_eq!(put(&**home, late).await, expected);
    assert_eq!(home.load(id(2)).await.unwrap(), None);
    assert_eq!(home.lanes().await.unwrap(), BTreeMap::new());
    assert_eq!((home.cursor(), home.live().await.unwrap().len()), (1, 1));
    let other = samples::with_claim(step(&accepted(3), 1), "another key", 1);
    assert_eq!(put(&**home, other).await, Applied::Kept);
}

async fn an_order_that_ends_leaves_the_live_ones_and_can_come_back(open: fn(CommitSink) -> Opened) {
    let home = open(silent());
    let routing = after(&accepted(1), samples::routing());
    put(&**home, step(&routing, 2)).await;
    let over = after(&routing, samples::failed());
    put(&**home, step(&over, 2)).await;

    assert_eq!(home.live().await.unwrap(), []);
    assert_eq!(home.live_counts(), BTreeMap::new());
    assert_eq!(*home.load(id(1)).await.unwrap().unwrap(), over);
    let failed = query(&[OrderStatus::Failed], 10);
    assert_eq!(ids(&**home, failed.clone()).await, (vec![id(1)], None));

    let back = Order { state: routing.state.clone(), ..over };
    put(&**home, step(&back, 0)).await;
    assert_eq!(*home.load(id(1)).await.unwrap().unwrap(), back);
    assert_eq!(home.live_counts(), BTreeMap::from([(OrderStatus::Routing, 1)]));
    assert_eq!(ids(&**home, failed).await, (vec![], None));
    assert_eq!(ids(&**home, query(&[], 10)).await, (vec![id(1)], None));
}

async fn an_order_is_shown_as_it_stands(open: fn(CommitSink) -> Opened) {
    let home = open(silent());
    assert!(home.show(id(1), samples::show).await.unwrap().is_none());
    let routing = after(&accepted(1), samples::routing());
    let over = after(&routing, samples::failed());
    let back = Order { state: routing.state.clone(), ..over.clone() };
    for (order, new) in [(&routing, 2), (&over, 1), (&back, 0), (&over, 0)] {
        put(&**home, step(order, new)).await;
        for _ in 0..3 {
            let seen = home.show(id(1), samples::show).await.unwrap().unwrap();
            assert_eq!(seen.shown(samples::show), samples::show(order));
        }
    }
}

async fn pages_go_from_the_newest_to_the_oldest_without_overlap(open: fn(CommitSink) -> Opened) {
    let home = open(silent());
    put_orders(&**home, 1..=50).await;
    let odd = |number: &u64| number % 2 == 1;
    let even = |number: &u64| number.is_multiple_of(2);
    type Wanted = fn(&u64) -> bool;
    let cases: [(&[OrderStatus], Wanted); 5] = [
        (&[], |_| true),
        (&[OrderStatus::Pending], odd),
        (&[OrderStatus::Expired], even),
        (&[OrderStatus::Pending, OrderStatus::Expired], |_| true),
        (&[OrderStatus::Unknown, OrderStatus::Failed], |_| false),
    ];
    for (statuses, wanted) in cases {
        let expected: Vec<OrderId> = (1..=50).rev().filter(wanted).map(id).collect();
        for limit in [1, 7, 50, 1000] {
            let mut found = Vec::new();
            let mut at = query(statuses, limit);
            loop {
                let (page, next) = ids(&**home, at.clone()).await;
                assert!(page.len() <= limit);
                found.extend(page);
                match next {
                    Some(next) => at.before = Some(next),
                    None => break,
                }
            }
            assert_eq!(found, expected, "{statuses:?} by {limit}");
        }
    }
    assert_eq!(ids(&**home, query(&[], 0)).await, (vec![], None));
    let (page, next) = ids(&**home, query(&[], 50)).await;
    assert_eq!((page.len(), next), (50, None), "a last page that is full is the last");
}

async fn a_page_of_a_rare_status_is_short_and_has_a_next_one(open: fn(CommitSink) -> Opened) {
    let home = open(silent());
    let total = SCAN_LIMIT as u64 + 20;
    let mut receipts = Vec::new();
    for number in 1..=total {
        let rare = if number == 5 { samples::failed() } else { samples::expired() };
        let order = after(&after(&accepted(number), samples::routing()), rare);
        receipts.push(home.commit(step(&order, order.events.len())).await.unwrap());
    }
    for receipt in receipts {
        receipt.durable().await.unwrap();
    }
    let mut at = query(&[OrderStatus::Failed], 10);
    let (page, next) = ids(&**home, at.clone()).await;
    assert_eq!((page, next), (vec![], Some(id(21))));
    at.before = next;
    assert_eq!(ids(&**home, at).await, (vec![id(5)], None));
}

async fn lanes_keep_their_last_sequence(open: fn(CommitSink) -> Opened) {
    let home = open(silent());
    let order = accepted(1);
    let changes = [
        samples::with_lane(step(&order, 1), "main", 7),
        samples::with_lane(step(&order, 0), "main", 8),
        samples::with_lane(step(&order, 0), "other", 1),
    ];
    let mut receipts = Vec::new();
    for change in changes {
        receipts.push(home.commit(change).await.unwrap());
    }
    for receipt in receipts {
        receipt.durable().await.unwrap();
    }
    let expected = BTreeMap::from([(samples::lane("main"), 8), (samples::lane("other"), 1)]);
    assert_eq!(home.lanes().await.unwrap(), expected);
}

async fn a_change_without_events_is_kept_and_not_told(open: fn(CommitSink) -> Opened) {
    let told: Arc<Mutex<usize>> = Arc::default();
    let count = told.clone();
    let home = open(Box::new(move |committed| *count.lock().unwrap() += committed.len()));
    let order = accepted(1);
    put(&**home, step(&order, 1)).await;
    let silent = Order { attempt: 2, ..order };
    put(&**home, step(&silent, 0)).await;
    assert_eq!(home.load(id(1)).await.unwrap().unwrap().attempt, 2);
    assert_eq!(*told.lock().unwrap(), 1);
}

async fn nothing_is_taken_after_close(open: fn(CommitSink) -> Opened) {
    let home = open(silent());
    let receipt = home.commit(step(&accepted(1), 1)).await.unwrap();
    home.close().await.unwrap();
    assert_eq!(receipt.durable().await.unwrap(), Applied::Kept, "it was taken in before");
    let refused = home.commit(step(&accepted(2), 1)).await;
    assert!(matches!(refused, Err(StoreError::Closed)));
    home.close().await.unwrap();
    assert!(home.load(id(1)).await.unwrap().is_some(), "what is there can be read");
}
