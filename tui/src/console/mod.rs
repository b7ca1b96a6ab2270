//! The console: what `orderctl` shows on a terminal.
//!
//! One loop ([`run`]) turns whatever happens into a [`Msg`]: a key, a change of the cache, a report of the daemon, the answer to a
//! call. [`update`] is a pure function from that to a changed [`Model`] and a list of [`Effect`]s, which the loop carries
//! out; [`view`] draws the model, and only when something has changed. So everything but the loop is tested without a terminal.
//!
//! - [`actions`] has the one registry of what can be done: keys, palette, help and confirmations are made of it, and the one
//!   dispatcher through which every change has to go.
//! - [`pages`] has a folder for each page, which owns that page's state; [`overlay`] what lies on top of a page.
//! - What the daemon has told is in [`model::Told`], and is the same for every page.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a key or an action that a part does not know means nothing to it, and there will be further ones"
)]

pub mod actions;
pub mod effect;
#[cfg(test)]
mod frames;
pub mod input;
pub mod model;
mod mouse;
pub mod msg;
pub mod orders;
pub mod overlay;
pub mod pages;
pub mod run;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod svg;
pub mod theme;
pub mod update;
pub mod view;
pub mod widgets;

pub use effect::Effect;
pub use model::Model;
pub use msg::Msg;
