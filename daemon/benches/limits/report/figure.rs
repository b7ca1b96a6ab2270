//! Numbers of several rounds.

use serde::Serialize;

/// What was measured in each round.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Figure {
    pub(crate) median: f64,
    pub(crate) lowest: f64,
    pub(crate) highest: f64,
    rounds: Vec<f64>,
}

impl Figure {
    /// One number per round.
    pub(crate) fn of(rounds: Vec<f64>) -> Self {
        let mut sorted = rounds.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        Self { median: percentile(&rounds, 50), lowest: at(0), highest: at(last), rounds }
    }

    /// How this compares to a reference that was measured in turn with it: the median of the rounds' ratios, since
    /// what disturbs a round disturbs both.
    pub(crate) fn ratio(&self, reference: &Self) -> f64 {
        let ratios = self.rounds.iter().zip(&reference.rounds).map(|(ours, theirs)| ours / theirs);
        percentile(&ratios.collect::<Vec<_>>(), 50)
    }
}

/// The value below which so many of a hundred lie; the middle one of an even number is the higher.
pub(crate) fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let index = sorted.len() * percent / 100;
    sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}
