//! What a daemon must not do to its clients.

use orderd_sdk::wire::{OrderMessage, Since};
use std::fmt;

/// A promise that was broken, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// The client.
    pub client: String,
    /// Which of its connections, from 1.
    pub connection: usize,
    /// Which message of the connection, from 1.
    pub message: usize,
    /// What is wrong.
    pub wrong: Wrong,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, connection, message, wrong } = self;
        write!(f, "{client}, connection {connection}, message {message}: {wrong}")
    }
}

/// An event, as violations name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its order.
    pub order: String,
    /// Its number in the order.
    pub seq: u64,
    /// Its place among all events.
    pub cursor: u64,
}

impl Named {
    pub(super) fn of(event: &OrderMessage) -> Self {
        Self { order: event.order_id.clone(), seq: event.seq, cursor: event.cursor }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {} of {} at {}", self.seq, self.order, self.cursor)
    }
}

/// Which promise was broken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Wrong {
    /// A message that makes no sense.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// Something came before `connection`, or it came again.
    #[error("a connection begins with `connection`, and only so")]
    Greeting,
    /// The store is another one than it was.
    #[error("the epoch is {0}, which is not the history's")]
    Epoch(String),
    /// A message of a subscription that cannot come now.
    #[error("`{what}` of {id} is out of turn: the subscription is {stage}")]
    OutOfTurn {
        /// The type of the message.
        what: &'static str,
        /// The subscription.
        id: String,
        /// How the subscription stands.
        stage: String,
    },
    /// `subscribed` says `recovered`, or a cursor, that does not go with the wish.
    #[error("{id} is subscribed with recovered {recovered} at {cursor}, which does not answer its wish")]
    Recovered {
        /// The subscription.
        id: String,
        /// What it says.
        recovered: bool,
        /// Its cursor.
        cursor: u64,
    },
    /// The history has no such event.
    #[error("the history has no {0}")]
    Invented(Named),
    /// The event is told in another way than the history has it.
    #[error("{0} is told in another way than by the history")]
    Differs(Named),
    /// Nobody asked for it.
    #[error("no subscription asks for {0}")]
    Uninvited(Named),
    /// It came before.
    #[error("{0} came twice")]
    Twice(Named),
    /// The subscription goes on after a cursor that is not before this event.
    #[error("{0} lies where the subscription does not go any more: a snapshot or its resumption covers it")]
    Covered(Named),
    /// Events are left out without a `gap`.
    #[error("{came} comes, and {missing} is left out without a gap")]
    Missing {
        /// The first one that is left out.
        missing: Named,
        /// What comes in its place.
        came: Named,
    },
    /// An event while its subscription does not tell any.
    #[error("{event} comes while its subscription is {stage}")]
    Early {
        /// The event.
        event: Named,
        /// How the subscription stands.
        stage: String,
    },
    /// `ping` or `pong` promise too much.
    #[error("everything up to {cursor} was sent, it says, but {missing} was not")]
    Claimed {
        /// What it says.
        cursor: u64,
        /// What is missing.
        missing: Named,
    },
    /// A client that does as the documentation says loses events.
    #[error("the client resumed after {since:?}, and {missing} is lost to it")]
    LeftOff {
        /// Where it went on.
        since: Since,
        /// What is missing.
        missing: Named,
    },
    /// A page of a snapshot is not like the ones before.
    #[error("a page of {id} is at {cursor}, after {before}")]
    Pages {
        /// The subscription.
        id: String,
        /// The page's cursor.
        cursor: u64,
        /// The cursor of the `gap` or of the pages before.
        before: u64,
    },
    /// A snapshot shows an order as it did not stand then, or that does not belong there.
    #[error("the snapshot at {cursor} shows {order} as of {seq}: {why}")]
    Shown {
        /// Its cursor.
        cursor: u64,
        /// The order.
        order: String,
        /// As of which event.
        seq: u64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A snapshot lacks an order.
    #[error("the snapshot at {cursor} lacks {order}")]
    Lacking {
        /// Its cursor.
        cursor: u64,
        /// The order.
        order: String,
    },
    /// A `gap` leads back.
    #[error("a gap of {id} leads back to {cursor}, after {last}")]
    GapBack {
        /// The subscription.
        id: String,
        /// Its cursor.
        cursor: u64,
        /// What was told last.
        last: u64,
    },
    /// The per-order path has no gaps.
    #[error("a gap on the path of order {0}")]
    GapOnPath(String),
    /// An answer of `GET /api/orders?since=` does not follow from the question.
    #[error("asked for changes after {since}, the answer leads to {cursor}: {why}")]
    Changes {
        /// The question.
        since: u64,
        /// The answer's cursor.
        cursor: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The run ended before the client was told everything.
    #[error("{id} was never told that it has everything up to its last event, {last}")]
    NotReached {
        /// The subscription.
        id: String,
        /// The last event that it asked for.
        last: u64,
    },
}
