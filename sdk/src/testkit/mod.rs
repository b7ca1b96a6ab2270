//! The conformance kit: tries a plugin's library against what the interface promises, and says what is wrong in words
//! that its author can act on.
//!
//! - [`Plan`]: what to ask the plugin, from its author's file.
//! - [`Bench`]: a library on trial; it plays the host, with a key that is no secret and without a network.
//! - [`CHECKS`]: what is tried, each with a name. [`Check::run`] gives a [`Report`].
//!
//! Checks run in the caller's process. A plugin that crashes takes it along: `orderctl plugin check` gives each check
//! a process of its own. In a plugin's own tests [`assert_conforms`] runs all of them:
//!
//! ```ignore
//! #[test]
//! fn the_library_keeps_its_promises() {
//!     orderd_sdk::testkit::assert_conforms("my-dex", env!("CARGO_MANIFEST_DIR"), env!("CARGO_TARGET_TMPDIR"));
//! }
//! ```

mod ask;
mod bench;
mod checks;
mod key;
mod ledger;
mod plan;
mod process;
mod record;
mod report;
mod services;
mod subject;
mod trial;

pub use bench::Bench;
pub use checks::{CHECKS, Check};
pub use key::{Key, KeyOne};
pub use plan::{PLAN_FILE, Plan, PlanError};
pub use report::{Finding, Report, Verdict};
pub use trial::{assert_conforms, library_of};
