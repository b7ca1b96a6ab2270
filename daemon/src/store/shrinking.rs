//! What the disk has of orders that are removed: a real log, which shrinks again.

use super::{
    Change, Completeness, Left, ListQuery, SledSettings, SledStore, Store, StoreError, Swept,
    contract::put,
    disk::DataDir,
    export, import,
    records::{self, OVER},
    samples::{self, NOW, accepted, after, id, step},
    tree::{Edit, Tree},
    worker::{CACHE, STARTS, large_at, small},
};
use crate::order::Order;
use orderd_sdk::timestamp::Timestamp;
use std::{path::Path, time::Duration};

const RETENTION: Duration = Duration::from_hours(48);
const DUE: Timestamp = Timestamp(NOW.0 + 48 * 3_600_000 + 1);
const ORDERS: u64 = 1_500;

fn open(dir: &Path) -> SledStore {
    SledStore::open(SledSettings { retention: Some(RETENTION), ..small(dir) }, Box::new(|_| ())).unwrap()
}

/// An order that was over at this time at once, with some kilobytes: more of them than one sweep tidies up.
fn over(number: u64, at: Timestamp) -> Order {
    let mut order = large_at(number, 8_000, at);
    order.apply(samples::expired(), at).unwrap();
    order
}

async fn put_all(store: &SledStore, changes: impl Iterator<Item = Change>) {
    let mut receipts = Vec::new();
    for change in changes {
        receipts.push(store.commit(change).await.unwrap());
    }
    for receipt in receipts {
        receipt.durable().await.unwrap();
    }
}

/// Sweeps until nothing is left to do, and nothing but that is done.
async fn sweep(store: &SledStore) -> usize {
    let mut removed = 0;
    loop {
        let Swept { orders, left, .. } = store.sweep(DUE).await.unwrap();
        removed += orders;
        if left == Left::Nothing {
            return removed;
        }
    }
}

fn bytes_of(dir: &Path) -> u64 {
    let files = std::fs::read_dir(dir).unwrap().map(|file| file.unwrap().metadata().unwrap());
    files.map(|file| file.len()).sum()
}

#[tokio::test]
async fn the_log_shrinks_to_its_bound_while_nothing_is_written() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    let [log, index] = ["log", "index"].map(|part| dir.path().join(part));
    let file_bytes = small(dir.path()).file_bytes;
    let store = open(dir.path());
    // Every tenth order is of a later time, and stays.
    let at = |number: u64| if number.is_multiple_of(10) { DUE } else { NOW };
    put_all(&store, (1..=ORDERS).map(|number| step(&over(number, at(number)), 2))).await;
    let before = bytes_of(&log);
    assert!(before > ORDERS * 8_000);
    assert_eq!(sweep(&store).await as u64, ORDERS - ORDERS / 10);
    let (after, wanted) = (bytes_of(&log), ORDERS / 10 * 8_400);
    assert!(after < 2 * wanted + 4 * file_bytes, "{after} of {before} bytes are left for {wanted}");
    assert!(bytes_of(&index) < after, "{} bytes of an index", bytes_of(&index));
    assert_eq!(sweep(&store).await, 0);
    assert_eq!(bytes_of(&log), after, "nothing is written when there is nothing to do");
    drop(store);

    let store = open(dir.path());
    for number in 1..=ORDERS {
        let is_there = store.load(id(number)).await.unwrap().is_some();
        assert_eq!(is_there, number.is_multiple_of(10), "order {number}");
    }
}

#[tokio::test]
async fn a_file_of_which_little_is_wanted_goes_though_the_log_is_small() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let store = open(dir.path());
    // One by one: what is written at once is in one file, however large it gets, and this is to be in several.
    for number in 1..=20 {
        put(&store, step(&over(number, NOW), 2)).await;
    }
    put_all(&store, (21..=30).map(|number| step(&over(number, DUE), 2))).await;
    let before = bytes_of(&log);
    assert!(
        before < 2 * 10 * 8_000 + 2 * small(dir.path()).file_bytes,
        "{before} bytes are much for ten orders"
    );
    assert_eq!(sweep(&store).await, 20);
    let after = bytes_of(&log);
    assert!(after + 15 * 8_000 < before, "{after} of {before} bytes are left");
    for number in 21..=30 {
        assert!(store.load(id(number)).await.unwrap().is_some(), "order {number}");
    }
}

#[tokio::test]
async fn an_order_that_cannot_be_read_is_not_removed() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    put_all(&store, (1..=3).map(|number| step(&over(number, NOW), 2))).await;
    drop(store);
    let (tree, _) = DataDir::lock(dir.path().to_owned()).unwrap().open_tree(CACHE, 64 << 10).unwrap();
    let damaged = Edit::put(records::order_key(OVER, id(2)), b"nonsense".as_slice().into(), NOW);
    tree.apply(vec![damaged]).unwrap();
    drop(tree);
    let store = open(dir.path());
    assert_eq!(sweep(&store).await, 2);
    assert!(matches!(store.load(id(2)).await, Err(StoreError::Corrupt { .. })));
}

#[tokio::test]
async fn orders_that_have_not_changed_since_are_not_read() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let (tree, _) = DataDir::lock(dir.path().to_owned()).unwrap().open_tree(CACHE, 64 << 10).unwrap();
    let damaged = Edit::put(records::order_key(OVER, id(2)), b"nonsense".as_slice().into(), NOW);
    tree.apply(vec![damaged]).unwrap();
    drop(tree);
    let store = open(dir.path());
    put_all(&store, [1, 3].map(|number| step(&over(number, DUE), 2)).into_iter()).await;
    let list = |changed_since| store.list(ListQuery { limit: 9, changed_since, ..ListQuery::default() });
    assert_eq!(list(Some(DUE)).await.unwrap().orders.len(), 2);
    assert!(list(Some(NOW)).await.is_err() && list(None).await.is_err());
}

/// The index says that the order is older than its record does: it is not believed.
#[tokio::test]
async fn nothing_is_removed_on_the_word_of_the_index_alone() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let (tree, _) = DataDir::lock(dir.path().to_owned()).unwrap().open_tree(CACHE, 64 << 10).unwrap();
    let records = [over(1, DUE), after(&accepted(2), samples::routing())];
    for order in &records {
        let record = records::Encoder::default().order(order).unwrap();
        tree.apply(vec![Edit::put(records::order_key(OVER, order.id), record, NOW)]).unwrap();
    }
    drop(tree);
    let store = open(dir.path());
    assert_eq!(sweep(&store).await, 0);
    assert_eq!(store.list(ListQuery { limit: 9, ..ListQuery::default() }).await.unwrap().orders.len(), 2);
}

#[tokio::test]
async fn an_archive_has_nothing_of_what_was_removed_and_is_whole() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    // Keys stay for longer here than orders do.
    let settings = SledSettings { idempotency_ttl: Duration::from_hours(99), ..small(&from) };
    let settings = SledSettings { retention: Some(RETENTION), ..settings };
    let store = SledStore::open(settings, Box::new(|_| ())).unwrap();
    put(&store, samples::with_claim(step(&over(1, NOW), 2), "gone", 1)).await;
    put(&store, samples::with_claim(step(&over(2, DUE), 2), "kept", 1)).await;
    assert_eq!(sweep(&store).await, 1);
    drop(store);
    let mut archive = Vec::new();
    let exported = export(&from, &mut archive, &mut |problem| panic!("{problem}")).unwrap();
    assert_eq!((exported.orders, exported.idempotency_keys), (1, 1));
    import(&to, &mut archive.as_slice(), Completeness::Whole, &mut |_| ()).unwrap();
    let store = open(&to);
    assert!(store.load(id(1)).await.unwrap().is_none() && store.load(id(2)).await.unwrap().is_some());
    assert_eq!(
        (store.cursor(), store.history(1, 9), store.history(2, 9).map(|later| later.len())),
        (4, None, Some(2))
    );
}
