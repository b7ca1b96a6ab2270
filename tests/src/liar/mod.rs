//! A lying chain: an HTTP proxy in front of a node that does to JSON-RPC what networks, gateways and lagging nodes do.
//!
//! [`Liar::before`] listens on a free port of 127.0.0.1 and passes everything through, byte for byte, until a rule
//! is added: [`Liar::on`] names the [`Calls`] it is about, at which of their requests it acts ([`Times`]: once, the
//! n-th, every other, by seeded chance, …), and what it does ([`Fault`]). A rule counts *requests* that hold at least
//! one of its calls, from when it was added. All rules that act on a request act together.
//!
//! | what goes wrong | faults |
//! |---|---|
//! | the network | [`Reset`](Fault::Reset), [`Held`](Fault::Held), [`Delayed`](Fault::Delayed), [`Overtaken`](Fault::Overtaken), [`Twice`](Fault::Twice) |
//! | the gateway | [`Status`](Fault::Status), [`Html`](Fault::Html), [`Truncated`](Fault::Truncated), [`Refused`](Fault::Refused) |
//! | the answer | [`Null`](Fault::Null), [`Missing`](Fault::Missing), [`Foreign`](Fault::Foreign), [`Shuffled`](Fault::Shuffled) |
//! | what the node knows | [`Stale`](Fault::Stale), [`Hidden`](Fault::Hidden), [`Hasty`](Fault::Hasty) |
//!
//! Faults that keep the caller from an answer say with [`Reach`] whether the node has heard the request all the same.
//! A [`Stale`](Fault::Stale) node is an honest one that lags: questions are asked as of its height, and what is above
//! that height it has never seen. With [`Times::EveryOther`] it is one of two nodes behind a load balancer.
//!
//! [`Liar::tally`] tells what passed and what was done, and [`Liar::until`] waits for it, so that tests need no sleep.
//! What a node itself does wrong (a lost transaction, a reorganisation) is done to it directly, by
//! [`Rpc`](crate::Rpc)'s own calls.

mod exchange;
mod fault;
mod horizon;
mod message;
mod script;
mod server;
mod tally;
mod upstream;

pub use fault::{Fault, Reach};
pub use script::{Calls, RuleId, Times};
pub use server::Liar;
pub use tally::Tally;
