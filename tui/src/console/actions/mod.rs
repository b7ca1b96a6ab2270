//! Everything that can be done in the console, once: its key, its command, its words, whether it changes anything, and what has
//! to be confirmed before.
//!
//! Keys, palette, help and footer are made of the [`REGISTRY`]; [`dispatch`](dispatch()) is the one way from a wish to what
//! comes of it, and the one place where a [`Mutation`] can be made.

mod bulk;
mod dispatch;
#[cfg(test)]
mod manual;
mod mutation;
mod registry;

#[cfg(test)]
pub(in crate::console) use bulk::preview;
pub(in crate::console) use bulk::previewed;
pub use dispatch::dispatch;
pub(in crate::console) use dispatch::{carry_out, heard};
pub use mutation::{Licence, Mutation, ReadOnly, Verb, Which};
pub use registry::{Action, Asks, Changes, Group, On, REGISTRY, Spec, by_command, by_key, on_page, spec};
