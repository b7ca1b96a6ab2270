//! orderd.

pub mod plugin;
