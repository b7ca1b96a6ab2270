//! What a client follows: where its messages come from.

use super::{End, Pipe, life::Life, lines::Lines, orders::Orders};
use crate::{api::ApiState, stream::Seat};
use orderd_sdk::wire::Topic;
use std::sync::Arc;

/// One thing that a client follows.
pub(super) enum Source {
    /// One order, from its path.
    Life(Life),
    /// The orders of a filter.
    Orders(Box<Orders>),
    /// A topic that is told whole.
    Whole(Whole),
    /// The log.
    Lines(Lines),
}

/// Whether a source has more to tell at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// It has, or may have.
    More,
    /// Not before there is news.
    Drained,
}

/// A topic that is told whole, and the last edition that the client has.
pub(super) struct Whole {
    pub(super) topic: Topic,
    pub(super) told: u64,
}

impl Source {
    /// Puts what is ready into the pipe.
    ///
    /// # Errors
    /// When the client has to be closed.
    pub(super) async fn pull(&mut self, state: &ApiState, pipe: &mut Pipe) -> Result<Progress, End> {
        match self {
            Self::Life(life) => Ok(life.pull(&state.hub, pipe)),
            // On the heap: reading from storage has much to remember, and almost every client is idle.
            Self::Orders(orders) => Box::pin(orders.pull(state, pipe)).await,
            Self::Whole(whole) => {
                whole.pull(state, pipe);
                Ok(Progress::Drained)
            }
            Self::Lines(lines) => {
                lines.pull(&state.logs, state.hub.told(), pipe);
                Ok(Progress::Drained)
            }
        }
    }

    /// Everything up to this event was told, for those who tell events.
    pub(super) fn complete(&self) -> Option<u64> {
        match self {
            Self::Life(life) => Some(life.complete()),
            Self::Orders(orders) => Some(orders.complete()),
            Self::Whole(_) | Self::Lines(_) => None,
        }
    }

    /// Whether it has to be asked from time to time, because nobody rings for it.
    pub(super) fn is_periodic(&self) -> bool {
        matches!(self, Self::Whole(_) | Self::Lines(_))
    }

    /// Its place among the readers of its filter, if it has one.
    pub(super) fn seat(&self) -> Option<&Arc<Seat>> {
        match self {
            Self::Orders(orders) => Some(orders.seat()),
            Self::Life(_) | Self::Whole(_) | Self::Lines(_) => None,
        }
    }
}

impl Whole {
    fn pull(&mut self, state: &ApiState, pipe: &mut Pipe) {
        let edition = state.bulletin(self.topic).filter(|edition| edition.number != self.told);
        if let Some(edition) = edition {
            self.told = edition.number;
            pipe.push(&edition.frame);
        }
    }
}
