//! One followed order: its newest state, and its events as they go out.

use super::Frame;
use crate::order::Order;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// One followed order. It is as large as the order's own history, and goes with its last reader.
#[derive(Debug)]
pub(super) struct Topic {
    /// The newest durable state. The publisher touches nothing else.
    newest: watch::Sender<Option<Arc<Order>>>,
    /// Its events that were asked for so far; the event with `seq` n stands at index n - 1.
    frames: Mutex<Vec<Frame>>,
}

impl Topic {
    pub(super) fn new() -> Self {
        let (newest, frames) = (watch::Sender::new(None), Mutex::default());
        Self { newest, frames }
    }

    /// Takes note of a durable state, unless a newer one is known already, and wakes the readers.
    pub(super) fn offer(&self, order: &Arc<Order>) {
        self.newest.send_if_modified(|newest| {
            let is_news = newest.as_ref().is_none_or(|known| known.seq() < order.seq());
            if is_news {
                *newest = Some(Arc::clone(order));
            }
            is_news
        });
    }

    /// Tells when a newer state is there. What is there already counts as seen.
    pub(super) fn watch(&self) -> watch::Receiver<Option<Arc<Order>>> {
        self.newest.subscribe()
    }

    /// The event with this number, if it has happened. The first reader to ask encodes it for all.
    pub(super) fn frame(&self, seq: u64) -> Option<Frame> {
        let index = usize::try_from(seq.checked_sub(1)?).ok()?;
        let mut frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        if frames.len() <= index {
            let newest = self.newest.borrow().clone();
            let encoded = frames.len() as u64;
            frames.extend(newest.iter().flat_map(|order| Frame::encode(order, encoded + 1)));
        }
        frames.get(index).cloned()
    }
}
