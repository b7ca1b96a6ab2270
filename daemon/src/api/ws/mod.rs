//! Streams over WebSocket.
//!
//! [`open`] answers the handshakes; what it leaves in the [`Handover`] runs in the task of the connection once the reply
//! is out. A `Session` is one client: it owns the `Pipe` to it and the `Sources` of what it follows, and turns every event
//! into one call. Sources pull from the [`stream`](crate::stream) when their bit of the client's bell was rung.

mod catching_up;
#[cfg(test)]
mod conformance;
mod end;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzz;
mod handover;
mod hearing;
mod held_back;
mod inbound;
mod life;
mod lines;
mod open;
mod orders;
mod pipe;
mod request;
mod session;
mod snapshot;
mod source;
mod sources;

use end::End;
pub(super) use handover::Handover;
pub(super) use held_back::HeldBack;
pub(super) use open::{is_upgrade, open_order, open_stream};
use pipe::Pipe;
pub(super) use snapshot::LARGE_SNAPSHOTS;
use source::Progress;
