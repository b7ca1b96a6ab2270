//! A chain that behaves as badly as real ones do, and knows the truth.
//!
//! [`Truth`] is what really happened: its blocks, pools, reorganisations, and every byte that ever left the daemon. A
//! [`node`] shows some of it, late or wrongly; what it calls finalized is never wrong. The [`port`] is how the engine
//! calls it: each call takes time and may fail.

mod account;
mod bytes;
mod mining;
mod network;
mod node;
mod port;
mod truth;
mod unnumbered;
mod venue;

pub(crate) use bytes::{Effect, Signed, fingerprint};
pub(crate) use node::address_of;
pub(crate) use port::SimChain;
pub(crate) use truth::Truth;
pub(crate) use venue::SimVenue;
