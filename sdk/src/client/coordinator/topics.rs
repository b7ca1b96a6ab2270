//! Readers of the daemon's own reports: the queue, the venues, the clients, its status, what was done. A topic is subscribed to, or
//! polled while the socket is down, only while somebody reads it.

use crate::wire::{Actions, Clients, Queue, Status, Topic, Venues};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use tokio::sync::{Notify, watch};

/// What a topic tells: [`Queue`], [`Venues`], [`Clients`], [`Status`] or [`Actions`].
pub trait Watched: slot::Slot {}

impl Watched for Queue {}
impl Watched for Venues {}
impl Watched for Clients {}
impl Watched for Status {}
impl Watched for Actions {}

/// Reads one topic. While there is one, the coordinator keeps what it shows current.
#[derive(Debug)]
pub struct TopicReader<T> {
    /// None only while it is dropped.
    newest: Option<watch::Receiver<Option<Arc<T>>>>,
    interest: Arc<Notify>,
}

impl<T: Watched> TopicReader<T> {
    pub(super) fn new(readable: &Readable, interest: Arc<Notify>) -> Self {
        let mut newest = T::of_readable(readable).clone();
        newest.mark_changed();
        interest.notify_one();
        Self { newest: Some(newest), interest }
    }

    /// What the daemon last said; none before it has said anything.
    #[must_use]
    pub fn latest(&self) -> Option<Arc<T>> {
        self.newest.as_ref().and_then(|newest| newest.borrow().clone())
    }

    /// Waits for something that this reader was not given yet. None when the coordinator has ended. Nothing is lost
    /// when it is dropped before it is done.
    pub async fn next(&mut self) -> Option<Arc<T>> {
        let newest = self.newest.as_mut()?;
        loop {
            newest.changed().await.ok()?;
            if let Some(object) = newest.borrow_and_update().clone() {
                return Some(object);
            }
        }
    }
}

impl<T> Drop for TopicReader<T> {
    fn drop(&mut self) {
        // It must be gone when the coordinator counts the readers.
        self.newest = None;
        self.interest.notify_one();
    }
}

/// The ends that are written, one for each topic.
#[derive(Debug)]
pub(super) struct Topics {
    queue: watch::Sender<Option<Arc<Queue>>>,
    venues: watch::Sender<Option<Arc<Venues>>>,
    clients: watch::Sender<Option<Arc<Clients>>>,
    status: watch::Sender<Option<Arc<Status>>>,
    actions: watch::Sender<Option<Arc<Actions>>>,
}

/// The ends that readers are made of. It counts as one reader of each topic.
#[derive(Clone, Debug)]
pub struct Readable {
    queue: watch::Receiver<Option<Arc<Queue>>>,
    venues: watch::Receiver<Option<Arc<Venues>>>,
    clients: watch::Receiver<Option<Arc<Clients>>>,
    status: watch::Receiver<Option<Arc<Status>>>,
    actions: watch::Receiver<Option<Arc<Actions>>>,
}

impl Topics {
    pub(super) fn new() -> (Self, Readable) {
        let (queue, queue_reader) = watch::channel(None);
        let (venues, venues_reader) = watch::channel(None);
        let (clients, clients_reader) = watch::channel(None);
        let (status, status_reader) = watch::channel(None);
        let (actions, actions_reader) = watch::channel(None);
        let readable = Readable {
            queue: queue_reader,
            venues: venues_reader,
            clients: clients_reader,
            status: status_reader,
            actions: actions_reader,
        };
        (Self { queue, venues, clients, status, actions }, readable)
    }

    /// Topics that somebody reads. What nobody reads is forgotten, so that nobody is shown it when it is old.
    pub(super) fn read(&self) -> Vec<Topic> {
        let topics = [
            (Topic::Queue, is_read(&self.queue)),
            (Topic::Venues, is_read(&self.venues)),
            (Topic::Clients, is_read(&self.clients)),
            (Topic::Status, is_read(&self.status)),
            (Topic::Actions, is_read(&self.actions)),
        ];
        topics.into_iter().filter_map(|(topic, is_read)| is_read.then_some(topic)).collect()
    }

    /// Shows a topic's object to its readers.
    pub(super) fn tell(&self, topic: Topic, object: &str) -> Result<(), serde_json::Error> {
        match topic {
            Topic::Queue => show(&self.queue, object),
            Topic::Venues => show(&self.venues, object),
            Topic::Clients => show(&self.clients, object),
            Topic::Status => show(&self.status, object),
            Topic::Actions => show(&self.actions, object),
            Topic::Orders | Topic::Logs => Ok(()),
        }
    }
}

fn is_read<T>(newest: &watch::Sender<Option<Arc<T>>>) -> bool {
    // One of them belongs to `Readable`.
    let is_read = newest.receiver_count() > 1;
    if !is_read {
        newest.send_if_modified(|object| object.take().is_some());
    }
    is_read
}

fn show<T: DeserializeOwned>(
    newest: &watch::Sender<Option<Arc<T>>>,
    object: &str,
) -> Result<(), serde_json::Error> {
    let object = serde_json::from_str(object)?;
    newest.send_replace(Some(Arc::new(object)));
    Ok(())
}

/// Which end is whose. Nothing outside can be watched.
mod slot {
    use super::{Actions, Arc, Clients, Queue, Readable, Status, Venues, watch};

    pub trait Slot: Sized {
        fn of_readable(readable: &Readable) -> &watch::Receiver<Option<Arc<Self>>>;
    }

    impl Slot for Queue {
        fn of_readable(readable: &Readable) -> &watch::Receiver<Option<Arc<Self>>> {
            &readable.queue
        }
    }

    impl Slot for Venues {
        fn of_readable(readable: &Readable) -> &watch::Receiver<Option<Arc<Self>>> {
            &readable.venues
        }
    }

    impl Slot for Clients {
        fn of_readable(readable: &Readable) -> &watch::Receiver<Option<Arc<Self>>> {
            &readable.clients
        }
    }

    impl Slot for Status {
        fn of_readable(readable: &Readable) -> &watch::Receiver<Option<Arc<Self>>> {
            &readable.status
        }
    }

    impl Slot for Actions {
        fn of_readable(readable: &Readable) -> &watch::Receiver<Option<Arc<Self>>> {
            &readable.actions
        }
    }
}
