//! The load: clients of raw sockets in one thread of this process, with a reader of frames of their own, so that
//! they cost as little as can be next to the server. Every client checks that no event is missing or comes twice.

mod aim;
mod client;
mod fleet;
mod frame;
mod http;
mod life;
mod poller;
mod socket;
mod tally;

pub(crate) use aim::{Aim, Path, Reading, Resume, Subscribing};
pub(crate) use fleet::Fleet;
pub(crate) use http::{Asking, Crowd, Response, Until, get, post};
pub(crate) use life::Lives;
pub(crate) use tally::Tally;

/// What is read at once, through one buffer for all clients of a thread.
const BUFFER_BYTES: usize = 256 * 1024;
