//! One line of the report.

use super::Figure;
use serde::Serialize;
use std::fmt;

/// One thing that was measured, with what it is compared to.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) scenario: String,
    pub(crate) unit: &'static str,
    pub(crate) ours: Figure,
    pub(crate) reference: Option<Figure>,
    pub(crate) ratio: Option<f64>,
    pub(crate) target: Target,
    pub(crate) verdict: Verdict,
}

/// What is asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Target {
    RatioAtMost(f64),
    RatioAtLeast(f64),
    AtMost(f64),
    AtLeast(f64),
    /// Nothing: it explains others.
    Told,
}

/// Whether it does what is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    Met,
    Missed,
    None,
}

impl Row {
    pub(crate) fn new(
        scenario: impl Into<String>,
        unit: &'static str,
        ours: Figure,
        reference: Option<Figure>,
        target: Target,
    ) -> Self {
        let ratio = reference.as_ref().map(|reference| ours.ratio(reference));
        let verdict = target.judge(ours.median, ratio.unwrap_or(f64::NAN));
        Self { scenario: scenario.into(), unit, ours, reference, ratio, target, verdict }
    }
}

impl Target {
    fn judge(self, ours: f64, ratio: f64) -> Verdict {
        let is_met = match self {
            Self::RatioAtMost(most) => ratio <= most,
            Self::RatioAtLeast(least) => ratio >= least,
            Self::AtMost(most) => ours <= most,
            Self::AtLeast(least) => ours >= least,
            Self::Told => return Verdict::None,
        };
        if is_met { Verdict::Met } else { Verdict::Missed }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RatioAtMost(most) => write!(f, "ratio ≤ {most}"),
            Self::RatioAtLeast(least) => write!(f, "ratio ≥ {least}"),
            Self::AtMost(most) => write!(f, "≤ {most}"),
            Self::AtLeast(least) => write!(f, "≥ {least}"),
            Self::Told => Ok(()),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Met => "met",
            Self::Missed => "MISSED",
            Self::None => "",
        })
    }
}
