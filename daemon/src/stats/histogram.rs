//! How long things took within the last fifteen minutes, in bounded memory.
//!
//! Milliseconds below 64 have a bucket each. Above, every power of two is cut into 32 buckets, as in Gil Tene's
//! HdrHistogram. What is told is the largest value of a bucket, so that it is never below the true percentile and at
//! most one 32nd above it.

use super::WINDOW_SECONDS;
use orderd_sdk::timestamp::Timestamp;

/// Buckets of one power of two.
const PARTS: u64 = 32;
/// Everything above two years counts as two years.
const LONGEST: u64 = (1 << 36) - 1;
const SLICES: u64 = WINDOW_SECONDS / 60;

/// A count, and what half and 99 of 100 of the counted kept within, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) count: u64,
    pub(super) p50_ms: u64,
    pub(super) p99_ms: u64,
}

/// Durations of the minute that is under way and the fourteen before it.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    /// All slices in one.
    total: Buckets,
    /// One for each minute that had something, at its place in a ring.
    slices: [Slice; SLICES as usize],
}

#[derive(Debug, Default)]
struct Slice {
    /// Minutes since the Unix epoch.
    minute: u64,
    buckets: Buckets,
}

/// A count for each bucket, as far as the highest that was needed: 1024 at the most.
#[derive(Debug, Default)]
struct Buckets {
    counts: Vec<u32>,
    all: u64,
}

impl Histogram {
    /// Something took so long, and was over at this time.
    pub(super) fn note(&mut self, millis: u64, at: Timestamp) {
        let minute = at.unix_seconds() / 60;
        let slice = &mut self.slices[usize::try_from(minute % SLICES).unwrap_or_default()];
        if slice.minute != minute {
            self.total.take_away(&mut slice.buckets);
            slice.minute = minute;
        }
        let bucket = bucket_of(millis);
        slice.buckets.add(bucket);
        self.total.add(bucket);
    }

    /// What it says; none when nothing was noted of late.
    pub(super) fn summary(&mut self, now: Timestamp) -> Option<Summary> {
        let now = now.unix_seconds() / 60;
        for slice in &mut self.slices {
            // A slice of a minute that has not come is from before the clock was set back.
            if now.checked_sub(slice.minute).is_none_or(|age| age >= SLICES) {
                self.total.take_away(&mut slice.buckets);
            }
        }
        let (p50_ms, p99_ms) = (self.total.percentile(50)?, self.total.percentile(99)?);
        Some(Summary { count: self.total.all, p50_ms, p99_ms })
    }
}

impl Histogram {
    /// How many kept within each of these bounds and not within the one before, and at the end how many within none. A bound
    /// is kept as exactly as a percentile is told.
    pub(super) fn spread(&mut self, bounds: &[u64], now: Timestamp) -> Vec<u64> {
        self.summary(now);
        let mut spread = vec![0; bounds.len() + 1];
        for (bucket, count) in self.total.counts.iter().enumerate() {
            let place = bounds.partition_point(|bound| *bound < largest_of(bucket));
            spread[place] += u64::from(*count);
        }
        spread
    }
}

impl Buckets {
    fn add(&mut self, bucket: usize) {
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] = self.counts[bucket].saturating_add(1);
        self.all += 1;
    }

    /// Empties the other buckets, and these of what was in them.
    fn take_away(&mut self, other: &mut Self) {
        for (count, gone) in self.counts.iter_mut().zip(&other.counts) {
            *count = count.saturating_sub(*gone);
        }
        self.all = self.all.saturating_sub(other.all);
        other.counts.clear();
        other.all = 0;
    }

    /// What so many of 100 kept within.
    fn percentile(&self, of_100: u64) -> Option<u64> {
        let rank = self.all.saturating_mul(of_100).div_ceil(100).max(1);
        let mut passed = 0;
        let reached = self.counts.iter().position(|count| {
            passed += u64::from(*count);
            passed >= rank
        });
        reached.map(largest_of)
    }
}

fn bucket_of(millis: u64) -> usize {
    let millis = millis.min(LONGEST);
    let digits = u64::from(u64::BITS - millis.leading_zeros());
    let shift = digits.saturating_sub(6);
    usize::try_from(shift * PARTS + (millis >> shift)).unwrap_or_default()
}

fn largest_of(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let shift = (bucket / PARTS).saturating_sub(1);
    ((bucket - shift * PARTS + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AT: Timestamp = Timestamp(1_790_000_040_000);

    #[test]
    fn buckets_follow_each_other_without_a_hole() {
        let edges = (0..1024).map(largest_of).collect::<Vec<_>>();
        for (bucket, edge) in edges.iter().enumerate() {
            assert_eq!(bucket_of(*edge), bucket, "{edge} is the last of its bucket");
            let next = if *edge == LONGEST { 1023 } else { bucket + 1 };
            assert_eq!(bucket_of(*edge + 1), next, "after {edge}");
        }
        assert_eq!((edges[63], edges[64], edges[1023]), (63, 65, LONGEST));
        assert_eq!(bucket_of(u64::MAX), 1023);
    }

    #[test]
    fn minutes_leave_one_by_one() {
        assert_eq!(AT.unix_seconds() % 60, 0);
        let minutes = |count: u64| AT.plus_millis(count * 60_000);
        let mut histogram = Histogram::default();
        assert_eq!(histogram.summary(AT), None);
        for (millis, minute) in [(5, 0), (7, 1), (7, 1), (9, 14)] {
            histogram.note(millis, minutes(minute));
        }
        let mut told =
            |minute: u64| histogram.summary(minutes(minute)).map(|of| (of.count, of.p50_ms, of.p99_ms));
        assert_eq!(told(14), Some((4, 7, 9)));
        assert_eq!(told(15), Some((3, 7, 9)));
        assert_eq!(told(16), Some((1, 9, 9)));
        assert_eq!(told(29), None);
    }

    #[test]
    fn a_minute_gives_way_to_the_one_that_takes_its_place() {
        let mut histogram = Histogram::default();
        histogram.note(5, AT);
        histogram.note(7, AT.plus_millis(SLICES * 60_000));
        let summary = histogram.summary(AT.plus_millis(SLICES * 60_000)).unwrap();
        assert_eq!((summary.count, summary.p50_ms), (1, 7));
    }

    #[test]
    fn a_clock_that_is_set_back_goes_on() {
        let mut histogram = Histogram::default();
        histogram.note(5, AT.plus_millis(3_600_000));
        histogram.note(7, AT);
        let summary = histogram.summary(AT).unwrap();
        assert_eq!((summary.count, summary.p50_ms), (1, 7));
    }

    #[test]
    fn a_spread_is_sorted_by_its_bounds() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.spread(&[10, 100], AT), [0, 0, 0]);
        for millis in [0, 10, 11, 96, 5_000] {
            histogram.note(millis, AT);
        }
        assert_eq!(histogram.spread(&[10, 100], AT), [2, 2, 1]);
        assert_eq!(histogram.spread(&[10, 100], AT.plus_millis(WINDOW_SECONDS * 1_000)), [0, 0, 0]);
    }

    proptest! {
        #[test]
        fn percentiles_are_those_of_a_sorted_list_or_a_32nd_more(
            millis in prop::collection::vec(prop_oneof![0_u64..100, 0_u64..100_000, 0..LONGEST], 1..400),
        ) {
            let mut histogram = Histogram::default();
            for millis in &millis {
                histogram.note(*millis, AT);
            }
            let mut sorted = millis;
            sorted.sort_unstable();
            let exact = |of_100: usize| sorted[(sorted.len() * of_100).div_ceil(100) - 1];
            let told = histogram.summary(AT).unwrap();
            prop_assert_eq!(told.count, sorted.len() as u64);
            for (told, exact) in [(told.p50_ms, exact(50)), (told.p99_ms, exact(99))] {
                prop_assert!(exact <= told && told <= exact + exact / 32, "{} for {}", told, exact);
            }
        }
    }
}
