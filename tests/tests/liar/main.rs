//! A chain that lies: the daemon as a process behind a proxy that loses, delays, doubles and distorts what is said,
//! on a node that forgets transactions and reorganises. What counts at the end is what the chain itself says.

mod approvals;
mod interrupted;
mod lanes;
mod looks;
mod node;
mod proofs;
mod proxy;
mod replacing;
mod retries;
mod scene;
mod sends;
mod storm;
mod views;
