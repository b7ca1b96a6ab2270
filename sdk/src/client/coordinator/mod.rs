//! The coordinator: one task owns the socket and feeds one cache; everybody else reads the cache.
//!
//! - [`Coordinator`] is the handle. Behind it, one task (`task`) owns everything that changes. It is told what comes over
//!   the socket (`line`, `socket`, `session`, `message`, `stream`) or by polling while that is down (`polling`), as positions in
//!   the daemon's log of all events (`position`).
//! - Each order that arrives, by whichever way, is judged by its `seq` (`ledger`), so that nothing counts twice, and
//!   reaches the [`Cache`] in batches (`cache`, `revisions`), packed (`packed`). [`Feed`] fills one without a
//!   daemon.
//! - After a gap, what the cache holds is looked up (`mending`): it is never old without [`Link`] saying so.
//! - [`Follower`], [`TopicReader`] and [`LogReader`] read what the cache does not hold. The daemon is asked for it only
//!   while they exist (`interest`).

mod backoff;
mod cache;
mod counters;
mod feed;
mod filter;
mod follower;
mod handing_in;
mod handle;
mod interest;
mod jobs;
mod ledger;
mod line;
mod link;
mod logs;
mod mending;
mod message;
mod options;
mod packed;
mod polling;
mod position;
mod recall;
mod revisions;
mod session;
mod socket;
mod stream;
mod submission;
mod task;
mod topics;

pub use backoff::Backoff;
pub use cache::{Cache, Held};
pub use counters::{Counts, Gaps};
pub use feed::Feed;
pub use follower::{FollowError, Follower};
pub use handle::{Coordinator, TooManyReaders};
pub use link::{Link, Phase, Why};
pub use logs::{LogNews, LogReader};
pub use options::CoordinatorOptions;
pub use packed::Packed;
pub use recall::{RecallError, Recalled};
pub use revisions::{Changed, Changes};
pub use submission::{Standing, Submission, SubmitError};
pub use topics::{TopicReader, Watched};
