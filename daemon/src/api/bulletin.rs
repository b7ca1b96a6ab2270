//! The topics that are told whole: made at most once a second, whoever asks, and encoded once for all. What must not
//! wait so long is counted: then a message is made anew at once.

use super::{ApiState, reports};
use crate::{
    stream::Frame,
    telemetry::{Clock, SystemClock},
};
use orderd_sdk::wire::{Topic, TopicMessage};
use serde::Serialize;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How old a message may be.
const FRESH: Duration = Duration::from_secs(1);

/// Clients that the topic lists.
const CLIENTS: usize = 100;

/// The last message of each topic.
#[derive(Debug, Default)]
pub(super) struct Bulletins {
    queue: Slot,
    venues: Slot,
    clients: Slot,
    status: Slot,
}

#[derive(Debug, Default)]
struct Slot(Mutex<Option<Bulletin>>);

#[derive(Debug)]
struct Bulletin {
    made: Instant,
    /// How many changes there were that must not wait.
    urgent: u64,
    /// The object alone, to see whether it has changed.
    object: Vec<u8>,
    edition: Edition,
}

/// A message of a topic, and the number of changes before it.
#[derive(Clone, Debug)]
pub(super) struct Edition {
    pub(super) number: u64,
    pub(super) frame: Frame,
}

impl ApiState {
    /// The newest message of a topic that is told whole; none for the others.
    pub(super) fn bulletin(&self, topic: Topic) -> Option<Edition> {
        let slots = &self.bulletins;
        Some(match topic {
            Topic::Clients => slots.clients.read(topic, 0, || reports::clients(self, CLIENTS)),
            Topic::Queue => slots.queue.read(topic, 0, || reports::queue(self)),
            Topic::Venues => slots.venues.read(topic, self.venues.changes(), || reports::venues(self)),
            Topic::Status => slots.status.read(topic, 0, || reports::status(self)),
            Topic::Orders | Topic::Logs | Topic::Actions => return None,
        })
    }
}

impl Slot {
    fn read<T: Serialize>(&self, topic: Topic, urgent: u64, make: impl FnOnce() -> T) -> Edition {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let is_fresh = |last: &&Bulletin| last.urgent == urgent && now.duration_since(last.made) < FRESH;
        if let Some(last) = last.as_ref().filter(is_fresh) {
            return last.edition.clone();
        }
        let object = make();
        let json = serde_json::to_vec(&object).expect("wire objects have string keys only");
        let edition = match last.take() {
            Some(last) if last.object == json => last.edition,
            other => {
                let number = other.map_or(1, |other| other.edition.number + 1);
                let message = TopicMessage { topic, timestamp: SystemClock.now(), object };
                Edition { number, frame: Frame::encode(&message) }
            }
        };
        *last = Some(Bulletin { made: now, urgent, object: json, edition: edition.clone() });
        edition
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_message_is_made_once_a_second_and_numbered_by_its_changes() {
        let slot = Slot::default();
        let read = |value: u64| slot.read(Topic::Queue, 0, || serde_json::json!({ "value": value }));
        let first = read(1);
        assert_eq!(read(2).frame, first.frame, "fresh enough");
        tokio::time::advance(FRESH).await;
        assert_eq!(read(1).number, first.number, "unchanged");
        tokio::time::advance(FRESH).await;
        let second = read(2);
        assert_eq!(second.number, first.number + 1);
        let urgent = slot.read(Topic::Queue, 1, || serde_json::json!({ "value": 3 }));
        assert_eq!(urgent.number, second.number + 1, "what is urgent does not wait");
        let message: serde_json::Value = serde_json::from_slice(second.frame.json()).unwrap();
        assert_eq!((&message["type"], &message["value"]), (&"queue".into(), &2.into()));
    }
}
