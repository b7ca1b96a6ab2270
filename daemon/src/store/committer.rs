//! Group commit: a bounded queue of changes, and one thread that writes all that waits in it at once.

use super::{
    Change, Receipt, StoreError,
    intake::Intake,
    tree::Tree,
    writer::{Pending, Writer},
};
use std::{
    io, iter,
    sync::{Arc, Mutex, MutexGuard, OnceLock},
    thread::{self, JoinHandle},
};
use tokio::sync::{mpsc, watch};

const THREAD_NAME: &str = "store-writer";

/// The way in to a writer's thread. Dropping it writes what was taken in, as closing does.
#[derive(Debug)]
pub(super) struct Committer {
    queue: Mutex<Option<mpsc::Sender<Pending>>>,
    failure: Arc<OnceLock<StoreError>>,
    ended: watch::Receiver<()>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Committer {
    /// Starts the thread. At most `capacity` changes wait, and as many are written at once.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start<T: Tree>(writer: Writer<T>, capacity: usize) -> io::Result<Self> {
        let (queue, waiting) = mpsc::channel(capacity.max(1));
        let failure = Arc::new(OnceLock::new());
        let (end, ended) = watch::channel(());
        let seen = failure.clone();
        let thread = thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(move || {
            run(writer, waiting, &seen);
            drop(end);
        })?;
        Ok(Self { queue: Mutex::new(Some(queue)), failure, ended, thread: Mutex::new(Some(thread)) })
    }

    /// Waits for room in the queue and puts the change there.
    ///
    /// # Errors
    /// When the committer was closed or has failed.
    pub(super) async fn commit(&self, change: Change) -> Result<Receipt, StoreError> {
        let queue = lock(&self.queue).clone().ok_or_else(|| self.refusal())?;
        let (answer, receipt) = Receipt::pending();
        let pending = Pending { change, receipt: answer };
        queue.send(pending).await.map_err(|_| self.refusal())?;
        Ok(receipt)
    }

    /// The failure of a write, after which there is no other.
    pub(super) fn failure(&self) -> Option<StoreError> {
        self.failure.get().cloned()
    }

    /// Takes nothing more and waits until everything is written that was taken in.
    ///
    /// # Errors
    /// When something could not be written.
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        lock(&self.queue).take();
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
            let _ = self.failure.set(StoreError::Write("the writer has panicked".to_owned()));
        }
    }

    fn refusal(&self) -> StoreError {
        self.failure().unwrap_or(StoreError::Closed)
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        lock(&self.queue).take();
        self.join();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing panics between lock and unlock")
}

fn run<T: Tree>(mut writer: Writer<T>, mut queue: mpsc::Receiver<Pending>, failure: &OnceLock<StoreError>) {
    let mut intake = Intake::new(queue.max_capacity());
    while intake.fill(&mut queue) {
        let written = writer.write(intake.window());
        let Err(error) = written.result.clone() else {
            written.resolve();
            continue;
        };
        // In this order: whoever learns of the failure finds the door shut.
        let _ = failure.set(error.clone());
        queue.close();
        written.resolve();
        return refuse_all(intake, queue, &error);
    }
}

fn refuse_all(mut intake: Intake, mut queue: mpsc::Receiver<Pending>, error: &StoreError) {
    let queued = iter::from_fn(|| queue.blocking_recv());
    for pending in intake.held().into_iter().chain(queued) {
        let _ = pending.receipt.send(Err(error.clone()));
    }
}
