//! What opens a stream in place of a token.

use serde::{Deserialize, Serialize};
use std::fmt;

/// `POST /api/stream/ticket`: lets its holder open one stream, with `?ticket=`. Its `Debug` text does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct StreamTicket {
    /// 64 hexadecimal digits.
    pub ticket: String,
    /// Milliseconds for which it is good.
    pub expires_ms: u64,
}

impl fmt::Debug for StreamTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamTicket").field("expires_ms", &self.expires_ms).finish_non_exhaustive()
    }
}
