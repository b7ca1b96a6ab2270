//! Clients that ask and wait for the answer, on connections that stay.

mod asking;
mod connection;
mod crowd;
mod request;
mod response;

pub(crate) use asking::{Asking, Until};
pub(super) use connection::{Connection, Heard};
pub(crate) use crowd::Crowd;
pub(crate) use request::{get, post};
pub(crate) use response::Response;
