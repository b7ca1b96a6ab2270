//! Actions of one kind: the last so many in memory, and how far they are on the disk.

use super::file::ActionFile;
use orderd_sdk::wire::Action;
use std::{
    collections::VecDeque,
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A shelf that is shared.
#[derive(Clone, Debug)]
pub(super) struct Shelf {
    memory: Arc<Mutex<Memory>>,
    /// None for what is kept in memory only.
    disk: Option<Arc<tokio::sync::Mutex<ActionFile>>>,
}

#[derive(Debug)]
struct Memory {
    /// Oldest first.
    actions: VecDeque<Action>,
    capacity: usize,
    /// The last one that is on the disk.
    saved: u64,
    /// How many the disk has refused.
    unsaved: u64,
}

impl Shelf {
    /// A shelf in memory alone.
    pub(super) fn in_memory(capacity: usize) -> Self {
        let memory = Memory { actions: VecDeque::new(), capacity, saved: u64::MAX, unsaved: 0 };
        Self { memory: Arc::new(Mutex::new(memory)), disk: None }
    }

    /// A shelf with what was written to this file before.
    pub(super) fn open(path: PathBuf, capacity: usize) -> io::Result<Self> {
        let (file, mut before) = ActionFile::open(path, capacity)?;
        let saved = before.last().map_or(0, |action| action.n);
        let old = before.len().saturating_sub(capacity);
        let memory = Memory { actions: before.split_off(old).into(), capacity, saved, unsaved: 0 };
        let disk = Some(Arc::new(tokio::sync::Mutex::new(file)));
        Ok(Self { memory: Arc::new(Mutex::new(memory)), disk })
    }

    /// The number of the last one; 0 when there is none.
    pub(super) fn last(&self) -> u64 {
        self.memory().actions.back().map_or(0, |action| action.n)
    }

    /// Puts an action on the shelf, from where the oldest falls off.
    pub(super) fn put(&self, action: Action) {
        let mut memory = self.memory();
        if memory.actions.len() >= memory.capacity {
            memory.actions.pop_front();
        }
        memory.actions.push_back(action);
    }

    /// Writes down whatever is not on the disk yet: whoever comes while others write has it done with the next ones.
    ///
    /// # Errors
    /// When the disk refuses; it is tried again with the next action. How many wait for that.
    pub(super) async fn save(&self) -> Result<(), (u64, io::Error)> {
        let Some(disk) = &self.disk else {
            return Ok(());
        };
        let (memory, mut file) = (self.memory.clone(), disk.clone().lock_owned().await);
        let saving = tokio::task::spawn_blocking(move || {
            let waiting = lock(&memory).unsaved();
            let Some(last) = waiting.last().map(|action| action.n) else {
                return Ok(());
            };
            let appended = file.append(&waiting);
            let (mut memory, count) = (lock(&memory), waiting.len() as u64);
            match appended {
                Ok(()) => (memory.saved, memory.unsaved) = (last, 0),
                Err(_) => memory.unsaved = count,
            }
            appended.map_err(|error| (count, error))
        });
        saving.await.unwrap_or_else(|error| Err((0, io::Error::other(error))))
    }

    /// Those before this one, the newest first.
    pub(super) fn before(&self, before: u64, most: usize) -> Vec<Action> {
        let memory = self.memory();
        memory.actions.iter().rev().filter(|action| action.n < before).take(most).cloned().collect()
    }

    /// How many the disk has refused.
    pub(super) fn unsaved(&self) -> u64 {
        self.memory().unsaved
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        lock(&self.memory)
    }
}

impl Memory {
    fn unsaved(&self) -> Vec<Action> {
        self.actions.iter().filter(|action| action.n > self.saved).cloned().collect()
    }
}

fn lock(memory: &Mutex<Memory>) -> MutexGuard<'_, Memory> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}
