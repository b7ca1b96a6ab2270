//! The handle: how a coordinator is started, read and told what to do.

use super::{
    cache::{Cache, CacheWriter},
    counters::{Counters, Counts},
    follower::{Follower, Followers},
    interest::Followed,
    ledger::Ledger,
    line::Line,
    link::{Link, Phase},
    logs::LogReader,
    mending::{Lookups, Mending},
    options::CoordinatorOptions,
    polling::Polling,
    position::Position,
    submission::{SubmitError, fresh_key},
    task::{Command, Task},
    topics::{Readable, TopicReader, Topics, Watched},
};
use crate::{
    client::Client,
    wire::{ExecuteRequest, ExecuteResponse, LogFilter},
};
use std::sync::Arc;
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch},
    task::JoinSet,
    time::Instant,
};

/// Wishes that wait for the task.
const COMMANDS: usize = 64;

/// Keeps one socket to one daemon, and with it one cache of orders that everybody reads. Cloning gives another handle of
/// the same; when the last one is dropped, it ends.
#[derive(Clone, Debug)]
pub struct Coordinator {
    client: Client,
    options: Arc<CoordinatorOptions>,
    commands: mpsc::Sender<Command>,
    cache: Cache,
    link: watch::Receiver<Link>,
    readable: Readable,
    interest: Arc<Notify>,
    counters: Arc<Counters>,
    followers: Arc<Semaphore>,
    log_readers: Arc<Semaphore>,
}

/// As many readers of this kind are there as the options allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many readers")]
pub struct TooManyReaders;

impl Coordinator {
    /// Starts one that follows what the options say on the daemon of this client.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    #[must_use]
    pub fn start(client: Client, options: CoordinatorOptions) -> Self {
        let (commands, inbox) = mpsc::channel(COMMANDS);
        let (cache_writer, cache) = Cache::new(options.max_changed, options.max_submissions);
        let (link_writer, link) = watch::channel(Link::at_start());
        let (topics, readable) = Topics::new();
        let coordinator = Self {
            followers: Arc::new(Semaphore::new(options.max_followers)),
            log_readers: Arc::new(Semaphore::new(options.max_log_readers)),
            options: Arc::new(options),
            client,
            commands,
            cache,
            link,
            readable,
            interest: Arc::default(),
            counters: Arc::default(),
        };
        let task = coordinator.task(inbox, cache_writer, link_writer, topics);
        #[expect(
            clippy::disallowed_methods,
            reason = "the one task of a coordinator; `Link` tells how it is"
        )]
        tokio::spawn(task.run());
        coordinator
    }

    fn task(
        &self,
        commands: mpsc::Receiver<Command>,
        cache: CacheWriter,
        link: watch::Sender<Link>,
        topics: Topics,
    ) -> Task {
        Task {
            client: self.client.clone(),
            options: self.options.clone(),
            commands,
            interest: self.interest.clone(),
            counters: self.counters.clone(),
            cache,
            link,
            topics,
            logs: Vec::new(),
            logs_named: 0,
            followers: Followers::default(),
            followed: Followed::default(),
            ledger: Ledger::new(self.options.max_orders, self.counters.clone()),
            position: Position::default(),
            line: Line::Waiting(Instant::now()),
            jobs: JoinSet::new(),
            polling: Polling::default(),
            mending: Mending::Whole,
            lookups: Lookups::default(),
            gap: None,
            why: None,
            failures: 0,
            connections: 0,
            come_back: None,
            flush_at: None,
            settle_at: None,
        }
    }

    /// The orders as they stand.
    #[must_use]
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// How the coordinator stands to its daemon.
    #[must_use]
    pub fn link(&self) -> Link {
        self.link.borrow().clone()
    }

    /// The same, to be waited on: it wakes when anything but `cursor` and `lag` is different, and closes when the
    /// coordinator has ended.
    #[must_use]
    pub fn watch_link(&self) -> watch::Receiver<Link> {
        self.link.clone()
    }

    /// Waits until the coordinator stands so to its daemon. None when it has ended first.
    pub async fn wait_for(&self, phase: Phase) -> Option<Link> {
        let mut link = self.link.clone();
        link.wait_for(|link| link.phase == phase).await.ok().map(|link| link.clone())
    }

    /// What has happened so far, in numbers.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counters.counts()
    }

    /// Reads every event of an order, from its first one on.
    ///
    /// # Errors
    /// When there are too many readers.
    pub async fn follow(&self, order_id: &str) -> Result<Follower, TooManyReaders> {
        self.follow_after(order_id, 0).await
    }

    /// Reads every event of an order after the one numbered `seq`.
    ///
    /// # Errors
    /// When there are too many readers.
    pub async fn follow_after(&self, order_id: &str, seq: u64) -> Result<Follower, TooManyReaders> {
        let place = place(&self.followers)?;
        let (client, backoff) = (self.client.clone(), self.options.backoff);
        let order_id: Arc<str> = order_id.into();
        let (follower, slot) =
            Follower::new(client, backoff, order_id.clone(), seq, self.interest.clone(), place);
        let (ready, is_ready) = oneshot::channel();
        // When the coordinator has ended, the reader finds out by itself.
        let _ = self.commands.send(Command::Follow { order_id, slot, ready }).await;
        let _ = is_ready.await;
        Ok(follower)
    }

    /// Reads one of the daemon's own reports; `coordinator.topic::<Queue>()`.
    #[must_use]
    pub fn topic<T: Watched>(&self) -> TopicReader<T> {
        TopicReader::new(&self.readable, self.interest.clone())
    }

    /// Reads the daemon's log, beginning with so many of its last lines.
    ///
    /// # Errors
    /// When there are too many readers.
    pub async fn logs(&self, filter: LogFilter, lines: u32) -> Result<LogReader, TooManyReaders> {
        let (reader, slot) = LogReader::new(filter, lines, self.interest.clone(), place(&self.log_readers)?);
        let _ = self.commands.send(Command::Logs(slot)).await;
        Ok(reader)
    }

    /// Hands an order in, again and again with the same key where there is no answer. Until it is in the cache it is
    /// among the cache's [submissions](Cache::submissions), and it is handed in even when nobody waits for this.
    /// Without a key one is made.
    ///
    /// # Errors
    /// When the order was not accepted; on [`SubmitError::Open`] that is unknown.
    pub async fn submit(
        &self,
        request: ExecuteRequest,
        idempotency_key: Option<&str>,
    ) -> Result<ExecuteResponse, SubmitError> {
        let key = match idempotency_key {
            Some(key) => key.into(),
            None => fresh_key()?,
        };
        let (reply, outcome) = oneshot::channel();
        let command = Command::Submit { key, request: Arc::new(request), reply };
        self.commands.send(command).await.map_err(|_| SubmitError::Ended)?;
        outcome.await.unwrap_or(Err(SubmitError::Ended))
    }

    /// Takes an order that was not accepted out of the cache's submissions.
    pub async fn dismiss(&self, idempotency_key: &str) {
        let _ = self.commands.send(Command::Dismiss(idempotency_key.into())).await;
    }

    /// Sends a wish to the task. When that has ended, whoever waits for the answer finds out.
    pub(super) async fn command(&self, command: Command) {
        let _ = self.commands.send(command).await;
    }

    /// Connects anew, at once: also when the daemon has said that it does not want this client.
    pub async fn reconnect(&self) {
        let _ = self.commands.send(Command::Reconnect).await;
    }

    /// Ends it, for every handle, and waits until the socket is closed. The cache stays as it is.
    pub async fn shut_down(&self) {
        let (told, is_over) = oneshot::channel();
        let _ = self.commands.send(Command::ShutDown(told)).await;
        let _ = is_over.await;
    }
}

fn place(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, TooManyReaders> {
    places.clone().try_acquire_owned().map_err(|_| TooManyReaders)
}
