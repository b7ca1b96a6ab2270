//! One plugin's keys and values, with one task that writes them.

use super::{
    book::{Book, Change, Refusal, check_key, check_value},
    file::KvFile,
};
use crate::telemetry::{observe, spawn};
use orderd_sdk::plugin::{Data, PluginError};
use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    sync::{mpsc, oneshot},
    task::spawn_blocking,
};

/// Changes that may wait to be written, and the most that are written at once.
const QUEUE: usize = 256;

/// Keeps what a plugin wants kept.
pub(in crate::services) struct KvStore {
    /// Why the file cannot be used; then nothing is answered from it and nothing is written over it.
    damage: Option<String>,
    durable: Durable,
    changes: mpsc::Sender<Pending>,
}

/// What is on the disk.
type Durable = Arc<Mutex<Arc<Book>>>;

/// A change, how much may be kept with it, and whom to tell what has become of it.
struct Pending {
    change: Change,
    most: usize,
    answer: oneshot::Sender<Result<(), PluginError>>,
}

impl KvStore {
    /// Reads the file, which may take as long as the disk does, and begins to write it. There must be no other store
    /// of this file. A damaged one is told of and left alone; the plugin then has no memory, and the daemon goes on.
    pub(in crate::services) fn open(plugin: &str, path: PathBuf) -> Self {
        let file = KvFile(path);
        let (book, damage) = match file.read() {
            Ok(book) => (book, None),
            Err(error) => {
                observe::plugin_memory_unusable(plugin, &error);
                (Book::default(), Some(error.to_string()))
            }
        };
        let durable: Durable = Arc::new(Mutex::new(Arc::new(book)));
        let (changes, waiting) = mpsc::channel(QUEUE);
        spawn("kv", run(file, durable.clone(), waiting));
        Self { damage, durable, changes }
    }

    /// The value of a key.
    pub(in crate::services) fn get(&self, key: &str) -> Result<Option<Data>, PluginError> {
        check_key(key).map_err(refused)?;
        Ok(self.book()?.get(key).map(|value| Data::from(value.to_vec())))
    }

    /// Keys that begin so, after this one.
    pub(in crate::services) fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Vec<String>, PluginError> {
        Ok(self.book()?.list(prefix, after))
    }

    /// Gives a key a value, if all that is kept then has at most so many bytes. It is on the disk when this returns.
    pub(in crate::services) async fn put(
        &self,
        key: String,
        value: Vec<u8>,
        most: usize,
    ) -> Result<(), PluginError> {
        check_key(&key).and_then(|()| check_value(&value)).map_err(refused)?;
        self.change(Change::Put(key, value.into()), most).await
    }

    /// Removes a key. It is gone from the disk when this returns.
    pub(in crate::services) async fn delete(&self, key: String) -> Result<(), PluginError> {
        check_key(&key).map_err(refused)?;
        self.change(Change::Delete(key), usize::MAX).await
    }

    async fn change(&self, change: Change, most: usize) -> Result<(), PluginError> {
        self.book()?;
        let (answer, answered) = oneshot::channel();
        self.changes.send(Pending { change, most, answer }).await.map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }

    fn book(&self) -> Result<Arc<Book>, PluginError> {
        match &self.damage {
            None => Ok(current(&self.durable)),
            Some(damage) => Err(PluginError::permanent(damage.clone())),
        }
    }
}

/// Writes what waits, all of it at once, until there is nobody left to ask for it.
async fn run(file: KvFile, durable: Durable, mut waiting: mpsc::Receiver<Pending>) {
    let mut batch = Vec::new();
    while waiting.recv_many(&mut batch, QUEUE).await > 0 {
        let before = current(&durable);
        let (after, verdicts) = apply(&before, &batch);
        let written = match after == *before {
            true => Ok(()),
            false => write(&file, after, &durable).await,
        };
        for (Pending { answer, .. }, verdict) in batch.drain(..).zip(verdicts) {
            let outcome = verdict.map_err(refused).and_then(|()| match &written {
                Ok(()) => Ok(()),
                Err(error) => Err(PluginError::transient(format!("it could not be stored: {error}"))),
            });
            // Whoever asked may have given up.
            let _ = answer.send(outcome);
        }
    }
}

/// What the changes make of a book, one after the other, and which of them it took.
fn apply(before: &Book, batch: &[Pending]) -> (Book, Vec<Result<(), Refusal>>) {
    let mut book = before.clone();
    let verdicts = batch.iter().map(|pending| book.apply(&pending.change, pending.most)).collect();
    (book, verdicts)
}

async fn write(file: &KvFile, book: Book, durable: &Durable) -> io::Result<()> {
    let (file, book) = (file.clone(), Arc::new(book));
    let writing = {
        let book = book.clone();
        spawn_blocking(move || file.write(&book))
    };
    writing.await.unwrap_or_else(|error| Err(io::Error::other(error)))?;
    *durable.lock().unwrap_or_else(PoisonError::into_inner) = book;
    Ok(())
}

fn current(durable: &Durable) -> Arc<Book> {
    durable.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn refused(refusal: Refusal) -> PluginError {
    match refusal {
        Refusal::Size => PluginError::invalid(refusal.to_string()),
        Refusal::Full => PluginError::permanent(refusal.to_string()),
    }
}

fn closed() -> PluginError {
    PluginError::transient("the daemon is shutting down")
}
