//! How a plugin is kept in a process of its own.

use super::opening::Network;
use std::{path::PathBuf, time::Duration};

/// Where a plugin runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// In this process: fast, and trusted with it.
    InProcess,
    /// In a process of its own.
    Process(ProcessSettings),
}

/// A process for one plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessSettings {
    /// The program that hosts it, called with the argument `venue-host`: `orderd`, or one whose `main` calls
    /// [`orderd::venue_host`](crate::venue_host). Without one the plugin is refused.
    pub program: Option<PathBuf>,
    /// Private memory that it may have, in bytes.
    pub memory_bytes: u64,
    /// Files and sockets that it may have open.
    pub open_files: u64,
    /// Whether it may open connections.
    pub network: Network,
    /// How long it may give no sign of life, or owe what was cancelled, until it is killed.
    pub hang: Duration,
    /// The longest pause before it is started again.
    pub restart_max: Duration,
}

impl ProcessSettings {
    /// The default limits, in a process of this program.
    #[must_use]
    pub fn hosted_by(program: PathBuf) -> Self {
        Self {
            program: Some(program),
            memory_bytes: 512 << 20,
            open_files: 256,
            network: Network::Denied,
            hang: Duration::from_secs(5),
            restart_max: Duration::from_secs(10),
        }
    }
}

/// This program itself, as it is running: also when its file has been replaced meanwhile, where the system can do that.
#[must_use]
pub fn this_program() -> PathBuf {
    match cfg!(target_os = "linux") {
        true => PathBuf::from("/proc/self/exe"),
        // A path that does not exist is told when it is used.
        false => std::env::current_exe().unwrap_or_default(),
    }
}
