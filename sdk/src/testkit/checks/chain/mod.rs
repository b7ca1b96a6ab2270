//! Chains.

mod actor;
mod prepare;
mod send;
mod state;

pub(super) use actor::Actor;
pub(super) use prepare::{prepare, prepare_offline};
pub(super) use send::{consumer, replace, send_again, status_forward};
pub(super) use state::{address, balance, lane, unknown_hash};
