//! Which lines of the log are meant.

use orderd_sdk::wire::LogFilter;
use tracing::Level;

/// The names of the levels, worst first.
const LEVELS: [(&str, Level); 5] = [
    ("error", Level::ERROR),
    ("warn", Level::WARN),
    ("info", Level::INFO),
    ("debug", Level::DEBUG),
    ("trace", Level::TRACE),
];

/// Which lines are meant; all of them by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTailFilter {
    level: Level,
    target: String,
}

/// A text names no level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("level must be error, warn, info, debug or trace")]
pub struct UnknownLevel;

impl LogTailFilter {
    /// Lines of this level or worse, whose target begins with this text. As with the filter of the log itself that is
    /// a matter of letters: `orderd::engine` has `orderd::engine::lane` too, and would have `orderd::engineer`.
    ///
    /// # Errors
    /// When there is no such level, in lower or upper case.
    pub fn new(level: Option<&str>, target: Option<&str>) -> Result<Self, UnknownLevel> {
        let level = level.map_or(Ok(Level::TRACE), read_level)?;
        Ok(Self { level, target: target.unwrap_or_default().to_owned() })
    }

    /// Whether a line is meant.
    pub(super) fn matches(&self, level: Level, target: &str) -> bool {
        // The worse a level is, the less it counts.
        level <= self.level && target.starts_with(&self.target)
    }
}

impl Default for LogTailFilter {
    fn default() -> Self {
        Self { level: Level::TRACE, target: String::new() }
    }
}

impl TryFrom<&LogFilter> for LogTailFilter {
    type Error = UnknownLevel;

    fn try_from(filter: &LogFilter) -> Result<Self, UnknownLevel> {
        Self::new(filter.level.as_deref(), filter.target.as_deref())
    }
}

fn read_level(text: &str) -> Result<Level, UnknownLevel> {
    let named = LEVELS.iter().find(|(name, _)| text.eq_ignore_ascii_case(name));
    named.map(|(_, level)| *level).ok_or(UnknownLevel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_means_it_and_what_is_worse() {
        let filter = LogTailFilter::new(Some("warn"), None).unwrap();
        let taken = LEVELS.map(|(_, level)| filter.matches(level, "orderd"));
        assert_eq!(taken, [true, true, false, false, false]);
        assert!(LogTailFilter::default().matches(Level::TRACE, ""));
        assert_eq!(LogTailFilter::new(Some("WARN"), None), Ok(filter));
        for unknown in ["", "warning", "off", "2"] {
            assert_eq!(LogTailFilter::new(Some(unknown), None), Err(UnknownLevel), "{unknown}");
        }
    }

    #[test]
    fn a_target_is_meant_by_how_it_begins() {
        let filter = LogTailFilter::new(None, Some("orderd::engine")).unwrap();
        for (target, expected) in [
            ("orderd::engine", true),
            ("orderd::engine::lane", true),
            ("orderd", false),
            ("paper::orderd::engine", false),
        ] {
            assert_eq!(filter.matches(Level::INFO, target), expected, "{target}");
        }
    }
}
