//! What plugins write to the daemon's log.

use orderd_sdk::abi::table::Level;

/// Writes one record. Its target is `plugin`, for filters; whose it is stands in the fields.
pub(super) fn record(plugin: &str, level: Level, origin: &str, message: &str) {
    macro_rules! at {
        ($level:ident) => {
            tracing::event!(target: "plugin", tracing::Level::$level, plugin, origin, "{message}")
        };
    }
    match level {
        Level::ERROR => at!(ERROR),
        Level::WARN => at!(WARN),
        Level::INFO => at!(INFO),
        Level::DEBUG => at!(DEBUG),
        _ => at!(TRACE),
    }
}
