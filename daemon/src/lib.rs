//! orderd executes orders on decentralised exchanges: never lost, never twice.

pub mod account;
pub mod api;
pub mod config;
pub mod engine;
pub mod order;
pub mod plugin;
pub mod store;
pub mod stream;
pub mod telemetry;
