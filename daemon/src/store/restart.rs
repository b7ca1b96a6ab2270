//! A start that believes what was kept answers as one that reads the whole log.

use super::{
    Applied, Epoch, SledSettings, SledStore, Store,
    alike::{self, ORDERS},
    contract::{Opened, put, query},
    index,
    samples::{self, Told, accepted, id, step},
    worker::{self, STARTS},
};
use crate::order::{Lane, Order, OrderId};
use orderd_sdk::wire::OrderStatus;
use proptest::prelude::*;
use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

/// So small that every few changes fill a file, and old ones are freed all the time.
fn tiny(dir: &Path) -> SledSettings {
    SledSettings { file_bytes: 1 << 10, ..worker::small(dir) }
}

fn open(dir: &Path) -> SledStore {
    SledStore::open(tiny(dir), Box::new(|_| ())).unwrap()
}

/// Everything that can be asked without changing anything.
#[derive(Debug, PartialEq)]
struct Answers {
    name: (Epoch, u64),
    loaded: Vec<Option<Arc<Order>>>,
    live: Vec<Arc<Order>>,
    listed: Vec<Vec<Arc<Order>>>,
    counts: BTreeMap<OrderStatus, u64>,
    lanes: BTreeMap<Lane, u64>,
    history: Vec<Option<Vec<OrderId>>>,
    wanted: index::Wanted,
}

async fn ask(store: &SledStore) -> Answers {
    let mut answers = Answers {
        name: (store.epoch(), store.cursor()),
        loaded: Vec::new(),
        live: store.live().await.unwrap(),
        listed: Vec::new(),
        counts: store.live_counts(),
        lanes: store.lanes().await.unwrap(),
        history: (0..=store.cursor()).map(|after| store.history(after, usize::MAX)).collect(),
        wanted: store.wanted(),
    };
    for number in 0..ORDERS {
        answers.loaded.push(store.load(id(number)).await.unwrap());
    }
    for statuses in [&[][..], &[OrderStatus::Expired], &[OrderStatus::Routing, OrderStatus::Expired]] {
        answers.listed.push(store.list(query(statuses, 3)).await.unwrap().orders);
    }
    answers
}

/// Whose the keys are: whoever asks takes those that are free.
async fn claim_all(store: &SledStore) -> Vec<Applied> {
    let mut applied = Vec::new();
    for (key, number) in [("0", 90), ("1", 91), ("2", 92)] {
        applied.push(put(store, samples::with_claim(step(&accepted(number), 1), key, 1)).await);
    }
    applied
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

async fn compare(acts: &[(u64, alike::Act)], openings: usize) {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    let (kept, whole) = (dir.path().join("kept"), dir.path().join("whole"));
    let told = Told::default();
    let store = SledStore::open(tiny(&kept), told.sink()).unwrap();
    alike::live_through(Opened::new(Arc::new(store), None), told, acts).await;
    for _ in 1..openings {
        let store = open(&kept);
        // What is written again moves on what is old.
        for order in store.live().await.unwrap() {
            put(&store, step(&order, 0)).await;
        }
    }
    copy(&kept, &whole);
    let files = fs::read_dir(kept.join("log")).unwrap().count();
    assert_eq!(index::has_checkpoint(&kept.join("index")), files > 1, "{files} files");
    fs::remove_dir_all(whole.join("index")).unwrap();
    let (kept, whole) = (open(&kept), open(&whole));
    assert_eq!(ask(&kept).await, ask(&whole).await);
    assert_eq!(claim_all(&kept).await, claim_all(&whole).await);
    assert_eq!(kept.wanted(), whole.wanted());
    kept.prove();
    assert!(kept.failure().is_none(), "{:?}", kept.failure());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_start_that_believes_what_was_kept_answers_as_one_that_reads_all(
        acts in alike::acts(), openings in 1..4_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(compare(&acts, openings));
    }
}

/// Somebody put a backup of the index beside the log as it went on.
#[tokio::test]
async fn an_older_index_of_the_same_log_is_right_too() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    let (data, old) = (dir.path().join("data"), dir.path().join("old"));
    let mut warm = accepted(1);
    put(&open(&data), step(&warm, 1)).await;
    for number in 2..4 {
        put(&open(&data), step(&samples::after(&accepted(number), samples::expired()), 2)).await;
    }
    for round in 0..12 {
        let store = open(&data);
        warm = samples::after(&warm, samples::routing());
        put(&store, step(&warm, 1)).await;
        drop(store);
        if round == 3 {
            copy(&data.join("index"), &old);
        }
    }
    let whole = dir.path().join("whole");
    copy(&data, &whole);
    fs::remove_dir_all(whole.join("index")).unwrap();
    fs::remove_dir_all(data.join("index")).unwrap();
    copy(&old, &data.join("index"));
    let (mixed, whole) = (open(&data), open(&whole));
    assert_eq!(ask(&mixed).await, ask(&whole).await);
    mixed.prove();
    assert!(mixed.failure().is_none(), "{:?}", mixed.failure());
}

/// A reader that has answered may have the directory a moment longer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_was_just_read_can_be_dropped_and_opened_again() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    let over = samples::after(&accepted(1), samples::expired());
    put(&open(dir.path()), step(&over, 2)).await;
    for _ in 0..50 {
        let store = open(dir.path());
        let loads = (0..64).map(|_| store.load(over.id));
        let (first, ..) = futures_util::future::select_ok(loads.map(Box::pin)).await.unwrap();
        assert!(first.is_some());
    }
}
