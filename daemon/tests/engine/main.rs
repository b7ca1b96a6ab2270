//! The whole engine through the public library, on chains and venues that do whatever a test tells them.
//!
//! The [`script`] is the plugin that tests speak to, the [`ledger`] is what its chain does when it is left alone,
//! and the [`world`] starts a daemon with both and reads its orders' lives.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod ledger;
mod machine;
mod script;
mod settlement;
mod world;

mod admission;
mod approvals;
mod bumps;
mod cancels;
mod crashes;
mod guard;
mod lanes;
mod lookups;
mod outsiders;
mod panics;
mod pauses;
mod quotes;
mod restarts;
mod retries;
mod reverts;
mod sends;
mod shutdowns;
mod signatures;
mod spending;
mod unnumbered;
mod write_ahead;
