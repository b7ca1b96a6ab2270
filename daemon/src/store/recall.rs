//! What every backend knows of the last events without reading, and what is known of them again after a start.

use super::{
    CommitSink, Completeness, MemorySettings, MemoryStore, SledSettings, SledStore, Store,
    contract::{Opened, contract, put},
    disk::DataDir,
    export, import,
    records::{self, OVER},
    samples::{self, Told, accepted, after, id, step},
    worker::{CACHE, STARTS, large, small},
};
use crate::order::{Order, OrderId};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// How many events the stores here remember.
const HISTORY: usize = 16;

fn memory(sink: CommitSink) -> Opened {
    let settings = MemorySettings { history_events: HISTORY, ..MemorySettings::default() };
    Opened::new(Arc::new(MemoryStore::with(&settings, sink).unwrap()), None)
}

fn sled(sink: CommitSink) -> Opened {
    let dir = tempfile::tempdir().unwrap();
    let settings = SledSettings { history_events: HISTORY, ..SledSettings::at(dir.path()) };
    Opened::new(Arc::new(SledStore::open(settings, sink).unwrap()), Some(dir))
}

contract! {
    an_empty_store_remembers_that_nothing_has_happened
    the_events_after_each_cursor_belong_to_the_orders_that_the_sink_was_told
    live_orders_and_their_cursor_are_of_one_moment
}

async fn an_empty_store_remembers_that_nothing_has_happened(open: fn(CommitSink) -> Opened) {
    let store = open(Box::new(|_| ()));
    assert_eq!(store.history(0, 9), Some(vec![]));
    assert_eq!(store.history(7, 9), Some(vec![]));
    assert_eq!(store.live_at(), (vec![], 0));
}

/// That the store remembers exactly the events after this cursor, as they were told.
fn assert_remembers(store: &dyn Store, told: &[(OrderId, u64, u64)], since: usize) {
    for after in 0..=told.len() + 2 {
        for limit in [0, 1, 5, usize::MAX] {
            let later = told.get(after..).unwrap_or_default();
            let ids: Vec<OrderId> = later.iter().take(limit).map(|(id, _, _)| *id).collect();
            let expected = (after >= since).then_some(ids);
            assert_eq!(store.history(after as u64, limit), expected, "after {after}, at most {limit}");
        }
    }
}

async fn the_events_after_each_cursor_belong_to_the_orders_that_the_sink_was_told(
    open: fn(CommitSink) -> Opened,
) {
    let told = Told::default();
    let home = open(told.sink());
    let mut orders = [accepted(1), accepted(2), accepted(3)];
    for round in 0..20 {
        let mut receipts = Vec::new();
        for order in &mut orders[..1 + round % 3] {
            let new = order.events.iter().filter(|event| event.cursor.get() == 0).count();
            receipts.push(home.commit(step(order, new)).await.unwrap());
            // A change without events, and one with two.
            receipts.push(home.commit(step(order, 0)).await.unwrap());
            *order = after(&after(order, samples::routing()), samples::routing());
        }
        for receipt in receipts {
            receipt.durable().await.unwrap();
        }
        let told = told.events();
        assert_remembers(&**home, &told, told.len().saturating_sub(HISTORY));
    }
    assert!(told.events().len() > 4 * HISTORY);
}

async fn live_orders_and_their_cursor_are_of_one_moment(open: fn(CommitSink) -> Opened) {
    let told = Told::default();
    let home = open(told.sink());
    let is_done = Arc::new(AtomicBool::new(false));
    let (store, done) = (home.store(), is_done.clone());
    let watching = tokio::task::spawn_blocking(move || {
        let mut seen = vec![store.live_at()];
        while !done.load(Ordering::Relaxed) {
            let now = store.live_at();
            if seen.last().is_some_and(|(_, cursor)| *cursor != now.1) {
                seen.push(now);
            }
        }
        seen.push(store.live_at());
        seen
    });
    let live = |number| live_and_end(home.store(), number);
    futures_util::future::join_all((0..20).map(live)).await;
    is_done.store(true, Ordering::Relaxed);

    let seen = watching.await.unwrap();
    assert_eq!(seen.last().unwrap().1, 20 * 12);
    for (live, cursor) in seen {
        assert_eq!(seqs(&live), live_seqs(&told.events()[..cursor as usize]), "at {cursor}");
    }
}

/// Twelve events: the last one ends the order, if its number is even.
async fn live_and_end(store: Arc<dyn Store>, number: u64) {
    let mut order = accepted(number);
    put(&*store, step(&order, 1)).await;
    for _ in 0..10 {
        order = after(&order, samples::routing());
        put(&*store, step(&order, 1)).await;
    }
    let last = if number.is_multiple_of(2) { samples::expired() } else { samples::routing() };
    put(&*store, step(&after(&order, last), 1)).await;
}

fn seqs(orders: &[Arc<Order>]) -> BTreeMap<OrderId, u64> {
    orders.iter().map(|order| (order.id, order.seq())).collect()
}

/// How far the orders are that are not over after these events.
fn live_seqs(told: &[(OrderId, u64, u64)]) -> BTreeMap<OrderId, u64> {
    let mut seqs = BTreeMap::new();
    for (id, seq, _) in told {
        seqs.insert(*id, *seq);
    }
    seqs.retain(|id, seq| *seq < 12 || samples::number(*id) % 2 == 1);
    seqs
}

fn reopen(dir: &Path, told: &Told) -> SledStore {
    SledStore::open(small(dir), told.sink()).unwrap()
}

#[tokio::test]
async fn a_store_that_is_opened_again_remembers_the_same_events() {
    let _quiet = STARTS.read().await;
    let (dir, told) = (tempfile::tempdir().unwrap(), Told::default());
    let store = reopen(dir.path(), &told);
    let orders = [1, 2, 3, 4, 5].map(accepted);
    for order in &orders {
        put(&store, step(order, 1)).await;
    }
    for index in [1, 3, 0] {
        put(&store, step(&after(&orders[index], samples::expired()), 1)).await;
    }
    assert_remembers(&store, &told.events(), 0);
    drop(store);
    let store = reopen(dir.path(), &told);
    assert_remembers(&store, &told.events(), 0);
    put(&store, step(&after(&orders[4], samples::routing()), 1)).await;
    assert_remembers(&store, &told.events(), 0);
    drop(store);

    let few = SledSettings { history_events: 3, ..small(dir.path()) };
    let store = SledStore::open(few, told.sink()).unwrap();
    assert_remembers(&store, &told.events(), told.events().len() - 3);
}

#[tokio::test]
async fn what_is_remembered_begins_after_an_order_that_cannot_be_read() {
    let _quiet = STARTS.read().await;
    let (dir, told) = (tempfile::tempdir().unwrap(), Told::default());
    let store = reopen(dir.path(), &told);
    for number in 1..=6 {
        put(&store, step(&after(&accepted(number), samples::expired()), 2)).await;
    }
    drop(store);
    let (tree, _) = DataDir::lock(dir.path().to_owned()).unwrap().open_tree(CACHE, 64 << 10).unwrap();
    let nonsense = b"\x01nonsense".as_slice().into();
    let damaged = vec![super::tree::Edit::put_timeless(records::order_key(OVER, id(4)), nonsense)];
    super::tree::Tree::apply(&tree, damaged).unwrap();
    drop(tree);
    let store = reopen(dir.path(), &told);
    assert_remembers(&store, &told.events(), 8);
}

/// Cold orders are moved on in the log again and again, among what is written.
#[tokio::test]
async fn what_is_moved_on_in_the_log_is_remembered_rightly() {
    const COLD: u64 = 30;
    let _quiet = STARTS.read().await;
    let (dir, told) = (tempfile::tempdir().unwrap(), Told::default());
    let store = reopen(dir.path(), &told);
    for number in 0..COLD {
        put(&store, step(&after(&large(number, 4_000), samples::expired()), 2)).await;
    }
    drop(store);
    let mut warm = large(COLD, 4_000);
    for _ in 0..12 {
        let store = reopen(dir.path(), &told);
        assert_remembers(&store, &told.events(), 0);
        put(&store, step(&warm, 1)).await;
        for _ in 0..20 {
            put(&store, step(&warm, 0)).await;
        }
        warm = after(&warm, samples::routing());
    }
    assert_remembers(&reopen(dir.path(), &told), &told.events(), 0);
    let mut files = std::fs::read_dir(dir.path().join("log")).unwrap().map(|file| file.unwrap().file_name());
    assert!(
        files.all(|file| !file.to_string_lossy().starts_with("00000000000000000001")),
        "nothing was moved"
    );
}

#[tokio::test]
async fn an_imported_store_remembers_the_events_of_the_archive() {
    let _quiet = STARTS.read().await;
    let (dir, told) = (tempfile::tempdir().unwrap(), Told::default());
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    let store = reopen(&from, &told);
    for number in [3, 1, 2] {
        put(&store, step(&after(&accepted(number), samples::expired()), 2)).await;
    }
    drop(store);
    let mut archive = Vec::new();
    export(&from, &mut archive, &mut |problem| panic!("{problem}")).unwrap();
    import(&to, &mut archive.as_slice(), Completeness::Whole, &mut |_| ()).unwrap();
    assert_remembers(&reopen(&to, &told), &told.events(), 0);
}
