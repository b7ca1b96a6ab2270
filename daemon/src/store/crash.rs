//! What the disk must still have after a close, a kill, damage, and when it is full. Real files, real processes.

use super::{
    CommitSink, ListQuery, SledSettings, SledStore, Store, StoreError,
    disk::DataDir,
    records::{self, CLAIM, LIVE, OVER},
    samples::{self, accepted, after, id, step},
    tree::{self, Direction, Edit, Tree},
    worker::{CACHE, STARTS, Worker, large, may_be_gone, small},
};
use crate::order::Order;
use orderd_sdk::timestamp::Timestamp;
use std::{collections::BTreeMap, ops::ControlFlow, path::Path, process::Command, sync::Arc};

const FILE: u64 = 1 << 20;

fn silent() -> CommitSink {
    Box::new(|_| ())
}

fn open(path: &Path) -> SledStore {
    SledStore::open(SledSettings::at(path), silent()).unwrap()
}

async fn put(store: &SledStore, change: super::Change) -> super::Applied {
    store.commit(change).await.unwrap().durable().await.unwrap()
}

#[tokio::test]
async fn everything_is_there_again_after_a_close() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    let whole = samples::whole_life();
    let over = after(&accepted(2), samples::expired());
    let store = open(dir.path());
    let change = samples::with_lane(step(&whole, whole.events.len()), "main", 9);
    put(&store, samples::with_claim(change, "key", 1)).await;
    put(&store, step(&over, 2)).await;
    let (epoch, cursor) = (store.epoch(), store.cursor());
    store.close().await.unwrap();
    drop(store);

    let store = open(dir.path());
    assert_eq!((store.epoch(), store.cursor()), (epoch, cursor));
    assert_eq!(store.live().await.unwrap(), [Arc::new(whole.clone())]);
    assert_eq!(store.load(id(2)).await.unwrap().as_deref(), Some(&over));
    let lanes = BTreeMap::from([(samples::lane("main"), 9)]);
    assert_eq!(store.lanes().await.unwrap(), lanes);
    let rival = samples::with_claim(step(&accepted(3), 1), "key", 1);
    let claimed = super::Applied::Claimed { by: whole.id, same_request: true };
    assert_eq!(put(&store, rival).await, claimed);
    let next = after(&accepted(4), samples::routing());
    put(&store, step(&next, 2)).await;
    assert_eq!(next.events[0].cursor.get(), cursor + 1, "the log goes on");
}

#[tokio::test]
async fn a_store_that_is_dropped_has_written_what_it_took() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for number in 1..=100 {
        store.commit(step(&accepted(number), 1)).await.unwrap();
    }
    drop(store);
    assert_eq!(open(dir.path()).live().await.unwrap().len(), 100);
}

#[tokio::test]
async fn a_directory_has_one_user() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("not").join("there");
    let store = open(&path);
    let Err(StoreError::Locked(named)) = SledStore::open(SledSettings::at(&path), silent()) else {
        panic!("opened twice");
    };
    assert_eq!(named, path);
    drop(store);
    open(&path);
}

#[test]
fn a_path_that_cannot_be_used_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let settings = SledSettings::at(file.join("data"));
    let Err(StoreError::Open { path, .. }) = SledStore::open(settings, silent()) else {
        panic!("opened below a file");
    };
    assert!(path.starts_with(&file), "{}", path.display());
}

#[tokio::test]
async fn an_order_that_is_larger_than_a_file_of_the_log_is_there_again() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    let large: Vec<Order> = (1..=3).map(|number| large(number, 1 << 20)).collect();
    let reopen = || SledStore::open(small(dir.path()), silent()).unwrap();
    let store = reopen();
    for order in &large {
        put(&store, step(order, 1)).await;
    }
    drop(store);
    let store = reopen();
    for order in &large {
        assert_eq!(store.load(order.id).await.unwrap().as_deref(), Some(order));
    }
}

/// Puts these bytes in the place of a record.
/// What is written again and again leaves its old versions behind, and what is cold has to be moved on.
#[tokio::test]
async fn the_log_stays_small_and_loses_nothing_of_what_is_cold() {
    const COLD: u64 = 30;
    const ROUNDS: u64 = 600;
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    let store = SledStore::open(small(dir.path()), silent()).unwrap();
    for number in 0..COLD {
        put(&store, step(&after(&large(number, 4_000), samples::expired()), 2)).await;
    }
    let log =
        || std::fs::read_dir(dir.path().join("log")).unwrap().map(|file| file.unwrap().metadata().unwrap());
    let mut most = 0;
    let warm = large(COLD, 4_000);
    put(&store, step(&warm, 1)).await;
    for round in 0..ROUNDS {
        put(&store, step(&warm, 0)).await;
        assert!(store.load(id(round % COLD)).await.unwrap().is_some());
        most = most.max(log().map(|file| file.len()).sum::<u64>());
    }
    let wanted = (COLD + 1) * 5_000;
    assert!(most < 3 * wanted + 4 * small(dir.path()).file_bytes, "{most} bytes for {wanted}");
    drop(store);
    let store = SledStore::open(small(dir.path()), silent()).unwrap();
    for number in 0..=COLD {
        assert!(store.load(id(number)).await.unwrap().is_some(), "order {number}");
    }
}

#[tokio::test]
async fn the_times_of_keys_are_known_without_reading_what_they_have() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let later = after(&samples::accepted_later(2, 500), samples::routing());
    let over = after(&accepted(1), samples::expired());
    put(&store, samples::with_claim(step(&over, 2), "first", 1)).await;
    put(&store, samples::with_claim(step(&later, 2), "second", 1)).await;
    put(&store, step(&after(&later, samples::expired()), 1)).await;
    drop(store);
    let (tree, _) = DataDir::lock(dir.path().to_owned()).unwrap().open_tree(CACHE, FILE).unwrap();
    for file in std::fs::read_dir(dir.path().join("log")).unwrap().map(|file| file.unwrap().path()) {
        std::fs::write(file, "").unwrap();
    }
    let times = |prefix, direction| {
        let mut times = Vec::new();
        let mut visit = |key: &[u8], at: Timestamp| {
            times.push((key.to_vec(), at));
            Ok(ControlFlow::Continue(()))
        };
        tree.times(&tree::all_of(prefix), direction, &mut visit).unwrap();
        times
    };
    let order =
        |order: &Order| (records::order_key(OVER, order.id).to_vec(), order.events.last().unwrap().at);
    assert_eq!(times(OVER, Direction::Up), [order(&over), order(&later)]);
    assert_eq!(times(OVER, Direction::Down), [order(&later), order(&over)]);
    let claim = |key: &str, order: &Order| (records::claim_key(key).to_vec(), order.events[0].at);
    assert_eq!(times(CLAIM, Direction::Up), [claim("first", &over), claim("second", &later)]);
    assert_eq!(times(LIVE, Direction::Up), []);
}

fn damage(path: &Path, key: impl Into<::sled::IVec>, bytes: &[u8]) {
    let (tree, _) = DataDir::lock(path.to_owned()).unwrap().open_tree(CACHE, FILE).unwrap();
    tree.apply(vec![Edit::put_timeless(key.into(), bytes.into())]).unwrap();
}

fn assert_names<R>(result: Result<R, StoreError>, name: &str) {
    match result {
        Err(StoreError::Corrupt { what, .. }) => assert_eq!(what, name),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("a damaged {name} was read"),
    }
}

#[tokio::test]
async fn a_damaged_record_is_named() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    let reopen = || SledStore::open(SledSettings::at(dir.path()), silent());
    damage(dir.path(), records::order_key(LIVE, id(1)), b"\x01nonsense");
    assert_names(reopen(), &format!("order {}", id(1)));

    let fixed = records::Encoder::default().order(&accepted(1)).unwrap();
    damage(dir.path(), records::order_key(LIVE, id(1)), &fixed);
    damage(dir.path(), records::order_key(OVER, id(2)), b"\x63");
    damage(dir.path(), [&[CLAIM], &b"key"[..]].concat(), b"");
    let store = reopen().unwrap();
    assert_names(store.load(id(2)).await, &format!("order {}", id(2)));
    let all = ListQuery { limit: 9, ..ListQuery::default() };
    assert_names(store.list(all).await, &format!("order {}", id(2)));

    let claiming = samples::with_claim(step(&accepted(3), 1), "key", 1);
    let receipt = store.commit(claiming).await.unwrap();
    assert_names(receipt.durable().await, "idempotency key \"key\"");
    put(&store, step(&accepted(4), 1)).await;
    assert_eq!(store.live().await.unwrap().len(), 2, "the others go on");
}

/// How many of these orders have been removed.
async fn assert_has(dir: &Path, seqs: &BTreeMap<u64, u64>) -> usize {
    let _quiet = STARTS.read().await;
    let store = open(dir);
    let mut removed = 0;
    for (number, seq) in seqs {
        match store.load(id(*number)).await.unwrap() {
            Some(order) => assert!(order.seq() >= *seq, "order {number}: {} < {seq}", order.seq()),
            None if may_be_gone(*number, *seq) => removed += 1,
            None => panic!("order {number} was acknowledged up to {seq}"),
        }
    }
    let last = store.cursor();
    let again = accepted(u64::MAX >> 8);
    put(&store, step(&again, 1)).await;
    assert_eq!(again.events[0].cursor.get(), last + 1);
    removed
}

#[tokio::test]
async fn every_acknowledged_change_survives_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let (mut seqs, mut removed) = (BTreeMap::new(), 0);
    for round in 1..=3 {
        let mut worker = Worker::start(dir.path(), &mut Command::new(std::env::current_exe().unwrap())).await;
        assert_eq!(worker.acknowledged(round * 300, &mut seqs), round * 300);
        worker.process.kill().unwrap();
        worker.acknowledged(usize::MAX, &mut seqs);
        worker.process.wait().unwrap();
        removed = assert_has(dir.path(), &seqs).await;
    }
    assert!(seqs.len() > 10 && removed > 3, "orders came and went: {} and {removed}", seqs.len());
}

/// The limit on the size of a file stands for a full disk: sled's log cannot grow over it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn every_acknowledged_change_survives_a_disk_that_fills_up() {
    const MOST: usize = 200_000;
    let dir = tempfile::tempdir().unwrap();
    let mut shell = Command::new("sh");
    let script = "trap '' XFSZ; ulimit -f 16384; exec \"$0\" \"$@\"";
    shell.args(["-c", script]).arg(std::env::current_exe().unwrap());
    let mut worker = Worker::start(dir.path(), &mut shell).await;
    let mut seqs = BTreeMap::new();
    let count = worker.acknowledged(MOST, &mut seqs);
    assert!((100..MOST).contains(&count), "{count} changes went to a disk of 8 MiB");
    assert!(worker.process.wait().unwrap().success(), "it met StoreError::Write and then nothing else");
    assert_has(dir.path(), &seqs).await;
}
