//! An order and its life, without any I/O, clock or runtime.
//!
//! [`Intent`] says what a client wants, [`Order`] where it stands, [`Fact`] what happened; [`Order::apply`] is
//! the only way from one state to the next, and each step leaves an [`Event`]. [`Order::next_step`] tells from
//! the state alone what the engine has to do, which is why an order can be picked up again after any crash.

mod attempt;
mod catalog;
mod event;
mod fact;
mod id;
mod intake;
mod intent;
mod ppm;
#[cfg(test)]
pub(crate) mod samples;
mod state;
mod transition;
mod view;

pub use attempt::{Attempt, Lane, Transaction};
pub use catalog::{Catalog, ChainEntry};
pub use event::{Cursor, Event, EventKind, QuoteAnswer, QuoteLine};
pub use fact::{Fact, Failure};
pub use id::{OrderId, OrderIdError, OrderIds};
pub use intake::read_request;
pub use intent::Intent;
pub use ppm::{Ppm, PpmError};
pub use state::{State, Step};
pub use transition::IllegalTransition;
pub use view::{View, messages};

use orderd_sdk::timestamp::Timestamp;
use std::sync::Arc;

/// An accepted order with everything that has happened to it. Cloning shares the parts.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Order {
    /// Its id; ids grow with the time of acceptance.
    pub id: OrderId,
    /// What the client wants.
    pub intent: Arc<Intent>,
    /// Where it stands.
    pub state: State,
    /// Number of the current attempt, from 1; 0 before the first.
    pub attempt: u32,
    /// Every attempt that chose a venue, oldest first.
    pub attempts: Vec<Arc<Attempt>>,
    /// Every event; the event with `seq` n stands at index n - 1.
    pub events: Vec<Arc<Event>>,
}

impl Order {
    /// A new order in [`State::Pending`], with its first event.
    #[must_use]
    pub fn accept(id: OrderId, intent: Intent, queue_position: u64, now: Timestamp) -> Self {
        let mut order = Self {
            id,
            intent: Arc::new(intent),
            state: State::Pending,
            attempt: 0,
            attempts: Vec::new(),
            events: Vec::new(),
        };
        order.record(EventKind::Pending { queue_position }, now);
        order
    }

    /// The number of the last event.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.events.len() as u64
    }

    /// The lane its transactions take.
    #[must_use]
    pub fn lane(&self) -> Lane {
        Lane { chain: self.intent.chain.clone(), account: self.intent.account.clone() }
    }

    /// The attempt that is under way or was the last.
    #[must_use]
    pub fn current(&self) -> Option<&Arc<Attempt>> {
        self.attempts.last()
    }

    /// The signed transaction whose fate decides what happens next, if there is one.
    #[must_use]
    pub fn open_transaction(&self) -> Option<&Transaction> {
        let attempt = self.current()?;
        match self.state {
            State::Approving => attempt.approval.as_ref(),
            State::Signed
            | State::Submitted
            | State::ResendPending { .. }
            | State::Unknown { .. }
            | State::Reverted { .. }
            | State::Confirmed { .. } => attempt.swap.as_ref(),
            State::Pending
            | State::Routing
            | State::Building
            | State::RetryPending { .. }
            | State::Finalized
            | State::Failed
            | State::Cancelled
            | State::Expired => None,
        }
    }

    fn record(&mut self, kind: EventKind, now: Timestamp) {
        let seq = self.seq() + 1;
        self.events.push(Arc::new(Event { seq, cursor: Cursor::default(), at: now, kind }));
    }
}
