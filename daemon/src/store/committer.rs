//! Group commit: a bounded queue of changes, and one thread that writes all that waits in it at once.

use super::{
    Change, Receipt, StoreError,
    inbox::{Arrived, Closed, Inbox},
    intake::{Intake, Sweep, Work},
    pace::{Company, Effort},
    port::Swept,
    sweep::Due,
    tree::Tree,
    writer::{Pending, Writer},
};
use std::{
    io, mem,
    sync::{Arc, Mutex, MutexGuard, OnceLock},
    thread::{self, JoinHandle},
    time::Instant,
};
use tokio::sync::{oneshot, watch};

const THREAD_NAME: &str = "store-writer";

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

/// The way in to a writer's thread. Dropping it writes what was taken in, as closing does.
#[derive(Debug)]
pub(super) struct Committer {
    door: Door,
    ended: watch::Receiver<()>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Committer {
    /// Starts the thread. At most `capacity` changes wait, and as many are written at once.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start<T: Tree>(writer: Writer<T>, capacity: usize) -> io::Result<Self> {
        let capacity = capacity.max(1);
        let door = Door { inbox: Arc::new(Inbox::new(capacity)), failure: Arc::default() };
        let (end, ended) = watch::channel(());
        let seen = door.clone();
        let thread = thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(move || {
            let leaving = Leaving(seen);
            run(writer, capacity, &leaving.0);
            drop(leaving);
            drop(end);
        })?;
        Ok(Self { door, ended, thread: Mutex::new(Some(thread)) })
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
        // The thread never sends: this fails when it ends, which is what is waited for.
        let _ = self.ended.clone().changed().await;
        self.join();
        self.failure().map_or(Ok(()), Err)
    }

    fn join(&self) {
        let Some(thread) = lock(&self.thread).take() else {
            return;
        };
        // The sink may have been the last to let go of the store: then this is the thread itself.
        if thread.thread().id() != thread::current().id() && thread.join().is_err() {
            let _ = self.door.failure.set(StoreError::Write("the writer has panicked".to_owned()));
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

/// Held by the thread while it works. When it goes, by a panic too, nothing is taken in that nobody would write.
struct Leaving(Door);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.inbox.close();
        // Whoever waits for this hears that the store is closed.
        self.0.inbox.receive(&mut Vec::new(), None);
    }
}

fn run<T: Tree>(mut writer: Writer<T>, capacity: usize, door: &Door) {
    let mut intake = Intake::new(capacity);
    let mut company = Company::Nobody;
    while intake.fill(&door.inbox) {
        let written = writer.write(intake.window());
        if !written.is_empty() {
            company = Company::Others;
        }
        if let Err(error) = written.result.clone() {
            door.shut(error.clone());
            written.resolve();
            return refuse_all(intake, &door.inbox, &error);
        }
        written.resolve();
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
