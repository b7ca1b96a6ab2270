//! Orders' lives, live: who follows an order, or the orders of a filter, hears of each event, once and in order.
//!
//! Readers pull. Publishing puts a durable event into the [`Hub`]'s memory and waits for nobody; a task of the hub finds
//! out whom it concerns and rings their [`Bell`]s. Nothing is queued per reader:
//!
//! - An order carries all its events, so a [`Subscription`] to one order finds every event it has not read yet, however
//!   late it comes, and can never lose one.
//! - All [`Reader`]s of the same [`Filter`] share one feed and have a place in it. Who falls further behind than the
//!   [`Budget`] allows is told that it has [lost](Pulled::Lost) something.
//!
//! Each event is encoded once, as a [`Frame`], whoever reads it.

mod bell;
mod feed;
mod feeds;
mod filter;
mod frame;
mod hub;
mod published;
mod reader;
mod recent;
mod subscription;
#[cfg(test)]
mod tests;
mod topic;

pub use bell::Bell;
pub use feed::{Backlog, Budget, Seat};
pub use filter::{Filter, FilterError, MAX_IDS};
pub use frame::Frame;
pub use hub::{Hub, Load};
pub use published::Published;
pub use reader::{Pulled, Reader};
pub use subscription::Subscription;
pub use topic::Numbered;
