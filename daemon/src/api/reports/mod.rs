//! What the daemon tells of itself, as objects: calls answer with them, and topics carry them.

mod actions;
mod clients;
mod metrics;
mod queue;
mod ready;
mod status;
mod venues;

pub(in crate::api) use actions::actions;
pub(in crate::api) use clients::clients;
pub(in crate::api) use metrics::metrics;
pub(in crate::api) use queue::queue;
pub(in crate::api) use ready::ready;
pub(in crate::api) use status::{status, websocket_load};
pub(in crate::api) use venues::venues;
