//! The committer over a tree that stops in every write: what is seen meanwhile, and what a refusal does.

use super::{
    Applied, Change, CommitSink, ListQuery, StoreError, Urgency,
    committer::{BUSY, Committer, GATHER},
    deferred::HOLD,
    ended::Ask,
    expiry::{DEFAULT_TTL, Expiry},
    history::DEFAULT_EVENTS,
    ledger::Ledger,
    memory::MemoryTree,
    port::Left,
    recent::Recent,
    samples::{self, Told, accepted, after, id, step},
    sweep::{Due, Sweeper},
    tree::{Batch, Direction, KeyRange, TimeVisitor, Tree, Visitor},
    writer::Writer,
};
use crate::{
    order::{Order, OrderId},
    telemetry::spawn,
};
use futures_util::FutureExt;
use orderd_sdk::timestamp::Timestamp;
use sled::IVec;
use std::{
    sync::{Arc, Mutex, mpsc as blocking},
    thread,
    time::{Duration, Instant},
};
use tokio::{sync::mpsc, time::timeout};

/// The order's last event, which nobody waits for.
fn soon(order: &Order) -> Change {
    Change { urgency: Urgency::Soon, ..step(order, 1) }
}

/// A tree in memory that stops in every write, with the batch visible, until it is told how that ends.
struct Gate {
    tree: MemoryTree,
    /// Tells how many keys a batch has.
    arrived: Mutex<Option<mpsc::Sender<usize>>>,
    outcome: Mutex<blocking::Receiver<Result<(), StoreError>>>,
}

impl Tree for Gate {
    fn get(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        self.tree.get(key)
    }

    fn scan(
        &self,
        range: &KeyRange,
        direction: Direction,
        visit: &mut Visitor<'_>,
    ) -> Result<(), StoreError> {
        self.tree.scan(range, direction, visit)
    }

    fn times(
        &self,
        range: &KeyRange,
        direction: Direction,
        visit: &mut TimeVisitor<'_>,
    ) -> Result<(), StoreError> {
        self.tree.times(range, direction, visit)
    }

    fn time(&self, key: &[u8]) -> Result<Option<Timestamp>, StoreError> {
        self.tree.time(key)
    }

    fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        let keys = batch.len();
        self.tree.apply(batch)?;
        if let Some(arrived) = &*self.arrived.lock().unwrap() {
            arrived.blocking_send(keys).unwrap();
            return self.outcome.lock().unwrap().recv().unwrap();
        }
        Ok(())
    }

    fn tidy(&self, bytes: usize) -> Result<Left, StoreError> {
        self.tree.tidy(bytes)
    }
}

/// A committer whose writes the test lets pass.
struct Gated {
    // Dropped first: a test that fails must not wait for its own gate.
    outcome: blocking::SyncSender<Result<(), StoreError>>,
    arrived: mpsc::Receiver<usize>,
    committer: Arc<Committer>,
    ledger: Arc<Ledger<Gate>>,
    told: Told,
}

impl Gated {
    fn start(capacity: usize) -> Self {
        let told = Told::default();
        Self::telling(told.sink(), told, capacity)
    }

    /// The same with a sink of the test's, which has to tell this.
    fn telling(sink: CommitSink, told: Told, capacity: usize) -> Self {
        let (outcome, outcomes) = blocking::sync_channel(1);
        let (arrival, arrived) = mpsc::channel(1);
        let gate =
            Gate { tree: MemoryTree::default(), arrived: Mutex::new(None), outcome: Mutex::new(outcomes) };
        let ledger = Ledger::open(gate, Recent::default(), DEFAULT_EVENTS).unwrap();
        let ledger = Arc::new(ledger.keeping(1 << 20));
        *ledger.tree().arrived.lock().unwrap() = Some(arrival);
        let writer = Writer::new(ledger.clone(), Expiry::new(DEFAULT_TTL));
        let committer = Committer::start(writer, sink, capacity).unwrap();
        Self { outcome, arrived, committer: Arc::new(committer), ledger, told }
    }

    /// Everything that is at rest is due.
    fn find_due(&self) -> Due {
        let mut sweeper = Sweeper::new(Some(Duration::from_hours(48)));
        sweeper.find(&self.ledger, Timestamp(u64::MAX)).unwrap()
    }

    async fn pass(&mut self) -> usize {
        let keys = self.arrived.recv().await.unwrap();
        self.outcome.send(Ok(())).unwrap();
        keys
    }

    async fn put(&mut self, change: Change) {
        let receipt = self.committer.commit(change).await.unwrap();
        self.pass().await;
        assert_eq!(receipt.durable().await.unwrap(), Applied::Kept);
    }

    fn listed(&self) -> Vec<(OrderId, u64)> {
        let query = ListQuery { limit: 10, ..ListQuery::default() };
        let page = self.ledger.list(&query).unwrap();
        page.orders.iter().map(|order| (order.id, order.seq())).collect()
    }
}

#[tokio::test]
async fn what_is_written_but_not_durable_is_not_seen() {
    let mut gated = Gated::start(8);
    let ending = accepted(1);
    let ended = after(&accepted(2), samples::expired());
    gated.put(step(&ending, 1)).await;
    gated.put(step(&ended, 2)).await;

    let first = gated.committer.commit(step(&accepted(9), 1)).await.unwrap();
    let keys = gated.arrived.recv().await.unwrap();
    assert_eq!(keys, 2, "the order and the cursor");
    let now_over = after(&ending, samples::expired());
    let back = Order { state: ending.state.clone(), ..ended.clone() };
    let new_and_over = after(&accepted(3), samples::expired());
    let mut receipts = Vec::new();
    for change in [step(&now_over, 1), step(&back, 0), step(&new_and_over, 2)] {
        receipts.push(gated.committer.commit(change).await.unwrap());
    }
    gated.outcome.send(Ok(())).unwrap();
    first.durable().await.unwrap();

    // Now all three are in the tree, in one batch, and on their way to the disk.
    assert_eq!(gated.arrived.recv().await.unwrap(), 6);
    let seen = |number| gated.ledger.load_over(id(number)).unwrap();
    assert_eq!(seen(1).as_deref(), Some(&ending));
    assert_eq!(seen(2).as_deref(), Some(&ended));
    assert_eq!(seen(3), None);
    assert_eq!(gated.listed(), [(id(9), 1), (id(2), 2), (id(1), 1)]);
    assert_eq!((gated.ledger.cursor(), gated.told.events().len()), (4, 4));

    gated.outcome.send(Ok(())).unwrap();
    for receipt in receipts {
        receipt.durable().await.unwrap();
    }
    assert_eq!(gated.listed(), [(id(9), 1), (id(3), 2), (id(2), 2), (id(1), 2)]);
    assert_eq!(gated.ledger.live().len(), 2);
}

#[tokio::test]
async fn what_is_kept_of_an_order_is_never_older_than_what_is_durable() {
    let mut gated = Gated::start(8);
    let ended = after(&accepted(1), samples::expired());
    gated.put(step(&ended, 2)).await;
    let seen = |gated: &Gated| gated.ledger.load_over(id(1)).unwrap();
    assert_eq!(seen(&gated).as_deref(), Some(&ended));
    assert!(Arc::ptr_eq(&seen(&gated).unwrap(), &seen(&gated).unwrap()), "it is read once");
    let shown = |gated: &Gated| {
        let seen = gated.ledger.see_over(id(1), Ask::Shown(samples::show)).unwrap();
        seen.unwrap().shown(samples::show)
    };
    assert_eq!(shown(&gated), samples::show(&ended));
    assert_eq!(shown(&gated).as_ptr(), shown(&gated).as_ptr(), "it is shown once");

    let back = Order { state: accepted(1).state, ..ended.clone() };
    let ended_again = after(&back, samples::expired());
    for (before, now) in [(&ended, &back), (&back, &ended_again)] {
        let receipt =
            gated.committer.commit(step(now, now.events.len() - before.events.len())).await.unwrap();
        gated.arrived.recv().await.unwrap();
        assert_eq!(seen(&gated).as_deref(), Some(before));
        assert_eq!(shown(&gated), samples::show(before));
        gated.outcome.send(Ok(())).unwrap();
        receipt.durable().await.unwrap();
        assert_eq!(seen(&gated).as_deref(), Some(now));
        assert_eq!(shown(&gated), samples::show(now));
    }
}

#[tokio::test]
async fn changes_that_wait_together_are_one_record_per_order() {
    let mut gated = Gated::start(64);
    let first = gated.committer.commit(step(&accepted(9), 1)).await.unwrap();
    let mut orders = [accepted(1), accepted(2)];
    let mut receipts = vec![first];
    assert_eq!(gated.arrived.recv().await.unwrap(), 2);
    for _ in 0..10 {
        for order in &mut orders {
            receipts.push(gated.committer.commit(step(order, 1)).await.unwrap());
            *order = after(order, samples::routing());
        }
    }
    gated.outcome.send(Ok(())).unwrap();
    assert_eq!(gated.pass().await, 3, "two orders and the cursor");
    for receipt in receipts {
        receipt.durable().await.unwrap();
    }
    let expected: Vec<_> = std::iter::once((id(9), 1, 1))
        .chain((1..=10).map(|seq| (id(1), seq, 1 + seq)))
        .chain((1..=10).map(|seq| (id(2), seq, 11 + seq)))
        .collect();
    assert_eq!(gated.told.events(), expected);
}

#[tokio::test]
async fn what_is_soon_enough_goes_with_the_next_change_of_its_order_or_alone_after_a_while() {
    let mut gated = Gated::start(8);
    let [first, second] = [1, 2].map(accepted);
    gated.put(step(&first, 1)).await;
    gated.put(step(&second, 1)).await;
    let other = gated.committer.commit(step(&accepted(9), 1)).await.unwrap();
    gated.arrived.recv().await.unwrap();
    let routing = after(&first, samples::routing());
    let early = gated.committer.commit(soon(&routing)).await.unwrap();
    let late = gated.committer.commit(step(&after(&routing, samples::expired()), 1)).await.unwrap();
    gated.outcome.send(Ok(())).unwrap();
    assert_eq!(gated.pass().await, 3, "one record, another place for it, and the cursor");
    for receipt in [other, early, late] {
        assert_eq!(receipt.durable().await.unwrap(), Applied::Kept);
    }

    let begin = Instant::now();
    let alone = gated.committer.commit(soon(&after(&second, samples::routing()))).await.unwrap();
    gated.pass().await;
    assert!(begin.elapsed() >= HOLD);
    assert_eq!(alone.durable().await.unwrap(), Applied::Kept);
    assert_eq!(gated.told.events()[3..], [(id(1), 2, 4), (id(1), 3, 5), (id(2), 2, 6)]);
}

#[tokio::test]
async fn after_many_changes_at_once_the_next_ones_are_gathered() {
    let mut gated = Gated::start(64);
    let first = gated.committer.commit(step(&accepted(99), 1)).await.unwrap();
    gated.arrived.recv().await.unwrap();
    let mut receipts = vec![first];
    for number in 1..=BUSY as u64 {
        receipts.push(gated.committer.commit(step(&accepted(number), 1)).await.unwrap());
    }
    gated.outcome.send(Ok(())).unwrap();
    assert_eq!(gated.arrived.recv().await.unwrap(), BUSY + 1, "the orders and the cursor");
    receipts.push(gated.committer.commit(step(&accepted(50), 1)).await.unwrap());
    let begin = Instant::now();
    gated.outcome.send(Ok(())).unwrap();
    gated.pass().await;
    assert!(begin.elapsed() >= GATHER, "it is written no sooner, though it was there");
    for receipt in receipts {
        assert_eq!(receipt.durable().await.unwrap(), Applied::Kept);
    }
    let expected = [99].into_iter().chain(1..=BUSY as u64).chain([50]).map(id);
    assert!(gated.told.events().into_iter().map(|(order, ..)| order).eq(expected));
}

#[tokio::test]
async fn what_is_held_is_written_when_the_committer_closes() {
    let mut gated = Gated::start(8);
    gated.put(step(&accepted(1), 1)).await;
    let held = gated.committer.commit(soon(&after(&accepted(1), samples::routing()))).await.unwrap();
    let (closed, keys) = tokio::join!(gated.committer.close(), async {
        let keys = gated.arrived.recv().await.unwrap();
        gated.outcome.send(Ok(())).unwrap();
        keys
    });
    assert_eq!((closed.is_ok(), keys), (true, 2));
    assert_eq!(held.durable().await.unwrap(), Applied::Kept);
}

#[tokio::test]
async fn a_disk_that_refuses_ends_everything() {
    let mut gated = Gated::start(8);
    gated.put(step(&accepted(1), 1)).await;
    let failing = gated.committer.commit(step(&accepted(2), 1)).await.unwrap();
    gated.arrived.recv().await.unwrap();
    let waiting = gated.committer.commit(step(&accepted(3), 1)).await.unwrap();
    let full = StoreError::Write("no space left".to_owned());
    gated.outcome.send(Err(full)).unwrap();

    for receipt in [failing, waiting] {
        assert!(matches!(receipt.durable().await, Err(StoreError::Write(_))));
        assert!(matches!(gated.committer.failure(), Some(StoreError::Write(_))));
    }
    let later = gated.committer.commit(step(&accepted(4), 1)).await;
    assert!(matches!(later, Err(StoreError::Write(_))), "{later:?}");
    assert!(matches!(gated.committer.close().await, Err(StoreError::Write(_))));
    assert_eq!(gated.told.events(), [(id(1), 1, 1)]);
    assert_eq!(gated.listed(), [(id(1), 1)]);
}

#[tokio::test]
async fn a_commit_waits_for_room() {
    let mut gated = Gated::start(1);
    let first = gated.committer.commit(step(&accepted(1), 1)).await.unwrap();
    gated.arrived.recv().await.unwrap();
    let second = gated.committer.commit(step(&accepted(2), 1)).await.unwrap();
    let mut third = Box::pin(gated.committer.commit(step(&accepted(3), 1)));
    assert!(third.as_mut().now_or_never().is_none());

    gated.outcome.send(Ok(())).unwrap();
    let third = third.await.unwrap();
    gated.pass().await;
    gated.pass().await;
    for receipt in [first, second, third] {
        assert_eq!(receipt.durable().await.unwrap(), Applied::Kept);
    }
}

#[tokio::test]
async fn what_was_taken_in_is_written_though_the_committer_is_dropped() {
    let Gated { committer, ledger, mut arrived, outcome, .. } = Gated::start(8);
    let first = committer.commit(step(&accepted(1), 1)).await.unwrap();
    arrived.recv().await.unwrap();
    let second = committer.commit(step(&accepted(2), 1)).await.unwrap();
    let dropping = thread::spawn(move || drop(committer));
    outcome.send(Ok(())).unwrap();
    arrived.recv().await.unwrap();
    outcome.send(Ok(())).unwrap();
    dropping.join().unwrap();
    for receipt in [first, second] {
        assert_eq!(receipt.durable().await.unwrap(), Applied::Kept);
    }
    assert_eq!(ledger.live().len(), 2);
}

/// What the sink has of its store, to let go of.
type Last = Arc<Mutex<Option<Arc<Committer>>>>;

#[tokio::test]
async fn the_sink_may_be_the_last_to_let_go_of_the_store_on_either_thread() {
    for changes in [1, 2 * BUSY as u64] {
        let (told, last) = (Told::default(), Last::default());
        let (tell, letting_go) = (told.sink(), last.clone());
        let sink = move |committed: &[_]| {
            tell(committed);
            drop(letting_go.lock().unwrap().take());
        };
        let mut gated = Gated::telling(Box::new(sink), told, 64);
        let first = gated.committer.commit(step(&accepted(99), 1)).await.unwrap();
        gated.arrived.recv().await.unwrap();
        let mut receipts = Vec::new();
        for number in 1..=changes {
            receipts.push(gated.committer.commit(step(&accepted(number), 1)).await.unwrap());
        }
        gated.outcome.send(Ok(())).unwrap();
        assert_eq!(first.durable().await.unwrap(), Applied::Kept);
        let Gated { outcome, mut arrived, committer, told, .. } = gated;
        *last.lock().unwrap() = Some(committer);
        arrived.recv().await.unwrap();
        outcome.send(Ok(())).unwrap();
        for receipt in receipts {
            let answer = timeout(Duration::from_secs(20), receipt.durable())
                .await
                .expect("no thread waits for itself");
            assert_eq!(answer.unwrap(), Applied::Kept);
        }
        assert!(last.lock().unwrap().is_none());
        assert_eq!(told.events().len() as u64, changes + 1);
    }
}

#[tokio::test]
async fn what_is_removed_is_seen_until_that_is_durable() {
    let mut gated = Gated::start(8);
    let ended = after(&accepted(1), samples::expired());
    gated.put(step(&ended, 2)).await;
    gated.put(step(&accepted(2), 1)).await;
    let due = gated.find_due();
    let (ledger, committer) = (gated.ledger.clone(), gated.committer.clone());
    let sweeping = spawn("sweep", async move { committer.sweep(due).await });
    assert_eq!(gated.arrived.recv().await.unwrap(), 1, "the order");
    assert_eq!(ledger.load_over(id(1)).unwrap().as_deref(), Some(&ended));
    assert_eq!(gated.listed(), [(id(2), 1), (id(1), 2)]);
    assert_eq!(ledger.history(0, 9), Some(vec![id(1), id(1), id(2)]));

    gated.outcome.send(Ok(())).unwrap();
    assert_eq!(sweeping.await.unwrap().unwrap().0.orders, 1);
    assert_eq!(ledger.load_over(id(1)).unwrap(), None);
    assert_eq!(gated.listed(), [(id(2), 1)]);
    assert_eq!((ledger.history(1, 9), ledger.history(2, 9)), (None, Some(vec![id(2)])));
}

#[tokio::test]
async fn a_sweep_that_cannot_be_written_is_the_last_thing_that_is() {
    let mut gated = Gated::start(8);
    gated.put(step(&after(&accepted(1), samples::expired()), 2)).await;
    let (due, again) = (gated.find_due(), gated.find_due());
    let committer = gated.committer.clone();
    let sweeping = spawn("sweep", async move { committer.sweep(due).await });
    gated.arrived.recv().await.unwrap();
    let waiting = gated.committer.commit(step(&accepted(2), 1)).await.unwrap();
    gated.outcome.send(Err(StoreError::Write("full".to_owned()))).unwrap();
    for refused in [
        sweeping.await.unwrap().map(drop),
        waiting.durable().await.map(drop),
        gated.committer.sweep(again).await.map(drop),
        gated.committer.commit(step(&accepted(3), 1)).await.map(drop),
    ] {
        assert!(matches!(refused, Err(StoreError::Write(_))), "{refused:?}");
    }
}
