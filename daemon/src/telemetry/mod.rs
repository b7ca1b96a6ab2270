//! How the daemon is watched and kept in one piece: its log, its figures, its clock, its chance, its tasks and its end.

mod clock;
#[cfg(feature = "crash-points")]
pub mod crash;
mod entropy;
pub mod logging;
pub mod metrics;
pub mod observe;
mod shutdown;
mod tail;
mod tasks;

pub use clock::{Clock, SystemClock};
pub use entropy::{Entropy, SystemEntropy};
pub use shutdown::{Fault, FaultKind, Shutdown};
pub use tail::{LogTail, LogTailFilter, Tail, UnknownLevel};
pub use tasks::{spawn, spawn_critical};
