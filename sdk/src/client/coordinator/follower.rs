//! Readers of one order's events, without a hole: what the stream brings is taken as it comes, and whatever it did not
//! bring is fetched. The reader fetches by itself; the coordinator only tells how far the order is.

use super::{
    backoff::{Backoff, chance},
    jobs::may_pass,
};
use crate::{
    client::{Client, ClientError},
    wire::OrderMessage,
};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};
use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc, watch};

/// Events that wait for a reader. When there are more, it fetches them.
const INBOX: usize = 256;

/// Reads the events of one order, each once, in the order of `seq`.
#[derive(Debug)]
pub struct Follower {
    client: Client,
    backoff: Backoff,
    order_id: Arc<str>,
    /// The last event that was given out.
    seq: u64,
    /// There are events at least up to this one.
    known: u64,
    fetched: VecDeque<OrderMessage>,
    inbox: mpsc::Receiver<Arc<OrderMessage>>,
    stand: watch::Receiver<Stand>,
    state: State,
    interest: Arc<Notify>,
    _place: OwnedSemaphorePermit,
}

/// Why an order cannot be followed any further.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The daemon has another store than before: the order may be another one there, or none. Follow it again.
    #[error("the daemon has another store")]
    OtherStore,
    /// The daemon refuses to tell the order's events; `order-not-found` for one.
    #[error("the order's events cannot be read")]
    Refused(#[source] ClientError),
}

/// How far the coordinator has seen an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    At(u64),
    OtherStore,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Open,
    Ended,
}

impl Follower {
    /// Follows an order after the event `seq`.
    pub(super) fn new(
        client: Client,
        backoff: Backoff,
        order_id: Arc<str>,
        seq: u64,
        interest: Arc<Notify>,
        place: OwnedSemaphorePermit,
    ) -> (Self, FollowSlot) {
        let (sender, inbox) = mpsc::channel(INBOX);
        let (stand_sender, stand) = watch::channel(Stand::At(0));
        let slot = FollowSlot { inbox: sender, stand: stand_sender };
        let follower = Self {
            client,
            backoff,
            order_id,
            seq,
            // Whatever has happened so far is asked for first.
            known: seq + 1,
            fetched: VecDeque::new(),
            inbox,
            stand,
            state: State::Open,
            interest,
            _place: place,
        };
        (follower, slot)
    }

    /// The order.
    #[must_use]
    pub fn order_id(&self) -> &str {
        &self.order_id
    }

    /// The next event: history first, then as it happens. It stays open when the order is over. None after an error,
    /// and when the coordinator has ended. Nothing is lost when it is dropped before it is done.
    ///
    /// # Errors
    /// When the order cannot be followed any further. While the daemon is out of reach it waits.
    pub async fn next(&mut self) -> Option<Result<Arc<OrderMessage>, FollowError>> {
        while self.state == State::Open {
            if let Some(event) = self.fetched.pop_front() {
                if let Some(event) = self.take(Arc::new(event)) {
                    return Some(Ok(event));
                }
            } else if self.known > self.seq {
                if let Err(error) = self.fetch().await {
                    self.state = State::Ended;
                    return Some(Err(error));
                }
            } else {
                match self.hear().await {
                    Ok(Some(event)) => return Some(Ok(event)),
                    Ok(None) => (),
                    Err(error) => return Some(Err(error)),
                }
            }
        }
        None
    }

    /// Waits for an event, or for the news that there are some.
    async fn hear(&mut self) -> Result<Option<Arc<OrderMessage>>, FollowError> {
        tokio::select! {
            // In this order: what is in the inbox need not be fetched.
            biased;
            event = self.inbox.recv() => match event {
                Some(event) => return Ok(self.take(event)),
                None => self.state = State::Ended,
            },
            // That it is closed the inbox says too.
            _ = self.stand.changed() => (),
        }
        match *self.stand.borrow_and_update() {
            Stand::At(seq) => self.known = self.known.max(seq),
            Stand::OtherStore => {
                self.state = State::Ended;
                return Err(FollowError::OtherStore);
            }
        }
        Ok(None)
    }

    /// An event is given out if it is the next one. One that comes too early is fetched, with those before it, when the
    /// order is said to stand there.
    fn take(&mut self, event: Arc<OrderMessage>) -> Option<Arc<OrderMessage>> {
        if event.seq != self.seq + 1 {
            return None;
        }
        self.seq = event.seq;
        Some(event)
    }

    /// Asks for the events after the last one, again and again while the daemon is out of reach.
    async fn fetch(&mut self) -> Result<(), FollowError> {
        let mut failures = 0;
        loop {
            match self.client.events(&self.order_id, self.seq).await {
                Ok(history) => return self.keep(history.events),
                Err(ClientError::Problem(problem)) if problem.code == "since-ahead" => {
                    return Err(FollowError::OtherStore);
                }
                Err(error) if may_pass(&error) => {
                    tokio::time::sleep(self.backoff.delay(failures, chance())).await;
                    failures = failures.saturating_add(1);
                }
                Err(error) => return Err(FollowError::Refused(error)),
            }
        }
    }

    /// Keeps what was fetched. What the daemon does not tell yet, the stream will.
    fn keep(&mut self, events: Vec<OrderMessage>) -> Result<(), FollowError> {
        if let Some(first) = events.first().filter(|first| first.seq != self.seq + 1) {
            let told = format!("event {} comes after {}", first.seq, self.seq);
            return Err(FollowError::Refused(ClientError::Protocol(told)));
        }
        self.known = events.last().map_or(self.seq, |last| last.seq);
        self.fetched = events.into();
        Ok(())
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.inbox.close();
        self.interest.notify_one();
    }
}

/// The coordinator's end of a reader.
#[derive(Debug)]
pub(super) struct FollowSlot {
    inbox: mpsc::Sender<Arc<OrderMessage>>,
    stand: watch::Sender<Stand>,
}

/// Readers by order.
#[derive(Debug, Default)]
pub(super) struct Followers(HashMap<Arc<str>, Vec<FollowSlot>>);

impl Followers {
    pub(super) fn add(&mut self, order_id: Arc<str>, slot: FollowSlot) {
        self.0.entry(order_id).or_default().push(slot);
    }

    pub(super) fn has(&self, order_id: &str) -> bool {
        self.0.contains_key(order_id)
    }

    /// Readers that are gone make room. The orders that nobody follows any more.
    pub(super) fn sweep(&mut self) -> Vec<Arc<str>> {
        let mut left = Vec::new();
        self.0.retain(|id, slots| {
            slots.retain(|slot| !slot.inbox.is_closed());
            if slots.is_empty() {
                left.push(id.clone());
            }
            !slots.is_empty()
        });
        left
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &Arc<str>> {
        self.0.keys()
    }

    /// An event has come. To a reader with a full inbox only its number is told.
    pub(super) fn tell(&self, event: &Arc<OrderMessage>) {
        for slot in self.0.get(event.order_id.as_str()).into_iter().flatten() {
            let _ = slot.inbox.try_send(event.clone());
        }
        self.stand(&event.order_id, event.seq);
    }

    /// An order has been seen to stand at this event.
    pub(super) fn stand(&self, order_id: &str, seq: u64) {
        for slot in self.0.get(order_id).into_iter().flatten() {
            slot.stand.send_if_modified(|stand| match stand {
                Stand::At(before) if *before < seq => {
                    *stand = Stand::At(seq);
                    true
                }
                Stand::At(_) | Stand::OtherStore => false,
            });
        }
    }

    /// The daemon has another store: `seq` counts other events there.
    pub(super) fn reset(&mut self) {
        for slot in self.0.drain().flat_map(|(_, slots)| slots) {
            slot.stand.send_replace(Stand::OtherStore);
        }
    }
}
