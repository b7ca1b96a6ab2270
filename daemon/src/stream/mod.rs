//! Orders' lives, live: who follows an order hears of each of its events, once and in order.
//!
//! Readers pull. The [`Bus`] only remembers the newest state of each order that somebody follows and wakes its
//! readers; an order carries all its events, so a [`Subscription`] finds every one it has not read yet, however
//! late it comes. Nothing is queued per reader, nothing can be lost, and the publisher waits for nobody.

mod bus;
mod frame;
mod subscription;
mod topic;

pub use bus::{Bus, Load};
pub use frame::Frame;
pub use subscription::Subscription;
