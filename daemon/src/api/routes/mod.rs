//! One file per call.

mod body;
mod bulk;
mod cancel;
mod changes;
mod clients;
mod events;
mod execute;
mod health;
mod list;
mod logs;
mod metrics;
mod order;
mod ready;
mod retry;
mod ticket;
mod venues;
mod watch;

pub(super) use bulk::{execute_bulk, preview_bulk};
pub(super) use cancel::cancel;
pub(super) use changes::changes;
pub(super) use clients::{clients, disconnect};
pub(super) use events::events;
pub(super) use execute::execute;
pub(super) use health::health;
pub(super) use list::list;
pub(super) use logs::logs;
pub(super) use metrics::metrics;
pub(super) use order::order;
pub(super) use ready::ready;
pub(super) use retry::retry;
pub(super) use ticket::ticket;
pub(super) use venues::{reload_venue, switch_venue};
pub(super) use watch::{queue, status, venues};
