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
#[cfg(any(test, fuzzing))]
pub(crate) mod samples;
mod standing;
mod state;
mod steps;
mod transition;
mod verbs;
mod view;
mod words;

pub use attempt::{Attempt, Fate, Lane, Purpose, Slot, Transaction};
pub use catalog::{Catalog, ChainEntry};
pub use event::{Cursor, Event, EventKind, QuoteAnswer, QuoteLine};
pub use fact::{Fact, Failure};
pub use id::{OrderId, OrderIdError, OrderIds};
pub use intake::read_request;
pub use intent::Intent;
pub use ppm::{Ppm, PpmError};
pub use standing::Standing;
pub use state::{State, Step};
pub use transition::IllegalTransition;
pub use verbs::{CancelRefusal, RetryRefusal};
pub use view::{Told, View, message_of, messages};

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
    /// Why the client wants it to end without effect, if it does.
    pub withdrawal: Option<String>,
    /// Attempts that were granted by hand on top of the intent's.
    pub granted_attempts: u32,
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
            withdrawal: None,
            granted_attempts: 0,
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

    /// Attempts at the most.
    #[must_use]
    pub fn max_attempts(&self) -> u32 {
        self.intent.max_attempts.saturating_add(self.granted_attempts)
    }

    /// The slot whose fate decides what happens next, if there is one; for an order that is over, an approval that
    /// could still be undone.
    #[must_use]
    pub fn open_slot(&self) -> Option<&Slot> {
        let attempt = self.current()?;
        match self.state {
            State::Signed
            | State::Submitted
            | State::ResendPending { .. }
            | State::Unknown { .. }
            | State::Reverted { .. }
            | State::Voided { .. }
            | State::Confirmed { .. } => attempt.swap.as_ref(),
            State::Pending | State::Routing | State::Building | State::RetryPending { .. } => None,
            State::Approving | State::Finalized | State::Failed | State::Cancelled | State::Expired => {
                self.open_slots().last()
            }
        }
    }

    /// Whether the open slot is the swap's: an approval's moves no funds.
    #[must_use]
    pub fn swap_is_open(&self) -> bool {
        !matches!(self.state, State::Approving) && !self.state.is_over() && self.open_slot().is_some()
    }

    /// The slots whose fate is not known for good, oldest first.
    pub fn open_slots(&self) -> impl Iterator<Item = &Slot> {
        self.slots().filter(|slot| slot.is_open())
    }

    /// The slot that the account has to get past next, when the newest block leaves it at this sequence: an approval
    /// that was undone stands before the open slot.
    #[must_use]
    pub fn slot_in_front(&self, latest: Option<u64>) -> Option<&Slot> {
        let open = self.open_slot()?;
        let undone = |latest| self.open_slots().find(|slot| (latest..open.sequence).contains(&slot.sequence));
        latest.and_then(undone).or(Some(open))
    }

    /// Every slot that it ever took, oldest first.
    pub fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.attempts.iter().flat_map(|attempt| attempt.slots())
    }

    fn record(&mut self, kind: EventKind, now: Timestamp) {
        let seq = self.seq() + 1;
        self.events.push(Arc::new(Event { seq, cursor: Cursor::default(), at: now, kind }));
    }
}
