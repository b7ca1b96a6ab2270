//! What the daemon tells of itself, as objects: calls answer with them, and topics carry them.

mod clients;

pub(in crate::api) use clients::clients;
