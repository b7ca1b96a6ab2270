//! One file per call.

mod body;
mod events;
mod execute;
mod health;
mod list;
mod order;

pub(super) use events::events;
pub(super) use execute::execute;
pub(super) use health::health;
pub(super) use list::list;
pub(super) use order::order;
