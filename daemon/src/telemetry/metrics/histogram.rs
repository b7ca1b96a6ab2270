//! How values are spread: a count for each of a few buckets, since the start.

use std::fmt;

/// Counts values up to each bound. Whole numbers, in any unit.
#[derive(Clone, Debug)]
pub struct Histogram {
    bounds: &'static [u64],
    /// One for each bound, and one for what is above all of them.
    counts: Box<[u64]>,
    sum: u64,
}

/// In what the values are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// As they are.
    Own,
    /// They are milliseconds, and told in seconds, as is the custom.
    Millis,
}

/// The upper end of a bucket, or a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    Value(u64),
    Infinity,
}

/// A value in its unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scaled {
    pub(super) value: Bound,
    pub(super) unit: Unit,
}

impl Histogram {
    /// Nothing was counted yet. The bounds rise.
    #[must_use]
    pub fn new(bounds: &'static [u64]) -> Self {
        Self { bounds, counts: vec![0; bounds.len() + 1].into(), sum: 0 }
    }

    /// Counts a value.
    pub fn note(&mut self, value: u64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        self.counts[bucket] += 1;
        self.sum = self.sum.saturating_add(value);
    }

    /// How many were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// All of them together.
    pub(super) fn sum(&self) -> u64 {
        self.sum
    }

    /// For each bound, how many are not above it.
    pub(super) fn cumulative(&self) -> impl Iterator<Item = (Bound, u64)> {
        let bounds = self.bounds.iter().map(|bound| Bound::Value(*bound)).chain([Bound::Infinity]);
        let counts = self.counts.iter().scan(0, |passed, count| {
            *passed += count;
            Some(*passed)
        });
        bounds.zip(counts)
    }
}

impl fmt::Display for Scaled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.value, self.unit) {
            (Bound::Infinity, _) => f.write_str("+Inf"),
            (Bound::Value(value), Unit::Own) => write!(f, "{value}"),
            (Bound::Value(millis), Unit::Millis) => seconds(f, millis),
        }
    }
}

/// Exact, and without zeros at the end.
fn seconds(f: &mut fmt::Formatter<'_>, millis: u64) -> fmt::Result {
    let (whole, rest) = (millis / 1_000, millis % 1_000);
    match rest {
        0 => write!(f, "{whole}"),
        rest if rest % 100 == 0 => write!(f, "{whole}.{}", rest / 100),
        rest if rest % 10 == 0 => write!(f, "{whole}.{:02}", rest / 10),
        rest => write!(f, "{whole}.{rest:03}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_for_the_first_bound_that_it_does_not_pass() {
        let mut histogram = Histogram::new(&[1, 10]);
        [0, 1, 2, 10, 11, u64::MAX].into_iter().for_each(|value| histogram.note(value));
        let told: Vec<_> = histogram.cumulative().collect();
        assert_eq!(told, [(Bound::Value(1), 2), (Bound::Value(10), 4), (Bound::Infinity, 6)]);
        assert_eq!((histogram.count(), histogram.sum()), (6, u64::MAX));
    }

    #[test]
    fn seconds_are_exact() {
        for (millis, text) in [(0, "0"), (1, "0.001"), (50, "0.05"), (1_500, "1.5"), (60_000, "60")] {
            let seconds = Scaled { value: Bound::Value(millis), unit: Unit::Millis };
            assert_eq!(seconds.to_string(), text);
        }
    }
}
