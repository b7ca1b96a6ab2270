//! The console: what `orderctl` shows on a terminal.

pub mod orders;
