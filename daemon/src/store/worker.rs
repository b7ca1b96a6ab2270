//! A process of its own that works on a store and says what it was told, until it is killed, the disk refuses, or it
//! has done what it was asked to. It is this test binary, running the test below.

use super::{
    Change, ListQuery, SledSettings, SledStore, Store, StoreError,
    samples::{self, accepted, id, step},
};
use crate::order::{Intent, Order};
use orderd_sdk::timestamp::Timestamp;
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};
use tokio::sync::RwLock;

/// The child process's own name, and what its parent tells it: the directory and, when it shall end by itself, how
/// often to open the store.
pub(super) const WORK: &str = "store::worker::work";
pub(super) const DIR: &str = "ORDERD_TEST_STORE";
pub(super) const OPENINGS: &str = "ORDERD_TEST_OPENINGS";
/// A process that is being started holds every open file, and with it every lock, for a moment. Nobody may count
/// on a directory being free meanwhile.
pub(super) static STARTS: RwLock<()> = RwLock::const_new(());
/// Memory for the index of a store in a test.
pub(super) const CACHE: u64 = 16 << 20;
/// Orders that the child process keeps changing at once.
const LANES_OF_WORK: u64 = 8;
/// Orders that each of them takes through their lives between two openings.
const ORDERS_PER_OPENING: usize = 12;
/// The event of an order of theirs with which its sequence is taken.
pub(super) const SIGNED_SEQ: u64 = 4;

/// The last one of an order of theirs.
const LAST_SEQ: u64 = 7;
/// How long they are kept. The orders of some numbers are of a time that is over when the others happen.
const RETENTION: Duration = Duration::from_hours(48);
const SWEPT_AT: Timestamp = Timestamp(samples::NOW.0 + 72 * 3_600_000);
const YOUNG: Timestamp = Timestamp(samples::NOW.0 + 100 * 3_600_000);

/// The process, as its parent has it.
pub(super) struct Worker {
    pub(super) process: Child,
    said: BufReader<ChildStdout>,
}

impl Worker {
    pub(super) async fn start(dir: &Path, command: &mut Command) -> Self {
        let _alone = STARTS.write().await;
        let mut process = command
            .args(["--exact", WORK, "--ignored", "--nocapture"])
            .env(DIR, dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        Self { process, said }
    }

    /// Reads acknowledgements until this many were read or no more come; tells the last `seq` of every order.
    pub(super) fn acknowledged(&mut self, limit: usize, seqs: &mut BTreeMap<u64, u64>) -> usize {
        let lines = self.said.by_ref().lines().map_while(Result::ok);
        let acks = lines.filter_map(|line| acknowledgement(&line));
        let mut count = 0;
        for (number, seq) in acks.take(limit) {
            count += 1;
            seqs.insert(number, seq);
        }
        count
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It has ended already, unless the test has failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(super) fn large(number: u64, bytes: usize) -> Order {
    large_at(number, bytes, samples::NOW)
}

pub(super) fn large_at(number: u64, bytes: usize, at: Timestamp) -> Order {
    let labels = BTreeMap::from([("note".to_owned(), "x".repeat(bytes))]);
    let intent = Intent { labels, ..samples::intent() };
    Order::accept(id(number), intent, 0, at)
}

#[expect(clippy::disallowed_methods, reason = "how a child process is told its directory")]
fn dir_of_worker() -> PathBuf {
    PathBuf::from(std::env::var(DIR).expect("only a parent process starts this"))
}

#[expect(clippy::disallowed_methods, reason = "how a child process is told how long to work")]
fn openings_of_worker() -> Option<usize> {
    std::env::var(OPENINGS).ok().map(|openings| openings.parse().expect("a number"))
}

#[tokio::test]
#[ignore = "the child process of the tests above, and of those of a loss of power"]
async fn work() {
    let dir = dir_of_worker();
    let Some(openings) = openings_of_worker() else {
        let settings = SledSettings { retention: Some(RETENTION), ..SledSettings::at(&dir) };
        let store = SledStore::open(settings, Box::new(|_| ())).unwrap();
        work_on_all(&store, usize::MAX).await;
        for _ in 0..2 {
            let refused = store.commit(step(&accepted(1), 1)).await;
            assert!(matches!(refused, Err(StoreError::Write(_))));
        }
        return;
    };
    for _ in 0..openings {
        let settings = SledSettings { retention: Some(RETENTION), ..small(&dir) };
        let store = SledStore::open(settings, Box::new(|_| ())).unwrap();
        work_on_all(&store, ORDERS_PER_OPENING).await;
    }
}

/// Settings with which little work does what much work does otherwise.
pub(super) fn small(dir: &Path) -> SledSettings {
    SledSettings { cache_bytes: CACHE, file_bytes: 64 << 10, ..SledSettings::at(dir) }
}

/// What a line of the worker's says was made durable: an order's number and `seq`.
pub(super) fn acknowledgement(line: &str) -> Option<(u64, u64)> {
    let (number, seq) = line.strip_prefix("durable ")?.split_once(' ')?;
    Some((number.parse().ok()?, seq.parse().ok()?))
}

/// When everything of an order of the worker's happens.
fn time_of(number: u64) -> Timestamp {
    if number.is_multiple_of(3) { samples::NOW } else { YOUNG }
}

/// Whether an order of the worker's may have been removed that was told to be so far. Its last step may be durable before
/// it is told.
pub(super) fn may_be_gone(number: u64, seq: u64) -> bool {
    time_of(number) < YOUNG && seq >= LAST_SEQ - 1
}

/// The account that an order of the worker's uses, and the sequence that it takes.
pub(super) fn account_of(number: u64) -> String {
    format!("account-{}", number % LANES_OF_WORK)
}

pub(super) fn sequence_of(number: u64) -> u64 {
    number / LANES_OF_WORK
}

/// The `seq` of every order, by its number.
pub(super) async fn all_orders(store: &SledStore) -> Result<BTreeMap<u64, u64>, StoreError> {
    let mut seqs = BTreeMap::new();
    let mut query = ListQuery { limit: 1_000, ..ListQuery::default() };
    loop {
        let page = store.list(query.clone()).await?;
        seqs.extend(page.orders.iter().map(|order| (samples::number(order.id), order.seq())));
        match page.next {
            Some(next) => query.before = Some(next),
            None => return Ok(seqs),
        }
    }
}

async fn work_on_all(store: &SledStore, orders: usize) {
    let start = store.cursor() + 1;
    let run = |lane| work_on_orders(store, start * LANES_OF_WORK + lane, orders);
    futures_util::future::join_all((0..LANES_OF_WORK).map(run)).await;
}

/// Takes one order after the other from its acceptance to its end, until the store refuses.
async fn work_on_orders(store: &SledStore, first: u64, count: usize) {
    for number in (first..).step_by(LANES_OF_WORK as usize).take(count) {
        let bytes = if number.is_multiple_of(11) { 60_000 } else { 10 };
        let at = time_of(number);
        let mut order = large_at(number, bytes, at);
        let mut change = samples::with_claim(step(&order, 1), &number.to_string(), 1);
        for fact in samples::life(sequence_of(number)) {
            if !acknowledge(store, number, change).await {
                return;
            }
            order.apply(fact, at).expect("a possible fact");
            change = step(&order, 1);
            if order.seq() == SIGNED_SEQ {
                change = samples::with_lane(change, &account_of(number), sequence_of(number) + 1);
            }
        }
        if !acknowledge(store, number, change).await {
            return;
        }
        assert_eq!(order.seq(), LAST_SEQ);
        if let Err(error) = store.sweep(SWEPT_AT).await {
            assert!(matches!(error, StoreError::Write(_)), "{error}");
            return;
        }
    }
}

async fn acknowledge(store: &SledStore, number: u64, change: Change) -> bool {
    let seq = change.order.seq();
    let Ok(receipt) = store.commit(change).await else {
        return false;
    };
    match receipt.durable().await {
        Ok(_) => {
            let line = format!("durable {number} {seq}\n");
            std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
            true
        }
        Err(StoreError::Write(_)) => false,
        Err(error) => panic!("{error}"),
    }
}
