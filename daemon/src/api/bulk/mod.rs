//! One verb for many orders: [`judge`] tells what it would do, [`Previews`] remembers that for whoever asked, and
//! [`Run`] does it, once.
//!
//! Every order is retried or cancelled as the call for that one order would do it, by the same rules of the engine and with
//! the same durable commit. A crash in between leaves the rest of them as they were.

mod judging;
mod previews;
mod run;

pub(super) use judging::{Choice, Extent, judge};
pub(super) use previews::{LIFETIME, Previews, Redeemed};
pub(super) use run::{Progress, Run};
