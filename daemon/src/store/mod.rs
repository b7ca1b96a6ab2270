//! Durable memory: the port [`Store`], and the backends behind it.
//!
//! A [`Change`] holds everything that belongs to one step of an order, and a backend keeps it whole or not at
//! all. Nothing is told to the outside before it is durable: [`Receipt`] waits for that.

mod port;

pub use port::{
    Applied, Change, Claim, CommitSink, Committed, Epoch, LaneAdvance, ListQuery, Page, Receipt, Store,
    StoreError,
};
