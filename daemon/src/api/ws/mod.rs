//! Streams over WebSocket.
//!
//! [`open()`] answers the handshake; the [`Session`] it leaves in the [`Handover`] runs in the task of the
//! connection once the reply is out.

mod handover;
mod inbound;
mod open;
mod session;

pub(super) use handover::Handover;
pub(super) use open::{is_upgrade, open};
pub(super) use session::Session;
