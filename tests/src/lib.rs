//! End-to-end tests of orderd on a real EVM node, and the tools they share.
//!
//! A test boots a private chain with [`World::boot`]: an [`Anvil`] process whose state already holds WETH, two
//! ERC-20s and three exchanges with liquid pools at different prices. It then drives the daemon against
//! [`Anvil::url`], and judges what happened by the chain alone: balances and receipts through [`Rpc`], the amounts
//! really swapped through [`swaps`], and everything an account ever sent through [`history`]. A [`Liar`] between the
//! two makes the chain lie.
//!
//! The node and the compiled contracts come from the npm packages pinned in `tests/chain`.

pub mod anvil;
pub mod artifacts;
pub mod c_library;
pub mod cable;
pub mod checker;
pub mod contracts;
pub mod crashes;
pub mod daemon;
pub mod dice;
pub mod follower;
pub mod history;
pub mod http;
pub mod judge;
pub mod liar;
pub mod life;
pub mod market;
pub mod paper;
pub mod rpc;
pub mod settlement;
pub mod swaps;
pub mod world;

pub use anvil::{Anvil, AnvilOptions, Mining};
pub use daemon::{Daemon, Site};
pub use history::Sent;
pub use liar::Liar;
pub use life::Life;
pub use rpc::{BlockTag, Receipt, Rpc, RpcError, TxRequest};
pub use settlement::Settlement;
pub use swaps::Swap;
pub use world::{Chain, Quote, Token, Venue, World};
