//! A private EVM node per test: an `anvil` process on a free port of the loopback interface.
//!
//! [`Anvil::start`] returns once the node answers JSON-RPC. The process dies with its handle, and also when the
//! whole test process is killed.

mod binary;
mod log;
mod node;
mod options;
mod process;

pub use binary::{BinaryMissing, binary};
pub use node::{Anvil, AnvilError};
pub use options::{AnvilOptions, Mining};
