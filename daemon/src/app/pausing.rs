//! Whether the queue is paused, kept in a small file: a queue that somebody had reason to pause must not go on by a
//! restart.

use super::durable::{on_a_thread, read, remove, replace};
use crate::{
    engine::{Engine, Gate, NotKept, QueueDesk},
    telemetry::{Clock, observe},
};
use async_trait::async_trait;
use orderd_sdk::wire::{Pause, Workers};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::{Mutex, watch};

/// Where the pause is kept: while there is a file, there is one.
pub(super) struct PauseFile(PathBuf);

impl PauseFile {
    /// Reads whether the queue was paused before. Where the file cannot be understood, it was: whoever knows better can
    /// resume it.
    pub(super) async fn open(data_dir: &Path, clock: &dyn Clock) -> io::Result<(Self, Option<Pause>)> {
        let file = data_dir.join("queue-paused");
        let path = file.clone();
        let held = on_a_thread(move || read(&path)).await?;
        let unknown = || Pause {
            since: clock.now(),
            by: "unknown".to_owned(),
            reason: Some("the file queue-paused in the data directory is damaged".to_owned()),
        };
        let pause = held.map(|bytes| serde_json::from_slice(&bytes).unwrap_or_else(|_| unknown()));
        Ok((Self(file), pause))
    }

    async fn keep(&self, pause: Option<&Pause>) -> io::Result<()> {
        let file = self.0.clone();
        match pause.map(|pause| serde_json::to_vec(pause).expect("a pause has string keys only")) {
            Some(text) => on_a_thread(move || replace(&file, &text)).await,
            None => on_a_thread(move || remove(&file)).await,
        }
    }
}

/// The gate for a start with this pause.
pub(super) fn gate(pause: Option<&Pause>) -> Gate {
    pause.map_or(Gate::Open, |_| Gate::Closed)
}

/// The engine's queue as operators see it.
pub(super) struct Pausing {
    engine: Engine,
    file: PauseFile,
    clock: Arc<dyn Clock>,
    /// How it stands, and how often that has changed.
    standing: watch::Sender<(u64, Option<Pause>)>,
    /// One change at a time.
    turn: Mutex<()>,
}

impl Pausing {
    /// The queue of this engine, which was started with this pause.
    pub(super) fn new(engine: Engine, file: PauseFile, pause: Option<Pause>, clock: Arc<dyn Clock>) -> Self {
        Self { engine, file, clock, standing: watch::Sender::new((0, pause)), turn: Mutex::default() }
    }

    fn take_effect(&self, pause: Option<Pause>) {
        self.engine.switch(gate(pause.as_ref()));
        self.standing.send_modify(|(changes, standing)| {
            *changes += u64::from(*standing != pause);
            *standing = pause;
        });
    }
}

#[async_trait]
impl QueueDesk for Pausing {
    fn paused(&self) -> Option<Pause> {
        self.standing.borrow().1.clone()
    }

    fn changes(&self) -> u64 {
        self.standing.borrow().0
    }

    fn workers(&self) -> Workers {
        self.engine.workers()
    }

    /// It takes effect even if the disk refuses: who pauses the queue wants it to stand still. It is written again each
    /// time, so that whoever was told that it could not be can ask again.
    async fn pause(&self, by: &str, reason: Option<String>) -> Result<Pause, NotKept> {
        let _turn = self.turn.lock().await;
        let asked = || Pause { since: self.clock.now(), by: by.to_owned(), reason };
        let before = self.paused();
        let is_new = before.is_none();
        let pause = before.unwrap_or_else(asked);
        let kept = self.file.keep(Some(&pause)).await;
        self.take_effect(Some(pause.clone()));
        if is_new {
            observe::queue_paused(&pause);
        }
        kept.inspect_err(|error| observe::pause_lost(error))?;
        Ok(pause)
    }

    async fn resume(&self, by: &str) -> Result<(), NotKept> {
        let _turn = self.turn.lock().await;
        self.file.keep(None).await.inspect_err(|error| observe::pause_lost(error))?;
        if self.paused().is_some() {
            observe::queue_resumed(by);
        }
        self.take_effect(None);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::SystemClock;
    use orderd_sdk::timestamp::Timestamp;
    use std::fs;

    async fn open(folder: &Path) -> (PauseFile, Option<Pause>) {
        PauseFile::open(folder, &SystemClock).await.unwrap()
    }

    #[tokio::test]
    async fn a_pause_is_found_again_and_a_damaged_one_is_a_pause_too() {
        let folder = tempfile::tempdir().unwrap();
        let (file, before) = open(folder.path()).await;
        assert_eq!(before, None);
        file.keep(None).await.unwrap();
        let pause = Pause { since: Timestamp(7), by: "ops".to_owned(), reason: None };
        file.keep(Some(&pause)).await.unwrap();
        assert_eq!(open(folder.path()).await.1, Some(pause));
        fs::write(folder.path().join("queue-paused"), "{\"since\"").unwrap();
        let (file, damaged) = open(folder.path()).await;
        assert_eq!(damaged.map(|pause| pause.by).as_deref(), Some("unknown"));
        file.keep(None).await.unwrap();
        assert_eq!(open(folder.path()).await.1, None);
    }
}
