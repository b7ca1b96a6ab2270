//! Group commit: a bounded queue of changes, and one thread that writes all that waits in it at once. When many have come
//! together, it gathers for a moment before it writes again.

use super::{
    Change, CommitSink, Receipt, StoreError,
    inbox::{Arrived, Closed, Inbox},
    intake::{Intake, Sweep, Work},
    pace::{Company, Effort},
    port::Swept,
    sweep::Due,
    teller::{Gone, Teller},
    tree::Tree,
    writer::{Pending, Writer},
};
use std::{
    io, mem,
    sync::{Arc, Mutex, MutexGuard, OnceLock},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tokio::sync::{oneshot, watch};

const THREAD_NAME: &str = "store-writer";
/// After a window of so many changes the next one is gathered.
pub(super) const BUSY: usize = 8;
/// Until as many wait again, but no longer than this: whoever was told meanwhile has the next step ready, and one write does
/// for more of them. Who is alone never waits for it.
pub(super) const GATHER: Duration = Duration::from_millis(1);

/// Where changes come in, until it is shut for good.
#[derive(Clone, Debug)]
pub(super) struct Door {
    inbox: Arc<Inbox>,
    failure: Arc<OnceLock<StoreError>>,
}

impl Door {
    /// Something is wrong with what is stored: nothing more is taken in, as after a write that failed.
    pub(super) fn shut(&self, error: StoreError) {
        // In this order: whoever finds the door shut learns why.
        let _ = self.failure.set(error);
        self.inbox.close();
    }
}

/// The way in to a writer's threads. Dropping it writes what was taken in, as closing does.
#[derive(Debug)]
pub(super) struct Committer {
    door: Door,
    ended: watch::Receiver<()>,
    /// The writer's and the teller's.
    threads: Mutex<Option<[JoinHandle<()>; 2]>>,
}

impl Committer {
    /// Starts the threads. At most `capacity` changes wait, and as many are written at once. The sink is told what is durable.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start<T: Tree>(writer: Writer<T>, sink: CommitSink, capacity: usize) -> io::Result<Self> {
        let capacity = capacity.max(1);
        let door = Door { inbox: Arc::new(Inbox::new(capacity)), failure: Arc::default() };
        let (end, ended) = watch::channel(());
        // It ends when the writer has, and everything is told.
        let (teller, telling) = Teller::start(sink, end)?;
        let seen = door.clone();
        let writing = thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(move || {
            let leaving = Leaving(seen);
            run(writer, &teller, capacity, &leaving.0);
        })?;
        Ok(Self { door, ended, threads: Mutex::new(Some([writing, telling])) })
    }

    /// The door, for whoever may have to shut it.
    pub(super) fn door(&self) -> Door {
        self.door.clone()
    }

    /// Waits for room in the queue and puts the change there.
    ///
    /// # Errors
    /// When the committer was closed or has failed.
    pub(super) async fn commit(&self, change: Change) -> Result<Receipt, StoreError> {
        let (answer, receipt) = Receipt::pending();
        self.send(Work::Change(Pending { change, receipt: answer })).await?;
        Ok(receipt)
    }

    /// Removes what is due, and tells what that took of the thread.
    ///
    /// # Errors
    /// When the committer was closed or has failed, or fails with this.
    pub(super) async fn sweep(&self, due: Due) -> Result<(Swept, Effort), StoreError> {
        let (answer, swept) = oneshot::channel();
        self.send(Work::Sweep(Sweep { due, answer })).await?;
        swept.await.unwrap_or_else(|_| Err(self.refusal()))
    }

    async fn send(&self, work: Work) -> Result<(), StoreError> {
        self.door.inbox.send(work).await.map_err(|Closed| self.refusal())
    }

    /// The failure of a write, after which there is no other.
    pub(super) fn failure(&self) -> Option<StoreError> {
        self.door.failure.get().cloned()
    }

    /// Takes nothing more and waits until everything is written that was taken in.
    ///
    /// # Errors
    /// When something could not be written.
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        self.door.inbox.close();
        // The threads never send: this fails when they have ended, which is what is waited for.
        let _ = self.ended.clone().changed().await;
        self.join();
        self.failure().map_or(Ok(()), Err)
    }

    fn join(&self) {
        let Some(threads) = lock(&self.threads).take() else {
            return;
        };
        // The sink may have been the last to let go of the store: then this is one of the two, which wait for each other.
        if threads.iter().any(|thread| thread.thread().id() == thread::current().id()) {
            return;
        }
        let ended = threads.map(JoinHandle::join);
        if ended.iter().any(Result::is_err) {
            let _ = self.door.failure.set(panicked());
        }
    }

    fn refusal(&self) -> StoreError {
        self.failure().unwrap_or(StoreError::Closed)
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.door.inbox.close();
        self.join();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing panics between lock and unlock")
}

fn panicked() -> StoreError {
    StoreError::Write("the writer has panicked".to_owned())
}

/// Held by the writer's thread while it works. When it goes, by a panic too, nothing is taken in that nobody would write.
struct Leaving(Door);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.inbox.close();
        // Whoever waits for this hears that the store is closed.
        self.0.inbox.receive(&mut Vec::new(), None);
    }
}

fn run<T: Tree>(mut writer: Writer<T>, teller: &Teller, capacity: usize, door: &Door) {
    let mut intake = Intake::new(capacity);
    let mut company = Company::Nobody;
    while intake.fill(&door.inbox) {
        let written = writer.write(intake.window());
        let changes = written.len();
        if changes > 0 {
            company = Company::Others;
        }
        let failed = written.result.clone().err();
        if let Some(error) = &failed {
            door.shut(error.clone());
        }
        let told = teller.tell(written).map_err(|Gone| panicked());
        if let Some(error) = failed.or(told.err()) {
            door.shut(error.clone());
            return refuse_all(intake, &door.inbox, &error);
        }
        for Sweep { due, answer } in intake.sweeps() {
            let began = Instant::now();
            let swept = writer.sweep(due);
            let effort =
                Effort { took: began.elapsed(), company: mem::replace(&mut company, Company::Nobody) };
            let failed = swept.clone().err();
            if let Some(error) = &failed {
                door.shut(error.clone());
            }
            // Nobody may be waiting any more.
            let _ = answer.send(swept.map(|swept| (swept, effort)));
            if let Some(error) = failed {
                return refuse_all(intake, &door.inbox, &error);
            }
        }
        if changes >= BUSY {
            door.inbox.gather(changes, GATHER);
        }
    }
}

fn refuse_all(mut intake: Intake, inbox: &Inbox, error: &StoreError) {
    let mut queued = Vec::new();
    inbox.receive(&mut queued, None);
    let queued = queued.into_iter().map(|Arrived { work, at: _ }| work);
    for work in intake.held().into_iter().map(Work::Change).chain(queued) {
        // Nobody may be waiting any more.
        match work {
            Work::Change(pending) => drop(pending.receipt.send(Err(error.clone()))),
            Work::Sweep(sweep) => drop(sweep.answer.send(Err(error.clone()))),
        }
    }
}
