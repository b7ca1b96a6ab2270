//! Tells what has become durable: the sink first, then who waits. When there is much to tell, a thread of its own does it, and
//! the writer is at the next window meanwhile.

use super::{CommitSink, writer::Written};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};

const THREAD_NAME: &str = "store-teller";
/// Windows that may wait to be told; the writer waits with the next one.
const AHEAD: usize = 2;
/// A window of so many changes takes longer to tell than it takes to wake the thread.
const MANY: usize = 8;

/// Tells one window after the other, in the order in which they come.
pub(super) struct Teller {
    sink: Arc<CommitSink>,
    windows: SyncSender<Written>,
    /// Windows that the thread has not told yet.
    untold: Arc<AtomicUsize>,
}

/// Nothing is told any more: the sink has panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gone;

impl Teller {
    /// Starts the thread. It ends, and lets go of `end`, when everything is told and the teller is dropped.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start<E: Send + 'static>(sink: CommitSink, end: E) -> io::Result<(Self, JoinHandle<()>)> {
        let (sink, untold) = (Arc::new(sink), Arc::<AtomicUsize>::default());
        let (windows, waiting) = sync_channel(AHEAD);
        let teller = Self { sink: sink.clone(), windows, untold: untold.clone() };
        let thread = thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(move || {
            run(&waiting, &sink, &untold);
            drop(end);
        })?;
        Ok((teller, thread))
    }

    /// Tells a window, or hands it to the thread that does.
    ///
    /// # Errors
    /// When the thread is gone.
    pub(super) fn tell(&self, written: Written) -> Result<(), Gone> {
        // What the thread has not told yet comes first.
        if written.len() < MANY && self.untold.load(Ordering::Acquire) == 0 {
            written.tell(&self.sink);
            return Ok(());
        }
        self.untold.fetch_add(1, Ordering::Relaxed);
        self.windows.send(written).map_err(|_| Gone)
    }
}

fn run(windows: &Receiver<Written>, sink: &CommitSink, untold: &AtomicUsize) {
    for written in windows {
        written.tell(sink);
        untold.fetch_sub(1, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        Applied, Receipt, StoreError,
        expiry::{DEFAULT_TTL, Expiry},
        history::DEFAULT_EVENTS,
        ledger::Ledger,
        memory::MemoryTree,
        recent::Recent,
        samples::{Told, accepted, id, step},
        writer::{Pending, Writer},
    };
    use futures_util::FutureExt;
    use std::{ops::RangeInclusive, sync::Mutex, thread::ThreadId};

    fn writer() -> Writer<MemoryTree> {
        let ledger = Ledger::open(MemoryTree::default(), Recent::default(), DEFAULT_EVENTS).unwrap();
        Writer::new(Arc::new(ledger), Expiry::new(DEFAULT_TTL))
    }

    /// A window with these orders, each new.
    fn window(writer: &mut Writer<MemoryTree>, numbers: RangeInclusive<u64>) -> (Written, Vec<Receipt>) {
        let (mut pending, mut receipts) = (Vec::new(), Vec::new());
        for number in numbers {
            let (answer, receipt) = Receipt::pending();
            pending.push(Pending { change: step(&accepted(number), 1), receipt: answer });
            receipts.push(receipt);
        }
        (writer.write(pending.into_iter()), receipts)
    }

    #[test]
    fn what_the_thread_has_not_told_yet_comes_before_what_is_written_later() {
        let (mut writer, told) = (writer(), Told::default());
        let (go, may_go) = sync_channel::<()>(0);
        let (sink, may_go) = (told.sink(), Mutex::new(may_go));
        let held_up = move |committed: &[_]| {
            may_go.lock().unwrap().recv().unwrap();
            sink(committed);
        };
        let (teller, thread) = Teller::start(Box::new(held_up), ()).unwrap();
        let (many, first) = window(&mut writer, 1..=MANY as u64);
        let (few, second) = window(&mut writer, 20..=20);
        // Neither waits for the sink.
        assert_eq!((teller.tell(many), teller.tell(few)), (Ok(()), Ok(())));
        let mut receipts: Vec<_> =
            first.into_iter().chain(second).map(|receipt| Box::pin(receipt.durable())).collect();
        assert!(receipts.iter_mut().all(|receipt| receipt.as_mut().now_or_never().is_none()));
        assert_eq!(told.events(), []);
        go.send(()).unwrap();
        go.send(()).unwrap();
        drop(teller);
        thread.join().unwrap();
        let numbers = (1..=MANY as u64).chain([20]);
        let expected: Vec<_> = numbers.zip(1..).map(|(number, cursor)| (id(number), 1, cursor)).collect();
        assert_eq!(told.events(), expected);
        for receipt in receipts {
            assert_eq!(receipt.now_or_never().unwrap().unwrap(), Applied::Kept);
        }
    }

    #[test]
    fn few_changes_are_told_on_the_spot_and_many_are_not() {
        let (mut writer, threads) = (writer(), Arc::new(Mutex::new(Vec::<ThreadId>::new())));
        let seen = threads.clone();
        let note = move |_: &[_]| seen.lock().unwrap().push(thread::current().id());
        let (teller, thread) = Teller::start(Box::new(note), ()).unwrap();
        let here = thread::current().id();
        for (numbers, teller_of_it) in [(1..=1, here), (20..=19 + MANY as u64, thread.thread().id())] {
            teller.tell(window(&mut writer, numbers).0).unwrap();
            while teller.untold.load(Ordering::Acquire) > 0 {
                thread::yield_now();
            }
            assert_eq!(threads.lock().unwrap().pop(), Some(teller_of_it));
        }
    }

    #[test]
    fn after_a_panic_of_the_sink_nothing_is_told() {
        let mut writer = writer();
        let (teller, thread) = Teller::start(Box::new(|_| panic!("a sink that fails")), ()).unwrap();
        let (many, mut receipts) = window(&mut writer, 1..=MANY as u64);
        teller.tell(many).unwrap();
        assert!(thread.join().is_err());
        let (few, later) = window(&mut writer, 20..=20);
        assert_eq!(teller.tell(few), Err(Gone));
        receipts.extend(later);
        for receipt in receipts {
            let answer = receipt.durable().now_or_never().unwrap();
            assert!(matches!(answer, Err(StoreError::Closed)), "{answer:?}");
        }
    }
}
