//! orderd executes orders on decentralised exchanges: never lost, never twice.

pub mod api;
pub mod engine;
pub mod order;
pub mod store;
pub mod stream;
