//! Reads orders that are over for many who ask at once, on few threads that may block: a thread that was woken for one of
//! them serves all that have come meanwhile, as waking it takes longer than most reads.

use super::{Seen, StoreError, ended::Ask, ledger::Ledger, tree::Tree};
use crate::order::OrderId;
use std::{
    collections::VecDeque,
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};
use tokio::{sync::oneshot, task};

/// So many wait for each thread before there is another.
const WAITING_PER_READER: usize = 8;

/// What is found of an order.
type Found = Result<Option<Seen>, StoreError>;

/// Whoever wants to read an order, and who reads.
pub(super) struct Loads<T> {
    ledger: Arc<Ledger<T>>,
    /// Threads at the most.
    most: usize,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    /// Everybody who waits is a request that is being answered: there are no more than of those.
    waiting: VecDeque<Load>,
    readers: usize,
}

struct Load {
    id: OrderId,
    ask: Ask,
    answer: oneshot::Sender<Found>,
}

impl<T: Tree> Loads<T> {
    /// Loads from this ledger, on so many threads at the most.
    pub(super) fn new(ledger: Arc<Ledger<T>>, most: usize) -> Arc<Self> {
        Arc::new(Self { ledger, most: most.max(1), queue: Mutex::default() })
    }

    /// An order that the board does not know, in the form that is asked for.
    ///
    /// # Errors
    /// When its record cannot be read, or the daemon ends.
    pub(super) async fn load(self: &Arc<Self>, id: OrderId, ask: Ask) -> Found {
        let (answer, answered) = oneshot::channel();
        if let Some(reader) = self.enter(Load { id, ask, answer }) {
            task::spawn_blocking(move || reader.work());
        }
        answered.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Takes a place in the queue; gives a further reader when there are too few.
    fn enter(self: &Arc<Self>, load: Load) -> Option<Reader<T>> {
        let mut queue = self.queue();
        queue.waiting.push_back(load);
        let is_wanted = queue.waiting.len() > queue.readers * WAITING_PER_READER;
        (is_wanted && queue.readers < self.most).then(|| {
            queue.readers += 1;
            Reader { loads: Arc::downgrade(self), is_done: false }
        })
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One thread's work. It has the ledger only while it reads: whoever was answered may let go of the store, and nothing of
/// it is left then.
struct Reader<T: Tree> {
    loads: Weak<Loads<T>>,
    is_done: bool,
}

impl<T: Tree> Reader<T> {
    fn work(mut self) {
        while let Some(Load { id, ask, answer }) = self.next() {
            if !answer.is_closed() {
                let found = self.read(id, ask);
                // Whoever asked may have gone meanwhile.
                answer.send(found).ok();
            }
        }
    }

    /// The next one; when there is none, this reader is one no longer.
    fn next(&mut self) -> Option<Load> {
        let loads = self.loads.upgrade()?;
        let mut queue = loads.queue();
        let next = queue.waiting.pop_front();
        if next.is_none() {
            queue.readers -= 1;
            self.is_done = true;
        }
        next
    }

    fn read(&self, id: OrderId, ask: Ask) -> Found {
        let loads = self.loads.upgrade().ok_or(StoreError::Closed)?;
        let read = panic::catch_unwind(AssertUnwindSafe(|| loads.ledger.see_over(id, ask)));
        read.unwrap_or_else(|_| {
            Err(StoreError::Corrupt {
                what: format!("order {id}"),
                reason: "reading it has panicked".to_owned(),
            })
        })
    }
}

impl<T: Tree> Drop for Reader<T> {
    /// A reader that never came to its work leaves nobody waiting: the daemon ends.
    fn drop(&mut self) {
        if let Some(loads) = self.loads.upgrade().filter(|_| !self.is_done) {
            let mut queue = loads.queue();
            queue.readers -= 1;
            if queue.readers == 0 {
                queue.waiting.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        ledger::order_of,
        memory::MemoryTree,
        recent::Recent,
        records::{Encoder, OVER, order_key},
        samples::{accepted, after, expired, id},
        tree::Edit,
    };

    fn loads(most: usize) -> Arc<Loads<MemoryTree>> {
        let tree = MemoryTree::default();
        let ledger = Arc::new(Ledger::open(tree, Recent::default(), 1).unwrap());
        for number in 0..100 {
            let record = Encoder::default().order(&after(&accepted(number), expired())).unwrap();
            ledger.apply(vec![Edit::put_timeless(order_key(OVER, id(number)), record)]).unwrap();
        }
        Loads::new(ledger, most)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn everybody_gets_the_order_that_was_asked_for() {
        let loads = loads(2);
        let asked = (0..200).map(|number| {
            let loads = loads.clone();
            async move {
                (number, loads.load(id(number), Ask::Order).await.unwrap().map(|seen| order_of(seen).id))
            }
        });
        for (number, found) in futures_util::future::join_all(asked).await {
            assert_eq!(found, (number < 100).then(|| id(number)));
        }
    }

    #[tokio::test]
    async fn there_are_few_readers_and_none_when_nobody_asks() {
        let loads = loads(2);
        let mut answers = Vec::new();
        let mut readers = Vec::new();
        for number in 0..100 {
            let (answer, answered) = oneshot::channel();
            answers.push(answered);
            readers.extend(loads.enter(Load { id: id(number), ask: Ask::Order, answer }));
        }
        assert_eq!((readers.len(), loads.queue().readers), (2, 2));
        readers.pop().unwrap().work();
        assert_eq!(loads.queue().readers, 1);
        for answered in answers {
            assert!(answered.await.unwrap().unwrap().is_some());
        }
    }

    #[tokio::test]
    async fn nobody_waits_for_a_reader_that_never_came() {
        let loads = loads(1);
        let (answer, answered) = oneshot::channel();
        drop(loads.enter(Load { id: id(1), ask: Ask::Order, answer }));
        assert!(answered.await.is_err());
        assert!(loads.load(id(1), Ask::Order).await.unwrap().is_some(), "the next one finds another");
    }
}
