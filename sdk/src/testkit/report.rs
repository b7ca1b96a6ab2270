//! What a check found, in words that its reader can act on.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The end of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The check's name.
    pub name: String,
    /// What it shows when it passes.
    pub shows: String,
    /// How it ended.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// What the plugin logged last, when it did not pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// As it should.
    Passed,
    /// Not as it should.
    Failed(Finding),
    /// It does not apply.
    Skipped {
        /// Why.
        reason: String,
    },
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// What was seen.
    pub seen: String,
    /// What should have been.
    pub expected: String,
    /// Where an author would look first.
    pub look_at: String,
}

/// Why a check ends early.
#[derive(Debug)]
pub(super) enum Stop {
    Failed(Box<Finding>),
    Skipped(String),
}

/// What a check comes to.
pub(super) type Checked<T = ()> = Result<T, Stop>;

impl Stop {
    pub(super) fn failed(
        seen: impl Into<String>,
        expected: impl Into<String>,
        look_at: impl Into<String>,
    ) -> Self {
        let (seen, expected, look_at) = (seen.into(), expected.into(), look_at.into());
        Self::Failed(Box::new(Finding { seen, expected, look_at }))
    }

    pub(super) fn skipped(reason: impl Into<String>) -> Self {
        Self::Skipped(reason.into())
    }
}

/// Goes on when it holds.
pub(super) fn ensure(holds: bool, seen: impl FnOnce() -> String, expected: &str, look_at: &str) -> Checked {
    match holds {
        true => Ok(()),
        false => Err(Stop::failed(seen(), expected, look_at)),
    }
}

impl From<Checked> for Verdict {
    fn from(checked: Checked) -> Self {
        match checked {
            Ok(()) => Self::Passed,
            Err(Stop::Failed(finding)) => Self::Failed(*finding),
            Err(Stop::Skipped(reason)) => Self::Skipped { reason },
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, shows, .. } = self;
        match &self.verdict {
            Verdict::Passed => write!(f, "ok    {name}: {shows}")?,
            Verdict::Skipped { reason } => write!(f, "skip  {name}: {reason}")?,
            Verdict::Failed(Finding { seen, expected, look_at }) => {
                write!(f, "FAIL  {name}: {shows}")?;
                for (title, text) in [("seen", seen), ("expected", expected), ("look at", look_at)] {
                    write!(f, "\n      {title:<10}{}", text.replace('\n', "\n                "))?;
                }
                for record in &self.log {
                    write!(f, "\n      logged    {record}")?;
                }
            }
        }
        Ok(())
    }
}
