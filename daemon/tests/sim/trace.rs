//! What happened, line by line: kept only when somebody wants to read it.

use crate::chain::fingerprint;

/// The story of one simulation.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    now: u64,
    /// None when nobody wants it: most simulations are uneventful.
    lines: Option<Vec<String>>,
}

impl Trace {
    pub(crate) fn new(wanted: Wanted) -> Self {
        let lines = match wanted {
            Wanted::Trace => Some(Vec::new()),
            Wanted::Result => None,
        };
        Self { now: 0, lines }
    }

    pub(crate) fn at(&mut self, now: u64) {
        self.now = now;
    }

    pub(crate) fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{:>7} {}", self.now, line()));
        }
    }

    pub(crate) fn lines(&self) -> &[String] {
        self.lines.as_deref().unwrap_or_default()
    }

    /// Two simulations that went the same way have the same.
    pub(crate) fn fingerprint(&self) -> u64 {
        fingerprint(self.lines().join("\n").as_bytes())
    }
}

/// What is wanted of a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Whether it broke a law.
    Result,
    /// How it went as well.
    Trace,
}
