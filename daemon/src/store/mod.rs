//! Durable memory: the port [`Store`], and the backends behind it.
//!
//! A [`Change`] holds everything that belongs to one step of an order, and a backend keeps it whole or not at
//! all. Nothing is told to the outside before it is durable: [`Receipt`] waits for that.
//!
//! A change's way: the `committer` puts it into the `inbox` of its thread, whose `intake` may hold it for a while
//! (`deferred`); the `writer` merges all that waits into one `window`, writes that as one batch of `records` to a `tree`,
//! and then moves the `board`, from which the `ledger` answers readers. [`MemoryStore`] has its tree in memory. That of
//! [`SledStore`] is on the disk: a `log`, which alone counts, and an `index` of it, whose catalogue is sled's; `reclaim`
//! keeps it from growing, and `audit` proves behind a start what that has not read. [`export`] and [`import`] make text of
//! such a store, and a store of text.

mod archive;
mod audit;
#[cfg(feature = "bench-internals")]
#[doc(hidden)]
pub mod bench;
mod board;
mod committer;
mod deferred;
mod disk;
mod disk_writer;
mod ended;
mod expiry;
mod history;
mod inbox;
mod index;
mod intake;
mod ledger;
mod listing;
mod loads;
mod log;
mod memory;
mod pace;
mod port;
mod reading;
mod recent;
mod reclaim;
mod records;
mod sled;
mod sweep;
mod teller;
mod tree;
mod window;
mod writer;

#[cfg(test)]
mod alike;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod damaged;
#[cfg(test)]
mod freed;
#[cfg(test)]
mod gated;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod power;
#[cfg(test)]
mod recall;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod shrinking;
#[cfg(test)]
mod swept;
#[cfg(test)]
mod worker;

pub use archive::{ArchiveError, Completeness, Exported, Imported, export, import};
pub use memory::{MemorySettings, MemoryStore};
pub use port::{
    Applied, Change, Claim, CommitSink, Committed, Epoch, LaneAdvance, Left, ListQuery, Page, Receipt, Seen,
    Show, Store, StoreError, Swept, Urgency,
};
pub use sled::{SledSettings, SledStore};
