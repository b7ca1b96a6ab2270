//! Executes orders: takes them in, asks venues, signs in lanes, sends, and follows to finality.
//!
//! An order is in one pair of hands at a time. The dispatcher keeps it while it waits, a worker carries out one
//! attempt, the lane of its account signs, the tracker of its chain follows what was sent; each hands it on by its
//! [`next_step`](crate::order::Order::next_step), which is also all that a restart needs.

mod admission;
mod agenda;
mod approvals;
mod backoff;
mod benches;
mod call;
mod caps;
mod desk;
mod dispatcher;
mod execute;
mod floor;
mod following;
mod handle;
mod job;
mod lane;
mod look;
mod merit;
mod place;
mod queue_desk;
mod recovery;
mod replace;
mod resend;
mod room;
mod router;
mod signal;
mod signing;
mod sold;
mod start;
mod tracker;
mod venues;
mod verbs;
mod verdict;
mod wishes;

pub use desk::{CancelError, Desk, Phase, Readiness, Recovery, RetryError, SubmitError, Submitted};
pub use handle::Engine;
pub use place::Standing;
pub use queue_desk::{Gate, NotKept, QueueDesk, with_desk};
pub use replace::BumpPolicy;
pub use start::{ChainPost, EngineSetup, StartError, VenuePost};
pub use venues::{
    Availability, ReloadRefusal, Switch, SwitchError, Unwatched, VenueDesk, VenueHealth, with_guards,
};

use floor::Floor;
