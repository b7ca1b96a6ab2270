//! The wall clock, read here only.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Millis(pub(crate) u64);

impl Millis {
    /// Whole seconds, as deadlines count.
    pub(crate) fn seconds(self) -> u64 {
        self.0 / 1000
    }
}

/// Now.
pub(crate) fn now() -> Millis {
    #[expect(clippy::disallowed_methods, reason = "this is the module that reads the clock")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
