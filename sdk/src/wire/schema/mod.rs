//! The wire objects as JSON Schema (2020-12): what the daemon gives, and what it takes.
//!
//! Schemas are derived from the types; where serde does what a derive cannot see, they are written by hand in this
//! folder. `sdk/tests/schema.rs` holds them against what really goes over the wire.

mod catalog;
mod fields;
mod messages;
mod numbers;

pub(super) use fields::{by_status, filter, label, one_or_many, percent};

pub use catalog::Schemas;
pub use messages::{ServerMessage, Told};
pub use schemars::{JsonSchema, Schema, json_schema};
