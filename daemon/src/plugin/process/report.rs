//! What there is to know of a plugin's process.

/// How a plugin's process does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcessReport {
    /// Its id, while it is running.
    pub pid: Option<u32>,
    /// How often it was started again.
    pub restarts: u64,
    /// How it ended, or failed to start, the last time.
    pub last_exit: Option<String>,
}
